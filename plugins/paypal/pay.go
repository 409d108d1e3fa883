package main

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// orderRequest is a create (openapi, order_request).
type orderRequest struct {
	Intent string      `json:"intent"`
	Units  [1]sentUnit `json:"purchase_units"`
	Source source      `json:"payment_source"`
}

type sentUnit struct {
	Amount      *money `json:"amount"`
	Description string `json:"description,omitempty"`
	CustomID    string `json:"custom_id"`
	InvoiceID   string `json:"invoice_id"`
}

type source struct {
	PayPal struct {
		Context experience `json:"experience_context"`
	} `json:"paypal"`
}

type experience struct {
	ReturnURL  string `json:"return_url"`
	CancelURL  string `json:"cancel_url"`
	BrandName  string `json:"brand_name,omitempty"`
	Locale     string `json:"locale,omitempty"`
	UserAction string `json:"user_action"`
	Shipping   string `json:"shipping_preference"`
}

// state is what a payment remembers.
type state struct {
	// Approval is where the buyer approves, and chooses other means.
	Approval string `json:"approval"`
	// Declined counts the tries that PayPal refused; each has a request id of its own.
	Declined int `json:"declined,omitempty"`
}

// CreatePayment makes an order and sends the buyer to PayPal. No money moves
// until complete_payment asks for it. Who cancels comes back the same way, so
// that it is known at once.
func (provider) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	a, err := newAPI(c)
	if err != nil {
		return contract.CreateResult{}, err
	}
	p := in.Payment
	body := orderRequest{Intent: "CAPTURE"}
	if p.Capture == contract.CaptureManual {
		body.Intent = "AUTHORIZE"
	}
	amount, err := moneyOf(p.Amount)
	if err != nil {
		return contract.CreateResult{}, err
	}
	body.Units[0] = sentUnit{Amount: amount, Description: cut(p.Description, maxText), CustomID: p.Reference, InvoiceID: invoice(p, p.Reference)}
	body.Source.PayPal.Context = experience{
		ReturnURL: p.ReturnURL, CancelURL: p.ReturnURL, BrandName: a.BrandName, Locale: locale(p.Locale),
		UserAction: "PAY_NOW", Shipping: "NO_SHIPPING",
	}
	resp, err := a.post("/v2/checkout/orders", contract.Prepare, p.IdempotencyKey, body)
	if err != nil {
		return contract.CreateResult{}, err
	}
	var o order
	if err := read(resp, &o); err != nil {
		return contract.CreateResult{}, err
	}
	page := o.approval()
	if !isID(o.ID) || page == "" {
		return contract.CreateResult{}, internal("PayPal's answer lacks the order's id or the link for the buyer")
	}
	kept, err := json.Marshal(state{Approval: page})
	return contract.CreateResult{ProviderReference: o.ID, State: kept, Action: contract.Action{Type: contract.ActionRedirect, URL: page}}, err
}

// locale is the tag as PayPal takes it, or "".
func locale(tag string) string {
	language, region, _ := strings.Cut(tag, "-")
	if len(language) != 2 || len(region) != 2 && region != "" {
		return ""
	}
	return tag
}

// GetPayment reads the order.
func (provider) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	a, err := newAPI(c)
	if err != nil || in.Payment.ProviderReference == "" {
		return contract.UpdatesResult{}, err
	}
	return a.told(in.Payment)
}

// told is what PayPal says of a payment now.
func (a api) told(p contract.Payment) (contract.UpdatesResult, error) {
	o, err := a.order(p.ProviderReference)
	switch {
	case unknown(err):
		return a.gone(p)
	case err != nil:
		return contract.UpdatesResult{}, err
	}
	list, err := about(p).updates(o)
	return contract.UpdatesResult{Updates: list}, err
}

func (a api) order(id string) (order, error) {
	var o order
	if !isID(id) {
		return o, internal("the provider reference is no id of PayPal")
	}
	err := a.get("/v2/checkout/orders/"+id, &o)
	if err == nil && o.ID != id {
		err = internal("PayPal answered with another order")
	}
	return o, err
}

// gone is an order that PayPal does not know any more: it was not carried out
// in time. That it is PayPal which says so, and our app which it knows, is
// proven by a new token.
func (a api) gone(p contract.Payment) (contract.UpdatesResult, error) {
	none := contract.UpdatesResult{}
	if a.call.HasSecret(accessToken) {
		resp, err := a.call.Do(a.fetchToken())
		if err != nil {
			return none, err
		}
		if err := read(resp, nil); err != nil {
			return none, err
		}
	}
	t := about(p)
	t.add(contract.Update{Type: contract.UpdateExpired})
	return contract.UpdatesResult{Updates: t.list}, nil
}

// CompletePayment takes the money, or authorizes it, as soon as the buyer has
// approved: on the return or on the webhook's word, whichever is first. What
// the browser brings is only held against the order; PayPal is asked.
func (provider) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	none := contract.UpdatesResult{}
	a, err := newAPI(c)
	if err != nil || in.Payment.ProviderReference == "" {
		return none, err
	}
	token, payer := "", ""
	if in.Message != nil {
		token, payer = parameter(in.Message.Query, "token"), parameter(in.Message.Query, "PayerID")
	}
	if token != "" && token != in.Payment.ProviderReference {
		return none, &contract.Failure{Code: contract.BadSignature, Message: "the return is of another payment"}
	}
	o, err := a.order(in.Payment.ProviderReference)
	switch {
	case unknown(err):
		return a.gone(in.Payment)
	case err != nil:
		return none, err
	case o.Status == "APPROVED":
		return a.carryOut(o, in.Payment)
	}
	t := about(in.Payment)
	list, err := t.updates(o)
	out := contract.UpdatesResult{Updates: list}
	s := remembered(in.Payment)
	switch {
	case err != nil || len(list) > 0 || token == "":
	case payer == "": // back by the cancel link, and nothing approved
		t.add(contract.Update{Type: contract.UpdateCancelled})
		out.Updates = t.list
	case s.Declined > 0 && s.Approval != "": // declined on the webhook's word, before the buyer was back
		out.Action = &contract.Action{Type: contract.ActionRedirect, URL: s.Approval}
	}
	return out, err
}

// remembered is the payment's state; one of another version is forgotten.
func remembered(p contract.Payment) state {
	var s state
	if json.Unmarshal(p.State, &s) != nil {
		return state{}
	}
	return s
}

// parameter reads a query as it stands: PayPal's two values have no character
// that is escaped. Of a repeated name the last counts: PayPal adds to the end.
func parameter(query, name string) string {
	found := ""
	for _, pair := range strings.Split(query, "&") {
		if n, value, _ := strings.Cut(pair, "="); n == name {
			found = value
		}
	}
	return found
}

// What the issues of capture and authorize ask for (openapi, Orders).
var (
	otherMeans = []string{"INSTRUMENT_DECLINED", "PAYER_ACTION_REQUIRED", "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING"}
	lookAgain  = []string{"ORDER_NOT_APPROVED", "ORDER_ALREADY_CAPTURED", "ORDER_ALREADY_AUTHORIZED", "ORDER_COMPLETED_OR_VOIDED", "ORDER_EXPIRED", "DUPLICATE_INVOICE_ID"}
	refusals   = []string{
		"PAYER_CANNOT_PAY", "TRANSACTION_REFUSED", "COMPLIANCE_VIOLATION", "PAYER_ACCOUNT_RESTRICTED", "PAYEE_ACCOUNT_RESTRICTED",
		"PAYEE_BLOCKED_TRANSACTION", "TRANSACTION_BLOCKED_BY_PAYEE", "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED",
	}
)

// carryOut captures or authorizes an order that is approved: never another
// amount than the payment's.
func (a api) carryOut(o order, p contract.Payment) (contract.UpdatesResult, error) {
	none := contract.UpdatesResult{}
	if len(o.Units) != 1 {
		return none, internal("PayPal's order has not the one purchase unit that was made")
	}
	if amount, err := o.Units[0].Amount.read(); err != nil || amount != p.Amount {
		return none, errors.Join(err, &contract.Failure{Code: contract.Conflict, Message: "PayPal's order is of another amount than the payment's " + p.Amount.String()})
	}
	s, verb := remembered(p), "capture"
	if o.Intent == "AUTHORIZE" {
		verb = "authorize"
	}
	id := p.IdempotencyKey + "-" + verb
	if s.Declined > 0 {
		id += "-" + strconv.Itoa(s.Declined)
	}
	resp, err := a.post("/v2/checkout/orders/"+o.ID+"/"+verb, contract.Write, id, struct{}{})
	if err != nil {
		return none, err
	}
	var done order
	err = read(resp, &done)
	switch code := issue(err); {
	case err == nil:
		list, err := about(p).updates(done)
		return contract.UpdatesResult{Updates: list}, err
	case resp.Status == 404 || slices.Contains(lookAgain, code):
		return a.told(p)
	case slices.Contains(otherMeans, code):
		return chooseAgain(a, p, s)
	case slices.Contains(refusals, code):
		var f *contract.Failure
		errors.As(err, &f)
		t := about(p)
		t.add(contract.Update{Type: contract.UpdateFailed, Failure: f, OccurredAt: a.call.At()})
		return contract.UpdatesResult{Updates: t.list}, nil
	}
	return none, err
}

// chooseAgain sends the buyer, whose means were declined, back to the same
// order. The next try is another action, so it gets another request id.
func chooseAgain(a api, p contract.Payment, s state) (contract.UpdatesResult, error) {
	s.Declined++
	kept, err := json.Marshal(s)
	t := about(p)
	t.add(contract.Update{Type: contract.UpdatePending, State: kept, OccurredAt: a.call.At()})
	out := contract.UpdatesResult{Updates: t.list}
	if s.Approval != "" {
		out.Action = &contract.Action{Type: contract.ActionRedirect, URL: s.Approval}
	}
	return out, err
}
