package checkout_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// authorized is an order with a payment that the bank holds money for.
func (h *house) authorized(reference string, amount order.Money) (order.Order, order.Payment) {
	h.t.Helper()
	s := spec(reference)
	s.Capture, s.Amount = contract.CaptureManual, amount
	r := h.must(h.Create(h.t.Context(), h.request(""), s))
	_, id, err := h.Choose(h.t.Context(), checkout.Token(r.Order), checkout.Choice{Method: "acme"})
	if err != nil {
		h.t.Fatal(err)
	}
	p, _ := h.load(r.Order.ID).Payment(id)
	u := captured(p, amount.Value)
	u.Type = contract.UpdateAuthorized
	if _, err := h.news(u); err != nil {
		h.t.Fatal(err)
	}
	o := h.load(r.Order.ID)
	p, _ = o.Payment(id)
	return o, p
}

// ends makes an operation end in a status.
func (h *house) ends(e contract.Export, status contract.OperationStatus) {
	h.on(e, func(c checkout.Call) (checkout.Ended, error) {
		return h.done(contract.OperationResult{Status: status, ProviderReference: "ext-" + c.Operation}), nil
	})
}

func (h *house) capture(key, id string, s checkout.OperationSpec) (checkout.Reply, error) {
	h.t.Helper()
	return h.Capture(h.t.Context(), h.request(key), id, s)
}

// must fails the test where a use case did.
func (h *house) must(r checkout.Reply, err error) checkout.Reply {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func TestCapture_refused_beforeAnyRequest(t *testing.T) {
	first := func(s checkout.OperationSpec) func(*house, order.Order) {
		return func(h *house, o order.Order) { h.must(h.capture("k0", o.ID, s)) }
	}
	one := checkout.OperationSpec{Amount: eur(1)}
	for name, c := range map[string]struct {
		change func(*contract.Manifest)
		before func(*house, order.Order)
		spec   checkout.OperationSpec
		reason string
	}{
		"over the rest":     {spec: checkout.OperationSpec{Amount: eur(5000)}, reason: "amount_exceeds_rest"},
		"another currency":  {spec: checkout.OperationSpec{Amount: order.Money{Value: 1, Currency: "JPY"}}, reason: "currency_differs"},
		"below zero":        {spec: checkout.OperationSpec{Amount: eur(-1)}, reason: "amount_invalid"},
		"parts not allowed": {change: func(m *contract.Manifest) { m.Capture.Partial = false }, spec: one, reason: "partial_not_supported"},
		"not on demand":     {change: func(m *contract.Manifest) { m.Operations = []contract.Export{contract.CreatePayment} }, reason: "not_supported"},
		"window over": {change: func(m *contract.Manifest) { m.Capture.WindowDays = 7 },
			before: func(h *house, _ order.Order) { h.clock.move(8 * 24 * time.Hour) }, reason: "window_over"},
		"nothing left":       {before: first(checkout.OperationSpec{}), reason: "amount_exceeds_rest"},
		"after a final one":  {before: first(checkout.OperationSpec{Amount: eur(1), Final: true}), spec: one, reason: "amount_exceeds_rest"},
		"a second, only one": {change: func(m *contract.Manifest) { m.Capture.Multiple = false }, before: first(one), spec: one, reason: "multiple_not_supported"},
		"order cancelled": {before: func(h *house, o order.Order) { h.must(h.Cancel(h.t.Context(), h.request(""), o.ID)) },
			reason: "order_closed"},
	} {
		t.Run(name, func(t *testing.T) {
			change := c.change
			if change == nil {
				change = func(*contract.Manifest) {}
			}
			h := newHouse(t, change)
			h.ends(contract.CapturePayment, contract.OperationSucceeded)
			h.ends(contract.CancelPayment, contract.OperationSucceeded)
			o, _ := h.authorized("r1", eur(4999))
			if c.before != nil {
				c.before(h, o)
			}
			sent := h.caller.count(contract.CapturePayment)
			_, err := h.capture("k", o.ID, c.spec)
			var refused *order.RefusedError
			if !errors.As(err, &refused) || refused.Reason != c.reason || refused.Detail == "" {
				t.Fatalf("got %v, want %s", err, c.reason)
			}
			if h.caller.count(contract.CapturePayment) > sent {
				t.Error("the provider was asked")
			}
		})
	}
}

func TestCapture_refused_ofOthers(t *testing.T) {
	h := newHouse(t)
	o := h.create("r1")
	stranger, live := h.request("k"), h.request("k")
	stranger.Key.Shop, live.Key.Live = "other", true
	for name, c := range map[string]struct {
		request checkout.Request
		id      string
		payment string
		want    error
	}{
		"another shop's order": {stranger, o.ID, "", checkout.ErrNotFound},
		"a live key":           {live, o.ID, "", checkout.ErrNotFound},
		"no such order":        {h.request("k"), "ord_nope", "", checkout.ErrNotFound},
		"no such payment":      {h.request("k"), o.ID, "pay_nope", order.ErrUnknownPayment},
	} {
		if _, err := h.Capture(t.Context(), c.request, c.id, checkout.OperationSpec{Payment: c.payment}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if _, err := h.capture("", o.ID, checkout.OperationSpec{}); err == nil {
		t.Error("a capture without a key")
	}
	var refused *order.RefusedError
	if _, err := h.capture("k", o.ID, checkout.OperationSpec{}); !errors.As(err, &refused) || refused.Reason != "not_authorized" {
		t.Errorf("an order without a payment: got %v", err)
	}
}

func TestCapture_ends(t *testing.T) {
	result := func(s contract.OperationStatus) func(*house) checkout.Ended {
		return func(h *house) checkout.Ended {
			return h.done(contract.OperationResult{Status: s, ProviderReference: "A"})
		}
	}
	failure := func(code contract.FailureCode, o order.Outcome) func(*house) checkout.Ended {
		return func(*house) checkout.Ended { return failed(code, o) }
	}
	for name, c := range map[string]struct {
		ended   func(*house) checkout.Ended
		status  contract.OperationStatus
		outcome order.Outcome
		order   order.Status
		fails   bool
	}{
		"succeeded":    {result(contract.OperationSucceeded), contract.OperationSucceeded, order.OutcomeKnown, order.Paid, false},
		"pending":      {result(contract.OperationPending), contract.OperationPending, order.OutcomeKnown, order.Authorized, false},
		"failed":       {result(contract.OperationFailed), contract.OperationFailed, order.OutcomeKnown, order.Authorized, true},
		"declined":     {failure(contract.Declined, order.OutcomeKnown), contract.OperationFailed, order.OutcomeKnown, order.Authorized, true},
		"never left":   {failure(contract.ProviderUnavailable, order.OutcomeNotAttempted), contract.OperationFailed, order.OutcomeNotAttempted, order.Authorized, true},
		"no word came": {failure(contract.ProviderUnavailable, order.OutcomeUnknown), contract.OperationPending, order.OutcomeUnknown, order.Authorized, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o, _ := h.authorized("r1", eur(4999))
			h.on(contract.CapturePayment, func(checkout.Call) (checkout.Ended, error) { return c.ended(h), nil })
			first, err := h.capture("k", o.ID, checkout.OperationSpec{})
			var call *checkout.CallError
			if errors.As(err, &call) != c.fails || (err != nil) != c.fails {
				t.Fatalf("got %v", err)
			}
			got := h.load(o.ID)
			op := got.Payments[0].Captures[0]
			if op.Status != c.status || op.Outcome != c.outcome || got.Status() != c.order || op.Amount != eur(4999) {
				t.Errorf("capture %+v, order %s", op, got.Status())
			}
			again, errAgain := h.capture("k", o.ID, checkout.OperationSpec{})
			if errAgain != nil || again.Answer == nil || (again.Answer.Status == 402) != c.fails {
				t.Errorf("the repeat: %+v, %v", again, errAgain)
			}
			if h.caller.count(contract.CapturePayment) != 1 {
				t.Error("the repeat captured again")
			}
			if !c.fails && first.Subject != op.ID {
				t.Errorf("subject %s, capture %s", first.Subject, op.ID)
			}
		})
	}
}

// TestCapture_unknown_isAskedBeforeAnythingElse: nothing is released, nothing
// more is captured, and what get_payment says ends it.
func TestCapture_unknown_isAskedBeforeAnythingElse(t *testing.T) {
	h := newHouse(t)
	o, p := h.authorized("r1", eur(4999))
	h.on(contract.CapturePayment, func(checkout.Call) (checkout.Ended, error) {
		return failed(contract.ProviderUnavailable, order.OutcomeUnknown), nil
	})
	if _, err := h.capture("k", o.ID, checkout.OperationSpec{Amount: eur(1000)}); err == nil {
		t.Fatal("no error")
	}
	var refused *order.RefusedError
	if _, err := h.capture("other", o.ID, checkout.OperationSpec{Amount: eur(1000)}); !errors.As(err, &refused) || refused.Reason != "unknown_outcome" {
		t.Errorf("another capture meanwhile: %v", err)
	}
	h.on(contract.GetPayment, func(checkout.Call) (checkout.Ended, error) {
		u := captured(p, 1000)
		u.Item = &contract.Item{ID: h.load(o.ID).Payments[0].Captures[0].ID, ProviderReference: "ext"}
		return h.done(contract.UpdatesResult{Updates: []contract.Update{u}}), nil
	})
	h.must(h.Sync(t.Context(), h.request(""), o.ID))
	got := h.load(o.ID)
	if c := got.Payments[0].Captures[0]; c.Status != contract.OperationSucceeded || got.Amounts().Captured != eur(1000) || len(got.Attention()) > 0 {
		t.Errorf("capture %+v, captured %s, attention %v", c, got.Amounts().Captured, got.Attention())
	}
	h.ends(contract.CapturePayment, contract.OperationSucceeded)
	h.must(h.capture("rest", o.ID, checkout.OperationSpec{}))
	if got := h.load(o.ID); got.Status() != order.Paid || got.Amounts().Captured != eur(4999) {
		t.Errorf("order %s, captured %s", got.Status(), got.Amounts().Captured)
	}
}

func TestCapture_inEachCurrency(t *testing.T) {
	for _, currency := range []string{"EUR", "JPY", "TND"} {
		t.Run(currency, func(t *testing.T) {
			h := newHouse(t)
			h.ends(contract.CapturePayment, contract.OperationSucceeded)
			of := func(v int64) order.Money { return order.Money{Value: v, Currency: currency} }
			o, p := h.authorized("r1", of(5000))
			h.must(h.capture("a", o.ID, checkout.OperationSpec{Payment: p.ID, Amount: of(1500)}))
			if got := h.load(o.ID); got.Status() != order.Authorized || got.Due() != of(3500) {
				t.Errorf("after a part it is %s, due %s", got.Status(), got.Due())
			}
			h.must(h.capture("b", o.ID, checkout.OperationSpec{Amount: of(1000)}))
			h.must(h.capture("c", o.ID, checkout.OperationSpec{})) // all that remains
			got := h.load(o.ID)
			if a := got.Amounts(); got.Status() != order.Paid || a.Captured != of(5000) || a.Released != of(0) || len(got.Payments[0].Captures) != 3 {
				t.Errorf("order %s, captured %s, released %s", got.Status(), a.Captured, a.Released)
			}
		})
	}
}

// TestCapture_twoGatewaysAtOnce: one key is one capture with one answer, and
// many keys never take more than was authorised.
func TestCapture_twoGatewaysAtOnce(t *testing.T) {
	h := newHouse(t)
	h.ends(contract.CapturePayment, contract.OperationSucceeded)
	nodes := []*house{h, h.later(h.registry)}
	o, _ := h.authorized("r1", eur(4999))
	answers := make([]string, 8)
	var g sync.WaitGroup
	for i := range answers {
		g.Go(func() {
			r, err := nodes[i%2].Capture(t.Context(), h.request("same"), o.ID, checkout.OperationSpec{Amount: eur(1000)})
			if err != nil {
				t.Error(err)
			}
			answers[i] = o.ID + " authorized " + r.Subject
			if r.Answer != nil {
				answers[i] = string(r.Answer.Body)
			}
		})
	}
	g.Wait()
	got := h.load(o.ID)
	if len(got.Payments[0].Captures) != 1 || got.Amounts().Captured != eur(1000) || h.caller.count(contract.CapturePayment) != 1 {
		t.Fatalf("captures %+v, %d calls", got.Payments[0].Captures, h.caller.count(contract.CapturePayment))
	}
	for _, a := range answers {
		if a != o.ID+" authorized "+got.Payments[0].Captures[0].ID {
			t.Errorf("answered %q", a)
		}
	}
	for i := range 8 {
		g.Go(func() {
			_, err := nodes[i%2].Capture(t.Context(), h.request(string(rune('a'+i))), o.ID, checkout.OperationSpec{Amount: eur(1000)})
			var refused *order.RefusedError
			if err != nil && !errors.As(err, &refused) {
				t.Error(err)
			}
		})
	}
	g.Wait()
	if got := h.load(o.ID); got.Amounts().Captured != eur(4000) {
		t.Errorf("captured %s of %s", got.Amounts().Captured, got.Amount)
	}
}

// TestCapture_keyOfAnotherRequest: the key decides before the domain does.
func TestCapture_keyOfAnotherRequest(t *testing.T) {
	h := newHouse(t)
	h.ends(contract.CapturePayment, contract.OperationSucceeded)
	o, _ := h.authorized("r1", eur(4999))
	h.must(h.capture("k", o.ID, checkout.OperationSpec{}))
	other := h.request("k")
	other.Idempotency.Fingerprint = "another-body"
	if _, err := h.Capture(t.Context(), other, o.ID, checkout.OperationSpec{Amount: eur(1)}); !errors.Is(err, checkout.ErrKeyReused) {
		t.Errorf("got %v, want %v", err, checkout.ErrKeyReused)
	}
}

// TestCapture_nodeGone_isGivenBack: what was reserved and never sent is free
// again, and a repeat hears so.
func TestCapture_nodeGone_isGivenBack(t *testing.T) {
	h := newHouse(t)
	o, _ := h.authorized("r1", eur(4999))
	h.on(contract.CapturePayment, func(checkout.Call) (checkout.Ended, error) {
		return checkout.Ended{}, errors.New("the node is gone")
	})
	if _, err := h.capture("k", o.ID, checkout.OperationSpec{}); err == nil {
		t.Fatal("no error")
	}
	h.clock.move(10 * time.Minute)
	h.ring()
	got := h.load(o.ID)
	if c := got.Payments[0].Captures[0]; c.Status != contract.OperationFailed || c.Outcome != order.OutcomeNotAttempted || got.Status() != order.Authorized {
		t.Fatalf("capture %+v, order %s", c, got.Status())
	}
	var call *checkout.CallError
	if _, err := h.capture("k", o.ID, checkout.OperationSpec{}); !errors.As(err, &call) || call.Outcome != order.OutcomeNotAttempted {
		t.Errorf("the repeat: %v", err)
	}
	if r, err := h.capture("k", o.ID, checkout.OperationSpec{}); err != nil || r.Answer == nil || r.Answer.Status != 402 {
		t.Errorf("the answer was not kept: %+v, %v", r, err)
	}
}
