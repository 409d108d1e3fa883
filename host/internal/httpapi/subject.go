package httpapi

import "github.com/kassette-pay/kassette/host/internal/order"

// operation finds a capture or a refund of an order, and its payment.
func operation(o order.Order, id string, of func(order.Payment) []order.Operation) (order.Payment, order.Operation, bool) {
	for _, p := range o.Payments {
		for _, x := range of(p) {
			if x.ID == id {
				return p, x, true
			}
		}
	}
	return order.Payment{}, order.Operation{}, false
}

func captures(p order.Payment) []order.Operation { return p.Captures }
func refunds(p order.Payment) []order.Operation  { return p.Refunds }
