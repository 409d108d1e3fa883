package main

import (
	"strings"

	"github.com/kassette-pay/kassette/platforms/internal/paylink"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// events says what each event does; those of the order's status act on the status
// that it has now, which may be beyond the event. A superseded order's place is
// taken by another, and captures show in the order's status.
var events = map[contract.EventType]func(*telling) step{
	contract.OrderOpen: (*telling).byStatus, contract.OrderPending: (*telling).byStatus, contract.OrderAuthorized: (*telling).byStatus,
	contract.OrderPaid: (*telling).byStatus, contract.OrderCancelled: (*telling).byStatus, contract.OrderExpired: (*telling).byStatus,
	contract.OrderOverpaid: (*telling).asksForAttention, contract.OrderAttend: (*telling).asksForAttention,
	contract.CaptureFailed: (*telling).captureFailed, contract.RefundFailed: (*telling).refundFailed, contract.ChargebackOpened: (*telling).chargeback,
}

// statuses is the mapping table (4).
var statuses = map[string]func(*telling) step{
	contract.OrderStatusOpen: (*telling).isOpen, contract.OrderStatusPending: (*telling).isPending, contract.OrderStatusAuthorized: (*telling).isAuthorized,
	contract.OrderStatusPaid: (*telling).isPaid, contract.OrderStatusCancelled: (*telling).isCancelled, contract.OrderStatusExpired: (*telling).isExpired,
}

// concerns says whether an event can do anything in the shop.
func (t *telling) concerns() bool {
	_, ok := events[t.event.Type]
	return ok || t.event.Type == contract.RefundSucceeded
}

func (t *telling) decide() step {
	if f, ok := events[t.event.Type]; ok {
		return f(t)
	}
	return step{}
}

func (t *telling) byStatus() step {
	if f, ok := statuses[t.order.Status]; ok {
		return f(t)
	}
	return step{}
}

// moves says whether the shop's order may still move by itself.
func (t *telling) moves() bool {
	return (t.doc.Status == pending || t.doc.Status == onHold || t.doc.Status == failed) && t.doc.Paid == ""
}

// current says whether it is this order of the gateway that the shop's waits for.
func (t *telling) current() bool {
	checkout := t.doc.meta(metaCheckout)
	return checkout == "" || checkout == t.order.ID
}

// takesPlace has the shop's order wait for this order of the gateway.
func (t *telling) takesPlace(s step) step {
	if t.doc.meta(metaCheckout) != t.order.ID {
		s.meta = append(s.meta, metaOut{metaCheckout, t.order.ID})
	}
	return s
}

// isOpen hands the pay link over, once. A failed try shows as failed, from pending
// and on-hold alone; one that was given up leaves the order pending, so that the
// shopper may try again.
func (t *telling) isOpen() step {
	s := step{}
	if t.doc.meta(metaPayLink) != t.order.ID { // and not the link: meta data are read by many (1.2)
		s.meta = append(s.meta, metaOut{metaPayLink, t.order.ID})
		switch {
		case !t.moves():
		case on(t.MailPayLink):
			s.mail = paylink.Text(t.order.Locale, t.order.CheckoutURL)
		default:
			s.note = "the shopper can pay at " + t.order.CheckoutURL + "."
		}
	}
	switch last := t.payment().Status; {
	case !t.moves():
	case last == "failed" && t.doc.Status != failed:
		s.status, s.note = failed, "the payment by "+t.payment().Method+" failed; the shopper may try again."
	case (last == "cancelled" || last == "expired") && t.doc.Status == onHold:
		s.status, s.note = pending, "the payment was given up; the shopper may try again."
	}
	return t.takesPlace(s)
}

// isPending holds the order while the provider decides, so that the shop does not
// cancel it meanwhile (3.5). While the shopper is on the way the order stays as it
// is (4): holding it would mail the shopper about a payment that is being made.
func (t *telling) isPending() step {
	action := t.payment().Action
	switch {
	case !t.current() || !t.moves():
		return step{}
	case !t.fits():
		return t.mismatch()
	case t.doc.Status == onHold || action != nil && action.Type != contract.ActionNone:
		return t.takesPlace(step{})
	}
	return t.takesPlace(step{status: onHold, note: "the payment by " + t.payment().Method + " is under way; the provider has not decided yet."})
}

// isAuthorized holds the order until it is captured.
func (t *telling) isAuthorized() step {
	switch {
	case t.paid() && t.doc.meta(metaPaidBy) == t.order.ID:
		return step{}
	case t.paid(): // completing it came before there was something to capture
		return t.flag("authorized_after_paid", "a payment was authorized only, and the order is "+t.doc.Status+" in the shop. Capture it at the gateway, or cancel it there if the order was paid another way.")
	case !t.moves():
		return t.flag("paid_after_cancel", "a payment was authorized, and the order is "+t.doc.Status+" in the shop. Cancel the payment at the gateway, or set the order to on hold and complete it to capture.")
	case !t.fits():
		return t.mismatch()
	}
	s := step{note: t.order.Amount.String() + " is authorized by " + t.payment().Method + ". Completing the order captures it."}
	if t.doc.Status != onHold {
		s.status = onHold
	}
	return t.takesPlace(s)
}

// isPaid completes the payment once (1.4): set_paid where the order needs payment,
// the status where it is on hold. A transaction that the order has is not
// overwritten. An order that has ended in the shop is not reopened, unless the
// merchant chose so.
func (t *telling) isPaid() step {
	tx := t.transaction()
	reopens := t.Reopen && t.doc.Status == cancelled
	switch {
	case t.paid():
		return t.paidBefore(tx)
	case !t.moves() && !reopens:
		return t.flag("paid_after_cancel", "the order was paid ("+tx+") and is "+t.doc.Status+" in the shop. Nothing was reopened: refund it, or set it to processing and deliver.")
	case !t.fits() || !t.full():
		return t.mismatch()
	}
	s := step{
		note: t.order.Captured.String() + " paid by " + t.payment().Method + " (" + tx + ").",
		meta: []metaOut{{metaPaidBy, t.order.ID}},
	}
	if t.doc.Transaction == "" {
		s.transaction = tx
	}
	if t.doc.Status == pending || t.doc.Status == failed {
		s.setPaid = true
	} else {
		s.status = processing
	}
	return t.takesPlace(s)
}

// paidBefore is of an order that the shop holds as paid: by this payment, by a
// person before its news came, or by another payment.
func (t *telling) paidBefore(tx string) step {
	switch {
	case t.doc.meta(metaPaidBy) == t.order.ID || t.doc.Transaction == tx:
		return step{}
	case t.doc.Transaction == "" && t.doc.meta(metaPaidBy) == "":
		return step{transaction: tx, note: "paid by " + t.payment().Method + " (" + tx + ").", meta: []metaOut{{metaPaidBy, t.order.ID}}}
	}
	return t.flag("paid_twice", "the order was paid before ("+plainText(t.doc.Transaction, maxText)+"), and now by the gateway's order "+t.order.ID+" ("+tx+") too. Refund one of them.")
}

// isCancelled cancels the order if it is still unpaid: at the gateway somebody
// cancelled the whole order. A shopper who gives up only ends a payment, and may
// try again. A superseded order is cancelled too, and the shop's lives on.
func (t *telling) isCancelled() step {
	if t.event.Type != contract.OrderCancelled || !t.current() || !t.moves() {
		return step{}
	}
	return t.takesPlace(step{status: cancelled, note: "it was cancelled at the gateway."})
}

// isExpired cancels the order if it is still unpaid.
func (t *telling) isExpired() step {
	if !t.current() || !t.moves() {
		return step{}
	}
	return t.takesPlace(step{status: cancelled, note: "it was not paid in time."})
}

// fits says whether the gateway's order is of the shop's total, in its currency.
func (t *telling) fits() bool {
	total, err := t.doc.amount()
	return err == nil && total == t.order.Amount
}

// full says whether all of it was taken: tips and surcharges do not count, what a
// final part capture gave back does.
func (t *telling) full() bool {
	o := t.order
	return o.Captured.Value-o.Tip.Value-o.Surcharge.Value+o.Released.Value >= o.Amount.Value
}

// mismatch holds the order, which is never processing then.
func (t *telling) mismatch() step {
	s := t.flag("amount_mismatch", "the payment is of "+t.order.Amount.String()+" ("+t.order.Captured.String()+" taken), the order of "+plainText(t.doc.Total, 40)+" "+plainText(t.doc.Currency, 8)+". It is held: look before you deliver.")
	if t.doc.Status != onHold {
		s.status = onHold
	}
	return s
}

// asksForAttention says what the gateway wants somebody to look at: an event is about one
// thing, which its detail tells.
func (t *telling) asksForAttention() step {
	if about := plainText(t.event.Detail, maxDetail); about != "" {
		return step{note: attention + about}
	}
	texts := []string{}
	for _, f := range t.order.Attention {
		texts = append(texts, plainText(f.Message, maxText)+" ["+f.Code+"]")
	}
	return step{note: strings.TrimSpace(attention + "look at the order at the gateway. " + plainText(strings.Join(texts, " "), maxDetail))}
}

// maxDetail bounds what a note says of an event, in characters.
const maxDetail = 1000

func (t *telling) captureFailed() step {
	return step{note: "the capture of " + t.event.Amount.String() + " failed: " + plainText(t.event.Detail, maxDetail)}
}

func (t *telling) refundFailed() step {
	return t.flag("refund_failed/"+t.event.ID, "the refund of "+t.event.Amount.String()+" ("+t.event.Operation+") failed: the money is still here. If the shop has recorded it, delete it there, and give it back another way.")
}

func (t *telling) chargeback() step {
	return t.flag("charged_back/"+t.event.ID, t.event.Amount.String()+" was charged back by the shopper's bank. Answer it at the provider.")
}

// attention begins what the shop's people must look at.
const attention = "ATTENTION: "

// maxFlags bounds what is remembered of flags, in bytes.
const maxFlags = 4000

// flag raises one for the shop's people: a note, once for each code of each order
// of the gateway.
func (t *telling) flag(code, message string) step {
	code += "/" + t.order.ID
	if t.flagged(code) {
		return step{}
	}
	flags := strings.TrimSpace(t.doc.meta(metaFlags) + " " + code)
	if len(flags) > maxFlags {
		flags = flags[len(flags)-maxFlags:]
	}
	return step{note: attention + message, meta: []metaOut{{metaFlags, flags}}}
}

func (t *telling) flagged(code string) bool {
	for _, f := range strings.Fields(t.doc.meta(metaFlags)) {
		if f == code {
			return true
		}
	}
	return false
}

// payment is the one that pays, captured or authorized; else the latest.
func (t *telling) payment() *contract.OrderPayment {
	list := t.order.Payments
	for _, status := range []string{"captured", "authorized"} {
		for i := range list {
			if list[i].Status == status {
				return &list[i]
			}
		}
	}
	if n := len(list); n > 0 {
		return &list[n-1]
	}
	return &contract.OrderPayment{Method: "an unknown method"}
}

// transaction is what the shop shows as the payment's number.
func (t *telling) transaction() string {
	p := t.payment()
	for _, id := range []string{p.ProviderReference, p.ID, t.order.ID} {
		if id != "" {
			return plainText(id, maxText)
		}
	}
	return ""
}
