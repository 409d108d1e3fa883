package storetest

import (
	"bytes"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/sdk/contract"
)

var accountRules = []rule{
	{"token_isOfItsAccountAndName", tokens},
	{"token_endsAtItsTime", tokenEnds},
	{"cachedAnswer_endsAtItsTime", cached},
	{"synced_isOfItsAccount", synced},
	{"lease_isOneHolders", lease},
	{"leaseAtOnce_oneWins", leaseAtOnce},
	{"lease_endsAtItsTime", leaseEnds},
	{"orphan_isKeptOnce", orphans},
	{"orphan_endsAfterItsTime", orphanEnds},
	{"ping_saysThatTheStateIsThere", ping},
}

func tokens(t *testing.T, e *env) {
	until := e.now().Add(time.Hour).UTC()
	if _, _, err := e.Token(t.Context(), account, "access"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("no token: got %v, want %v", err, checkout.ErrNotFound)
	}
	if err := e.PutToken(t.Context(), account, "access", Secrets[secretToken], until); err != nil {
		t.Fatalf("put: %v", err)
	}
	value, end, err := e.Token(t.Context(), account, "access")
	if err != nil || value != Secrets[secretToken] || !end.Equal(until) {
		t.Errorf("got %q until %s, %v", value, end, err)
	}
	for _, other := range [][2]string{{"acc_2", "access"}, {account, "refresh"}, {account + ":access", ""}, {"", account + ":access"}} {
		if _, _, err := e.Token(t.Context(), other[0], other[1]); !errors.Is(err, checkout.ErrNotFound) {
			t.Errorf("token %v: got %v, want %v", other, err, checkout.ErrNotFound)
		}
	}
}

func tokenEnds(t *testing.T, e *env) {
	if err := e.PutToken(t.Context(), account, "late", "x", past(e)); err != nil {
		t.Errorf("put one that has ended: %v", err)
	}
	if err := e.PutToken(t.Context(), account, "access", "x", e.now().Add(short)); err != nil {
		t.Fatalf("put: %v", err)
	}
	for _, name := range []string{"late", "access"} {
		e.until(t, name+" is gone", func() bool {
			_, _, err := e.Token(t.Context(), account, name)
			return errors.Is(err, checkout.ErrNotFound)
		})
	}
}

func cached(t *testing.T, e *env) {
	want := []byte("\x00" + Secrets[secretCache])
	if err := e.PutCached(t.Context(), account, "GET https://x/?a={b}", want, time.Hour); err != nil {
		t.Fatalf("put: %v", err)
	}
	if got, err := e.Cached(t.Context(), account, "GET https://x/?a={b}"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := e.Cached(t.Context(), "acc_2", "GET https://x/?a={b}"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("another account: got %v, want %v", err, checkout.ErrNotFound)
	}
	if err := e.PutCached(t.Context(), account, "brief", want, short); err != nil {
		t.Fatalf("put: %v", err)
	}
	if err := e.PutCached(t.Context(), account, "never", want, 0); err != nil {
		t.Errorf("put for no time: %v", err)
	}
	for _, name := range []string{"brief", "never"} {
		e.until(t, name+" is gone", func() bool {
			_, err := e.Cached(t.Context(), account, name)
			return errors.Is(err, checkout.ErrNotFound)
		})
	}
}

func synced(t *testing.T, e *env) {
	if _, err := e.Synced(t.Context(), account); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("never asked: got %v, want %v", err, checkout.ErrNotFound)
	}
	for _, want := range []checkout.Synced{
		{Cursor: Secrets[secretToken], At: e.now().UTC(), Findings: []contract.Finding{{Level: contract.FindingWarning, Text: "off", Fix: "on"}}},
		{Cursor: "p2", At: e.now().Add(time.Minute).UTC()},
	} {
		if err := e.SetSynced(t.Context(), account, want); err != nil {
			t.Fatalf("keep: %v", err)
		}
		got, err := e.Synced(t.Context(), account)
		if err != nil || got.Cursor != want.Cursor || !got.At.Equal(want.At) || !slices.Equal(got.Findings, want.Findings) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	if _, err := e.Synced(t.Context(), "acc_2"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("another account: got %v, want %v", err, checkout.ErrNotFound)
	}
}

func (e *env) leases(t testing.TB, holder string, ttl time.Duration, want bool) {
	t.Helper()
	if got, err := e.Lease(t.Context(), account, "terminal", holder, ttl); err != nil || got != want {
		t.Errorf("lease for %s: got %t, %v, want %t", holder, got, err, want)
	}
}

func lease(t *testing.T, e *env) {
	e.leases(t, "node_1", time.Hour, true)
	e.leases(t, "node_1", time.Hour, true)
	e.leases(t, "node_2", time.Hour, false)
	if err := e.Release(t.Context(), account, "terminal", "node_2"); err != nil {
		t.Errorf("release by another: %v", err)
	}
	e.leases(t, "node_2", time.Hour, false)
	if err := e.Release(t.Context(), account, "terminal", "node_1"); err != nil {
		t.Errorf("release: %v", err)
	}
	e.leases(t, "node_2", time.Hour, true)
	for _, bad := range []struct {
		holder string
		ttl    time.Duration
	}{{"", time.Hour}, {"node_2", 0}, {"node_2", -time.Hour}} {
		if _, err := e.Lease(t.Context(), account, "other", bad.holder, bad.ttl); err == nil {
			t.Errorf("lease for %q of %s: got no error", bad.holder, bad.ttl)
		}
	}
}

func leaseAtOnce(t *testing.T, e *env) {
	var won atomic.Int32
	atOnce(12, func(i int) {
		ok, err := e.Lease(t.Context(), account, "terminal", string(rune('a'+i)), time.Hour)
		if err != nil {
			t.Errorf("lease: %v", err)
		}
		if ok {
			won.Add(1)
		}
	})
	if won.Load() != 1 {
		t.Errorf("%d hold it, want 1", won.Load())
	}
}

func leaseEnds(t *testing.T, e *env) {
	e.leases(t, "node_1", short, true)
	e.until(t, "the lease is free", func() bool {
		ok, err := e.Lease(t.Context(), account, "terminal", "node_2", time.Hour)
		return err == nil && ok
	})
}

func orphan(id string, at time.Time) checkout.Orphan {
	return checkout.Orphan{ID: id, Account: account, Source: contract.ReceiveWebhook, At: at.UTC(), Plugin: plugin,
		Update: contract.Update{Type: contract.UpdateCaptured, Payment: contract.PaymentKey{ProviderReference: Secrets[secretOrphan]}}}
}

func (e *env) orphanIDs(t testing.TB, account string) (ids []string) {
	t.Helper()
	got, err := e.Orphans(t.Context(), account)
	if err != nil {
		t.Fatalf("orphans: %v", err)
	}
	for _, o := range got {
		ids = append(ids, o.ID)
	}
	return ids
}

func orphans(t *testing.T, e *env) {
	at := e.now()
	for _, o := range []checkout.Orphan{orphan("b", at.Add(time.Second)), orphan("a", at), orphan("b", at.Add(time.Hour))} {
		if err := e.AddOrphan(t.Context(), o); err != nil {
			t.Fatalf("add %s: %v", o.ID, err)
		}
	}
	got, err := e.Orphans(t.Context(), account)
	if err != nil {
		t.Fatalf("orphans: %v", err)
	}
	same(t, "orphans", got, []checkout.Orphan{orphan("a", at), orphan("b", at.Add(time.Second))})
	if got := e.orphanIDs(t, "acc_2"); len(got) != 0 {
		t.Errorf("of another account: got %v", got)
	}
	for _, id := range []string{"a", "a", "unknown"} {
		if err := e.DropOrphan(t.Context(), account, id); err != nil {
			t.Errorf("drop %s: %v", id, err)
		}
	}
	if got := e.orphanIDs(t, account); !slices.Equal(got, []string{"b"}) {
		t.Errorf("after drop: got %v, want b", got)
	}
}

func orphanEnds(t *testing.T, e *env) {
	e = e.with(t, store.Options{OrphanTTL: short})
	if err := e.AddOrphan(t.Context(), orphan("a", e.now())); err != nil {
		t.Fatalf("add: %v", err)
	}
	e.until(t, "the orphan is gone", func() bool { return len(e.orphanIDs(t, account)) == 0 })
	if err := e.AddOrphan(t.Context(), orphan("b", e.now())); err != nil {
		t.Fatalf("add: %v", err)
	}
	for name, values := range e.dump(t) {
		if slices.Contains(values, "a") {
			t.Errorf("%s still holds the old one", name)
		}
	}
}

func ping(t *testing.T, e *env) {
	if err := e.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
	other := e.with(t, store.Options{})
	flush(t, e.b.Client)
	if err := other.Ping(t.Context()); !errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("ping after the state was lost: got %v, want %v", err, checkout.ErrUnavailable)
	}
	fresh := e.with(t, store.Options{})
	if err := fresh.Ping(t.Context()); err != nil {
		t.Errorf("ping of a node that never knew it: %v", err)
	}
	if err := other.Ping(t.Context()); !errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("ping though the marker is another: got %v, want %v", err, checkout.ErrUnavailable)
	}
}
