package main

import (
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// paid records a payment: an invoice without a capture, since a capture would charge
// the consumer again, and a comment with the transaction's id (2.2, 4). A second
// invoice is refused by the shop itself; whether it is there is read, not believed.
func (t *teller) paid() error {
	if done, err := t.settled(); done || err != nil {
		return err
	}
	held := t.doc.State == stateHolded
	if held { // a person's hold stays; the payment counts
		err := t.hold("unhold")
		if failed(err, contract.Unauthorized) != nil {
			return t.say("ATTENTION: paid" + t.about() + ". The order is on hold, and the integration may not take it off: do so, then invoice it offline.")
		}
		if err != nil {
			return err
		}
	}
	said := "paid" + t.about() + "."
	err := t.post(t.path("order", "invoice"), map[string]any{
		"capture": false, "notify": false, "appendComment": true, "comment": map[string]any{"comment": "Kassette: " + said, "is_visible_on_front": 0},
	})
	no := failed(err, contract.InvalidRequest)
	if err != nil && no == nil {
		return err
	}
	if held {
		err := t.hold("hold")
		if failed(err, contract.Unauthorized) != nil {
			said += " ATTENTION: the order is off hold now, and the integration may not put it there again."
			err = nil
		}
		if err != nil {
			return err
		}
	}
	if err := t.reread(); err != nil {
		return err
	}
	if t.isPaid() {
		return t.say(said + invoiced)
	}
	if done, err := t.settled(); done || err != nil {
		return err
	}
	if no == nil {
		return internal("the shop took the invoice, and its order is not paid")
	}
	return t.refuse(contract.InvalidRequest, said+" The shop refuses the invoice: "+no.ProviderMessage)
}

// hold takes an order off hold or puts it there. The integration may lack either right:
// then a comment says what is to be done.
func (t *teller) hold(what string) error {
	err := t.post(t.path("orders", what), struct{}{})
	if failed(err, contract.InvalidRequest) != nil {
		return nil //nolint:nilerr // somebody was faster
	}
	return err
}

// settled ends the news of a payment where nothing is to be registered: it says why,
// and somebody is to look (4).
func (t *teller) settled() (bool, error) {
	p := t.charged()
	total, err := p.minor(t.doc.Grand)
	if err != nil {
		return false, err
	}
	paid, err := p.minor(t.doc.Paid)
	if err != nil {
		return false, err
	}
	counts := t.order.Captured.Value - t.order.Tip.Value - t.order.Surcharge.Value
	said := ""
	switch {
	case paid >= total && paid > 0 && t.paidByAnother():
		said = "ATTENTION: the order was paid before, and now again" + t.about() + ". Refund one of the two at the gateway."
	case paid >= total && paid > 0:
		said = "paid" + t.about() + ". The order has an invoice already: if that is of other money, refund one of the two."
	case t.doc.State == stateCanceled || t.doc.State == stateClosed:
		said = "ATTENTION: paid after the order had ended in the shop" + t.about() +
			". Nothing was registered or reopened: refund it at the gateway, or place the order anew."
	case t.order.Amount.Currency != p.currency || t.order.Amount.Value != total || counts < total:
		said = "ATTENTION: the payment is of " + contract.Money{Value: min(counts, t.order.Amount.Value), Currency: t.order.Amount.Currency}.String() + ", the order of " +
			contract.Money{Value: total, Currency: p.currency}.String() + t.about() + ". Nothing was invoiced: look before you deliver."
	case paid > 0:
		said = "ATTENTION: paid" + t.about() + ", and a part of the order was invoiced before. Nothing more was invoiced: look before you deliver."
	case t.doc.State == stateReview:
		said = "ATTENTION: paid" + t.about() + ". The shop holds the order for review and takes no invoice: accept it there, then invoice it offline."
	default:
		return false, nil
	}
	return true, t.say(said)
}

// invoiced ends the comment of a payment that was recorded.
const invoiced = " The invoice is recorded."

// paidByAnother says whether another order of the gateway paid this one.
func (t *teller) paidByAnother() bool {
	for _, n := range t.doc.Comments {
		if text := string(n.Comment); !n.Visible.isOn() && strings.Contains(text, invoiced+" [kassette ") && !strings.Contains(text, t.order.ID+".") {
			return true
		}
	}
	return false
}

// isPaid says whether the shop's order is invoiced and paid whole (1).
func (t *teller) isPaid() bool {
	p := t.charged()
	total, err1 := p.minor(t.doc.Grand)
	paid, err2 := p.minor(t.doc.Paid)
	return err1 == nil && err2 == nil && paid >= total && paid > 0
}

// cancel cancels the order where nothing is paid. The shop answers 200 with false
// where it did nothing, so the order is read again (2.2).
func (t *teller) cancel() error {
	why := "it was not paid in time."
	if t.event.Type == contract.OrderCancelled {
		why = "the payment was cancelled."
	}
	switch {
	case t.doc.State == stateCanceled:
		return t.say(why + " The order is cancelled.")
	case !t.isCurrent():
		return t.say(why + " Another payment of this order is known since: the order stays.")
	case !t.doc.Paid.order.isNothing(), !t.cancellable():
		return t.say(why + " The shop's order is " + t.doc.State + " and stays as it is.")
	}
	if err := t.post(t.path("orders", "cancel"), struct{}{}); err != nil {
		return err
	}
	if err := t.reread(); err != nil {
		return err
	}
	if t.doc.State != stateCanceled {
		return t.say("ATTENTION: " + why + " The shop did not cancel its order, which is " + t.doc.State + ".")
	}
	return t.say(why + " The order is cancelled.")
}

// cancellable are states in which a cancellation can do anything.
func (t *teller) cancellable() bool {
	return t.doc.awaitsPayment() || t.doc.State == stateProcessing || t.doc.State == stateReview || t.doc.State == stateHolded
}
