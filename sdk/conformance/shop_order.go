package conformance

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopOrder is a shop's order as the gateway keeps it. Its steps are what can
// happen there: each gives the events that the shop is to be told of.
type shopOrder struct {
	contract.Order
	// key is the platform's own.
	key string
	// events are all so far that the shop is to be told.
	events []contract.Event
	// called is what the shop last said that it calls the order.
	called string
	clock  func() time.Time
}

// newShopOrder makes the nth order, as a shop has asked for it.
func newShopOrder(n int, r contract.OrderRequest, clock func() time.Time) *shopOrder {
	zero := contract.Money{Currency: r.Amount.Currency}
	id, now := fmt.Sprintf("ord_%028d", n), clock()
	return &shopOrder{
		key: r.Metadata[contract.MetadataOrderID], clock: clock,
		Order: contract.Order{
			ID: id, Reference: r.Reference, Status: contract.OrderStatusOpen, RefundStatus: "none", Amount: r.Amount, Due: r.Amount,
			Captured: zero, Refunded: zero, Released: zero, ChargedBack: zero, Tip: zero, Surcharge: zero,
			CheckoutURL: "https://pay.example/pay/" + id + ".token", Locale: r.Locale, Version: 1, // it was created
			ExpiresAt: now.Add(life), CreatedAt: now, UpdatedAt: now, Metadata: maps.Clone(r.Metadata),
		},
	}
}

// happens numbers an event and keeps it.
func (o *shopOrder) happens(e contract.Event) []contract.Event {
	o.Version++
	o.UpdatedAt = o.clock()
	e.ID, e.Number, e.At = fmt.Sprintf("%s.%d", o.ID, o.Version), o.Version, o.UpdatedAt
	e.OrderStatus, e.RefundStatus = o.Status, o.RefundStatus
	if e.Payment != "" {
		e.PaymentStatus = o.payment().Status
	}
	o.events = append(o.events, e)
	return []contract.Event{e}
}

// payment is the newest attempt, or nil.
func (o *shopOrder) payment() *contract.OrderPayment {
	if len(o.Payments) == 0 {
		return nil
	}
	return &o.Payments[len(o.Payments)-1]
}

// becomes gives the order and its newest attempt a status.
func (o *shopOrder) becomes(status, payment string, t contract.EventType) []contract.Event {
	o.Status = status
	if p := o.payment(); p != nil && payment != "" {
		p.Status = payment
	}
	return o.happens(contract.Event{Type: t, Amount: o.Amount})
}

// announced says that the order can be paid, and where.
func (o *shopOrder) announced() []contract.Event {
	return o.becomes(contract.OrderStatusOpen, "", contract.OrderOpen)
}

// attempts makes an attempt to pay, of which no shop hears.
func (o *shopOrder) attempts() {
	zero := contract.Money{Currency: o.Amount.Currency}
	n := len(o.Payments) + 1
	o.Payments = append(o.Payments, contract.OrderPayment{
		ID: fmt.Sprintf("pay_%s%d", o.ID[len("ord_"):], n), Method: "ideal", Brand: "IDEAL", Status: "pending",
		ProviderReference: fmt.Sprintf("provider-%s-%d", o.ID[len(o.ID)-4:], n),
		Amounts:           contract.OrderAmounts{Authorized: zero, Captured: zero, Refunded: zero, ChargedBack: zero},
	})
	o.Version++
}

// begins is an attempt to pay, which the provider is at work on.
func (o *shopOrder) begins() []contract.Event {
	o.attempts()
	return o.becomes(contract.OrderStatusPending, "pending", contract.OrderPending)
}

// fails is the end of an attempt; the consumer may try again.
func (o *shopOrder) fails() []contract.Event {
	o.Version++
	return o.becomes(contract.OrderStatusOpen, "failed", contract.OrderOpen)
}

// reserves is an authorisation of the whole.
func (o *shopOrder) reserves() []contract.Event {
	if o.Status != contract.OrderStatusPending {
		o.attempts()
	}
	o.payment().Amounts.Authorized = o.Amount
	return o.becomes(contract.OrderStatusAuthorized, "authorized", contract.OrderAuthorized)
}

// captures takes what was reserved, as the shop asked.
func (o *shopOrder) captures() []contract.Event {
	p := o.payment()
	op := contract.OrderOperation{
		ID: p.ID + "_capture", Amount: o.Amount, Status: contract.OperationSucceeded, Origin: "shop", ProviderReference: p.ProviderReference + "-c",
	}
	p.Captures = append(p.Captures, op)
	return o.takes(o.Amount, contract.Event{Operation: op.ID})
}

// pays is money that comes at once, with a tip or without.
func (o *shopOrder) pays(tip int64) []contract.Event {
	if o.Status != contract.OrderStatusPending {
		o.attempts()
	}
	o.Tip.Value += tip
	return o.takes(contract.Money{Value: o.Amount.Value + tip, Currency: o.Amount.Currency}, contract.Event{})
}

func (o *shopOrder) takes(amount contract.Money, e contract.Event) []contract.Event {
	p := o.payment()
	p.Status, p.Amounts.Captured = "captured", amount
	o.Captured.Value += amount.Value
	o.Due.Value = 0
	if o.Status != contract.OrderStatusCancelled {
		o.Status = contract.OrderStatusPaid
	}
	e.Type, e.Payment, e.Amount = contract.CaptureSucceeded, p.ID, amount
	events := o.happens(e)
	if o.Status == contract.OrderStatusCancelled {
		return append(events, o.attends("paid_after_cancel", "money came although the order was cancelled")...)
	}
	return append(events, o.happens(contract.Event{Type: contract.OrderPaid, Amount: o.Amount})...)
}

// attends asks the shop's people to look.
func (o *shopOrder) attends(code, message string) []contract.Event {
	a := contract.OrderAttention{Code: code, Message: message}
	if p := o.payment(); p != nil {
		a.Payment = p.ID
	}
	o.Attention = append(o.Attention, a)
	return o.happens(contract.Event{Type: contract.OrderAttend, Payment: a.Payment, Detail: code + ": " + message})
}

// refunds gives money back, which the provider has done, is doing, or could not
// do. Named says that it was asked for through the gateway; a refund of which
// only the provider's total tells has no operation.
func (o *shopOrder) refunds(amount contract.Money, status contract.OperationStatus, named bool) []contract.Event {
	p := o.payment()
	t := map[contract.OperationStatus]contract.EventType{
		contract.OperationSucceeded: contract.RefundSucceeded, contract.OperationPending: contract.RefundPending, contract.OperationFailed: contract.RefundFailed,
	}[status]
	e := contract.Event{Type: t, Payment: p.ID, Amount: amount}
	if named {
		e.Operation = fmt.Sprintf("%s_refund%d", p.ID, len(p.Refunds)+1)
		p.Refunds = append(p.Refunds, contract.OrderOperation{
			ID: e.Operation, Amount: amount, Status: status, Reason: "sent back", Origin: "shop", ProviderReference: p.ProviderReference + "-r",
		})
	}
	if status == contract.OperationSucceeded {
		p.Amounts.Refunded.Value += amount.Value
		o.Refunded.Value += amount.Value
		o.RefundStatus = "partial"
		if o.Refunded.Value >= o.Captured.Value {
			o.RefundStatus = "full"
		}
	}
	return o.happens(e)
}

// part is the nth part of the amount.
func (o *shopOrder) part(n int64) contract.Money {
	return contract.Money{Value: o.Amount.Value / n, Currency: o.Amount.Currency}
}

// rest is what was not refunded yet.
func (o *shopOrder) rest() contract.Money {
	return contract.Money{Value: o.Amount.Value - o.Refunded.Value, Currency: o.Amount.Currency}
}

// asNow is the order as it is told.
func (o *shopOrder) asNow() contract.Order {
	v := o.Order
	v.Payments, v.Attention, v.Metadata = slices.Clone(o.Payments), slices.Clone(o.Attention), maps.Clone(o.Metadata)
	return v
}
