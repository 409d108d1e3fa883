package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/platforms/internal/paylink"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// steps are what each event does to the shop's order (4). Of nil ones there is
// nothing to tell: an order that was superseded has a successor.
var steps = map[contract.EventType]func(*teller) error{
	contract.OrderOpen: (*teller).open, contract.OrderSuperseded: nil,
	contract.OrderPaid:      (*teller).paid,
	contract.OrderCancelled: (*teller).cancel, contract.OrderExpired: (*teller).cancel,
	contract.RefundSucceeded: (*teller).refund,
	contract.OrderPending:    (*teller).pending, contract.OrderAuthorized: (*teller).comment, contract.OrderOverpaid: (*teller).comment,
	contract.OrderAttend: (*teller).comment, contract.CaptureSucceeded: (*teller).captured, contract.CaptureFailed: (*teller).comment,
	contract.RefundPending: (*teller).comment, contract.RefundFailed: (*teller).comment, contract.ChargebackOpened: (*teller).comment,
}

// teller tells one event.
type teller struct {
	api
	event contract.Event
	order contract.Order // the gateway's
	doc   document       // the shop's, as it was last read
	wrote bool           // something, since it was first read
}

// TellShop tells the shop what happened, over REST alone (2.2). It reads the order
// first, and looks for what it left there itself: news that the order has already
// is delivered without a write.
func (provider) TellShop(c *guest.Call, in contract.TellInput) (contract.TellResult, error) {
	none := contract.TellResult{}
	step, known := steps[in.Event.Type]
	if !known {
		return none, failure(contract.Unsupported, "events of type "+clean(string(in.Event.Type), 40)+" are not known here")
	}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	t := &teller{api: a, event: in.Event, order: in.Order}
	if err := t.find(); err != nil {
		return none, err
	}
	told := contract.TellResult{Delivered: true, ShopReference: string(t.doc.IncrementID)}
	if step == nil || t.heard() {
		return told, nil
	}
	if err := step(t); err != nil {
		return none, err
	}
	return told, nil
}

// members are those of an order that are read: an order whole can be large.
const members = "entity_id,increment_id,store_id,state,status,order_currency_code,base_currency_code,grand_total,base_grand_total," +
	"total_paid,base_total_paid,total_refunded,base_total_refunded,shipping_incl_tax,base_shipping_incl_tax,shipping_discount_amount," +
	"base_shipping_discount_amount,status_histories[entity_id,comment,is_visible_on_front]"

// fields are the members that this event needs: lines only for a credit memo, and
// their amounts only for one of all that was paid.
func (t *teller) fields() string {
	switch {
	case t.event.Type != contract.RefundSucceeded:
		return members
	case t.event.Amount != t.order.Captured:
		return members + ",items[item_id]"
	}
	return members + ",items[item_id,parent_item_id,row_total_incl_tax,base_row_total_incl_tax,discount_amount,base_discount_amount]"
}

// find reads the shop's order: by the key that the order request had, or where there
// is none by its number (2.2).
func (t *teller) find() error {
	if id, keyed := t.order.Metadata[contract.MetadataOrderID]; keyed {
		if !isNumber(id) {
			return failure(contract.NotFound, "the order's metadata hold an order_id that is no key of this shop: "+clean(id, 40))
		}
		t.doc.EntityID = text(id)
		if err := t.reread(); err != nil {
			return err
		}
		if string(t.doc.IncrementID) != t.order.Reference {
			return failure(contract.Conflict, "the shop's order "+id+" has another number than "+clean(t.order.Reference, 40))
		}
		return nil
	}
	q := query(nil).filter("0", "increment_id", "eq", t.order.Reference).add("searchCriteria[page_size]", "2").add("fields", "items["+t.fields()+"],total_count")
	var list []document
	if _, err := t.do(t.get("orders?"+q.text()), func(s scanner) (ok bool) { list, _, ok = s.list(); return ok }); err != nil {
		return err
	}
	switch {
	case len(list) == 0:
		return failure(contract.NotFound, "the shop has no order "+clean(t.order.Reference, 40))
	case len(list) > 1:
		return failure(contract.Conflict, "the shop has several orders "+clean(t.order.Reference, 40)+", and this one does not say which")
	}
	t.doc = list[0]
	if !isNumber(string(t.doc.EntityID)) {
		return internal("the shop's order has no entity_id")
	}
	return nil
}

// reread reads the order anew.
func (t *teller) reread() error {
	id := t.doc.EntityID
	var fresh document
	r := t.get("orders/" + string(id) + "?" + query(nil).add("fields", t.fields()).text())
	if _, err := t.do(r, func(s scanner) bool { fresh = s.document(); return true }); err != nil {
		return err
	}
	if fresh.EntityID != id || fresh.State == "" {
		return failure(contract.ProviderUnavailable, "the shop's answer is not its order "+string(id))
	}
	t.doc = fresh
	return nil
}

// path is that of the order's own calls: orders/{id}/… and order/{id}/… (2.2).
func (t *teller) path(collection, what string) string {
	return collection + "/" + string(t.doc.EntityID) + "/" + what
}

// say adds a comment for the shop's people, with the mark that this event was told.
func (t *teller) say(text string) error { return t.write(text, "") }

// write adds a comment. It names the order's status, which must be its own: another
// is refused, and without one the order would lose it (2.2). Where the order has moved
// on since it was read it is read anew, once.
func (t *teller) write(text, kind string) error {
	return t.add("Kassette: "+clean(text, 900)+" "+t.mark(kind), false)
}

// add adds a comment as it is; one for the shopper is mailed too.
func (t *teller) add(text string, shopper bool) error {
	seen := 0
	if shopper {
		seen = 1
	}
	first := !t.wrote
	for {
		err := t.post(t.path("orders", "comments"), map[string]any{"statusHistory": map[string]any{
			"comment": text, "status": t.doc.Status, "is_customer_notified": seen, "is_visible_on_front": seen,
		}})
		f := failed(err, contract.InvalidRequest)
		if f == nil {
			return err
		}
		if f.Code = contract.Internal; !first { // the next try reads it anew
			return f
		}
		first = false
		if err := t.reread(); err != nil {
			return err
		}
	}
}

// post sends a write.
func (t *teller) post(path string, body any) error {
	t.wrote = true
	return t.send(path, body)
}

// open hands the pay link over, once: to the shop's people, and where that is wanted
// to the shopper, in a comment that the shop mails. The shopper's comes first: it is
// found again by the link in it, since what shoppers can see bears no mark.
func (t *teller) open() error {
	link := t.order.CheckoutURL
	open := t.order.Status == contract.OrderStatusOpen || t.order.Status == contract.OrderStatusPending
	if link == "" || !open || !t.doc.awaitsPayment() || t.doc.comments(link, false) {
		return nil
	}
	if t.MailPayLink && !t.doc.comments(link, true) {
		if err := t.add(paylink.Text(t.order.Locale, link), true); err != nil {
			return err
		}
	}
	return t.say("the shopper can pay at " + link)
}

// comments says whether a comment that shoppers can see, or one that they cannot,
// holds a text.
func (d document) comments(text string, visible bool) bool {
	return slices.ContainsFunc(d.Comments, func(n note) bool {
		return n.Visible.isOn() == visible && strings.Contains(string(n.Comment), text)
	})
}

// pending says that the provider is waited for; while the shopper is on the way, or
// where it has decided since, there is nothing to tell.
func (t *teller) pending() error {
	if t.order.Status != contract.OrderStatusPending {
		return nil
	}
	for _, p := range t.order.Payments {
		if p.ID == t.event.Payment && p.Action != nil && p.Action.Type != contract.ActionNone {
			return nil
		}
	}
	return t.comment()
}

// captured says what was taken, unless it pays the order: that is news of its own.
func (t *teller) captured() error {
	if t.order.Status == contract.OrderStatusPaid {
		return nil
	}
	return t.comment()
}

// comment says what happened, and does nothing else.
func (t *teller) comment() error {
	said := map[contract.EventType]string{
		contract.OrderPending:     "the payment is under way; the provider has not decided yet.",
		contract.OrderAuthorized:  "the payment is authorized: the money is reserved, and not taken yet. Nothing was invoiced.",
		contract.OrderOverpaid:    "the order was paid more than once. Refund one of the payments at the gateway.",
		contract.OrderAttend:      "this order needs somebody to look at it.",
		contract.CaptureSucceeded: "money was taken.",
		contract.CaptureFailed:    "money that is reserved could not be taken.",
		contract.RefundPending:    "a refund is under way.",
		contract.RefundFailed:     "a refund failed: the money is still here. If there is a credit memo of it, give the money back another way.",
		contract.ChargebackOpened: "the consumer's bank takes the money back (chargeback). Nothing was recorded here.",
	}[t.event.Type]
	if t.event.Type == contract.OrderAttend {
		for _, a := range t.order.Attention {
			said += " " + clean(a.Message, 200)
		}
	}
	return t.say(said + t.about())
}

// about names what an event is about: amount, payment and the provider's transaction.
func (t *teller) about() string {
	var parts []string
	if !t.event.Amount.IsZero() {
		parts = append(parts, t.event.Amount.String())
	}
	if t.event.Payment != "" {
		parts = append(parts, "payment "+t.event.Payment)
	}
	if id := t.transaction(); id != "" {
		parts = append(parts, "transaction "+id)
	}
	if t.event.Operation != "" {
		parts = append(parts, t.event.Operation)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// transaction is the provider's name for the event's payment, or that of the latest
// payment which has one.
func (t *teller) transaction() string {
	found := ""
	for _, p := range t.order.Payments {
		if p.ProviderReference == "" {
			continue
		}
		if p.ID == t.event.Payment {
			return clean(p.ProviderReference, maxText)
		}
		if t.event.Payment == "" {
			found = p.ProviderReference
		}
	}
	return clean(found, maxText)
}

// isNumber says whether an id may stand in a path.
func isNumber(id string) bool {
	return id != "" && len(id) <= 12 && strings.Trim(id, "0123456789") == ""
}

// mark stands at the end of each comment: the gateway's order, the number of the event
// that was told by it, and the kind of a mark that says something else.
func (t *teller) mark(kind string) string {
	return "[kassette " + t.order.ID + "." + strconv.FormatInt(t.event.Number, 10) + kind + "]"
}
