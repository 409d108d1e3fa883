package main

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// The first letters of the ServiceIDs that follow from an idempotency key.
const (
	reversalOf = 'V'
	refundOf   = 'F'
)

// derived is a ServiceID that is the same whenever an operation is asked for: a
// host keeps no state before a refund's message leaves, so that the answer of
// a refund which was lost can be found by its key alone. It holds the last 45
// bits of the key, a UUID.
func derived(first byte, key string) string {
	var bits uint64
	for _, c := range []byte(key) {
		switch {
		case c >= '0' && c <= '9':
			bits = bits<<4 | uint64(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			bits = bits<<4 | uint64(c|0x20-'a'+10)
		}
	}
	id := make([]byte, 10)
	id[0] = first
	for i := len(id) - 1; i > 0; i-- {
		id[i], bits = letters[bits%32], bits>>5
	}
	return string(id)
}

// original names a payment's transaction at the terminal.
func (s state) original() object {
	return object{"SaleID": s.SaleID, "POIID": s.POIID, "POITransactionID": object{"TransactionID": s.ID, "TimeStamp": s.At}}
}

// reversal is the ReversalRequest (section 9.1): of the whole, or of a part
// where an amount is given.
func (t *terminal) reversal(st state, key, reason string, part contract.Money) sending {
	body := object{"ReversalReason": reason, "OriginalPOITransaction": st.original()}
	if !part.IsZero() {
		body["ReversedAmount"] = number(part)
	}
	return sending{category: "Reversal", service: derived(reversalOf, key), effect: contract.Write, timeout: payTimeout, body: body, interim: t.holding()}
}

// holding is the interim of what needs the terminal for itself after the
// payment is over.
func (t *terminal) holding() *contract.Interim {
	return &contract.Interim{Action: contract.Action{Type: contract.ActionWait, Text: lookAtTerminal}, Exclusive: t.POIID}
}

// undo reverses a part approval, or finds out whether that has been done: money
// that nobody asked for in this amount is not kept. False: the money is there.
func (t *terminal) undo(p contract.Payment, st state, r *response, now bool) (bool, error) {
	st.ID, st.At = r.POIData.POITransactionID.TransactionID, r.POIData.POITransactionID.TimeStamp
	s := t.reversal(st, p.IdempotencyKey, "Unable2Compl", contract.Money{})
	var again *response
	var how standing
	var err error
	switch {
	case now && t.left > 0:
		if again, how, err = t.deliver(s); how == missing {
			err = nil
		}
	case !now:
		if again, how, err = t.inquire(s.category, s.service, 0); err != nil {
			err = unavailable(err)
		}
	default:
		return false, nil
	}
	if err == nil && (how == running || how == mute) {
		err = unknown("the part approval's reversal is not over")
	}
	return err == nil && how == found && again.Response.Result == resultSuccess, err
}

// RefundPayment gives money back: all of it on the same day by a reversal,
// which wants no card; anything else, and what the terminal does not reverse,
// by a refund with the card.
func (terminals) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	t, st, err := refunding(c, in)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if err := t.login(); err != nil {
		return contract.OperationResult{}, err
	}
	if whole := in.Refund.Amount.Value == in.Payment.Totals.Captured.Value; st.sameDay(c.Now()) && (whole || t.PartialReversal) {
		part := in.Refund.Amount
		if whole {
			part = contract.Money{}
		}
		r, how, err := t.deliver(t.reversal(st, in.Refund.IdempotencyKey, "MerchantCancel", part))
		if err != nil || how != found || !refused(r) {
			return returned(in, st, r, how, derived(reversalOf, in.Refund.IdempotencyKey), err)
		}
	}
	s := t.refund(in, st)
	r, how, err := t.deliver(s)
	return returned(in, st, r, how, s.service, err)
}

// refunding opens the terminal for a refund that the payment has room for:
// keeping count is the till's duty, not the terminal's. What is under way has
// been reserved by the host.
func refunding(c *guest.Call, in contract.RefundInput) (*terminal, state, error) {
	t, err := open(c)
	if err != nil {
		return nil, state{}, err
	}
	st, err := t.stateOf(in.Payment)
	if err != nil {
		return nil, st, err
	}
	if st.ID == "" {
		return nil, st, &contract.Failure{Code: contract.Unsupported, Message: "the terminal gave no transaction id; refund it at the terminal"}
	}
	rest := in.Payment.Totals.Captured
	rest.Value -= in.Payment.Totals.Refunded.Value
	if a := in.Refund.Amount; a.Currency != rest.Currency || a.Value > rest.Value || a.Value <= 0 {
		return nil, st, &contract.Failure{Code: contract.Declined, Message: "of this payment " + rest.String() + " can be given back"}
	}
	return t, st, nil
}

// sameDay says whether it is still the day of the payment, by the terminal's clock.
func (s state) sameDay(now time.Time) bool {
	at, err := time.Parse(time.RFC3339, s.At)
	now = now.In(at.Location())
	return err == nil && at.Year() == now.Year() && at.YearDay() == now.YearDay()
}

// refused says that a terminal does not reverse this payment, so that a refund
// takes its place.
func refused(r *response) bool { return r.condition() == "NotFound" || r.condition() == "NotAllowed" }

// refund is the PaymentRequest that pays back. It is the same whenever this
// refund is asked for, so that a terminal which knows it gives its answer again.
func (t *terminal) refund(in contract.RefundInput, st state) sending {
	transaction := object{"AmountsReq": object{"Currency": in.Refund.Amount.Currency, "RequestedAmount": number(in.Refund.Amount)}}
	if st.Means != "Card" && st.Means != "" { // money goes back the way it came
		transaction["OriginalPOITransaction"] = st.original()
	}
	return sending{
		category: "Payment", service: derived(refundOf, in.Refund.IdempotencyKey), effect: contract.Write, timeout: payTimeout, interim: t.holding(), asked: in.Refund.Amount,
		body: object{
			"SaleData":           object{"SaleTransactionID": object{"TransactionID": in.Payment.Reference, "TimeStamp": stamp(in.Refund.CreatedAt)}},
			"PaymentTransaction": transaction, "PaymentData": object{"PaymentType": "Refund"},
		},
	}
}

// GetRefund asks what became of a refund: of its reversal, then of the refund
// with the card.
func (terminals) GetRefund(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	var out contract.OperationResult
	t, err := open(c)
	if err != nil {
		return out, err
	}
	st, err := t.stateOf(in.Payment)
	if err != nil {
		return out, err
	}
	for _, way := range []struct {
		category string
		first    byte
	}{{"Reversal", reversalOf}, {"Payment", refundOf}} {
		service := derived(way.first, in.Refund.IdempotencyKey)
		r, how, err := t.inquire(way.category, service, 0)
		switch {
		case err != nil:
			return out, unavailable(err)
		case how == found && !tells(way.category, in.Refund.Amount, r):
			return out, unknown(way.category + " ended with " + words(r))
		case how == missing, how == found && way.category == "Reversal" && refused(r):
			continue
		}
		return returned(in, st, r, how, service, nil)
	}
	return out, &contract.Failure{Code: contract.NotFound, Message: "the terminal does not know the refund"}
}

// returned is the result of a refund.
func returned(in contract.RefundInput, st state, r *response, how standing, service string, err error) (contract.OperationResult, error) {
	out := contract.OperationResult{Status: contract.OperationPending, ProviderReference: service}
	u := contract.Update{Payment: contract.PaymentKey{ID: in.Payment.ID}, Trust: contract.Verified}
	switch {
	case err != nil:
		return contract.OperationResult{}, err
	case how == running:
		return out, nil
	case how == mute:
		u.Type = contract.UpdatePending
		u.Attention = &contract.Attention{Code: attentionMute, Message: "The terminal does not tell what became of a refund. Look in its journal for " + service + "."}
		out.Updates = []contract.Update{u}
		return out, nil
	case r.Response.Result == resultFailure:
		out.Status, out.Failure = contract.OperationFailed, failureOf(r)
		return out, nil
	}
	out.Status, out.Amount = contract.OperationSucceeded, in.Refund.Amount
	// The terminal may name the payment's own transaction here, which is no name for a refund.
	if id := r.POIData.POITransactionID.TransactionID; id != "" && id != st.ID {
		out.ProviderReference = id
	}
	u.Type, u.Item, u.Receipt = contract.UpdateRefunded, &contract.Item{ID: in.Refund.ID, ProviderReference: out.ProviderReference}, receiptOf(r)
	u.OccurredAt, _ = time.Parse(time.RFC3339, r.POIData.POITransactionID.TimeStamp) // a time that cannot be read is missing
	if given, ok := r.PaymentResult.AmountsResp.charged(in.Refund.Amount); ok && given != in.Refund.Amount {
		out.Amount = given
		u.Attention = &contract.Attention{Code: amountMismatch, Message: "The terminal gave back " + given.String() + " of " + in.Refund.Amount.String() + "."}
	}
	u.Amount = out.Amount
	out.Updates = []contract.Update{u}
	return out, nil
}
