package checkout_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// house is a Service over a real store, with a caller whose answers a test
// decides, a shop and an account.
type house struct {
	*checkout.Service
	t      *testing.T
	store  *store.Redis
	state  *state
	caller *caller
	clock  *clock
	key    checkout.Key
	// registry is the one it was opened with.
	registry registry
	// logs is what a market's service logged.
	logs *bytes.Buffer
}

// state is a store whose partitions heal where a test says so.
type state struct {
	*store.Redis
	heals atomic.Bool
}

func (s *state) Load(ctx context.Context, id string) (checkout.Record, error) {
	rec, err := s.Redis.Load(ctx, id)
	rec.Healing = s.heals.Load()
	return rec, err
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) move(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// caller plays the plugin: an answer for each export.
type caller struct {
	mu       sync.Mutex
	calls    []checkout.Call
	answers  map[contract.Export]func(checkout.Call) (checkout.Ended, error)
	resumed  map[string]func() (checkout.Call, checkout.Ended, error)
	ended    []string
	released []string
}

func (c *caller) Run(_ context.Context, call checkout.Call) (checkout.Ended, error) {
	c.mu.Lock()
	c.calls = append(c.calls, call)
	answer := c.answers[call.Export]
	c.mu.Unlock()
	if answer == nil {
		return checkout.Ended{}, fmt.Errorf("%s was not expected", call.Export)
	}
	return answer(call)
}

func (c *caller) Resume(_ context.Context, id string, _ func(context.Context, contract.Interim) error) (checkout.Call, checkout.Ended, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.resumed[id]; f != nil {
		return f()
	}
	return checkout.Call{}, checkout.Ended{}, checkout.ErrNoJournal
}

func (c *caller) End(_ context.Context, id string, _ *checkout.JournalEnd) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = append(c.ended, id)
	return nil
}

func (c *caller) Release(_ context.Context, _, exclusive, payment string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.released = append(c.released, exclusive+" "+payment)
	return nil
}

func (c *caller) count(e contract.Export) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, call := range c.calls {
		if call.Export == e {
			n++
		}
	}
	return n
}

// on sets what an export answers.
func (h *house) on(e contract.Export, f func(checkout.Call) (checkout.Ended, error)) {
	h.caller.mu.Lock()
	defer h.caller.mu.Unlock()
	h.caller.answers[e] = f
}

// done is a call that ended with a result, after a verified answer.
func (h *house) done(result any) checkout.Ended {
	b, err := json.Marshal(result)
	if err != nil {
		h.t.Fatal(err)
	}
	return checkout.Ended{Result: b, Outcome: order.OutcomeKnown, Verified: true, At: h.clock.Now()}
}

func failed(code contract.FailureCode, outcome order.Outcome) checkout.Ended {
	return checkout.Ended{Failure: &contract.Failure{Code: code, Message: "for the test"}, Outcome: outcome, At: start}
}

type registry struct{ offers []checkout.Offer }

func (r registry) Methods() []checkout.Offer { return r.offers }

func (r registry) Active(string) (checkout.Version, error) { return r.offers[0].Version, nil }

func (r registry) Version(_ context.Context, digest string) (checkout.Version, error) {
	if digest != r.offers[0].Version.Digest {
		return checkout.Version{}, checkout.ErrNotFound
	}
	return r.offers[0].Version, nil
}

type directory struct{}

func (directory) Shop(id string) (checkout.Shop, error) {
	if id != "shop" {
		return checkout.Shop{}, checkout.ErrNotFound
	}
	return checkout.Shop{ID: "shop", Name: "Molen & Maan", Origins: []string{"https://shop.example"}, NoticeSecrets: [][]byte{[]byte("secret-of-the-shop")},
		FormKeys: []checkout.FormKey{{ID: "donate", Secret: []byte("secret-of-the-form-key-0001")}, {ID: "live", Live: true, Secret: []byte("secret-of-the-form-key-0002")}}}, nil
}

func (directory) Key(string) (checkout.Key, error) { return checkout.Key{}, checkout.ErrNotFound }

func (d directory) All() []checkout.Account { return d.Accounts("shop") }

func (directory) Account(id string) (checkout.Account, error) {
	if id != "acc" {
		return checkout.Account{}, checkout.ErrNotFound
	}
	return checkout.Account{ID: "acc", Shop: "shop", Provider: "acme", WebhookPlugin: "acme"}, nil
}

func (d directory) Accounts(shop string) []checkout.Account {
	if shop != "shop" {
		return nil
	}
	a, _ := d.Account("acc")
	return []checkout.Account{a}
}

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// newHouse opens one; changes are made to the plugin's manifest first.
func newHouse(t *testing.T, change ...func(*contract.Manifest)) *house {
	t.Helper()
	ring, err := seal.NewRing(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, clock: &clock{now: start}, key: checkout.Key{ID: "k", Shop: "shop", Scopes: []checkout.Scope{checkout.OrdersWrite}}}
	h.caller = &caller{answers: map[contract.Export]func(checkout.Call) (checkout.Ended, error){}, resumed: map[string]func() (checkout.Call, checkout.Ended, error){}}
	h.store, err = store.OpenEmbedded(t.Context(), store.Options{Seal: ring, Clock: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	h.state = &state{Redis: h.store}
	t.Cleanup(func() { _ = h.store.Close() })
	rules := contract.Rules{
		Capture: &contract.CaptureRule{Automatic: true, Manual: true, Partial: true, Multiple: true},
		Refund:  &contract.RefundRule{Full: true, Partial: true, Multiple: true, WindowDays: 60},
		Polling: &contract.PollingRule{FirstAfterS: 60, OnHint: true},
	}
	v := checkout.Version{
		Plugin:   order.Plugin{Name: "acme", Version: "1.0.0", Digest: "d1"},
		Manifest: contract.Manifest{Name: "acme", Version: "1.0.0", Provider: "acme", Operations: contract.Exports(contract.KindPayment), Rules: rules},
	}
	for _, f := range change {
		f(&v.Manifest)
	}
	rules = v.Manifest.Rules
	currencies := map[string]contract.Range{"EUR": {Min: 1, Max: 100000}, "JPY": {}, "TND": {}}
	h.registry = registry{[]checkout.Offer{{Version: v, Rules: rules, Method: contract.Method{ID: "acme", Title: contract.Text{"en": "Acme"}, Currencies: currencies, Flow: contract.FlowRedirect}}}}
	h.Service = h.later(h.registry).Service
	h.on(contract.CreatePayment, func(c checkout.Call) (checkout.Ended, error) {
		return h.done(contract.CreateResult{ProviderReference: "ext-" + c.Payment, Action: contract.Action{Type: contract.ActionRedirect, URL: "https://bank.example/pay"}}), nil
	})
	return h
}

// spec is an order that is well.
func spec(reference string) checkout.CreateSpec {
	return checkout.CreateSpec{Spec: order.Spec{
		Reference: reference, Amount: order.Money{Value: 4999, Currency: "EUR"}, Description: "three waffles",
		ReturnURL: "https://shop.example/thanks", CancelURL: "https://shop.example/basket", NotifyURL: "https://shop.example/notices", Locale: "nl-NL", Country: "NL",
	}}
}

// request has an idempotency key where one is given.
func (h *house) request(key string) checkout.Request {
	r := checkout.Request{Key: h.key}
	if key != "" {
		r.Idempotency = &checkout.Idempotency{
			Key: key, Fingerprint: "f-" + key,
			Render: func(o order.Order, subject string) checkout.Answer {
				return checkout.Answer{Status: 201, Body: fmt.Appendf(nil, "%s %s %s", o.ID, o.Status(), subject)}
			},
			Refuse: func(err error) checkout.Answer { return checkout.Answer{Status: 402, Body: []byte(err.Error())} },
		}
	}
	return r
}

func (h *house) create(reference string) order.Order {
	h.t.Helper()
	r, err := h.Create(h.t.Context(), h.request(""), spec(reference))
	if err != nil {
		h.t.Fatal(err)
	}
	return r.Order
}

// started is an order with a payment that waits at the bank.
func (h *house) started(reference string) (order.Order, order.Payment) {
	h.t.Helper()
	o := h.create(reference)
	o, id, err := h.Choose(h.t.Context(), checkout.Token(o), checkout.Choice{Method: "acme"})
	if err != nil {
		h.t.Fatal(err)
	}
	p, _ := o.Payment(id)
	return o, p
}

// load reads an order and holds it to the invariants.
func (h *house) load(id string) order.Order {
	h.t.Helper()
	rec, err := h.store.Load(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	events, err := h.store.Events(h.t.Context(), id, 1, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := order.Check(rec.Order, events); err != nil {
		h.t.Errorf("order %s: %v", id, err)
	}
	return rec.Order
}

// news makes the provider's webhook bring these updates.
func (h *house) news(updates ...contract.Update) (contract.WebhookResponse, error) {
	h.on(contract.ReceiveWebhook, func(checkout.Call) (checkout.Ended, error) {
		return h.done(contract.WebhookResult{Response: contract.WebhookResponse{Status: 200, Body: "ok"}, Updates: updates, Unknown: contract.UnknownAccept}), nil
	})
	return h.Webhook(h.t.Context(), "acc", contract.Message{Method: "POST", Path: "/webhooks/acc"})
}

func captured(p order.Payment, value int64) contract.Update {
	return contract.Update{Payment: contract.PaymentKey{Reference: p.Reference}, Type: contract.UpdateCaptured, Amount: order.Money{Value: value, Currency: p.Amount.Currency}, Trust: contract.Verified, OccurredAt: start.Add(time.Minute)}
}
