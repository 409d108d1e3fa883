package checkout_test

import (
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// A call that panics is taken over by its alarm; whoever waits for it is told,
// and the gateway goes on.
func TestCall_panic_isAnError(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.create("r1")
	good := h.caller.answers[contract.CreatePayment]
	h.on(contract.CreatePayment, func(checkout.Call) (checkout.Ended, error) { panic("nobody thought of this") })
	if _, _, err := h.Choose(t.Context(), checkout.Token(o), checkout.Choice{Method: "acme"}); err == nil {
		t.Fatal("a call that panicked went well")
	}
	h.on(contract.CreatePayment, good)
	h.clock.move(2 * time.Minute)
	h.ring()
	if p := h.load(o.ID).Payments[0]; p.Live() {
		t.Errorf("the attempt is %s: nothing of it was sent", p.Status())
	}
}

// A call that begins while the gateway ends keeps its caller waiting, and is
// no race with those that are waited for.
func TestClose_callThatBeginsAfterIt_endsWithItsCaller(t *testing.T) {
	h := newHouse(t)
	o := h.create("r1")
	h.Close()
	if _, _, err := h.Choose(t.Context(), checkout.Token(o), checkout.Choice{Method: "acme"}); err != nil {
		t.Errorf("a payment that begins at the end: %v", err)
	}
	if got := h.load(o.ID); len(got.Payments) != 1 || got.Payments[0].Action == nil {
		t.Errorf("the order has %+v", got.Payments)
	}
}
