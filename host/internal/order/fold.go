package order

import "fmt"

// Fold reads an order's events from the first on and gives what the order and
// its payments came to. Errors: a number that does not follow the one before,
// a status that may not follow the one before.
func Fold(events []Event) (Snapshot, map[string]PaymentSnapshot, error) {
	var order Snapshot
	payments := map[string]PaymentSnapshot{}
	for i, e := range events {
		if e.Number != int64(i)+1 {
			return order, payments, fmt.Errorf("event %d stands at place %d: the numbers have a gap", e.Number, i+1)
		}
		if i > 0 && !edge(orderEdges, order.Status, e.Order.Status) {
			return order, payments, fmt.Errorf("event %d: the order went from %s to %s", e.Number, order.Status, e.Order.Status)
		}
		order = e.Order
		if e.Of == nil {
			continue
		}
		was, known := payments[e.Payment]
		if known && !edge(paymentEdges, was.Status, e.Of.Status) {
			return order, payments, fmt.Errorf("event %d: payment %s went from %s to %s", e.Number, e.Payment, was.Status, e.Of.Status)
		}
		payments[e.Payment] = *e.Of
	}
	return order, payments, nil
}
