package main

import (
	"encoding/json"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// refundRequest is the payload of a refund's JWT (protocol, 10).
type refundRequest struct {
	OpKey string
	// Sum is missing where all is given back of a payment in another currency than the shop's.
	Sum   json.Number `json:"RefundSum,omitempty"`
	Items []item      `json:"InvoiceItems,omitempty"`
}

// refundAnswer is what Create and GetState answer.
type refundAnswer struct {
	Success   *bool       `json:"success"`
	Message   string      `json:"message"`
	RequestID string      `json:"requestId"`
	Amount    json.Number `json:"amount"`
	Label     string      `json:"label"`
}

// refundLabels of GetState. A label that is not here is a failure.
var refundLabels = map[string]contract.OperationStatus{
	"processing": contract.OperationPending,
	"finished":   contract.OperationSucceeded,
	"canceled":   contract.OperationFailed,
}

// RefundPayment asks for a refund. The provider knows no idempotency key: a
// request whose answer was lost is never sent again, and one that was answered
// is only asked about.
func (plugin) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	s, err := newShop(c)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if s.test {
		return contract.OperationResult{}, errTest
	}
	if in.Refund.ProviderReference != "" {
		return s.refundState(in.Refund)
	}
	if !c.HasSecret(password3) {
		return contract.OperationResult{}, &contract.Failure{Code: contract.InvalidSettings, Message: "refunds need password3, which Robokassa issues with access to its refund API"}
	}
	payload, err := s.refund(in.Payment, in.Refund)
	if err != nil {
		return contract.OperationResult{}, err
	}
	token, err := s.refundToken([]byte(payload))
	if err != nil {
		return contract.OperationResult{}, err
	}
	resp, err := c.Do(contract.Request{
		Method: "POST", URL: s.Services + "/RefundService/Refund/Create", Effect: contract.Write,
		Headers: map[string]string{"content-type": "application/json"}, Body: `"` + token + `"`,
	})
	if err != nil {
		return contract.OperationResult{}, err
	}
	return refundTaken(resp, in.Refund.Amount)
}

// refund writes the payload. The OpKey came with news of the payment, else it
// is asked for.
func (s shop) refund(p contract.Payment, r contract.Operation) (string, error) {
	req := refundRequest{OpKey: opKey(p.Transactions), Sum: json.Number(r.Amount.Decimal())}
	if r.Amount.Currency != s.Currency {
		if r.Amount != p.Totals.Captured {
			return "", &contract.Failure{Code: contract.Unsupported, Message: "a payment in " + r.Amount.Currency + " to a shop in " + s.Currency + " is refunded whole; make a part in Robokassa's cabinet"}
		}
		req.Sum = ""
	}
	lines := r.Lines
	if len(lines) == 0 && r.Amount == p.Amount {
		lines = p.Lines
	}
	req.Items = s.items(p, lines, r.Amount)
	if req.OpKey == "" {
		o, err := s.ask(p)
		if err != nil {
			return "", err
		}
		if o.state != statePaid || o.opKey == "" {
			return "", &contract.Failure{Code: contract.Declined, Message: "Robokassa refunds what is paid and credited alone", ProviderCode: o.state}
		}
		req.OpKey = o.opKey
	}
	return compact(req)
}

// opKey is the provider's key of the operation that paid.
func opKey(list []contract.Transaction) string {
	for _, t := range list {
		if t.Type == transactionPayment {
			return t.ID
		}
	}
	return ""
}

// refundTaken reads the answer to Create. success:true says that the request
// was taken, not that money moved; any refusal comes with a text.
func refundTaken(resp contract.Response, amount contract.Money) (contract.OperationResult, error) {
	var a refundAnswer
	err := json.Unmarshal(resp.Bytes(), &a)
	switch {
	case !resp.OK():
		f := writeRefused(resp)
		if f.Code == contract.InvalidRequest {
			f.Code = contract.Declined
		}
		f.ProviderMessage = a.Message
		return contract.OperationResult{}, f
	case err == nil && a.Success != nil && !*a.Success:
		return contract.OperationResult{
			Status:  contract.OperationFailed,
			Failure: &contract.Failure{Code: contract.Declined, Message: "Robokassa refuses the refund", ProviderMessage: a.Message},
		}, nil
	case err != nil || a.Success == nil || !isGUID(a.RequestID):
		return contract.OperationResult{}, &contract.Failure{Code: contract.Internal, Message: "Robokassa's answer to the refund cannot be read"}
	}
	return contract.OperationResult{Status: contract.OperationPending, ProviderReference: a.RequestID, Amount: amount}, nil
}

// isGUID takes what a request's id looks like.
func isGUID(s string) bool {
	const length = 36
	return len(s) == length && strings.Trim(s, digits+"abcdefABCDEF-") == ""
}

// GetRefund asks how a refund stands. One without a requestId was sent and
// never answered: nobody can tell, so that it stays pending until an operator
// has looked (protocol, 10).
func (plugin) GetRefund(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	s, err := newShop(c)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if in.Refund.ProviderReference == "" {
		return contract.OperationResult{Status: contract.OperationPending}, nil
	}
	return s.refundState(in.Refund)
}

func (s shop) refundState(r contract.Operation) (contract.OperationResult, error) {
	if !isGUID(r.ProviderReference) {
		return contract.OperationResult{}, &contract.Failure{Code: contract.Internal, Message: "the refund's reference is no requestId of Robokassa"}
	}
	resp, err := s.call.Do(contract.Request{Method: "GET", URL: s.Services + "/RefundService/Refund/GetState?id=" + r.ProviderReference})
	if err != nil {
		return contract.OperationResult{}, err
	}
	var a refundAnswer
	err = json.Unmarshal(resp.Bytes(), &a)
	switch {
	case !resp.OK():
		return contract.OperationResult{}, refused(resp)
	case err != nil:
		return contract.OperationResult{}, &contract.Failure{Code: contract.ProviderUnavailable, Message: "the answer about the refund cannot be read"}
	case a.Label == "" && a.Message != "":
		return contract.OperationResult{}, &contract.Failure{Code: contract.NotFound, Message: "Robokassa does not know the refund", ProviderMessage: a.Message}
	}
	status, known := refundLabels[a.Label]
	if !known {
		return contract.OperationResult{}, &contract.Failure{Code: contract.Internal, Message: "the refund has a label that is not known", ProviderCode: a.Label}
	}
	out := contract.OperationResult{Status: status, ProviderReference: r.ProviderReference, Amount: r.Amount}
	if amount, err := contract.ParseDecimal(a.Amount.String(), s.Currency); err == nil && r.Amount.Currency == s.Currency {
		out.Amount = amount
	}
	if status == contract.OperationFailed {
		out.Failure = &contract.Failure{Code: contract.Declined, Message: "Robokassa did not carry the refund out", ProviderCode: a.Label}
	}
	return out, nil
}
