package conformance_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

func (a acme) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	body := a.amount(in.Payment.Amount)
	body["reference"], body["capture"] = in.Payment.Reference, in.Payment.Capture
	key := in.Payment.IdempotencyKey
	if a.createKey != nil {
		key = a.createKey(in.Payment)
	}
	req := acmePost("/orders", key, body)
	req.Effect = contract.Prepare
	var out struct{ ID, URL string }
	if _, err := a.do(c, req, &out); err != nil {
		return contract.CreateResult{}, err
	}
	return contract.CreateResult{ProviderReference: out.ID, Action: contract.Action{Type: contract.ActionRedirect, URL: out.URL}}, nil
}

func (a acme) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	if in.Message != nil && in.Message.Query != "" {
		if id, err := a.returned(c, *in.Message); err != nil || id != in.Payment.ProviderReference {
			return contract.UpdatesResult{}, &contract.Failure{Code: contract.BadSignature, Message: "the return is not of this payment"}
		}
	}
	o, err := a.order(c, in.Payment)
	if err != nil {
		return contract.UpdatesResult{}, err
	}
	if o.Status == "approved" {
		if _, err := a.do(c, acmePost("/orders/"+o.ID+"/take", in.Payment.IdempotencyKey, nil), &o); err != nil {
			return contract.UpdatesResult{}, err
		}
	}
	list, err := a.updates(c, o)
	return contract.UpdatesResult{Updates: list}, err
}

// returned is the order that a return is of.
func (a acme) returned(c *guest.Call, m contract.Message) (string, error) {
	q, err := url.ParseQuery(m.Query)
	if err != nil {
		return "", &contract.Failure{Code: contract.InvalidRequest, Message: "the query is none"}
	}
	return q.Get("order"), a.verify(c, q.Get("order")+","+q.Get("status"), q.Get("signature"))
}

func (a acme) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	o, err := a.order(c, in.Payment)
	if err != nil {
		return contract.UpdatesResult{}, err
	}
	list, err := a.updates(c, o)
	return contract.UpdatesResult{Updates: list}, err
}

func (a acme) order(c *guest.Call, p contract.Payment) (acmeOrder, error) {
	var o acmeOrder
	_, err := a.do(c, contract.Request{Method: http.MethodGet, URL: acmeBase + "/orders?reference=" + p.Reference}, &o)
	if err == nil && o.Reference != p.Reference {
		err = &contract.Failure{Code: contract.Internal, Message: "the answer is of another order"}
	}
	return o, err
}

func (a acme) ReceiveWebhook(c *guest.Call, in contract.WebhookInput) (contract.WebhookResult, error) {
	if in.Message.Method == http.MethodGet {
		id, err := a.returned(c, in.Message)
		u := contract.Update{Payment: contract.PaymentKey{ProviderReference: id}, Type: contract.UpdatePending, Trust: contract.Hint}
		return contract.WebhookResult{Response: acmeTaken, Updates: []contract.Update{u}}, err
	}
	body := string(in.Message.Bytes())
	if err := a.verify(c, body, in.Message.Header("x-signature")); err != nil {
		return contract.WebhookResult{}, err
	}
	var m struct{ From, To int }
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "the message is no JSON"}
	}
	page, _ := strconv.Atoi(in.Cursor) // the first has none
	var got struct {
		Orders []acmeOrder
		More   bool
	}
	query := "?from=" + strconv.Itoa(m.From) + "&to=" + strconv.Itoa(m.To) + "&page=" + strconv.Itoa(page)
	resp, err := a.do(c, contract.Request{Method: http.MethodGet, URL: acmeBase + "/news" + query}, &got)
	switch {
	case err != nil && a.alwaysDone:
		return contract.WebhookResult{Response: acmeTaken}, nil
	case err != nil:
		return contract.WebhookResult{}, err
	}
	if err := a.verify(c, string(resp.Bytes()), resp.Header("x-signature")); err != nil {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.ProviderUnavailable, Message: "the answer is not signed by the provider"}
	}
	out := contract.WebhookResult{Response: acmeTaken, Unknown: contract.UnknownAccept}
	if got.More && !a.firstPage {
		out.Next = strconv.Itoa(page + 1)
	}
	if a.hook != nil {
		a.update = a.hook
	}
	out.Updates, err = a.updates(c, got.Orders...)
	return out, err
}

var acmeTaken = contract.WebhookResponse{Status: 200, ContentType: "text/plain", Body: "taken"}

// operated runs a capture, a refund or giving up. A 5xx may have been booked:
// the host asks again.
func (a acme) operated(c *guest.Call, req contract.Request) (contract.OperationResult, error) {
	var out struct{ ID, Status string }
	resp, err := a.do(c, req, &out)
	if resp.Status >= 500 && a.failure == nil {
		return contract.OperationResult{Status: contract.OperationPending}, nil
	}
	return contract.OperationResult{Status: contract.OperationStatus(out.Status), ProviderReference: out.ID}, err
}

func (a acme) CapturePayment(c *guest.Call, in contract.CaptureInput) (contract.OperationResult, error) {
	body := a.amount(in.Capture.Amount)
	body["final"] = in.Capture.Final
	return a.operated(c, acmePost("/orders/"+in.Payment.ProviderReference+"/captures", in.Capture.IdempotencyKey, body))
}

func (a acme) CancelPayment(c *guest.Call, in contract.PaymentInput) (contract.OperationResult, error) {
	return a.operated(c, acmePost("/orders/"+in.Payment.ProviderReference+"/void", in.Payment.IdempotencyKey, nil))
}

func (a acme) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	key := in.Refund.IdempotencyKey
	if a.refundKey != nil {
		key = a.refundKey(in)
	}
	return a.operated(c, acmePost("/orders/"+in.Payment.ProviderReference+"/refunds", key, a.amount(in.Refund.Amount)))
}

func (a acme) GetRefund(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	if in.Refund.ProviderReference == "" { // its answer was lost: the same key gives the same refund
		return a.RefundPayment(c, in)
	}
	return a.operated(c, contract.Request{Method: http.MethodGet, URL: acmeBase + "/refunds/" + in.Refund.ProviderReference})
}

func (a acme) ListOptions(c *guest.Call, _ contract.OptionsInput) ([]contract.Option, error) {
	var names []string
	if _, err := a.do(c, contract.Request{Method: http.MethodGet, URL: acmeBase + "/banks"}, &names); err != nil {
		return nil, err
	}
	var list []contract.Option
	for _, n := range names {
		list = append(list, contract.Option{ID: strings.ToLower(n), Title: n})
	}
	return list, nil
}

func (a acme) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	var names []string
	if _, err := a.do(c, contract.Request{Method: http.MethodGet, URL: acmeBase + "/banks"}, &names); err != nil {
		return contract.CheckResult{Findings: []contract.Finding{{Level: contract.FindingError, Text: err.Error()}}}, nil //nolint:nilerr // it is what was found
	}
	return contract.CheckResult{OK: true}, nil
}
