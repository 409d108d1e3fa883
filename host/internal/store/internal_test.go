package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/seal"
)

func openTest(t *testing.T) *Redis {
	t.Helper()
	ring, err := seal.NewRing(seal.NewKey())
	if err != nil {
		t.Fatalf("ring: %v", err)
	}
	r, err := OpenEmbedded(t.Context(), Options{Seal: ring})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return r
}

// A connection may break after Redis ran a script and before the reply: the
// client sends it again.
func TestWrite_sentTwice_hasTheEffectOfOnce(t *testing.T) {
	t.Parallel()
	r := openTest(t)
	now := time.Now()
	p := checkout.PartitionOf("shop", "A-1")
	o, events, err := order.New(order.Spec{ID: checkout.NewOrderID(p, now), Secret: "s", Shop: "shop", Reference: "A-1",
		Amount: order.Money{Value: 1, Currency: "EUR"}, ReturnURL: "https://shop.example/"}, now)
	if err != nil {
		t.Fatalf("new order: %v", err)
	}
	twice := func(name string, f func() (written, error)) {
		t.Helper()
		for range 2 {
			if w, err := f(); err != nil || w.status != "done" {
				t.Errorf("%s: got %+v, %v, want done", name, w, err)
			}
		}
		if seq, err := r.client.Get(t.Context(), keysOf(p).seq).Int(); err != nil || seq != map[string]int{"create": 1, "commit": 2, "supersede": 4}[name] {
			t.Errorf("%s: seq %d, %v", name, seq, err)
		}
	}
	claim := &checkout.Claim{Scope: "shop", Subject: "A-1", Key: "k", Fingerprint: "f", Operation: o.ID}
	var create, commit, supersede stepArgs
	if err := r.step(&create, p, checkout.Commit{Order: o, Events: events, Claim: claim}); err != nil {
		t.Fatalf("step: %v", err)
	}
	twice("create", func() (written, error) { return r.write(t.Context(), scriptCreate, create) })
	second := checkout.Commit{Order: o, Version: 1, Claim: &checkout.Claim{Scope: "shop", Subject: o.ID, Key: "k", Fingerprint: "f", Operation: "x"}}
	if err := r.step(&commit, p, second); err != nil {
		t.Fatalf("step: %v", err)
	}
	twice("commit", func() (written, error) { return r.write(t.Context(), scriptCommit, commit) })
	next := o
	next.ID = checkout.NewOrderID(p, now)
	if err := errors.Join(r.step(&supersede, p, checkout.Commit{Order: o, Version: 2}), r.step(&supersede, p, checkout.Commit{Order: next, Events: events})); err != nil {
		t.Fatalf("step: %v", err)
	}
	twice("supersede", func() (written, error) { return r.write(t.Context(), scriptSupersede, supersede) })
	if n := r.client.LLen(t.Context(), eventsKey(p, o.ID)).Val(); n != int64(len(events)) {
		t.Errorf("%d events, want %d", n, len(events))
	}
	call := checkout.NewCallID(p, now)
	keys := []string{callKey(p, call), keysOf(p).due}
	for range 2 {
		if ok, err := r.runBool(t.Context(), scriptIntent, keys, call, "i", "same sealed bytes", ""); err != nil || !ok {
			t.Errorf("the same intent again: got %t, %v", ok, err)
		}
	}
}

func TestWrite_saysHowManyCommitsAndWhetherItHeals(t *testing.T) {
	t.Parallel()
	r := openTest(t)
	now := time.Now()
	p := checkout.PartitionOf("shop", "A-1")
	o, events, err := order.New(order.Spec{ID: checkout.NewOrderID(p, now), Secret: "s", Shop: "shop", Reference: "A-1",
		Amount: order.Money{Value: 1, Currency: "EUR"}, ReturnURL: "https://shop.example/"}, now)
	if err != nil {
		t.Fatalf("new order: %v", err)
	}
	k := keysOf(p)
	tell := stepArgs{[]string{orderKey(p, o.ID), k.due, k.held, k.fence, k.dead, k.seq, k.heal}, []any{o.ID, 0, 0, "", 0, 0}}
	for i, c := range []struct {
		name   string
		script lua
		step   checkout.Commit
		heals  bool
	}{
		{"create", scriptCreate, checkout.Commit{Order: o, Events: events}, false},
		{"commit", scriptCommit, checkout.Commit{Order: o, Version: 1}, true},
		{"commit again", scriptCommit, checkout.Commit{Order: o, Version: 2}, false},
		{"tell", scriptTell, checkout.Commit{}, true},
	} {
		if c.heals {
			r.client.Set(t.Context(), k.heal, "1", 0)
		} else {
			r.client.Del(t.Context(), k.heal)
		}
		a := tell
		if c.script.Script != scriptTell.Script {
			a = stepArgs{}
			if err := r.step(&a, p, c.step); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		if w, err := r.write(t.Context(), c.script, a); err != nil || w.seq != int64(i+1) || w.healing != c.heals {
			t.Errorf("%s: got %+v, %v, want commit %d, healing %t", c.name, w, err, i+1, c.heals)
		}
	}
}

func TestWord_neverSharedAndPlain(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{"", "a", "A", "a:b", "a_b", "a.b", "{a}", "~a", word("a:b"), "a\nb", strings.Repeat("x", 64), strings.Repeat("x", 65)} {
		w := word(name)
		if other, ok := seen[w]; ok {
			t.Errorf("%q and %q are both %q", name, other, w)
		}
		seen[w] = name
		if strings.ContainsAny(w, ":{} \n") || len(w) > 64 {
			t.Errorf("%q gives %q", name, w)
		}
	}
	if hash("ab", "c") == hash("a", "bc") || hash("a") == hash("a", "") {
		t.Error("parts are not told apart")
	}
}

func TestOpenBytes_bad(t *testing.T) {
	t.Parallel()
	r := openTest(t)
	for name, c := range map[string]struct {
		plain []byte
		want  error
	}{
		"empty":        {nil, ErrRecord},
		"short":        {[]byte{schema}, ErrRecord},
		"newer":        {[]byte{schema + 1, codecPlain, 'x'}, checkout.ErrSchema},
		"codec":        {[]byte{schema, 9, 'x'}, ErrRecord},
		"not deflated": {[]byte{schema, codecFlate, 0xff, 0xff, 0xff}, ErrRecord},
		"cut":          {deflate([]byte(strings.Repeat("x", 5000)))[:10], ErrRecord},
	} {
		if _, err := r.openBytes("place", string(r.opt.Seal.Seal("place", c.plain))); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if err := r.openJSON("place", string(r.sealBytes("place", []byte(`"canary`))), new(string)); !errors.Is(err, ErrRecord) || strings.Contains(err.Error(), "canary") {
		t.Errorf("bad JSON: got %v", err)
	}
}

func TestAlarmTime_neverBeforeItIsDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at   time.Time
		want string
	}{{time.Time{}, ""}, {time.UnixMilli(5), "5"}, {time.UnixMilli(5).Add(1), "6"}} {
		if got := alarmTime(c.at); got != c.want {
			t.Errorf("%s: got %s, want %s", c.at, got, c.want)
		}
	}
}

func TestUnwise(t *testing.T) {
	t.Parallel()
	good := map[string]string{"aof_enabled": "1", "maxmemory_policy": "noeviction", "connected_slaves": "1", "min_slaves_good_slaves": "1"}
	if got := unwise(good); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
	delete(good, "min_slaves_good_slaves")
	if got := unwise(good); len(got) != 1 || !strings.Contains(got[0], "min-replicas-to-write") {
		t.Errorf("got %q, want the replicas", got)
	}
	if got := unwise(nil); len(got) != 2 {
		t.Errorf("got %q, want two", got)
	}
}
