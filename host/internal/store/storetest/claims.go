package storetest

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/store"
)

var claimRules = []rule{
	{"keyWithAnotherBody_isFalse", claimKey},
	{"key_outlivesItsAnswer", claimKeyOutlives},
	{"keyWithTwoBodiesAtOnce_oneWins", claimKeyAtOnce},
	{"createWithAKnownClaim_givesItsAnswer", claimCreate},
	{"createWithOneClaimAtOnce_makesOneOrder", claimCreateAtOnce},
	{"claimWithoutAnswer_isKnownAndRunning", claimRunning},
	{"claimWithAnotherBody_isAMismatch", claimMismatch},
	{"claim_isOfItsShopAndSubject", claimScope},
	{"answer_isGivenWordForWord", claimAnswer},
	{"answer_endsAfterItsTime", claimExpires},
	{"endOfACall_isBookedThoughTheClaimWasAnswered", claimEndOfCall},
	{"supersedeWithAKnownClaim_writesNothing", claimSupersede},
}

func claimOf(subject, key, operation string) *checkout.Claim {
	return &checkout.Claim{Scope: shop, Subject: subject, Key: key, Fingerprint: "f1", Operation: operation}
}

func answer() *checkout.Answer {
	return &checkout.Answer{Status: 201, Body: []byte(`{"secret":"` + Secrets[secretAnswer] + `"}`), Location: "/v1/orders/x"}
}

func (e *env) answered(t testing.TB, p checkout.Partition, c checkout.Claim) checkout.Claimed {
	t.Helper()
	known, err := e.Answered(t.Context(), c.Subject, p, c)
	if err != nil {
		t.Fatalf("answered: %v", err)
	}
	return known
}

func claimKey(t *testing.T, e *env) {
	claim := func(shop, key, fingerprint string, want bool) {
		t.Helper()
		if got, err := e.ClaimKey(t.Context(), shop, key, fingerprint); err != nil || got != want {
			t.Errorf("claim %q of %q with %q: got %t, %v, want %t", key, shop, fingerprint, got, err, want)
		}
	}
	claim(shop, "k", "f1", true)
	claim(shop, "k", "f1", true)
	claim(shop, "k", "f2", false)
	claim(shop, "other", "f2", true)
	claim("shop_2", "k", "f2", true)
	claim("shop", "1:k", "f3", true) // not the same as shop:1 and k
	claim("shop:1", "k", "f4", true)
	e = e.with(t, store.Options{AnswerTTL: short / 2, AnswerWait: short / 2})
	claim(shop, "brief", "f1", true)
	e.until(t, "the key is free again", func() bool {
		ok, err := e.ClaimKey(t.Context(), shop, "brief", "f2")
		return err == nil && ok
	})
}

// The answer may come long after the claim, and is kept from then on.
func claimKeyOutlives(t *testing.T, e *env) {
	key := func(e *env, key, fingerprint string) bool {
		ok, err := e.ClaimKey(t.Context(), shop, key, fingerprint)
		if err != nil {
			t.Errorf("claim: %v", err)
		}
		return ok
	}
	slow := e.with(t, store.Options{AnswerTTL: short})
	key(slow, "k", "f1")
	c := newOrder(t, "A-1", e.now())
	c.Claim, c.Answer = claimOf("A-1", "k", c.Order.ID), answer()
	slow.create(t, c)
	e.until(t, "the answer is gone", func() bool { return !e.answered(t, mustPartition(t, c.Order.ID), *c.Claim).Known })
	if key(slow, "k", "f2") {
		t.Error("the key was free before its answer was gone")
	}
	// A repeat may answer in the first's place: from then on it is held as long.
	left := func() time.Duration {
		ttl, err := e.b.Client.PTTL(t.Context(), e.key(t, "key:", 0)).Result()
		if err != nil {
			t.Errorf("time to live: %v", err)
		}
		return ttl
	}
	e.until(t, "some of its time is over", func() bool { return left() < time.Hour })
	e.until(t, "a repeat holds it as long again", func() bool { return key(slow, "k", "f1") && left() > time.Hour })
}

func claimKeyAtOnce(t *testing.T, e *env) {
	var won atomic.Int32
	atOnce(12, func(i int) {
		ok, err := e.ClaimKey(t.Context(), shop, "k", string(rune('a'+i)))
		if err != nil {
			t.Errorf("claim: %v", err)
		}
		if ok {
			won.Add(1)
		}
	})
	if won.Load() != 1 {
		t.Errorf("%d bodies have the key, want 1", won.Load())
	}
}

func claimCreate(t *testing.T, e *env) {
	c := newOrder(t, "A-1", e.now())
	c.Claim, c.Answer = claimOf("A-1", "k", c.Order.ID), answer()
	e.create(t, c)
	again := newOrder(t, "A-1", e.now())
	again.Claim, again.Answer = claimOf("A-1", "k", again.Order.ID), answer()
	got, err := e.Create(t.Context(), again)
	if err != nil || !got.Known || got.Mismatch || got.Operation != c.Order.ID || got.Taken != nil {
		t.Fatalf("the same create: got %+v, %v", got, err)
	}
	same(t, "answer", got.Answer, answer())
	again.Claim.Fingerprint = "f2"
	if got, err = e.Create(t.Context(), again); err != nil || !got.Mismatch || got.Answer != nil {
		t.Errorf("another body: got %+v, %v, want a mismatch without the answer", got, err)
	}
	again.Claim = claimOf("A-1", "k2", again.Order.ID)
	if got, err = e.Create(t.Context(), again); err != nil || got.Taken == nil {
		t.Fatalf("another key: got %+v, %v, want taken", got, err)
	}
	if known := e.answered(t, mustPartition(t, c.Order.ID), *again.Claim); known.Known {
		t.Errorf("the claim of a taken reference was written: %+v", known)
	}
}

func claimCreateAtOnce(t *testing.T, e *env) {
	const n = 8
	made := make([]checkout.Creation, n)
	for i := range made {
		made[i] = newOrder(t, "A-1", e.now())
		made[i].Claim, made[i].Answer = claimOf("A-1", "k", made[i].Order.ID), answer()
	}
	var won atomic.Int32
	atOnce(n, func(i int) {
		got, err := e.Create(t.Context(), made[i])
		switch {
		case err != nil || got.Taken != nil:
			t.Errorf("create %d: got %+v, %v", i, got, err)
		case !got.Known:
			won.Add(1)
		case got.Answer == nil:
			t.Errorf("create %d: known without its answer", i)
		}
	})
	if won.Load() != 1 {
		t.Errorf("%d orders were made, want 1", won.Load())
	}
}

func claimRunning(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	p := mustPartition(t, rec.Order.ID)
	claim := claimOf(rec.Order.ID, "k", "op_1")
	if got := e.answered(t, p, *claim); got.Known {
		t.Fatalf("before: got %+v", got)
	}
	c := apply(t, rec, e.now(), reserve(rec.Order, e.now()))
	c.Claim = claim
	rec = e.commit(t, c)
	if got := e.answered(t, p, *claim); !got.Known || got.Mismatch || got.Operation != "op_1" || got.Answer != nil {
		t.Errorf("while it runs: got %+v", got)
	}
	second := apply(t, rec, e.now(), order.Cancel{})
	second.Claim = claim
	got, err := e.Commit(t.Context(), second)
	if err != nil || !got.Known || got.Answer != nil {
		t.Errorf("second commit: got %+v, %v, want known", got, err)
	}
	if v := e.load(t, rec.Order.ID).Version; v != rec.Version {
		t.Errorf("second commit wrote version %d", v)
	}
}

func claimMismatch(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	c := apply(t, rec, e.now())
	c.Claim, c.Answer = claimOf(rec.Order.ID, "k", "op_1"), answer()
	rec = e.commit(t, c)
	for name, change := range map[string]func(*checkout.Claim){
		"another body": func(c *checkout.Claim) { c.Fingerprint = "f2" },
		"both":         func(c *checkout.Claim) { c.Fingerprint, c.Operation = "f2", "op_2" },
	} {
		other := *c.Claim
		change(&other)
		step := apply(t, rec, e.now(), order.Cancel{})
		step.Claim, step.Answer = &other, answer()
		if got, err := e.Commit(t.Context(), step); err != nil || !got.Mismatch || got.Answer != nil {
			t.Errorf("%s: got %+v, %v, want a mismatch without the answer", name, got, err)
		}
	}
	bad := apply(t, rec, e.now())
	bad.Claim = claimOf(rec.Order.ID, "k3", "op\n1")
	if _, err := e.Commit(t.Context(), bad); err == nil {
		t.Error("an operation with a line break: got no error")
	}
	if v := e.load(t, rec.Order.ID).Version; v != rec.Version {
		t.Errorf("got version %d, want %d", v, rec.Version)
	}
}

func claimScope(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	c := apply(t, rec, e.now())
	c.Claim, c.Answer = claimOf(rec.Order.ID, "k", "op_1"), answer()
	e.commit(t, c)
	p := mustPartition(t, rec.Order.ID)
	for _, other := range []checkout.Claim{
		{Scope: "shop_2", Subject: rec.Order.ID, Key: "k", Fingerprint: "f1"},
		{Scope: shop, Subject: rec.Order.ID, Key: "K", Fingerprint: "f1"},
		{Scope: shop, Subject: rec.Order.ID + "k", Key: "", Fingerprint: "f1"},
	} {
		if got := e.answered(t, p, other); got.Known {
			t.Errorf("%+v is known: %+v", other, got)
		}
	}
}

func claimAnswer(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	first := apply(t, rec, e.now(), reserve(rec.Order, e.now()))
	first.Claim = claimOf(rec.Order.ID, "k", "op_1")
	rec = e.commit(t, first)
	want := answer()
	want.Body = append([]byte("\x00\xff\n"), want.Body...)
	last := apply(t, rec, e.now())
	last.Claim, last.Answer = first.Claim, want
	rec = e.commit(t, last)
	same(t, "answer", e.answered(t, mustPartition(t, rec.Order.ID), *first.Claim).Answer, want)
	again := apply(t, rec, e.now(), order.Cancel{})
	again.Claim, again.Answer = first.Claim, answer()
	got, err := e.Commit(t.Context(), again)
	if err != nil || !got.Known {
		t.Fatalf("again: got %+v, %v, want known", got, err)
	}
	same(t, "answer", got.Answer, want)
}

func claimExpires(t *testing.T, e *env) {
	e = e.with(t, store.Options{AnswerTTL: short})
	rec := e.made(t, "A-1")
	p := mustPartition(t, rec.Order.ID)
	running, ended := claimOf(rec.Order.ID, "running", "op_1"), claimOf(rec.Order.ID, "ended", "op_2")
	c := apply(t, rec, e.now())
	c.Claim = running
	rec = e.commit(t, c)
	c = apply(t, rec, e.now())
	c.Claim, c.Answer = ended, answer()
	e.commit(t, c)
	e.until(t, "the answer is gone", func() bool { return !e.answered(t, p, *ended).Known })
	if got := e.answered(t, p, *running); !got.Known {
		t.Error("what runs has ended with it")
	}
}

func claimEndOfCall(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	r := reserve(rec.Order, e.now())
	c := apply(t, rec, e.now(), r)
	c.Claim, c.SetBusy = claimOf(rec.Order.ID, "k", r.Payment), &checkout.Busy{Payment: r.Payment, Call: "call_1"}
	rec = e.commit(t, c)
	settled := apply(t, rec, e.now())
	settled.Claim, settled.Answer = c.Claim, answer()
	rec = e.commit(t, settled)
	end := apply(t, rec, e.now(), started(r.Payment, e.now()))
	end.Claim, end.Answer, end.ClearBusy = c.Claim, &checkout.Answer{Status: 500}, "call_1"
	rec = e.commit(t, end)
	if p := rec.Order.Payments[0]; !p.Started || rec.Busy != nil {
		t.Errorf("the end of the call: started %t, busy %+v", p.Started, rec.Busy)
	}
	same(t, "answer", e.answered(t, mustPartition(t, rec.Order.ID), *c.Claim).Answer, answer())
}

func claimSupersede(t *testing.T, e *env) {
	first := newOrder(t, "A-1", e.now())
	first.Claim, first.Answer = claimOf("A-1", "k", first.Order.ID), answer()
	rec := e.create(t, first)
	next := newOrder(t, "A-1", e.now())
	next.Claim, next.Answer = claimOf("A-1", "k", next.Order.ID), answer()
	if err := e.Supersede(t.Context(), next, apply(t, rec, e.now(), order.Cancel{SupersededBy: next.Order.ID})); err == nil {
		t.Fatal("supersede with a known claim: got no error")
	}
	if got := e.load(t, rec.Order.ID); got.Order.Status() != order.Open {
		t.Errorf("old order: got %s, want open", got.Order.Status())
	}
}
