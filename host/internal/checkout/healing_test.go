package checkout_test

import (
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestWork_whilePartitionHeals_asksButExpiresNothing(t *testing.T) {
	h := newHouse(t)
	empty := h.create("r1")
	chosen, p := h.started("r2")
	h.on(contract.GetPayment, func(checkout.Call) (checkout.Ended, error) { return h.done(contract.UpdatesResult{}), nil })
	h.state.heals.Store(true)
	h.clock.move(p.ExpiresAt.Sub(start) + time.Minute)
	for range 4 {
		h.ring()
		h.clock.move(time.Minute)
	}
	if got := h.caller.count(contract.GetPayment); got == 0 {
		t.Error("nobody asked while the partition heals")
	}
	for _, id := range []string{empty.ID, chosen.ID} {
		if got := h.load(id).Status(); got == order.Expired {
			t.Errorf("order %s expired by itself while the partition heals", id)
		}
	}
	h.state.heals.Store(false)
	for range 4 {
		h.clock.move(time.Minute)
		h.ring()
	}
	for _, id := range []string{empty.ID, chosen.ID} {
		if got := h.load(id).Status(); got != order.Expired {
			t.Errorf("order %s is %s after the healing, want expired", id, got)
		}
	}
}

func TestWork_journalLostWhilePartitionHeals_isUnknown(t *testing.T) {
	for healing, want := range map[bool]order.Outcome{false: order.OutcomeNotAttempted, true: order.OutcomeUnknown} {
		h := newHouse(t)
		h.on(contract.CreatePayment, func(checkout.Call) (checkout.Ended, error) { return checkout.Ended{}, checkout.ErrUnavailable })
		o := h.create("r1")
		if _, _, err := h.Choose(t.Context(), checkout.Token(o), checkout.Choice{Method: "acme"}); err == nil {
			t.Fatal("the call ended well")
		}
		h.state.heals.Store(healing)
		h.clock.move(10 * time.Minute)
		h.ring()
		if got := h.load(o.ID).Payments[0].Outcome; got != want {
			t.Errorf("healing %t: outcome %s, want %s", healing, got, want)
		}
	}
}
