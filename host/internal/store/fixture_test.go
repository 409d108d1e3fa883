//go:build unix

package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/store"
)

const shop = "shop_1"

// newOrder is a creation of a reference, with an idempotency key and its answer.
func newOrder(t testing.TB, reference string) checkout.Creation {
	t.Helper()
	now := time.Now()
	o, events, err := order.New(order.Spec{
		ID: checkout.NewOrderID(checkout.PartitionOf(shop, reference), now), Secret: checkout.NewSecret(), Shop: shop,
		Reference: reference, Amount: order.Money{Value: 1000, Currency: "EUR"}, ReturnURL: "https://shop.example/return",
	}, now)
	if err != nil {
		t.Fatalf("new order: %v", err)
	}
	return checkout.Creation{
		Order: o, Events: events, Next: o.ExpiresAt, Answer: &checkout.Answer{Status: 201},
		Claim: &checkout.Claim{Scope: shop, Subject: reference, Key: reference, Fingerprint: "f", Operation: o.ID},
	}
}

// made writes a new order and reads it.
func made(t testing.TB, s *store.Redis, reference string) checkout.Record {
	t.Helper()
	c := newOrder(t, reference)
	if got, err := s.Create(t.Context(), c); err != nil || got.Known || got.Taken != nil {
		t.Fatalf("create: got %+v, %v", got, err)
	}
	rec, err := s.Load(t.Context(), c.Order.ID)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return rec
}

// cancel is the commit that cancels an order.
func cancel(t testing.TB, rec checkout.Record, by string) checkout.Commit {
	t.Helper()
	o, events, err := order.Apply(rec.Order, order.Cancel{SupersededBy: by}, time.Now())
	if err != nil {
		t.Fatalf("cancel: %v", err)
	}
	return checkout.Commit{Order: o, Version: rec.Version, Events: events}
}

// ended says with what an operation ended, and how long it took.
type ended struct {
	name string
	err  error
	took time.Duration
}

// everything runs each operation of a store at the same moment.
func everything(t testing.TB, s *store.Redis, rec checkout.Record) []ended {
	ctx := t.Context()
	p := checkout.Partition(7)
	call := checkout.NewCallID(p, time.Now())
	alarm := checkout.Alarm{Partition: p, Member: call, Token: 1}
	to := checkout.PaymentAddress{Order: rec.Order.ID, Payment: "pay_1"}
	fresh := newOrder(t, fmt.Sprint("fresh-", time.Now().UnixNano()))
	ops := map[string]func() error{
		"ping":      func() error { return s.Ping(ctx) },
		"claim":     func() error { _, err := s.ClaimKey(ctx, shop, "k", "f"); return err },
		"create":    func() error { _, err := s.Create(ctx, fresh); return err },
		"replace":   func() error { return s.Supersede(ctx, newOrder(t, rec.Order.Reference), cancel(t, rec, "x")) },
		"load":      func() error { _, err := s.Load(ctx, rec.Order.ID); return err },
		"commit":    func() error { _, err := s.Commit(ctx, cancel(t, rec, "")); return err },
		"answered":  func() error { _, err := s.Answered(ctx, "A", p, checkout.Claim{}); return err },
		"events":    func() error { _, err := s.Events(ctx, rec.Order.ID, 1, 10); return err },
		"list":      func() error { _, _, err := s.List(ctx, shop, checkout.Filter{Limit: 10}); return err },
		"find":      func() error { _, err := s.FindReference(ctx, shop, rec.Order.Reference); return err },
		"learn":     func() error { _, err := s.Learn(ctx, "acc", "psp", to); return err },
		"number":    func() error { _, err := s.NextNumber(ctx, "acc", 1, to); return err },
		"due":       func() error { _, err := s.DuePartitions(ctx); return err },
		"claimdue":  func() error { _, err := s.ClaimDue(ctx, p, 5); return err },
		"renew":     func() error { _, err := s.Renew(ctx, alarm); return err },
		"putback":   func() error { return s.PutBack(ctx, alarm, time.Now()) },
		"drop":      func() error { return s.Drop(ctx, alarm) },
		"tell":      func() error { return s.Tell(ctx, checkout.Telling{Order: rec.Order.ID}) },
		"dead":      func() error { _, err := s.Dead(ctx, 5); return err },
		"live":      func() error { _, err := s.Live(ctx, "acc"); return err },
		"orphans":   func() error { _, err := s.Orphans(ctx, "acc"); return err },
		"orphan":    func() error { return s.AddOrphan(ctx, checkout.Orphan{Account: "acc", ID: "a"}) },
		"intent":    func() error { _, err := s.Intent(ctx, call, "i", nil, time.Time{}); return err },
		"write":     func() error { return s.Write(ctx, call, map[string][]byte{"x": nil}) },
		"end":       func() error { return s.End(ctx, checkout.JournalEnd{Call: call}) },
		"shops":     func() error { _, err := s.ShopsVersion(ctx); return err },
		"readshops": func() error { _, _, err := s.ShopsRecord(ctx); return err },
		"swapshops": func() error { _, err := s.SwapShopsRecord(ctx, 0, []byte("{}")); return err },
		"puttoken":  func() error { return s.PutToken(ctx, "acc", "n", "v", time.Now().Add(time.Hour)) },
		"putcache":  func() error { return s.PutCached(ctx, "acc", "n", nil, time.Hour) },
		"lease":     func() error { _, err := s.Lease(ctx, "acc", "n", "h", time.Hour); return err },
		"release":   func() error { return s.Release(ctx, "acc", "n", "h") },
		"book": func() (last error) {
			for _, err := range s.Book(ctx, time.Now()) {
				last = err
			}
			return last
		},
		"warnings": func() error { _, err := s.Warnings(ctx); return err },
	}
	done := make(chan ended, len(ops))
	for name, op := range ops {
		go func() {
			start := time.Now()
			done <- ended{name, op(), time.Since(start)}
		}()
	}
	all := make([]ended, 0, len(ops))
	for range ops {
		all = append(all, <-done)
	}
	return all
}
