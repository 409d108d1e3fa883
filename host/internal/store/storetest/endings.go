package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/sdk/contract"
)

var endingRules = []rule{
	{"whatIsNotFinal_neverEnds", openForever},
	{"finalOrder_hasOneTimeOnAllItsKeys", finalTime},
	{"finalOrder_goesWithAllItsKeys", finalGone},
	{"laterUpdate_renewsTheTime", finalRenewed},
	{"whatIsNotFinalAnyMore_neverEnds", finalNoMore},
}

// times are the times to live by key, of what belongs to no account.
func (e *env) times(t testing.TB) map[string]time.Duration {
	t.Helper()
	all := map[string]time.Duration{}
	for _, name := range keys(t, e.b.Client) {
		ttl, err := e.b.Client.PTTL(t.Context(), name).Result()
		if err != nil {
			t.Fatalf("time to live of %q: %v", name, err)
		}
		all[name[len("k:{pXX}:"):]] = ttl
	}
	return all
}

func ofOrder(name string) bool {
	for _, kind := range []string{"order:", "events:", "ref:", "pay:"} {
		if strings.HasPrefix(name, kind) {
			return true
		}
	}
	return false
}

func openForever(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	e.commit(t, apply(t, rec, e.now(), reserve(rec.Order, e.now())))
	for name, ttl := range e.times(t) {
		if ttl > 0 && name != "marker:probe" {
			t.Errorf("%s ends in %s", name, ttl)
		}
	}
}

func finalTime(t *testing.T, e *env) {
	e.paid(t, e.made(t, "A-1"))
	found := 0
	for name, ttl := range e.times(t) {
		switch {
		case ofOrder(name):
			found++
			if ttl < 399*24*time.Hour || ttl > 400*24*time.Hour {
				t.Errorf("%s ends in %s, want 400 days", name, ttl)
			}
		case ttl > 0 && !strings.HasPrefix(name, "needed:"):
			t.Errorf("%s ends in %s, want never", name, ttl)
		}
	}
	if found != 4 {
		t.Errorf("%d keys of the order, want 4", found)
	}
}

func finalGone(t *testing.T, e *env) {
	e = e.with(t, store.Options{OrderTTL: short})
	other := e.made(t, "A-2")
	rec := e.made(t, "A-1")
	r := reserve(rec.Order, e.now())
	rec = e.commit(t, apply(t, rec, e.now(), r))
	c := apply(t, rec, e.now(), captured(r.Payment, e.now()))
	if _, err := e.Commit(t.Context(), c); err != nil {
		t.Fatalf("commit: %v", err)
	}
	e.until(t, "the order is gone", func() bool {
		_, err := e.Load(t.Context(), rec.Order.ID)
		return errors.Is(err, checkout.ErrNotFound)
	})
	e.until(t, "all of it is gone", func() bool {
		for name := range e.times(t) {
			if ofOrder(name) && (strings.Contains(name, rec.Order.ID) || strings.Contains(name, r.Reference)) {
				return false
			}
		}
		return true
	})
	if _, err := e.FindReference(t.Context(), shop, "A-1"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("reference: got %v, want %v", err, checkout.ErrNotFound)
	}
	if _, err := e.FindPayment(t.Context(), account, contract.PaymentKey{Reference: r.Reference}); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("payment: got %v, want %v", err, checkout.ErrNotFound)
	}
	if err := e.Redeliver(t.Context(), rec.Order.ID); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("redeliver: got %v, want %v", err, checkout.ErrNotFound)
	}
	for range 2 { // the first listing lets it go
		items, _, err := e.List(t.Context(), shop, checkout.Filter{Limit: 10})
		if err != nil || len(items) != 1 || items[0].ID != other.Order.ID {
			t.Errorf("list: got %d orders, %v, want the one that is left", len(items), err)
		}
	}
	if lines := e.book(t, e.now()); len(lines) != 1 {
		t.Errorf("book: got %d lines, want 1", len(lines))
	}
}

func finalRenewed(t *testing.T, e *env) {
	brief := e.with(t, store.Options{OrderTTL: time.Hour})
	rec := brief.paid(t, brief.made(t, "A-1"))
	rec = e.commit(t, apply(t, rec, e.now(), order.Raise{Attention: order.Attention{Code: "x", Message: Secrets[secretDetail]}}))
	for name, ttl := range e.times(t) {
		if ofOrder(name) && ttl < 2*time.Hour {
			t.Errorf("%s of %s ends in %s, want renewed", name, rec.Order.ID, ttl)
		}
	}
}

func finalNoMore(t *testing.T, e *env) {
	rec := e.paid(t, e.made(t, "A-1"))
	rec = e.commit(t, apply(t, rec, e.now(), order.RequestRefund{ID: "ref_1", Payment: rec.Order.Payments[0].ID, Amount: eur(100)}))
	if rec.Order.Final() {
		t.Fatal("the order is final with a refund under way")
	}
	for name, ttl := range e.times(t) {
		if ofOrder(name) && ttl > 0 {
			t.Errorf("%s ends in %s, want never", name, ttl)
		}
	}
	if live, err := e.Live(t.Context(), account); err != nil || len(live) != 1 {
		t.Errorf("live: got %v, %v, want the payment", live, err)
	}
}
