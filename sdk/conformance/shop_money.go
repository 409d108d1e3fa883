package conformance

import "github.com/kassette-pay/kassette/sdk/contract"

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
