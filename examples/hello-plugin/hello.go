package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// CreatePayment registers the payment and sends the consumer to its page.
func (hello) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	p := in.Payment
	var got struct{ ID, Page string }
	err := ask(c, "POST", "/payments", contract.Prepare, map[string]string{
		"reference": p.Reference, "amount": p.Amount.Decimal(), "currency": p.Amount.Currency,
		"return_url": p.ReturnURL, "notify_url": p.WebhookURL,
	}, &got)
	if err == nil && got.Page == "" {
		err = failure(contract.ProviderUnavailable, "the answer names no page")
	}
	if err != nil {
		return contract.CreateResult{}, err
	}
	return contract.CreateResult{ProviderReference: got.ID, Action: contract.Action{Type: contract.ActionRedirect, URL: got.Page}}, nil
}

// CompletePayment asks how the payment stands: the return itself says nothing.
func (h hello) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	return h.GetPayment(c, contract.PaymentInput{Payment: in.Payment})
}

// GetPayment asks how the payment stands.
func (hello) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	var s standing
	if err := ask(c, "GET", "/payments/"+in.Payment.Reference, contract.Read, nil, &s); err != nil {
		return contract.UpdatesResult{}, err
	}
	u, err := s.update()
	return contract.UpdatesResult{Updates: []contract.Update{u}}, err
}

// ReceiveWebhook reads a notice, once its signature holds.
func (hello) ReceiveWebhook(c *guest.Call, in contract.WebhookInput) (contract.WebhookResult, error) {
	signature, err := hex.DecodeString(in.Message.Header("hello-signature"))
	if err != nil {
		return contract.WebhookResult{}, failure(contract.BadSignature, "the signature is no hex")
	}
	mac := contract.MACRequest{Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec("signing_key")}, DataBase64: in.Message.Bytes()}
	if err := c.CheckMAC(mac, signature); err != nil {
		return contract.WebhookResult{}, err
	}
	var s standing
	if err := json.Unmarshal(in.Message.Bytes(), &s); err != nil {
		return contract.WebhookResult{}, failure(contract.InvalidRequest, "the notice is no JSON")
	}
	u, err := s.update()
	return contract.WebhookResult{
		Response: contract.WebhookResponse{Status: 200, ContentType: "text/plain", Body: "thanks"},
		Updates:  []contract.Update{u}, Unknown: contract.UnknownAccept,
	}, err
}

// RefundPayment gives money back. Where it is not certain what came of it, it
// is pending: the host asks again.
func (hello) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	var got struct{ ID, Status string }
	err := ask(c, "PUT", "/payments/"+in.Payment.Reference+"/refunds/"+in.Refund.IdempotencyKey, contract.Write, map[string]string{
		"amount": in.Refund.Amount.Decimal(), "currency": in.Refund.Amount.Currency,
	}, &got)
	var f *contract.Failure
	switch {
	case errors.As(err, &f) && f.Code == contract.ProviderUnavailable, err == nil && got.Status != "done":
		return contract.OperationResult{Status: contract.OperationPending}, nil
	case err != nil:
		return contract.OperationResult{}, err
	}
	return contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: got.ID, Amount: in.Refund.Amount}, nil
}

// GetRefund asks for the refund again: under its key it is the same one.
func (h hello) GetRefund(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	return h.RefundPayment(c, in)
}

// standing is how a payment stands, by the provider's word.
type standing struct {
	ID, Reference, Status, Paid, Currency string
	At                                    time.Time
}

var types = map[string]contract.UpdateType{
	"open": contract.UpdatePending, "paid": contract.UpdateCaptured,
	"cancelled": contract.UpdateCancelled, "expired": contract.UpdateExpired,
}

func (s standing) update() (contract.Update, error) {
	u := contract.Update{
		Payment: contract.PaymentKey{Reference: s.Reference}, NewProviderReference: s.ID,
		Type: types[s.Status], Trust: contract.Verified, OccurredAt: s.At,
	}
	switch u.Type {
	case "":
		return u, failure(contract.Internal, "the status "+s.Status+" is not known")
	case contract.UpdateCaptured:
		var err error
		if u.Amount, err = contract.ParseDecimal(s.Paid, s.Currency); err != nil {
			return u, failure(contract.Internal, err.Error())
		}
	}
	return u, nil
}

// ask sends a request with the shop's key, and reads the answer.
func ask(c *guest.Call, method, path string, effect contract.Effect, body map[string]string, into any) error {
	var s struct {
		BaseURL string `json:"base_url"`
	}
	if err := c.Settings(&s); err != nil {
		return err
	}
	repeat := true // all that it does can be asked for twice
	req := contract.Request{Method: method, URL: s.BaseURL + path, Effect: effect, Repeat: &repeat, Auth: &contract.Auth{Bearer: "api_key"}}
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		req.Body, req.Headers = string(b), map[string]string{"content-type": "application/json"}
	}
	resp, err := c.Do(req)
	if err != nil {
		return err // not answered yet, or not at all: just pass it on
	}
	if !resp.OK() {
		return refused(resp)
	}
	if err := json.Unmarshal(resp.Bytes(), into); err != nil {
		return failure(contract.ProviderUnavailable, "the answer is no JSON")
	}
	return nil
}

// codes are what the provider's refusals mean. All others say that it is out of order.
var codes = map[int]contract.FailureCode{
	400: contract.InvalidRequest, 401: contract.Unauthorized, 404: contract.NotFound, 422: contract.Declined, 429: contract.RateLimited,
}

func refused(resp contract.Response) error {
	code, ok := codes[resp.Status]
	if !ok {
		code = contract.ProviderUnavailable
	}
	return &contract.Failure{Code: code, Message: "the provider refused the request", RetryAfterMS: resp.RetryAfterMS()}
}

func failure(code contract.FailureCode, message string) error {
	return &contract.Failure{Code: code, Message: message}
}
