package main

import (
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// record is a refund or a note that the shop has.
type record struct {
	ID, Note, Reason string
	Meta             []meta
}

// records reads a list of refunds or notes, each of which has an id.
func (a api) records(resp contract.Response) (list []record, err error) {
	whole := true
	err = a.read(resp, func(s *guest.Scanner) {
		for range s.Items {
			var r record
			for name := range s.Members {
				switch name {
				case "id":
					r.ID = s.Text()
				case "note":
					r.Note = s.Text()
				case "reason":
					r.Reason = s.Text()
				case "meta_data":
					r.Meta = scanMeta(s)
				default:
					s.Skip()
				}
			}
			whole = whole && isID(r.ID)
			list = append(list, r)
		}
	})
	if err == nil && !whole {
		err = unreadable(resp.Status)
	}
	return list, err
}

// newRefund is the body of a refund that is recorded alone.
type newRefund struct {
	Amount  string    `json:"amount"`
	Reason  string    `json:"reason"`
	Pays    bool      `json:"api_refund"`
	Restock bool      `json:"api_restock"`
	Meta    []metaOut `json:"meta_data"`
}

// refund records a refund that the gateway made: with api_refund false, or the
// shop's own gateway would pay it out once more (1.5). The interface has no
// idempotency key, so that our own mark is looked for before: in the meta data,
// and in the reason, which every refund keeps. Where the shop refuses it for good a
// note says so, once.
func (t *telling) refund(there []record) error {
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
	err := t.book(id, mark)
	if is(err, contract.Declined) || is(err, contract.InvalidRequest) {
		if err := t.note(attention + t.event.Amount.String() + " was refunded at the gateway " + mark + ", and the shop could not record it: " + message(err) + "."); err != nil {
			return err
		}
	}
	return err
}

// bears says whether it is this refund of the gateway.
func (r record) bears(id, mark string) bool {
	if strings.Contains(r.Reason, mark) {
		return true
	}
	for _, m := range r.Meta {
		if m.Key == metaRefund && m.Value == id {
			return true
		}
	}
	return false
}

func (t *telling) book(id, mark string) error {
	total, err := t.doc.amount()
	if err != nil || total.Currency != t.event.Amount.Currency {
		return &contract.Failure{Code: contract.Declined, Message: "the refund is of " + t.event.Amount.String() + ", and the shop's order in " + plainText(t.doc.Currency, 8) + ": record it by hand"}
	}
	return t.add("/orders/"+t.doc.ID+"/refunds", newRefund{
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
