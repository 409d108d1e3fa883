package main

import (
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// refund is one that the shop has.
type refund struct {
	Reason text   `json:"reason"`
	Meta   []meta `json:"meta_data"`
}

// newRefund is the body of a refund that is recorded alone.
type newRefund struct {
	Amount  string    `json:"amount"`
	Reason  string    `json:"reason"`
	Pays    bool      `json:"api_refund"`
	Restock bool      `json:"api_restock"`
	Meta    []metaOut `json:"meta_data"`
}

func (t *telling) readRefunds(o guest.Outcome) ([]refund, error) {
	if o.Err != nil {
		return nil, o.Err
	}
	var list []refund
	return list, t.read(o.Response, &list)
}

// refund records a refund that the gateway made: with api_refund false, or the
// shop's own gateway would pay it out once more (1.5). The interface has no
// idempotency key, so that our own mark is looked for before: in the meta data,
// and in the reason, which every refund keeps. Where the shop refuses it for good a
// note says so, once.
func (t *telling) refund(there []refund) error {
	id := t.event.Operation
	if id == "" { // the provider's total grew: the event is its only name
		id = t.event.ID
	}
	mark := "(" + id + ")"
	for _, r := range there {
		if r.bears(id, mark) {
			return nil
		}
	}
	err := t.record(id, mark)
	if is(err, contract.Declined) || is(err, contract.InvalidRequest) {
		if err := t.note("ATTENTION: "+t.event.Amount.String()+" was refunded at the gateway "+mark+", and the shop could not record it: "+message(err)+".", "("+t.event.ID+")", false); err != nil {
			return err
		}
	}
	return err
}

// bears says whether it is this refund of the gateway.
func (r refund) bears(id, mark string) bool {
	if strings.Contains(string(r.Reason), mark) {
		return true
	}
	for _, m := range r.Meta {
		if m.Key == metaRefund && string(m.Value) == id {
			return true
		}
	}
	return false
}

func (t *telling) record(id, mark string) error {
	total, err := t.doc.amount()
	if err != nil || total.Currency != t.event.Amount.Currency {
		return &contract.Failure{Code: contract.Declined, Message: "the refund is of " + t.event.Amount.String() + ", and the shop's order in " + plainText(t.doc.Currency, 8) + ": record it by hand"}
	}
	return t.add("/orders/"+string(t.doc.ID)+"/refunds", newRefund{
		Amount: t.event.Amount.Decimal(), Reason: strings.TrimSpace("Refunded through Kassette " + mark + ". " + t.why(id)), Meta: []metaOut{{metaRefund, id}},
	})
}

// why is the reason that was given for a refund.
func (t *telling) why(id string) string {
	for _, p := range t.order.Payments {
		for _, r := range p.Refunds {
			if r.ID == id {
				return plainText(r.Reason, maxText)
			}
		}
	}
	return ""
}
