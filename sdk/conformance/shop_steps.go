package conformance

import "github.com/kassette-pay/kassette/sdk/contract"

// cancels and expires end an order that nobody has paid.
func (o *shopOrder) cancels() []contract.Event {
	return o.becomes(contract.OrderStatusCancelled, "cancelled", contract.OrderCancelled)
}

func (o *shopOrder) expires() []contract.Event {
	return o.becomes(contract.OrderStatusExpired, "expired", contract.OrderExpired)
}

// capturesPart takes a half of what was reserved; the rest may follow.
func (o *shopOrder) capturesPart() []contract.Event {
	p := o.payment()
	half := o.part(2)
	op := contract.OrderOperation{
		ID: p.ID + "_part", Amount: half, Status: contract.OperationSucceeded, Origin: "shop", ProviderReference: p.ProviderReference + "-p",
	}
	p.Captures = append(p.Captures, op)
	p.Status, p.Amounts.Captured = "captured", half
	o.Captured, o.Due.Value = half, o.Due.Value-half.Value
	return o.happens(contract.Event{Type: contract.CaptureSucceeded, Payment: p.ID, Operation: op.ID, Amount: half})
}

// releases gives the rest of what was reserved back: the order is paid with what
// was captured.
func (o *shopOrder) releases() []contract.Event {
	o.Released, o.Due.Value = o.Due, 0
	return o.becomes(contract.OrderStatusPaid, "captured", contract.OrderPaid)
}

// overpays is a second payment of an order that is paid.
func (o *shopOrder) overpays() []contract.Event {
	o.attempts()
	p := o.payment()
	p.Status, p.Amounts.Captured = "captured", o.Amount
	o.Captured.Value += o.Amount.Value
	a := contract.OrderAttention{Code: "overpaid", Payment: p.ID, Message: "a second payment of " + o.Amount.String() + " came"}
	o.Attention = append(o.Attention, a)
	events := o.happens(contract.Event{Type: contract.CaptureSucceeded, Payment: p.ID, Amount: o.Amount})
	return append(events, o.happens(contract.Event{Type: contract.OrderOverpaid, Payment: p.ID, Detail: a.Code + ": " + a.Message})...)
}

// superseded ends an order in whose place another one came, for the same order
// of the shop.
func (o *shopOrder) superseded() []contract.Event {
	return o.becomes(contract.OrderStatusCancelled, "cancelled", contract.OrderSuperseded)
}

// inCurrency has the gateway take the order for one in another currency.
func (o *shopOrder) inCurrency(currency string) {
	for _, m := range []*contract.Money{&o.Amount, &o.Due, &o.Captured, &o.Refunded, &o.Released, &o.ChargedBack, &o.Tip, &o.Surcharge} {
		m.Currency = currency
	}
}
