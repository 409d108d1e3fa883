package notice_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestTell_noAddressAndNoPlatform_tellsNobody(t *testing.T) {
	h, n := newHouse(t, order.OrderOpen, order.OrderPaid)
	h.rec.Order.NotifyURL = ""
	if end := h.tell(t, n); end.Told != 2 || !end.Again.IsZero() || end.Dead || len(h.received) > 0 {
		t.Errorf("noted %+v, sent %d", end, len(h.received))
	}
}

// An order that has an address is told there alone, whatever its platform.
func TestTell_byAddressBeforePlugin(t *testing.T) {
	h, n := newHouse(t, order.OrderPaid)
	h.plugin = func(contract.TellInput) (checkout.Told, error) { return checkout.Told{}, nil }
	if end := h.tell(t, n); end.Told != 1 || len(h.received) != 1 || len(h.heard) != 0 {
		t.Errorf("noted %+v, %d notices, the plugin heard %v", end, len(h.received), h.heard)
	}
}

func TestTell_byPlugin_inOrder_untilOneFails(t *testing.T) {
	h, n := newHouse(t, order.OrderOpen, order.PaymentReserved, order.OrderPending, order.OrderPaid, order.RefundSucceeded)
	h.rec.Order.NotifyURL = ""
	down := true
	h.plugin = func(in contract.TellInput) (checkout.Told, error) {
		if in.Event.Type == order.OrderPaid && down {
			return checkout.Told{Failure: &contract.Failure{Code: contract.ProviderUnavailable, RetryAfterMS: 90_000}}, nil
		}
		return checkout.Told{Reference: "#7"}, nil
	}
	if end := h.tell(t, n); end.Told != 3 || end.Dead || end.Tries != 1 || end.Again.Before(now.Add(90*time.Second)) {
		t.Errorf("noted %+v, want to go on at event 4 in 90 s", end)
	}
	down = false
	if end := h.tell(t, n); end.Told != 5 || !end.Again.IsZero() {
		t.Errorf("noted %+v", end)
	}
	if want := []int64{1, 3, 4, 4, 5}; !slices.Equal(h.heard, want) {
		t.Errorf("the plugin heard %v, want %v", h.heard, want)
	}
}

func TestTell_byPlugin_endings(t *testing.T) {
	fails := func(code contract.FailureCode) func(contract.TellInput) (checkout.Told, error) {
		return func(contract.TellInput) (checkout.Told, error) {
			return checkout.Told{Failure: &contract.Failure{Code: code}}, nil
		}
	}
	tests := map[string]struct {
		plugin func(contract.TellInput) (checkout.Told, error)
		dead   bool
	}{
		"another node is at it": {func(contract.TellInput) (checkout.Told, error) { return checkout.Told{}, checkout.ErrBusy }, false},
		"the state is away":     {func(contract.TellInput) (checkout.Told, error) { return checkout.Told{}, errors.New("away") }, false},
		"the shop is down":      {fails(contract.ProviderUnavailable), false},
		"too many requests":     {fails(contract.RateLimited), false},
		"a slip of the plugin":  {fails(contract.Internal), false},
		"no such order there":   {fails(contract.NotFound), true},
		"the key is no good":    {fails(contract.Unauthorized), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h, n := newHouse(t, order.OrderPaid)
			h.rec.Order.NotifyURL, h.plugin = "", tt.plugin
			if end := h.tell(t, n); end.Told != 0 || end.Dead != tt.dead || end.Again.IsZero() != tt.dead {
				t.Errorf("noted %+v, want dead: %t", end, tt.dead)
			}
		})
	}
}
