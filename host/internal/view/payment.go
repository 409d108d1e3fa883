package view

import (
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Payment is one attempt to pay an order.
type Payment struct {
	ID                string              `json:"id"`
	Method            string              `json:"method"`
	Brand             *string             `json:"brand"`
	Plugin            Plugin              `json:"plugin"`
	Status            order.PaymentStatus `json:"status"`
	Outcome           order.Outcome       `json:"outcome"`
	Amounts           Amounts             `json:"amounts"`
	ProviderReference *string             `json:"provider_reference"`
	// Action is where the consumer goes next, while there is something left to do.
	Action    *Action   `json:"action"`
	Failure   *Failure  `json:"failure"`
	Captures  []Capture `json:"captures"`
	Refunds   []Refund  `json:"refunds"`
	CreatedAt time.Time `json:"created_at"`
}

// Plugin names the bytes that a payment stays with.
type Plugin struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}

// Amounts are a payment's amounts so far.
type Amounts struct {
	Authorized  Money `json:"authorized"`
	Captured    Money `json:"captured"`
	Refunded    Money `json:"refunded"`
	Reserved    Money `json:"reserved"`
	Released    Money `json:"released"`
	ChargedBack Money `json:"charged_back"`
	Tip         Money `json:"tip"`
	Surcharge   Money `json:"surcharge"`
	Fee         Money `json:"fee"`
}

// Action is where the consumer goes next: to URL, with Fields posted to URL,
// or nowhere, reading Text.
type Action struct {
	Type   contract.ActionType `json:"type"`
	URL    *string             `json:"url"`
	Fields [][2]string         `json:"fields"`
	Text   *string             `json:"text"`
}

// Failure says why something failed. UserMessage is for the consumer.
type Failure struct {
	Code        contract.FailureCode `json:"code"`
	UserMessage *string              `json:"user_message"`
}

// Operation is what a capture and a refund have in common.
type Operation struct {
	ID                string                   `json:"id"`
	Order             string                   `json:"order"`
	Payment           string                   `json:"payment"`
	Amount            Money                    `json:"amount"`
	Status            contract.OperationStatus `json:"status"`
	Outcome           order.Outcome            `json:"outcome"`
	Reason            *string                  `json:"reason"`
	Origin            string                   `json:"origin"`
	ProviderReference *string                  `json:"provider_reference"`
	Failure           *Failure                 `json:"failure"`
	CreatedAt         time.Time                `json:"created_at"`
	EndedAt           *time.Time               `json:"ended_at"`
}

// Capture takes authorised money. Final gives the rest back.
type Capture struct {
	Operation
	Final bool `json:"final"`
}

// Refund gives captured money back. Receipt is its own, for the customer.
type Refund struct {
	Operation
	Receipt *Receipt `json:"receipt"`
}

// Payment shows a payment of an order.
func (m Maker) Payment(o order.Order, p order.Payment) Payment {
	v := Payment{
		ID: p.ID, Method: p.Method, Brand: textOrNull(p.Brand), Plugin: Plugin(p.Plugin),
		Status: p.Status(), Outcome: p.Outcome, Amounts: amounts(p.Amounts(), p.Amount.Currency),
		Failure:  FailureOf(p.Failure, o.Locale),
		Captures: []Capture{}, Refunds: []Refund{}, CreatedAt: at(p.CreatedAt),
	}
	if v.Status == order.PaymentCreated || v.Status == order.PaymentPending {
		v.Action = action(p.Action, o.Locale)
	}
	if n := len(p.ProviderReferences); n > 0 {
		v.ProviderReference = &p.ProviderReferences[n-1]
	}
	for _, c := range p.Captures {
		v.Captures = append(v.Captures, m.Capture(o, p, c))
	}
	for _, r := range p.Refunds {
		v.Refunds = append(v.Refunds, m.Refund(o, p, r))
	}
	return v
}

// Capture shows a capture of a payment.
func (m Maker) Capture(o order.Order, p order.Payment, c order.Operation) Capture {
	return Capture{operation(o, p, c), c.Final}
}

// Refund shows a refund of a payment.
func (m Maker) Refund(o order.Order, p order.Payment, r order.Operation) Refund {
	v := Refund{Operation: operation(o, p, r)}
	if r.Receipt != nil {
		v.Receipt = receiptOf(o, p.ID, *r.Receipt)
	}
	return v
}

// FailureOf shows a failure in a locale; nil if there is none.
func FailureOf(f *contract.Failure, locale string) *Failure {
	if f == nil {
		return nil
	}
	return &Failure{f.Code, textOrNull(Localize(f.UserMessage, locale))}
}

func operation(o order.Order, p order.Payment, x order.Operation) Operation {
	return Operation{
		ID: x.ID, Order: o.ID, Payment: p.ID, Amount: moneyIn(x.Amount, p.Amount.Currency), Status: x.Status, Outcome: x.Outcome,
		Reason: textOrNull(x.Reason), Origin: x.Origin, ProviderReference: textOrNull(x.ProviderReference),
		Failure: FailureOf(x.Failure, o.Locale), CreatedAt: at(x.CreatedAt), EndedAt: atOrNull(x.EndedAt),
	}
}

func action(a *contract.Action, locale string) *Action {
	if a == nil {
		return nil
	}
	v := &Action{Type: a.Type, URL: textOrNull(a.URL), Fields: [][2]string{}, Text: textOrNull(Localize(a.Text, locale))}
	v.Fields = append(v.Fields, a.Fields...)
	return v
}

func amounts(a order.Amounts, currency string) Amounts {
	in := func(m order.Money) Money { return moneyIn(m, currency) }
	return Amounts{
		Authorized: in(a.Authorized), Captured: in(a.Captured), Refunded: in(a.Refunded), Reserved: in(a.Reserved), Released: in(a.Released),
		ChargedBack: in(a.ChargedBack), Tip: in(a.Tip), Surcharge: in(a.Surcharge), Fee: in(a.Fee),
	}
}
