package order

import "slices"

// The edges of the two status machines. The status of a payment is derived
// from a set, so failed, cancelled and expired may also replace each other
// when news of an earlier time comes in later; towards authorized and captured
// they move on verified late money only. Captured stays.
var paymentEdges = map[PaymentStatus][]PaymentStatus{
	PaymentCreated:    {PaymentPending, PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentCancelled, PaymentExpired},
	PaymentPending:    {PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentCancelled, PaymentExpired},
	PaymentAuthorized: {PaymentCaptured, PaymentCancelled, PaymentExpired, PaymentFailed},
	PaymentFailed:     {PaymentAuthorized, PaymentCaptured, PaymentCancelled, PaymentExpired},
	PaymentCancelled:  {PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentExpired},
	PaymentExpired:    {PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentCancelled},
	PaymentCaptured:   {},
}

// Paid and cancelled stay. An order whose attempt ends goes back to open, or
// to expired where its time is over.
var orderEdges = map[Status][]Status{
	Open:       {Pending, Authorized, Paid, Expired, Cancelled},
	Pending:    {Open, Authorized, Paid, Expired, Cancelled},
	Authorized: {Open, Pending, Paid, Expired, Cancelled},
	Expired:    {Authorized, Paid, Cancelled},
	Paid:       {},
	Cancelled:  {},
}

// edge says whether a status may follow another; staying is always allowed.
func edge[S comparable](table map[S][]S, from, to S) bool {
	return from == to || slices.Contains(table[from], to)
}
