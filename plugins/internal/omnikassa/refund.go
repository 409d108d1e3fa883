package omnikassa

import (
	"errors"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

type refundRequest struct {
	Money       *sentMoney `json:"money"`
	Description *string    `json:"description"`
	VATCategory *string    `json:"vatCategory"`
}

// refundStatuses: UNKNOWN, and words that the bank may add, are pending.
var refundStatuses = map[string]contract.OperationStatus{
	"PENDING":   contract.OperationPending,
	"UNKNOWN":   contract.OperationPending,
	"SUCCEEDED": contract.OperationSucceeded,
	"COMPLETED": contract.OperationSucceeded,
	"FAILED":    contract.OperationFailed,
}

// RefundPayment gives money back on the transaction that paid. What can be
// given back is asked first: the bank is the authority on it.
func (Refunding) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	a, err := newAPI(c)
	if err != nil {
		return contract.OperationResult{}, err
	}
	base, err := a.refunds(in.Payment)
	if err != nil {
		return contract.OperationResult{}, err
	}
	rest, err := a.send(contract.Request{Method: "GET", URL: base + "/refundable-details"})
	if err != nil {
		return contract.OperationResult{}, err
	}
	if err := allows(rest, in.Refund.Amount, c.Now()); err != nil {
		return contract.OperationResult{}, err
	}
	return a.startRefund(base, in)
}

// allows compares a refund with the refundable details.
func allows(rest *node, want contract.Money, now time.Time) error {
	can, err := rest.money("refundableMoney").value()
	if err != nil {
		return err
	}
	if can.Currency != want.Currency || want.Value > can.Value {
		return &contract.Failure{Code: contract.Declined, Message: "the bank gives back at most " + can.String() + " of this payment"}
	}
	if end := when(rest.scalar("expiryDatetime")); !end.IsZero() && now.After(end) {
		return &contract.Failure{Code: contract.Declined, Message: "the bank refunds this payment until " + end.Format(time.RFC3339)}
	}
	return nil
}

// startRefund sends the refund under its request-id, the bank's idempotency
// key: a repeat gives the same refund.
func (a api) startRefund(base string, in contract.RefundInput) (contract.OperationResult, error) {
	var description *string
	if in.Refund.Reason != "" {
		text := cut(in.Refund.Reason, maxDescription)
		description = &text
	}
	repeat := true
	req, err := body(contract.Request{Method: "POST", URL: base + "/refunds", Effect: contract.Write, Repeat: &repeat},
		refundRequest{Money: moneyOf(in.Refund.Amount), Description: description})
	if err != nil {
		return contract.OperationResult{}, err
	}
	req.Headers["request-id"] = in.Refund.IdempotencyKey
	resp, err := a.do(req)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if resp.Status >= 500 { // it may have been booked: get_refund asks again under the same request-id
		return contract.OperationResult{Status: contract.OperationPending}, nil
	}
	got, err := read(resp)
	var f *contract.Failure
	if errors.As(err, &f) && f.Code == contract.InvalidRequest {
		f.Code = contract.Declined // the request is sound, the bank does not want it
	}
	if err != nil {
		return contract.OperationResult{}, err
	}
	return refundResult(got)
}

// GetRefund asks how a refund stands. One whose first answer was lost has no
// id yet: it is sent again under the same request-id, which gives the same
// refund.
func (Refunding) GetRefund(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	a, err := newAPI(c)
	if err != nil {
		return contract.OperationResult{}, err
	}
	base, err := a.refunds(in.Payment)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if in.Refund.ProviderReference == "" {
		return a.startRefund(base, in)
	}
	if !isID(in.Refund.ProviderReference) {
		return contract.OperationResult{}, internal("the provider reference is no id of the bank")
	}
	got, err := a.send(contract.Request{Method: "GET", URL: base + "/refunds/" + in.Refund.ProviderReference})
	if err != nil {
		return contract.OperationResult{}, err
	}
	return refundResult(got)
}

// refundResult reads a refund. Without id or amount nobody knows what was answered.
func refundResult(n *node) (contract.OperationResult, error) {
	id, word := n.scalar("refundId"), n.scalar("status")
	amount, err := n.money("refundMoney").value()
	if err == nil && !isID(id) {
		err = internal("the bank's answer lacks refundId")
	}
	if err != nil {
		return contract.OperationResult{}, err
	}
	out := contract.OperationResult{Status: contract.OperationPending, ProviderReference: id, Amount: amount}
	if status, ok := refundStatuses[word]; ok {
		out.Status = status
	}
	if out.Status == contract.OperationFailed {
		out.Failure = &contract.Failure{Code: contract.Declined, Message: "the bank did not carry the refund out", ProviderCode: word}
	}
	return out, nil
}

// refunds is the address of the refunds of the transaction that paid. Its id
// comes with a v2 pull, or from the order-by-id call.
func (a api) refunds(p contract.Payment) (string, error) {
	t, ok := paying(p.Transactions)
	if !ok && p.ProviderReference != "" {
		u, answered, err := a.order(p)
		if err != nil {
			return "", err
		}
		if answered {
			t, ok = paying(u.Transactions)
		}
	}
	if !ok || !isID(t.ID) {
		return "", &contract.Failure{Code: contract.Unsupported, Message: "the bank has not told which transaction paid; refund it in the dashboard of Rabo OnlineKassa"}
	}
	return a.calls + "/order/server/api/v2/refund/transactions/" + t.ID, nil
}
