package order

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

// EventID is the id of an event of an order: the order's id, a dot, the number.
func EventID(order string, number int64) string {
	return order + "." + strconv.FormatInt(number, 10)
}

// Book gives the statement's line of an event; false where it adds nothing to
// what was captured, refunded or charged back.
//
// All amounts are above zero. For each payment the lines of type capture add
// up to what was captured, those of type refund to what was refunded, those of
// type chargeback to what was charged back. Fee and tip stand on the line with
// which they became known; what becomes known later has no line.
func Book(o Order, e Event) (BookLine, bool) {
	types := map[EventType]string{CaptureSucceeded: "capture", RefundSucceeded: "refund", ChargebackOpened: "chargeback"}
	p, ok := o.Payment(e.Payment)
	if !ok || types[e.Type] == "" || e.Booked.Value <= 0 {
		return BookLine{}, false
	}
	return BookLine{
		ID: EventID(o.ID, e.Number), At: e.At, Type: types[e.Type],
		Shop: o.Shop, Live: o.Live, Order: o.ID, Reference: o.Reference,
		Payment: p.ID, Method: p.Method, Account: p.Account, Brand: p.Brand,
		Amount: e.Booked, Fee: e.Fee, Tip: e.Tip, ProviderReference: cmp.Or(e.Reference, p.ProviderReference()),
	}, true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
