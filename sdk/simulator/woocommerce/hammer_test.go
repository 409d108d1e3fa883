package woocommerce

import (
	"fmt"
	"sync"
	"testing"
)

// Everything at once, under the race detector: the books hold all of it.
func TestHammer(t *testing.T) {
	t.Parallel()
	const workers, orders = 8, 6
	c, _ := hooked(t)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range orders {
				o, err := c.sim.Place(Cart{})
				if err != nil {
					t.Error(err)
					return
				}
				path := fmt.Sprintf("/orders/%d", o.ID)
				c.api("PUT", path, `{"set_paid":true,"meta_data":[{"key":"_m","value":"1"}]}`)
				c.api("POST", path+"/notes", `{"note":"x"}`)
				c.api("POST", path+"/refunds", `{"amount":"12.50","api_refund":false}`)
				c.api("GET", "/orders?per_page=100", "")
				c.sim.RunQueue(t.Context())
				_ = c.sim.Books()
			}
		})
	}
	wg.Wait()
	c.sim.RunQueue(t.Context())
	b := c.sim.Books()
	told := map[int]bool{}
	for _, d := range b.Deliveries {
		told[d.Order] = true
	}
	for _, o := range b.Orders {
		if o.Status != Refunded || o.Payments != 1 || len(o.Refunds) != 1 || len(o.Notes) != 4 || !told[o.ID] {
			t.Errorf("got %+v, told: %v", o, told[o.ID])
		}
	}
	if len(b.Orders) != workers*orders || b.Waiting != 0 {
		t.Errorf("got %d orders, %d wait", len(b.Orders), b.Waiting)
	}
}
