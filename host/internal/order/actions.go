package order

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Action is something that a shop can do with an order.
type Action string

// The actions.
const (
	ActionCancel  Action = "cancel"
	ActionCapture Action = "capture"
	ActionRefund  Action = "refund"
)

// ActionOffer says whether an action is possible, and with how much at most.
type ActionOffer struct {
	Action Action `json:"action"`
	// Payment is what it would be done to; empty for the whole order.
	Payment string `json:"payment,omitempty"`
	// Amount is the most that is possible; missing where it is not.
	Amount Money `json:"amount,omitzero"`
	// Reason is empty where the action is possible, else a word of [RefusedError]
	// or "paid". Detail says what to do, Text does by locale where the manifest does.
	Reason string        `json:"reason,omitempty"`
	Detail string        `json:"detail,omitempty"`
	Text   contract.Text `json:"text,omitempty"`
}

// AvailableActions lists what can be done with the order at a time: cancel
// once, capture and refund for each payment that could be meant, or once with
// the reason where there is none.
func (o Order) AvailableActions(now time.Time) []ActionOffer {
	offers := []ActionOffer{o.cancelOffer()}
	offers = append(offers, o.offers(ActionCapture, notAuthorized, "No payment of the order is authorized.", func(p Payment) (Money, *RefusedError) {
		return o.capturable(p, now)
	})...)
	return append(offers, o.offers(ActionRefund, nothingCaptured, "No payment of the order was captured.", func(p Payment) (Money, *RefusedError) {
		return p.mostRefundable(now)
	})...)
}

func (o Order) cancelOffer() ActionOffer {
	offer := ActionOffer{Action: ActionCancel}
	switch o.Status() {
	case Paid:
		offer.Reason, offer.Detail = "paid", "What is paid cannot be cancelled; refund it."
	case Cancelled:
		offer.Reason, offer.Detail = "order_closed", "The order is cancelled already."
	}
	return offer
}

// offers asks each payment. One that refuses for the reason that holds where
// there is no fitting payment at all is left out.
func (o Order) offers(a Action, none, detail string, ask func(Payment) (Money, *RefusedError)) []ActionOffer {
	var offers []ActionOffer
	for _, p := range o.Payments {
		rest, refused := ask(p)
		switch {
		case refused == nil:
			offers = append(offers, ActionOffer{Action: a, Payment: p.ID, Amount: rest})
		case refused.Reason != none:
			offers = append(offers, ActionOffer{Action: a, Payment: p.ID, Reason: refused.Reason, Detail: refused.Detail, Text: refused.Text})
		}
	}
	if len(offers) == 0 {
		return []ActionOffer{{Action: a, Reason: none, Detail: detail}}
	}
	return offers
}
