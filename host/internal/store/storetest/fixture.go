package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Secrets are texts that the suite writes into documents, tokens, answers and
// journals. None of them may be found in the state in clear.
var Secrets = []string{
	"canary-customer-mail@example.com", "canary-pay-link-secret", "canary-description", "canary-answer-body",
	"canary-journal-input", "canary-token-value", "canary-cached-answer", "canary-orphan-reference",
	"canary-provider-state", "canary-event-detail", "canary-shop-record",
}

const (
	secretMail, secretLink, secretText, secretAnswer = 0, 1, 2, 3
	secretInput, secretToken, secretCache            = 4, 5, 6
	secretOrphan, secretState, secretDetail          = 7, 8, 9
	secretShop                                       = 10
)

const (
	shop    = "shop_1"
	account = "acc_1"
)

var plugin = order.Plugin{Name: "demo", Version: "1.0.0", Digest: strings.Repeat("ab", 32)}

// newOrder makes a new order of a reference, with its events.
func newOrder(t testing.TB, reference string, now time.Time) checkout.Creation {
	t.Helper()
	o, events, err := order.New(order.Spec{
		ID: checkout.NewOrderID(checkout.PartitionOf(shop, reference), now), Secret: Secrets[secretLink], Shop: shop,
		Reference: reference, Amount: eur(1000), Description: Secrets[secretText],
		Customer:  contract.Customer{Email: Secrets[secretMail]},
		ReturnURL: "https://shop.example/return",
	}, now)
	if err != nil {
		t.Fatalf("new order %q: %v", reference, err)
	}
	return checkout.Creation{Order: o, Events: events, Next: o.ExpiresAt}
}

func eur(v int64) order.Money { return order.Money{Value: v, Currency: "EUR"} }

// apply is the commit that a change of a record makes.
func apply(t testing.TB, rec checkout.Record, now time.Time, changes ...order.Change) checkout.Commit {
	t.Helper()
	c := checkout.Commit{Order: rec.Order, Version: rec.Version}
	for _, change := range changes {
		next, events, err := order.Apply(c.Order, change, now)
		if err != nil {
			t.Fatalf("apply %T: %v", change, err)
		}
		c.Order, c.Events = next, append(c.Events, events...)
	}
	if due, ok := order.Next(c.Order); ok {
		c.Next = due.At
	}
	return c
}

// reserve is the change that starts an attempt.
func reserve(o order.Order, now time.Time) order.Reserve {
	id := checkout.NewPaymentID(now)
	return order.Reserve{
		Payment: id, Reference: checkout.NewReference(checkout.PartitionOf(o.Shop, o.Reference)),
		Method: "demo", Account: account, Plugin: plugin, IdempotencyKey: id, Seen: -1,
		Rules: contract.Rules{Refund: &contract.RefundRule{Full: true, Partial: true, Multiple: true}},
	}
}

// started is the end of create_payment.
func started(payment string, at time.Time) order.Created {
	return order.Created{Payment: payment, At: at, Result: contract.CreateResult{
		Action: contract.Action{Type: contract.ActionRedirect, URL: "https://psp.example/pay"},
		State:  []byte(`{"s":"` + Secrets[secretState] + `"}`),
	}}
}

// captured is what a provider says of a payment that is paid.
func captured(payment string, at time.Time) order.Reported {
	return order.Reported{Payment: payment, Source: contract.ReceiveWebhook, At: at, Updates: []contract.Update{
		{Type: contract.UpdateCaptured, Amount: eur(1000), Trust: contract.Verified, OccurredAt: at},
	}}
}

// made creates an order and gives it as it is read.
func (e *env) made(t testing.TB, reference string) checkout.Record {
	t.Helper()
	return e.create(t, newOrder(t, reference, e.now()))
}

func (e *env) create(t testing.TB, c checkout.Creation) checkout.Record {
	t.Helper()
	got, err := e.Create(t.Context(), c)
	if err != nil || got.Known || got.Taken != nil {
		t.Fatalf("create %s: got %+v, %v", c.Order.ID, got, err)
	}
	return e.load(t, c.Order.ID)
}

func (e *env) load(t testing.TB, id string) checkout.Record {
	t.Helper()
	rec, err := e.Load(context.WithoutCancel(t.Context()), id)
	if err != nil {
		t.Fatalf("load %s: %v", id, err)
	}
	return rec
}

func (e *env) commit(t testing.TB, c checkout.Commit) checkout.Record {
	t.Helper()
	known, err := e.Commit(t.Context(), c)
	if err != nil || known.Known {
		t.Fatalf("commit %s: got %+v, %v", c.Order.ID, known, err)
	}
	return e.load(t, c.Order.ID)
}

// paid takes an order from open to paid.
func (e *env) paid(t testing.TB, rec checkout.Record) checkout.Record {
	t.Helper()
	r := reserve(rec.Order, e.now())
	rec = e.commit(t, apply(t, rec, e.now(), r))
	rec = e.commit(t, apply(t, rec, e.now(), started(r.Payment, e.now())))
	return e.commit(t, apply(t, rec, e.now(), captured(r.Payment, e.now())))
}
