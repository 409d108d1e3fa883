package checkout_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestCancel(t *testing.T) {
	h := newHouse(t)
	cancelled := 0
	h.on(contract.CancelPayment, func(checkout.Call) (checkout.Ended, error) {
		cancelled++
		return h.done(contract.OperationResult{Status: contract.OperationSucceeded}), nil
	})
	o, p := h.started("r1")
	if _, err := h.Cancel(t.Context(), h.request("k"), o.ID); err != nil {
		t.Fatal(err)
	}
	if got := h.load(o.ID); got.Status() != order.Cancelled || cancelled != 1 {
		t.Errorf("order %s, cancelled %d times", got.Status(), cancelled)
	}
	if _, err := h.news(captured(p, 4999)); err != nil {
		t.Fatal(err)
	}
	got := h.load(o.ID)
	if got.Status() != order.Cancelled || len(got.Attention()) != 1 || got.Attention()[0].Code != order.AttentionPaidAfterCancel {
		t.Errorf("order %s, attention %v", got.Status(), got.Attention())
	}
	paid, _ := h.paid("r2")
	if _, err := h.Cancel(t.Context(), h.request("k"), paid.ID); !errors.Is(err, order.ErrPaid) {
		t.Errorf("a paid order: %v", err)
	}
}

func TestCancel_authorized(t *testing.T) {
	result := func(s contract.OperationStatus) func(*house) checkout.Ended {
		return func(h *house) checkout.Ended { return h.done(contract.OperationResult{Status: s}) }
	}
	for name, c := range map[string]struct {
		ended   func(*house) checkout.Ended
		payment order.PaymentStatus
		final   bool
		calls   int // after an hour of alarms
	}{
		"released":     {result(contract.OperationSucceeded), order.PaymentCancelled, true, 1},
		"at it":        {result(contract.OperationPending), order.PaymentAuthorized, false, 1},
		"refused":      {result(contract.OperationFailed), order.PaymentAuthorized, false, 1},
		"not reached":  {func(*house) checkout.Ended { return failed(contract.ProviderUnavailable, order.OutcomeNotAttempted) }, order.PaymentAuthorized, false, 2},
		"no word came": {func(*house) checkout.Ended { return failed(contract.ProviderUnavailable, order.OutcomeUnknown) }, order.PaymentAuthorized, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o, _ := h.authorized("r1", eur(4999))
			h.on(contract.CancelPayment, func(checkout.Call) (checkout.Ended, error) { return c.ended(h), nil })
			h.on(contract.GetPayment, func(checkout.Call) (checkout.Ended, error) {
				return failed(contract.ProviderUnavailable, order.OutcomeNotAttempted), nil
			})
			r := h.must(h.Cancel(t.Context(), h.request(""), o.ID))
			p := r.Order.Payments[0]
			if r.Order.Status() != order.Cancelled || p.Status() != c.payment || p.Final() != c.final {
				t.Errorf("order %s, payment %s, final %v", r.Order.Status(), p.Status(), p.Final())
			}
			h.clock.move(2 * time.Minute)
			h.ring()
			if n := h.caller.count(contract.CancelPayment); n != c.calls {
				t.Errorf("cancel_payment ran %d times, want %d", n, c.calls)
			}
			h.load(o.ID)
		})
	}
}

// TestCancel_captureUnknown_asksFirst: nothing else is sent for a payment
// while it is not known how a capture of it ended.
func TestCancel_captureUnknown_asksFirst(t *testing.T) {
	h := newHouse(t)
	h.ends(contract.CancelPayment, contract.OperationSucceeded)
	o, p := h.authorized("r1", eur(4999))
	h.on(contract.CapturePayment, func(checkout.Call) (checkout.Ended, error) {
		return failed(contract.ProviderUnavailable, order.OutcomeUnknown), nil
	})
	if _, err := h.capture("k", o.ID, checkout.OperationSpec{Amount: eur(1000)}); err == nil {
		t.Fatal("no error")
	}
	h.must(h.Cancel(t.Context(), h.request(""), o.ID))
	if h.caller.count(contract.CancelPayment) > 0 {
		t.Fatal("the cancellation was sent before the question")
	}
	h.on(contract.GetPayment, func(checkout.Call) (checkout.Ended, error) {
		u := captured(p, 1000)
		u.Type, u.Item = contract.UpdateCaptureFailed, &contract.Item{ID: h.load(o.ID).Payments[0].Captures[0].ID}
		return h.done(contract.UpdatesResult{Updates: []contract.Update{u}}), nil
	})
	for range 3 {
		h.clock.move(5 * time.Minute)
		h.ring()
	}
	if got := h.load(o.ID); got.Payments[0].Status() != order.PaymentCancelled || h.caller.count(contract.CancelPayment) != 1 {
		t.Errorf("payment %s, cancelled %d times", got.Payments[0].Status(), h.caller.count(contract.CancelPayment))
	}
}

// TestCancel_besideATerminal: the cancellation goes beside the call that runs,
// and that call's result decides.
func TestCancel_besideATerminal(t *testing.T) {
	for name, c := range map[string]struct {
		beside  contract.OperationStatus
		news    contract.UpdateType // what the terminal's call ends with
		payment order.PaymentStatus
		again   int // how often cancel_payment runs after it
	}{
		"stopped in time":               {contract.OperationPending, contract.UpdateCancelled, order.PaymentCancelled, 0},
		"paid all the same":             {contract.OperationPending, contract.UpdateCaptured, order.PaymentCaptured, 0},
		"held, so it is released":       {contract.OperationPending, contract.UpdateAuthorized, order.PaymentCancelled, 1},
		"a plugin that says it is done": {contract.OperationSucceeded, contract.UpdateCaptured, order.PaymentCaptured, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o := h.create("r1")
			tapped := make(chan struct{})
			h.on(contract.CreatePayment, func(call checkout.Call) (checkout.Ended, error) {
				err := call.OnInterim(context.Background(), contract.Interim{Action: contract.Action{Type: contract.ActionWait}, Exclusive: "t1"})
				if err != nil {
					return checkout.Ended{}, err
				}
				<-tapped
				u := contract.Update{Payment: contract.PaymentKey{ID: call.Payment}, Type: c.news, Amount: o.Amount, Trust: contract.Verified}
				return h.done(contract.CreateResult{Action: contract.Action{Type: contract.ActionNone}, Updates: []contract.Update{u}}), nil
			})
			if _, _, err := h.Choose(t.Context(), checkout.Token(o), checkout.Choice{Method: "acme"}); err != nil {
				t.Fatal(err)
			}
			h.ends(contract.CancelPayment, c.beside)
			r := h.must(h.Cancel(t.Context(), h.request("k"), o.ID))
			if p := h.load(o.ID).Payments[0]; p.Final() || p.Status() != order.PaymentPending || len(h.caller.released) > 0 {
				t.Errorf("beside the call it is %s, released %v", p.Status(), h.caller.released)
			}
			h.ends(contract.CancelPayment, contract.OperationSucceeded)
			before := h.caller.count(contract.CancelPayment)
			close(tapped)
			h.Close()
			h.clock.move(time.Minute)
			h.ring()
			got := h.load(o.ID)
			if got.Status() != order.Cancelled || got.Payments[0].Status() != c.payment || h.caller.count(contract.CancelPayment)-before != c.again {
				t.Errorf("order %s, payment %s, cancelled %d times more", got.Status(), got.Payments[0].Status(), h.caller.count(contract.CancelPayment)-before)
			}
			if len(h.caller.released) != 1 {
				t.Errorf("released %v", h.caller.released)
			}
			if again := h.must(h.Cancel(t.Context(), h.request("k"), o.ID)); again.Answer == nil || r.Order.ID != o.ID {
				t.Errorf("the repeat: %+v", again)
			}
		})
	}
}

// TestCancel_sameKey_sameAnswer also on two gateways: the answer that is kept
// shows what came of it at the provider.
func TestCancel_sameKey_sameAnswer(t *testing.T) {
	h := newHouse(t)
	h.ends(contract.CancelPayment, contract.OperationSucceeded)
	nodes := []*house{h, h.later(h.registry)}
	o, _ := h.authorized("r1", eur(4999))
	request := func() checkout.Request {
		r := h.request("k")
		r.Idempotency.Render = func(o order.Order, _ string) checkout.Answer {
			return checkout.Answer{Status: 200, Body: []byte(o.Payments[0].Status())}
		}
		return r
	}
	h.must(h.Cancel(t.Context(), request(), o.ID))
	answers := make([]string, 6)
	var g sync.WaitGroup
	for i := range answers {
		g.Go(func() {
			r, err := nodes[i%2].Cancel(t.Context(), request(), o.ID)
			if err != nil || r.Answer == nil {
				t.Errorf("got %+v, %v", r, err)
				return
			}
			answers[i] = string(r.Answer.Body)
		})
	}
	g.Wait()
	for _, a := range answers {
		if a != "cancelled" {
			t.Errorf("answered %q", a)
		}
	}
	if n := h.caller.count(contract.CancelPayment); n != 1 {
		t.Errorf("cancel_payment ran %d times", n)
	}
}
