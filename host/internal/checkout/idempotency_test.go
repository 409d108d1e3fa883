package checkout_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// TestKeyOfAnotherRequest_isSaidBeforeTheRefusal, whatever the use case.
func TestKeyOfAnotherRequest_isSaidBeforeTheRefusal(t *testing.T) {
	h := newHouse(t)
	o, _ := h.paid("r1")
	h.must(h.SetControlReference(t.Context(), h.request("k"), o.ID, "CU-1"))
	other := h.request("k")
	other.Idempotency.Fingerprint = "another-body"
	if _, err := h.SetControlReference(t.Context(), other, o.ID, "CU-2"); !errors.Is(err, checkout.ErrKeyReused) {
		t.Errorf("control reference: got %v", err)
	}
	if _, err := h.Cancel(t.Context(), other, o.ID); !errors.Is(err, checkout.ErrKeyReused) {
		t.Errorf("cancel: got %v", err)
	}
	second, _ := h.started("r2")
	h.must(h.StartPayment(t.Context(), h.request("k"), second.ID, checkout.Choice{Method: "acme"}))
	if _, err := h.StartPayment(t.Context(), other, second.ID, checkout.Choice{Method: "acme", MethodOptions: map[string]string{"option": "b"}}); !errors.Is(err, checkout.ErrKeyReused) {
		t.Errorf("payment: got %v", err)
	}
}

// TestStartPayment_interim_repeatGivesTheSame: what was answered while the
// terminal waited is the answer, also after the consumer has paid.
func TestStartPayment_interim_repeatGivesTheSame(t *testing.T) {
	h := newHouse(t)
	o := h.create("r1")
	tapped := make(chan struct{})
	h.on(contract.CreatePayment, func(c checkout.Call) (checkout.Ended, error) {
		for range 2 {
			if err := c.OnInterim(context.Background(), contract.Interim{Action: contract.Action{Type: contract.ActionWait}}); err != nil {
				return checkout.Ended{}, err
			}
		}
		<-tapped
		u := contract.Update{Payment: contract.PaymentKey{ID: c.Payment}, Type: contract.UpdateCaptured, Amount: o.Amount, Trust: contract.Verified}
		return h.done(contract.CreateResult{Action: contract.Action{Type: contract.ActionNone}, Updates: []contract.Update{u}}), nil
	})
	choice := checkout.Choice{Method: "acme"}
	first := h.must(h.StartPayment(t.Context(), h.request("k"), o.ID, choice))
	waiting := h.must(h.StartPayment(t.Context(), h.request("k"), o.ID, choice))
	close(tapped)
	h.Close()
	paid := h.must(h.StartPayment(t.Context(), h.request("k"), o.ID, choice))
	want := o.ID + " pending " + first.Subject
	if waiting.Answer == nil || paid.Answer == nil || string(waiting.Answer.Body) != want || string(paid.Answer.Body) != want {
		t.Errorf("got %+v and %+v, want %q", waiting.Answer, paid.Answer, want)
	}
	if got := h.load(o.ID); got.Status() != order.Paid || len(got.Payments) != 1 {
		t.Errorf("order %s with %d payments", got.Status(), len(got.Payments))
	}
}

// TestStartPayment_methodGoneMeanwhile: the answer of a key does not depend
// on what can be had now.
func TestStartPayment_methodGoneMeanwhile_repeatGivesTheSame(t *testing.T) {
	h := newHouse(t)
	o := h.create("r1")
	first := h.must(h.StartPayment(t.Context(), h.request("k"), o.ID, checkout.Choice{Method: "acme"}))
	h = h.later(registry{[]checkout.Offer{{Version: h.registry.offers[0].Version}}})
	again, err := h.StartPayment(t.Context(), h.request("k"), o.ID, checkout.Choice{Method: "acme"})
	if want := o.ID + " pending " + first.Subject; err != nil || again.Answer == nil || string(again.Answer.Body) != want {
		t.Errorf("got %+v, %v, want %q", again.Answer, err, want)
	}
	var method *checkout.MethodError
	if _, err := h.StartPayment(t.Context(), h.request("new"), o.ID, checkout.Choice{Method: "acme"}); !errors.As(err, &method) || method.Reason != "unknown" {
		t.Errorf("a new one: got %v", err)
	}
}

// TestMethodOptions_reachThePlugin as they were sent, by each way in.
func TestMethodOptions_reachThePlugin(t *testing.T) {
	options := map[string]string{"option": "ABNANL2A", "Ünïcode": "a \"quoted\" <value>", "empty": ""}
	for name, start := range map[string]func(h *house) error{
		"create": func(h *house) error {
			s := spec("r1")
			s.Method, s.MethodOptions = "acme", options
			_, err := h.Create(h.t.Context(), h.request("k"), s)
			return err
		},
		"payment": func(h *house) error {
			_, err := h.StartPayment(h.t.Context(), h.request("k"), h.create("r1").ID, checkout.Choice{Method: "acme", MethodOptions: options})
			return err
		},
		"consumer": func(h *house) error {
			_, _, err := h.Choose(h.t.Context(), checkout.Token(h.create("r1")), checkout.Choice{Method: "acme", MethodOptions: options})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			if err := start(h); err != nil {
				t.Fatal(err)
			}
			var in contract.PaymentInput
			if err := json.Unmarshal(h.caller.calls[0].Input, &in); err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(in.Payment.MethodOptions, options) {
				t.Errorf("the plugin got %v, want %v", in.Payment.MethodOptions, options)
			}
		})
	}
}
