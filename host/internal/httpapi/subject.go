package httpapi

import (
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// payment finds a payment of an order.
func payment(o order.Order, id string) (order.Payment, bool) {
	for _, p := range o.Payments {
		if p.ID == id {
			return p, true
		}
	}
	return order.Payment{}, false
}

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

// endedBadly says whether what a request made in an order failed, or has an
// outcome that nobody knows, and why.
func endedBadly(o order.Order, subject string) (*contract.Failure, order.Outcome, bool) {
	if p, ok := payment(o, subject); ok {
		unknown := p.Outcome == order.OutcomeUnknown && p.Status() == order.PaymentCreated
		return p.Failure, p.Outcome, unknown || p.Status() == order.PaymentFailed
	}
	for _, kind := range []func(order.Payment) []order.Operation{captures, refunds} {
		if _, x, ok := operation(o, subject, kind); ok {
			unknown := x.Outcome == order.OutcomeUnknown && x.Status == contract.OperationPending
			return x.Failure, x.Outcome, unknown || x.Status == contract.OperationFailed
		}
	}
	return nil, "", false
}
