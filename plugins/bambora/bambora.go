package main

import (
	"errors"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// CompletePayment checks what the consumer's browser brings back, and looks the
// transaction up: return and callback come in any order (5.1, rule 7).
func (provider) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	none := contract.UpdatesResult{}
	if in.Message == nil || !isTold(in.Message.Query) {
		return none, nil // the consumer came back by another way
	}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	t, err := readTold(c, in.Message.Query)
	if err != nil {
		return none, err
	}
	if t.orderid != orderID(in.Payment.Reference) {
		return none, forged("it is of another payment")
	}
	f, err := a.transaction(t.txnid)
	if err != nil {
		return none, err
	}
	if err := f.agrees(t); err != nil {
		return none, err
	}
	return contract.UpdatesResult{Updates: f.updates(contract.PaymentKey{ID: in.Payment.ID})}, nil
}

// GetPayment asks how a payment stands: shop and back office both change it.
// Before return or callback have named its transaction the provider cannot be
// asked, and there is no news.
func (provider) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	none := contract.UpdatesResult{}
	a, err := newAPI(c)
	if err != nil || !isPaid(in.Payment) {
		return none, err
	}
	s, err := a.stand(in.Payment.ProviderReference)
	if err != nil {
		return none, err
	}
	if string(s.OrderID) != orderID(in.Payment.Reference) {
		return none, internal("the transaction is of another order")
	}
	key := contract.PaymentKey{ID: in.Payment.ID}
	return contract.UpdatesResult{Updates: append(s.updates(key), s.captures(key, in.Payment, c.Now())...)}, nil
}

// isPaid says whether the payment's transaction is known: until then its
// reference is the order number.
func isPaid(p contract.Payment) bool {
	return p.ProviderReference != orderID(p.Reference) && isTransaction(p.ProviderReference)
}

// callbackMethod is that of callbacks: nothing is posted (5).
const callbackMethod = "GET"

// ReceiveWebhook takes a callback: a GET whose query is hashed. The transaction
// is looked up before anything is told of it. Where that fails the provider is to
// call again (5.2).
func (provider) ReceiveWebhook(c *guest.Call, in contract.WebhookInput) (contract.WebhookResult, error) {
	none := contract.WebhookResult{}
	if in.Message.Method != callbackMethod || len(in.Message.Bytes()) > 0 {
		return none, invalid("a callback is a GET without a body")
	}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	t, err := readTold(c, in.Message.Query)
	if err != nil {
		return none, err
	}
	f, err := a.transaction(t.txnid)
	var failed *contract.Failure
	if errors.As(err, &failed) && failed.Code != contract.RateLimited {
		failed.Code = contract.ProviderUnavailable // whatever it is: the callback itself is sound
	}
	if err == nil {
		err = f.agrees(t)
	}
	if err != nil {
		return none, err
	}
	key := contract.PaymentKey{Reference: t.reference}
	if t.reference == "" { // another shop's on the same merchant number
		key.Reference = t.orderid
	}
	return contract.WebhookResult{Response: contract.WebhookResponse{Status: 200, ContentType: "text/plain", Body: "OK"}, Updates: f.updates(key)}, nil
}

// CheckSettings tries the credentials (7.5). The MD5 key cannot be tried.
func (provider) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	var out contract.CheckResult
	a, err := newAPI(c)
	if err != nil {
		return out, err
	}
	wrong := func(text, fix string) {
		out.Findings = append(out.Findings, contract.Finding{Level: contract.FindingError, Text: text, Fix: fix})
	}
	test := a.MerchantNumber[0] == 'T'
	if a.Environment != "" && test != (a.Environment == "test") {
		wrong("The merchant number and the environment do not fit: test numbers begin with T, others are live.", "Copy the merchant number of this environment from the back office.")
	}
	if !c.HasSecret("md5_key") {
		wrong("There is no MD5 key, so callbacks and returns cannot be checked.", "Copy it from the back office, where the merchant number's settings are.")
	}
	err = a.do(a.request("GET", a.Login+"/merchant/functionpermissionsandfeatures"), &reply{})
	var f *contract.Failure
	switch {
	case errors.As(err, &f) && (f.Code == contract.Unauthorized || f.Code == contract.Declined):
		wrong("The provider does not take the credentials.", "Make an API user in the back office and copy its access token and secret token, and the merchant number.")
	case err != nil:
		return contract.CheckResult{}, err
	}
	out.OK = len(out.Findings) == 0
	return out, nil
}
