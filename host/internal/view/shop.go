package view

import (
	"maps"
	"strconv"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Tell is what a shop plugin is told: an event, and its order as it is now.
func (m Maker) Tell(o order.Order, e order.Event) contract.TellInput {
	return contract.TellInput{Event: toldEvent(o.ID, e), Order: m.told(o)}
}

func toldEvent(id string, e order.Event) contract.Event {
	v := contract.Event{
		ID: id + "." + strconv.FormatInt(e.Number, 10), Number: e.Number, Type: e.Type, At: at(e.At),
		Payment: e.Payment, Operation: e.Operation, Amount: e.Amount, Detail: e.Detail,
		OrderStatus: string(e.Order.Status), RefundStatus: string(e.Order.RefundStatus),
	}
	if e.Of != nil {
		v.PaymentStatus = string(e.Of.Status)
	}
	return v
}

func (m Maker) told(o order.Order) contract.Order {
	a, currency := o.Amounts(), o.Amount.Currency
	v := contract.Order{
		ID: o.ID, Reference: o.Reference, Status: string(o.Status()), RefundStatus: string(o.RefundStatus()),
		Amount: o.Amount, Due: sumIn(o.Due(), currency), Captured: sumIn(a.Captured, currency), Refunded: sumIn(a.Refunded, currency),
		Released: sumIn(a.Released, currency), ChargedBack: sumIn(a.ChargedBack, currency),
		Tip: sumIn(a.Tip, currency), Surcharge: sumIn(a.Surcharge, currency),
		CheckoutURL: m.CheckoutURL(o), Locale: o.Locale, Version: o.LastEvent, Metadata: maps.Clone(o.Metadata),
		ExpiresAt: at(o.ExpiresAt), CreatedAt: at(o.CreatedAt), UpdatedAt: at(o.UpdatedAt),
	}
	for _, x := range o.Attention() {
		v.Attention = append(v.Attention, contract.OrderAttention{Code: string(x.Code), Payment: x.Payment, Message: x.Message})
	}
	for _, p := range o.Payments {
		v.Payments = append(v.Payments, toldPayment(p))
	}
	return v
}

func toldPayment(p order.Payment) contract.OrderPayment {
	a, currency := p.Amounts(), p.Amount.Currency
	v := contract.OrderPayment{
		ID: p.ID, Method: p.Method, Brand: p.Brand, Status: string(p.Status()), ProviderReference: p.ProviderReference(),
		Amounts: contract.OrderAmounts{
			Authorized: sumIn(a.Authorized, currency), Captured: sumIn(a.Captured, currency),
			Refunded: sumIn(a.Refunded, currency), ChargedBack: sumIn(a.ChargedBack, currency),
		},
	}
	if p.Action != nil && (v.Status == string(order.PaymentCreated) || v.Status == string(order.PaymentPending)) {
		v.Action = &contract.OrderAction{Type: p.Action.Type}
	}
	for _, c := range p.Captures {
		v.Captures = append(v.Captures, toldOperation(c))
	}
	for _, r := range p.Refunds {
		v.Refunds = append(v.Refunds, toldOperation(r))
	}
	return v
}

func toldOperation(op order.Operation) contract.OrderOperation {
	return contract.OrderOperation{
		ID: op.ID, Amount: op.Amount, Status: op.Status, Reason: op.Reason, Origin: op.Origin, ProviderReference: op.ProviderReference,
	}
}

// sumIn writes no amount at all as zero of the currency.
func sumIn(m order.Money, currency string) order.Money {
	if m.Currency == "" {
		m.Currency = currency
	}
	return m
}
