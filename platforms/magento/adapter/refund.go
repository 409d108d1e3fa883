package main

import (
	"encoding/json"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// refund records a refund that was made at the gateway: an offline credit memo,
// which moves no money (2.2, 4). Neither number nor key keeps a second one out, so
// it is announced by a comment first, with the refunded total that it leads to; and
// the shop never shows more refunded than was given back.
func (t *teller) refund() error {
	p := t.charged()
	said := t.event.Amount.String() + " was refunded" + t.operation()
	n, err := t.numbers(p)
	switch {
	case err != nil:
		return err
	case t.event.Amount.Currency != p.currency || t.order.Refunded.Value > t.order.Captured.Value:
		return t.refuse(contract.Conflict, said+", which is not of what was paid. Nothing was recorded: look at the order at the gateway.")
	case n.paid == 0:
		return t.say("ATTENTION: " + said + ". The shop's order holds no such payment: nothing was recorded.")
	}
	amount := min(t.event.Amount.Value, n.missing)
	if amount <= 0 {
		return t.say(said + ". The shop's order shows it already.")
	}
	to := contract.Money{Value: n.refunded + amount, Currency: p.currency}
	if !t.marked(until) {
		if err := t.write(said+". A credit memo is recorded.", until+to.Decimal()); err != nil {
			return err
		}
	}
	body, err := t.memo(p, amount, n, said)
	if err != nil {
		return err
	}
	err = t.post(t.path("order", "refund"), body)
	no := failed(err, contract.InvalidRequest)
	if no == nil {
		return err
	}
	if err := t.reread(); err != nil {
		return err
	}
	if n, err := t.numbers(p); err != nil || n.refunded >= to.Value {
		return err // it is there: somebody was faster
	}
	return t.refuse(contract.InvalidRequest, said+". The shop refuses the credit memo: "+no.ProviderMessage)
}

// operation names the refund, and the provider's reference of it.
func (t *teller) operation() string {
	text := t.event.Operation
	for _, p := range t.order.Payments {
		for _, r := range p.Refunds {
			if r.ID == t.event.Operation && r.ProviderReference != "" {
				text += ", " + clean(r.ProviderReference, maxText)
			}
		}
	}
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// numbers are what the shop holds of an order, and missing, by how much more it
// holds than the gateway does: what is still to be recorded as refunded. So what the
// shop recorded by itself counts, and a payment that it never had does not.
type numbers struct {
	grand, paid, refunded, missing int64
}

func (t *teller) numbers(p purse) (n numbers, err error) {
	for _, one := range []struct {
		to *int64
		of pair
	}{{&n.grand, t.doc.Grand}, {&n.paid, t.doc.Paid}, {&n.refunded, t.doc.Refunded}} {
		if *one.to, err = p.minor(one.of); err != nil {
			return n, err
		}
	}
	o := t.order
	kept := o.Captured.Value - o.Tip.Value - o.Surcharge.Value - o.Refunded.Value
	n.missing = n.paid - n.refunded - max(kept, 0)
	return n, nil
}

// memo is the credit memo's body: all lines where all is refunded at once, else an
// amount alone, which is lines of quantity 0 and an adjustment, without shipping. The
// adjustment is in the base currency (2.2).
func (t *teller) memo(p purse, amount int64, n numbers, said string) (map[string]any, error) {
	body := map[string]any{
		"notify": false, "appendComment": true, "comment": map[string]any{"comment": "Kassette: " + said + ".", "is_visible_on_front": 0},
	}
	if n.refunded == 0 && amount == n.paid && n.paid == n.grand && t.event.Amount == t.order.Captured {
		_, rest, err := t.doc.lines(p)
		if err != nil || rest == 0 {
			return body, err
		}
	}
	adjustment := contract.Money{Value: amount, Currency: p.currency}
	if !p.base && t.doc.BaseCurrency != t.doc.OrderCurrency {
		base := t.doc.purse(inBase)
		whole, err := base.minor(t.doc.Grand)
		if err != nil {
			return nil, err
		}
		adjustment = contract.Money{Value: share(whole, amount, n.grand), Currency: base.currency}
	}
	items := []byte("[")
	for n, i := range t.doc.Items {
		if !isNumber(string(i.ID)) {
			return nil, internal("a line of the shop's order has no item_id")
		}
		if n > 0 {
			items = append(items, ',')
		}
		items = append(append(append(items, `{"order_item_id":`...), i.ID...), `,"qty":0}`...)
	}
	body["items"] = json.RawMessage(append(items, ']'))
	body["arguments"] = map[string]any{"shipping_amount": 0, "adjustment_positive": adjustment.Decimal(), "adjustment_negative": 0}
	return body, nil
}
