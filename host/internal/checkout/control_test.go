package checkout_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

func TestSetControlReference_refused(t *testing.T) {
	h := newHouse(t)
	o := h.create("r1")
	for _, bad := range []string{"", "  ", "a\nb", strings.Repeat("a", 256)} {
		var invalid *order.InvalidError
		if _, err := h.SetControlReference(t.Context(), h.request(""), o.ID, bad); !errors.As(err, &invalid) || invalid.Problems[0].Pointer != "/control_reference" {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	stranger := h.request("")
	stranger.Key.Shop = "other"
	if _, err := h.SetControlReference(t.Context(), stranger, o.ID, "CU-1"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("another shop's order: %v", err)
	}
	if got := h.load(o.ID); got.ControlReference != "" {
		t.Errorf("it is %q", got.ControlReference)
	}
}

// TestSetControlReference_twoGatewaysAtOnce: the first stays, the same again
// is well, another one is refused; with and without keys.
func TestSetControlReference_twoGatewaysAtOnce_oneStays(t *testing.T) {
	h := newHouse(t)
	nodes := []*house{h, h.later(h.registry)}
	o, _ := h.paid("r1")
	references := []string{"CU-1", "CU-2", "CU-3", "CU-4"}
	var well atomic.Int32
	var g sync.WaitGroup
	for i, reference := range references {
		for range 2 {
			g.Go(func() {
				r, err := nodes[i%2].SetControlReference(t.Context(), h.request([]string{"", "k" + reference}[i%2]), o.ID, reference)
				var refused *order.RefusedError
				switch {
				case err == nil && (r.Answer != nil || r.Order.ControlReference == reference):
					well.Add(1)
				case !errors.As(err, &refused) || refused.Reason != "control_reference_set":
					t.Errorf("%s: got %+v, %v", reference, r, err)
				}
			})
		}
	}
	g.Wait()
	stays := h.load(o.ID).ControlReference
	if well.Load() != 2 || stays == "" {
		t.Errorf("%d were taken, it is %q", well.Load(), stays)
	}
}
