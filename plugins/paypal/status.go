package main

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// nothing is the type of what is no news.
const nothing contract.UpdateType = ""

// What a status means (openapi, Orders and Payments). A status that a table
// lacks is a failure, never a guess. COMPLETED of an order says no more than
// that its intent was carried out: captures and authorizations tell the rest.
var (
	orders = map[string]contract.UpdateType{
		"CREATED":               nothing,
		"SAVED":                 nothing,
		"PAYER_ACTION_REQUIRED": nothing,
		"APPROVED":              contract.UpdateApproved,
		"VOIDED":                contract.UpdateCancelled,
		"COMPLETED":             nothing,
	}
	authorizations = map[string]contract.UpdateType{
		"CREATED":            contract.UpdateAuthorized,
		"PARTIALLY_CAPTURED": contract.UpdateAuthorized,
		"CAPTURED":           contract.UpdateAuthorized,
		"VOIDED":             contract.UpdateCancelled,
		"DENIED":             contract.UpdateFailed,
		"PENDING":            contract.UpdatePending,
	}
	captures = map[string]contract.UpdateType{
		"COMPLETED":          contract.UpdateCaptured,
		"PARTIALLY_REFUNDED": contract.UpdateCaptured,
		"REFUNDED":           contract.UpdateCaptured,
		"PENDING":            contract.UpdatePending,
		"DECLINED":           contract.UpdateCaptureFailed,
		"FAILED":             contract.UpdateCaptureFailed,
	}
	refunds = map[string]contract.UpdateType{
		"COMPLETED": contract.UpdateRefunded,
		"PENDING":   nothing,
		"FAILED":    contract.UpdateRefundFailed,
		"CANCELLED": contract.UpdateRefundFailed,
	}
)

// operations is how far an operation has come, by the type of its news.
var operations = map[contract.UpdateType]contract.OperationStatus{
	contract.UpdateCaptured:      contract.OperationSucceeded,
	contract.UpdateRefunded:      contract.OperationSucceeded,
	contract.UpdatePending:       contract.OperationPending,
	nothing:                      contract.OperationPending,
	contract.UpdateCaptureFailed: contract.OperationFailed,
	contract.UpdateRefundFailed:  contract.OperationFailed,
}

// typeOf reads a status by its table.
func typeOf(table map[string]contract.UpdateType, what, status string) (contract.UpdateType, error) {
	t, ok := table[status]
	if !ok {
		return t, internal("PayPal says " + cut(status, maxText) + " of " + what + ", which is no status that is known here")
	}
	return t, nil
}

// teller makes updates of what PayPal says of one payment.
type teller struct {
	key contract.PaymentKey
	// ours are the shop's own captures and refunds by their invoice number,
	// where the payment is known.
	ours map[string]string
	list []contract.Update
	// seen are all of the order's transactions.
	seen []contract.Transaction
}

// about tells of a payment that is known.
func about(p contract.Payment) *teller {
	t := &teller{key: contract.PaymentKey{ID: p.ID}, ours: map[string]string{}}
	for _, op := range slices.Concat(p.Captures, p.Refunds) {
		t.ours[invoice(p, op.ID)] = op.ID
	}
	return t
}

// updates are the news of an order: of its own status, else those of its
// authorization, captures and refunds.
func (t *teller) updates(o order) ([]contract.Update, error) {
	kind, err := typeOf(orders, "an order", o.Status)
	if err != nil {
		return nil, err
	}
	if kind != nothing {
		t.add(contract.Update{Type: kind})
	}
	all := o.payments()
	if o.Status == "COMPLETED" && len(all.Authorizations)+len(all.Captures) == 0 {
		return nil, internal("PayPal says that the order is COMPLETED, and names neither capture nor authorization")
	}
	if a, ok := all.standing(); ok {
		if err := t.tell(authorizations, "AUTHORIZATION", a); err != nil {
			return nil, err
		}
	}
	for _, c := range all.Captures {
		if err := t.tell(captures, "CAPTURE", c); err != nil {
			return nil, err
		}
	}
	for _, r := range all.Refunds {
		if err := t.tell(refunds, "REFUND", r); err != nil {
			return nil, err
		}
	}
	if len(t.list) > 0 {
		t.list[0].Transactions = t.seen
	}
	return t.list, nil
}

func (t *teller) add(u contract.Update) {
	u.Payment, u.Trust = t.key, contract.Verified
	t.list = append(t.list, u)
}

// tell adds what a resource says. A capture of an order that is declined is
// the payment's end; one of an authorization is not.
func (t *teller) tell(table map[string]contract.UpdateType, what string, r resource) error {
	kind, err := typeOf(table, what, r.Status)
	if err != nil {
		return err
	}
	amount, err := r.Amount.read()
	if err != nil {
		return err
	}
	t.seen = append(t.seen, contract.Transaction{ID: r.ID, Type: what, Status: r.Status, Brand: "PAYPAL", Amount: amount, OccurredAt: r.at()})
	u := contract.Update{Type: kind, Amount: amount, OccurredAt: r.at(), Brand: "PAYPAL"}
	switch kind {
	case nothing:
		return nil
	case contract.UpdatePending, contract.UpdateCancelled, contract.UpdateFailed:
		u.Amount = contract.Money{}
	case contract.UpdateCaptureFailed:
		if r.up("/orders/") != "" {
			u.Type, u.Amount = contract.UpdateFailed, contract.Money{}
			u.Failure = &contract.Failure{Code: contract.Declined, Message: "PayPal did not carry the capture out", ProviderCode: r.Status}
			break
		}
		fallthrough
	case contract.UpdateCaptured, contract.UpdateRefunded, contract.UpdateRefundFailed:
		u.Item = &contract.Item{ID: t.ours[r.InvoiceID], ProviderReference: r.ID}
	}
	if fee, err := r.Breakdown.Fee.read(); err == nil && kind == contract.UpdateCaptured {
		u.Fee = fee
	}
	t.add(u)
	return nil
}

// standing is the authorization that counts: one that can be captured, else
// the latest. A reauthorization leaves a voided one behind.
func (p payments) standing() (resource, bool) {
	var found resource
	for _, a := range p.Authorizations {
		if found.ID == "" || !found.open() && (a.open() || !a.at().Before(found.at())) {
			found = a
		}
	}
	return found, found.ID != ""
}

// open says whether an authorization can still be captured.
func (r resource) open() bool { return r.Status == "CREATED" || r.Status == "PARTIALLY_CAPTURED" }
