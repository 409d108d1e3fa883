package view

import (
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Order is an order as a shop sees it.
type Order struct {
	ID               string             `json:"id"`
	Reference        string             `json:"reference"`
	Status           order.Status       `json:"status"`
	Amount           Money              `json:"amount"`
	Due              Money              `json:"due"`
	Captured         Money              `json:"captured"`
	Refunded         Money              `json:"refunded"`
	Released         Money              `json:"released"`
	ChargedBack      Money              `json:"charged_back"`
	Tip              Money              `json:"tip"`
	Surcharge        Money              `json:"surcharge"`
	RefundStatus     order.RefundStatus `json:"refund_status"`
	Attention        []Attention        `json:"attention"`
	AvailableActions []AvailableAction  `json:"available_actions"`
	Payments         []Payment          `json:"payments"`
	CheckoutURL      string             `json:"checkout_url"`
	ExpiresAt        time.Time          `json:"expires_at"`
	CreatedAt        time.Time          `json:"created_at"`
	UpdatedAt        time.Time          `json:"updated_at"`
	// Version is the number of the order's last event: of two views the one
	// with the higher version is the newer.
	Version          int64             `json:"version"`
	Metadata         map[string]string `json:"metadata"`
	Receipt          *Receipt          `json:"receipt"`
	ControlReference *string           `json:"control_reference"`
}

// Attention asks the shop to look.
type Attention struct {
	Code    order.AttentionCode `json:"code"`
	Payment *string             `json:"payment"`
	Message string              `json:"message"`
}

// AvailableAction is what can be done with an order or a payment of it now, up
// to Amount, or the reason why it cannot. Reason is a stable word, Detail says
// it in the order's locale where the plugin does.
type AvailableAction struct {
	Action  order.Action `json:"action"`
	Payment *string      `json:"payment"`
	Amount  *Money       `json:"amount"`
	Reason  *string      `json:"reason"`
	Detail  *string      `json:"detail"`
}

// Receipt is a card transaction's data for the customer's receipt.
type Receipt struct {
	Payment           string            `json:"payment"`
	Lines             []ReceiptLine     `json:"lines"`
	Fields            map[string]string `json:"fields"`
	SignatureRequired bool              `json:"signature_required"`
	// ControlReference is the order's: a till under fiscal control prints no
	// receipt before it is there.
	ControlReference *string `json:"control_reference"`
}

// ReceiptLine is a line of print. Style is normal, bold, large or center.
type ReceiptLine struct {
	Text  string `json:"text"`
	Style string `json:"style"`
}

// Order shows an order. What can be done with it is said for the time now.
func (m Maker) Order(o order.Order, now time.Time) Order {
	a, currency := o.Amounts(), o.Amount.Currency
	v := Order{
		ID: o.ID, Reference: o.Reference, Status: o.Status(), RefundStatus: o.RefundStatus(),
		Amount: money(o.Amount), Due: moneyIn(o.Due(), currency),
		Captured: moneyIn(a.Captured, currency), Refunded: moneyIn(a.Refunded, currency),
		Released: moneyIn(a.Released, currency), ChargedBack: moneyIn(a.ChargedBack, currency),
		Tip: moneyIn(a.Tip, currency), Surcharge: moneyIn(a.Surcharge, currency),
		Attention: []Attention{}, AvailableActions: []AvailableAction{}, Payments: []Payment{},
		CheckoutURL: m.CheckoutURL(o), Version: o.LastEvent, Metadata: map[string]string{},
		ExpiresAt: at(o.ExpiresAt), CreatedAt: at(o.CreatedAt), UpdatedAt: at(o.UpdatedAt),
		Receipt: receipt(o), ControlReference: textOrNull(o.ControlReference),
	}
	for _, x := range o.Attention() {
		v.Attention = append(v.Attention, Attention{x.Code, textOrNull(x.Payment), x.Message})
	}
	for _, x := range o.AvailableActions(now) {
		v.AvailableActions = append(v.AvailableActions, availableAction(x, o.Locale))
	}
	for _, p := range o.Payments {
		v.Payments = append(v.Payments, m.Payment(o, p))
	}
	for name, value := range o.Metadata {
		v.Metadata[name] = value
	}
	return v
}

func availableAction(x order.ActionOffer, locale string) AvailableAction {
	detail := Localize(x.Text, locale)
	if detail == "" {
		detail = x.Detail
	}
	return AvailableAction{x.Action, textOrNull(x.Payment), moneyOrNull(x.Amount), textOrNull(x.Reason), textOrNull(detail)}
}

// receipt is that of the newest payment that has one.
func receipt(o order.Order) *Receipt {
	for i := len(o.Payments) - 1; i >= 0; i-- {
		if r := o.Payments[i].Receipt; r != nil {
			return receiptOf(o, o.Payments[i].ID, *r)
		}
	}
	return nil
}

func receiptOf(o order.Order, payment string, r contract.Receipt) *Receipt {
	v := Receipt{
		Payment: payment, Lines: []ReceiptLine{}, Fields: map[string]string{}, SignatureRequired: r.SignatureRequired,
		ControlReference: textOrNull(o.ControlReference),
	}
	for _, l := range r.Lines {
		style := l.Style
		if style == "" {
			style = "normal"
		}
		v.Lines = append(v.Lines, ReceiptLine{l.Text, style})
	}
	for name, value := range r.Fields {
		v.Fields[name] = value
	}
	return &v
}
