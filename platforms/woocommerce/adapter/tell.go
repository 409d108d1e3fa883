package main

import (
	"errors"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// telling is one event on its way into the shop's order.
type telling struct {
	api
	event contract.Event
	order contract.Order
	doc   document
	notes []string // of the order, where they are needed
}

// step is what is to be done to the shop's order. The note goes first, and bears
// the event's id, so that it is found after a lost answer; the change that
// remembers the event is last.
type step struct {
	note, mail  string // for the shop's people; for the shopper
	status      string
	setPaid     bool
	transaction string
	meta        []metaOut
}

func (s step) empty() bool {
	return s.note == "" && s.mail == "" && s.status == "" && !s.setPaid && len(s.meta) == 0
}

// metaOut is one entry of meta data as it is written.
type metaOut struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// change is the body of a PUT on an order.
type change struct {
	Status      string    `json:"status,omitempty"`
	SetPaid     bool      `json:"set_paid,omitempty"`
	Transaction string    `json:"transaction_id,omitempty"`
	Meta        []metaOut `json:"meta_data,omitempty"`
}

// TellShop takes an event into the shop's order, by the table of section 4. The
// order is read first: WooCommerce has no state machine (1.3), so the guard is
// here. Old news is known by its number, and nothing is written for it.
func (provider) TellShop(c *guest.Call, in contract.TellInput) (contract.TellResult, error) {
	none := contract.TellResult{}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	t := telling{api: a, event: in.Event, order: in.Order}
	if !t.concerns() {
		return contract.TellResult{Delivered: true, ShopReference: in.Order.Metadata[contract.MetadataOrderNumber]}, nil
	}
	refunds, err := t.load()
	if err != nil {
		return none, err
	}
	done := contract.TellResult{Delivered: true, ShopReference: plainText(t.doc.Number, maxText)}
	switch { // a refund is known by its own mark
	case t.event.Type == contract.RefundSucceeded:
		err = t.refund(refunds)
	case t.old():
		return done, nil
	default:
		err = t.carryOut()
	}
	if err != nil {
		return none, err
	}
	return done, nil
}

// old says whether the event was told before. One that was broken off after the
// order took its note and before it became paid is not over.
func (t *telling) old() bool {
	last := memory(t.doc.meta(metaTold)).of(t.order.ID).number
	broken := t.order.Status == contract.OrderStatusPaid && t.doc.meta(metaPaidBy) == t.order.ID && !t.paid()
	return last > t.event.Number || last == t.event.Number && !broken
}

// load reads the order, and its notes or refunds beside it.
func (t *telling) load() (refunds []record, err error) {
	id := t.order.Metadata[contract.MetadataOrderID]
	if !isID(id) {
		return nil, &contract.Failure{Code: contract.NotFound, Message: "the order " + t.order.Reference + " names none of the shop's orders: it was not made by this adapter"}
	}
	requests := []contract.Request{t.request("GET", "/orders/"+id, toldFields), t.request("GET", "/orders/"+id+"/notes", "_fields=id,note")}
	refunded := t.event.Type == contract.RefundSucceeded
	if refunded {
		requests = append(requests, t.request("GET", "/orders/"+id+"/refunds", "per_page=100&_fields=id,reason,meta_data"))
	}
	answers, err := t.call.DoAll(requests...)
	if err != nil {
		return nil, err
	}
	if answers[0].Err != nil {
		return nil, answers[0].Err
	}
	if err := t.readOrder(answers[0].Response, id, &t.doc); err != nil {
		return nil, err
	}
	reference, err := t.reference(t.doc)
	if err != nil {
		return nil, err
	}
	if reference != t.order.Reference {
		return nil, &contract.Failure{Code: contract.NotFound, Message: "the shop's order " + id + " is not " + t.order.Reference + ": it bears another key, so that it is another shop's or another order; settle the payment by hand"}
	}
	if err := t.readNotes(answers[1]); err != nil || !refunded {
		return nil, err
	}
	if answers[2].Err != nil {
		return nil, answers[2].Err
	}
	return t.records(answers[2].Response)
}

// readNotes reads the notes that are there. An order whose notes are too many to
// be read gets the note once more, at worst.
func (t *telling) readNotes(o guest.Outcome) error {
	var lost *contract.ExchangeError
	if errors.As(o.Err, &lost) && lost.Kind == contract.ErrorTooLarge || o.Response.OK() && heavy(o.Response.Body) {
		return nil
	}
	if o.Err != nil {
		return o.Err
	}
	list, err := t.records(o.Response)
	for _, r := range list {
		t.notes = append(t.notes, r.Note)
	}
	return err
}

// carryOut does what the order as it is now asks for. Where the shop did not do
// it, since somebody changed the order in between, it is judged once more.
func (t *telling) carryOut() error {
	for range 2 {
		s := t.decide()
		if s.empty() {
			return nil
		}
		if err := t.write(s); err != nil {
			return err
		}
		if !s.setPaid && s.status == "" || t.became(s) {
			return nil
		}
	}
	return &contract.Failure{Code: contract.ProviderUnavailable, Message: "the shop's order did not become what it was told to: it is " + t.doc.Status}
}

// became says whether the order that the shop answered with is what was asked for.
func (t *telling) became(s step) bool {
	if s.setPaid {
		return t.paid()
	}
	return t.doc.Status == s.status
}

// paid says whether the shop holds the order as paid. The date stays when an admin
// puts the order back (1.3).
func (t *telling) paid() bool {
	return t.doc.Paid != "" || t.doc.Status == processing || t.doc.Status == completed
}

// write notes, then changes the order.
func (t *telling) write(s step) error {
	if s.note != "" {
		if err := t.note(s.note); err != nil {
			return err
		}
	}
	if s.mail != "" {
		if err := t.mail(s.mail); err != nil {
			return err
		}
	}
	s.meta = append(s.meta, metaOut{metaTold, memory(t.doc.meta(metaTold)).with(t.order.ID, news{t.event.Number, t.order.Status})})
	path := "/orders/" + t.doc.ID
	now := document{}
	if err := t.send("PUT", path, changedFields, change{s.status, s.setPaid, s.transaction, s.meta}, now.scan); err != nil {
		return err
	}
	if err := t.isOrder(t.doc.ID, now); err != nil {
		return err
	}
	t.doc.Status, t.doc.Paid, t.doc.Transaction = now.Status, now.Paid, now.Transaction
	for _, m := range s.meta {
		t.doc.remember(m)
	}
	return nil
}

// note adds a note for the shop's people. It bears the event's id, and whether it
// asks for attention: an event may come to one of each.
func (t *telling) note(message string) error {
	mark := "(" + t.event.ID + ")"
	if strings.HasPrefix(message, attention) {
		mark = "(" + t.event.ID + "!)"
	}
	return t.comment("Kassette: "+message+" "+mark, mark, false)
}

// mail adds a note for the shopper, which the shop mails (1.5): once for each pay link.
func (t *telling) mail(message string) error {
	return t.comment(message, t.order.CheckoutURL, true)
}

// comment adds a note, unless one that bears its mark is there: that it was added
// may be what the lost answer said.
func (t *telling) comment(message, mark string, mailed bool) error {
	if t.noted(mark) {
		return nil
	}
	body := struct {
		Note     string `json:"note"`
		Customer bool   `json:"customer_note"`
	}{message, mailed}
	if err := t.add("/orders/"+t.doc.ID+"/notes", body); err != nil {
		return err
	}
	t.notes = append(t.notes, message)
	return nil
}

// add makes a note or a refund. What does not answer with its id was not made.
func (t *telling) add(path string, body any) error {
	var made document
	if err := t.send("POST", path, "_fields=id", body, made.scan); err != nil {
		return err
	}
	if !isID(made.ID) {
		return unreadable(201)
	}
	return nil
}

// noted says whether a note bears this mark.
func (t *telling) noted(mark string) bool {
	for _, n := range t.notes {
		if strings.Contains(n, mark) {
			return true
		}
	}
	return false
}
