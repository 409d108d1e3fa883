package main

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// honored is how long an authorization is sure to be paid; then it is renewed
// before it is captured (openapi, Payments, reauthorize).
const honored = 3 * 24 * time.Hour

// captureRequest is a capture or a refund (openapi, capture_request, refund_request).
type captureRequest struct {
	Amount    *money `json:"amount"`
	InvoiceID string `json:"invoice_id"`
	CustomID  string `json:"custom_id,omitempty"`
	Note      string `json:"note_to_payer,omitempty"`
	Final     bool   `json:"final_capture,omitempty"`
}

func declined(message string) error {
	return &contract.Failure{Code: contract.Declined, Message: message}
}

// CapturePayment captures a part of the authorization that stands, never more
// than was authorized: PayPal itself would allow 115 %.
func (provider) CapturePayment(c *guest.Call, in contract.CaptureInput) (contract.OperationResult, error) {
	none := contract.OperationResult{}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	body, err := requestOf(in.Payment, in.Capture)
	if err != nil {
		return none, err
	}
	body.Final = in.Capture.Final
	o, err := a.order(in.Payment.ProviderReference)
	if err != nil {
		return none, err
	}
	all := o.payments()
	for _, done := range all.Captures { // an earlier request's answer was lost
		if done.InvoiceID == body.InvoiceID {
			return operation(captures, "a capture", done)
		}
	}
	from, ok := all.standing()
	if !ok || !from.open() {
		return none, declined("PayPal has no authorization of this payment that can be captured")
	}
	if err := all.allow(from, in.Payment.Amount, in.Capture.Amount); err != nil {
		return none, err
	}
	if from.Status == "CREATED" && c.Now().Sub(from.created()) >= honored {
		if from, err = a.reauthorize(from, in.Capture); err != nil {
			return none, err
		}
	}
	return a.operate("/v2/payments/authorizations/"+from.ID+"/capture", in.Capture.IdempotencyKey, body, captures, "a capture")
}

// created is when a resource came to be.
func (r resource) created() time.Time {
	r.Updated = ""
	return r.at()
}

// allow holds a capture against what was authorized, the order's amount, and
// what was captured before.
func (p payments) allow(from resource, ordered, want contract.Money) error {
	limit, err := from.Amount.read()
	if err != nil {
		return err
	}
	if limit.Currency != want.Currency || ordered.Currency != want.Currency {
		return declined("the authorization is in " + limit.Currency)
	}
	rest := min(limit.Value, ordered.Value)
	for _, c := range p.Captures {
		kind, err := typeOf(captures, "a capture", c.Status)
		if err != nil {
			return err
		}
		taken, err := c.Amount.read()
		if err != nil {
			return err
		}
		if kind != contract.UpdateCaptureFailed {
			rest -= taken.Value
		}
	}
	if want.Value > rest {
		return declined("at most " + contract.Money{Value: max(0, rest), Currency: want.Currency}.String() + " of the authorization is left")
	}
	return nil
}

// reauthorize renews an authorization. Where PayPal does not, the old one may
// still be captured.
func (a api) reauthorize(from resource, op contract.Operation) (resource, error) {
	body := struct {
		Amount money `json:"amount"`
	}{from.Amount}
	resp, err := a.post("/v2/payments/authorizations/"+from.ID+"/reauthorize", contract.Write, op.IdempotencyKey+"-reauthorize", body)
	if err != nil {
		return from, err
	}
	var renewed resource
	err = read(resp, &renewed)
	switch {
	case resp.Status == 422:
		return from, nil
	case err != nil:
		return from, err
	case !isID(renewed.ID):
		return from, internal("PayPal's answer lacks the id of the new authorization")
	}
	return renewed, nil
}

// requestOf is what a capture and a refund have in common.
func requestOf(p contract.Payment, op contract.Operation) (captureRequest, error) {
	amount, err := moneyOf(op.Amount)
	return captureRequest{Amount: amount, InvoiceID: invoice(p, op.ID)}, err
}

// operate posts a capture or a refund. After a server's error nobody knows
// whether it was carried out: it is asked about.
func (a api) operate(path, id string, body captureRequest, table map[string]contract.UpdateType, what string) (contract.OperationResult, error) {
	resp, err := a.post(path, contract.Write, id, body)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if resp.Status >= 500 {
		return contract.OperationResult{Status: contract.OperationPending}, nil
	}
	var done resource
	if err := read(resp, &done); err != nil {
		return contract.OperationResult{}, err
	}
	return operation(table, what, done)
}

// operation reads a capture or a refund.
func operation(table map[string]contract.UpdateType, what string, r resource) (contract.OperationResult, error) {
	if !isID(r.ID) {
		return contract.OperationResult{}, internal("PayPal's answer lacks the id of " + what)
	}
	kind, err := typeOf(table, what, r.Status)
	if err != nil {
		return contract.OperationResult{}, err
	}
	amount, err := r.Amount.read()
	if err != nil {
		return contract.OperationResult{}, err
	}
	out := contract.OperationResult{Status: operations[kind], ProviderReference: r.ID, Amount: amount}
	if out.Status == contract.OperationFailed {
		out.Failure = &contract.Failure{Code: contract.Declined, Message: "PayPal did not carry it out", ProviderCode: r.Status}
	}
	return out, nil
}

// CancelPayment voids what is authorized and not captured. An order that was
// not carried out takes no money: nobody but complete_payment can, and the
// host does not run that for a cancelled payment.
func (provider) CancelPayment(c *guest.Call, in contract.PaymentInput) (contract.OperationResult, error) {
	a, err := newAPI(c)
	done := contract.OperationResult{Status: contract.OperationSucceeded}
	if err != nil || in.Payment.ProviderReference == "" {
		return done, err
	}
	o, err := a.order(in.Payment.ProviderReference)
	switch {
	case unknown(err):
		return done, nil
	case err != nil:
		return contract.OperationResult{}, err
	case o.Status != "COMPLETED":
		return done, nil
	}
	all := o.payments()
	from, ok := all.standing()
	switch least := (contract.Money{Value: 1, Currency: in.Payment.Amount.Currency}); {
	case ok && from.Status == "VOIDED":
		return done, nil
	case ok && from.Status == "CAPTURED" && all.allow(from, in.Payment.Amount, least) == nil:
		return done, nil // a part was captured, and the rest is given back already
	case !ok || from.Status == "CAPTURED":
		return contract.OperationResult{}, declined("the payment is captured: refund it")
	}
	resp, err := a.post("/v2/payments/authorizations/"+from.ID+"/void", contract.Write, in.Payment.IdempotencyKey+"-void", struct{}{})
	if err != nil {
		return contract.OperationResult{}, err
	}
	var voided resource
	if err = read(resp, &voided); issue(err) == "PREVIOUSLY_VOIDED" || resp.Status == 204 {
		return done, nil
	}
	if err == nil && voided.ID != from.ID {
		err = internal("PayPal's answer is not of the authorization that was voided")
	}
	if err != nil {
		return contract.OperationResult{}, err
	}
	return done, nil
}

// RefundPayment gives money back on one of the payment's captures.
func (provider) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	none := contract.OperationResult{}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	body, err := requestOf(in.Payment, in.Refund)
	if err != nil {
		return none, err
	}
	body.CustomID, body.Note = in.Payment.Reference, cut(in.Refund.Reason, maxNote)
	o, err := a.order(in.Payment.ProviderReference)
	if err != nil {
		return none, err
	}
	all := o.payments()
	for _, done := range all.Refunds { // an earlier request's answer was lost
		if done.InvoiceID == body.InvoiceID {
			return operation(refunds, "a refund", done)
		}
	}
	from, err := all.refundable(in.Refund.Amount)
	if err != nil {
		return none, err
	}
	return a.operate("/v2/payments/captures/"+from+"/refund", in.Refund.IdempotencyKey, body, refunds, "a refund")
}

// refundable is the first capture of which so much is left.
func (p payments) refundable(want contract.Money) (string, error) {
	most := contract.Money{Currency: want.Currency}
	for _, c := range p.Captures {
		if kind, err := typeOf(captures, "a capture", c.Status); err != nil || kind != contract.UpdateCaptured {
			continue
		}
		rest, err := c.Amount.read()
		if err != nil {
			return "", err
		}
		for _, r := range p.Refunds {
			back, err := r.Amount.read()
			if err != nil {
				return "", err
			}
			if r.up("/captures/") == c.ID && refunds[r.Status] != contract.UpdateRefundFailed {
				rest.Value -= back.Value
			}
		}
		if rest.Currency == want.Currency && rest.Value >= want.Value && isID(c.ID) {
			return c.ID, nil
		}
		if rest.Currency == want.Currency {
			most.Value = max(most.Value, rest.Value)
		}
	}
	return "", declined("PayPal refunds each capture by itself, and at most " + most.String() + " is left on one: refund less at once")
}

// GetRefund asks how a refund stands. One whose first answer was lost has no
// id yet: it is looked up, or sent again under the same request id, which
// gives the same refund.
func (p provider) GetRefund(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	if in.Refund.ProviderReference == "" {
		return p.RefundPayment(c, in)
	}
	a, err := newAPI(c)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if !isID(in.Refund.ProviderReference) {
		return contract.OperationResult{}, internal("the provider reference is no id of PayPal")
	}
	var r resource
	if err := a.get("/v2/payments/refunds/"+in.Refund.ProviderReference, &r); err != nil {
		return contract.OperationResult{}, err
	}
	return operation(refunds, "a refund", r)
}
