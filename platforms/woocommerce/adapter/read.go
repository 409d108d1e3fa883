package main

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// taken is the answer to whatever the shop sends that is genuine: a webhook that
// fails seven times in a row is switched off for good (2, trap 5).
var taken = contract.WebhookResponse{Status: 200, ContentType: "text/plain", Body: "OK"}

// webhookMethod is that of all webhooks.
const webhookMethod = "POST"

// maxPing is longer than any ping.
const maxPing = 64

// ReadOrder takes a webhook of the shop. It says that something changed, and what
// it carries is the order as it was when it was sent: it is acted on the
// difference, and no number of it is remembered, since deliveries of different
// orders share one (2, traps 2 and 3). Orders that cannot be paid here are passed
// over.
func (provider) ReadOrder(c *guest.Call, in contract.ReadOrderInput) (contract.ReadOrderResult, error) {
	none := contract.ReadOrderResult{}
	m := in.Message
	if isPing(m) {
		return contract.ReadOrderResult{Response: taken}, nil
	}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	if err := verify(c, m); err != nil {
		return none, err
	}
	if m.Header("x-wc-webhook-resource") != "order" {
		return none, invalid("this webhook is of " + plainText(m.Header("x-wc-webhook-topic"), 40) + ": make it one for orders")
	}
	var d document
	if err := json.Unmarshal(m.Bytes(), &d); err != nil {
		return none, invalid("read the order: " + err.Error())
	}
	if !isID(string(d.ID)) {
		return none, invalid("the webhook names no order")
	}
	if m.Header("x-wc-webhook-topic") == "order.deleted" { // it carries the id alone
		d.Status = trash
	} else if !d.sound() {
		return none, invalid("the webhook's order has no key: set the webhook's API version to WP REST API v3")
	}
	return a.act(d)
}

// isPing says whether it is the shop's first contact: a form, unsigned, without
// the headers of a webhook (2, trap 1).
func isPing(m contract.Message) bool {
	for name := range m.Headers {
		if strings.HasPrefix(name, "x-wc-webhook-") {
			return false
		}
	}
	kind, _, _ := strings.Cut(m.Header("content-type"), ";")
	number, ok := strings.CutPrefix(m.Body, "webhook_id=")
	return m.Method == webhookMethod && ok && len(m.Body) < maxPing && isID(number) && strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded")
}

// verify checks base64 of the HMAC-SHA256 of the raw body (2).
func verify(c *guest.Call, m contract.Message) error {
	if len(m.Bytes()) == 0 {
		return &contract.Failure{Code: contract.BadSignature, Message: "the webhook has no body: there is nothing that could be signed"}
	}
	signature, err := base64.StdEncoding.DecodeString(m.Header("x-wc-webhook-signature"))
	if err != nil {
		signature = nil // as none
	}
	r := contract.MACRequest{Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec("webhook_secret")}}
	if b := m.Bytes(); utf8.Valid(b) {
		r.Data = contract.Parts{contract.Lit(string(b))}
	} else {
		r.DataBase64 = b
	}
	return c.CheckMAC(r, signature)
}

// act asks for what an order of a webhook wants. A command is read from the order
// as it is now: a webhook has no time in its signature, and one that comes late,
// or once more, must not cancel or capture what has changed since.
func (a api) act(d document) (contract.ReadOrderResult, error) {
	out := contract.ReadOrderResult{Response: taken}
	w, err := a.want(d)
	if err != nil {
		return contract.ReadOrderResult{}, err
	}
	if w.command != "" || d.Status == trash {
		now, err := a.get(string(d.ID))
		if is(err, contract.NotFound) {
			return out, nil // what is gone for good cannot be named
		}
		if err == nil {
			w, err = a.want(now)
		}
		if err != nil {
			return contract.ReadOrderResult{}, err
		}
	}
	if w.order != nil {
		out.Order = w.order
	} else if w.command != "" {
		out.Commands = []contract.Command{{Type: w.command, Reference: w.reference}}
	}
	if w.why != "" {
		a.call.Log(guest.LevelWarn, "order "+string(d.ID)+" is passed over: "+w.why)
	}
	return out, nil
}

// want is what an order of the shop asks for: to be paid, a command, or nothing
// with the reason where there is one.
type want struct {
	reference, command string
	order              *contract.OrderRequest
	why                string
}

// want reads it from the order's status. Of an order that the shop was told is
// paid nothing is to be captured.
func (a api) want(d document) (w want, err error) {
	if !d.sound() || !a.ours(d) {
		return w, nil
	}
	if w.reference, err = a.reference(d); err != nil {
		return w, err
	}
	switch d.Status {
	case pending, failed:
		amount, err := d.amount()
		switch {
		case err != nil:
			w.why = err.Error()
		case d.NeedsPayment && amount.Value > 0 && d.Paid == "": // an admin may put a paid order back (1.3)
			order := a.order(d, w.reference, amount)
			w.order = &order
		}
	case cancelled, trash:
		w.command = contract.CommandCancel
	case completed:
		if memory(d.meta(metaTold)).of(d.meta(metaCheckout)).status != contract.OrderStatusPaid {
			w.command = contract.CommandCapture
		}
	}
	return w, nil
}

// extension begins the ids of the gateways of our own extension, which serves
// their orders by itself.
const extension = "kassette"

// ours says whether an order is paid through this adapter.
func (a api) ours(d document) bool {
	if len(a.PaymentMethods) == 0 {
		return !strings.HasPrefix(string(d.PaymentMethod), extension)
	}
	for _, id := range a.PaymentMethods {
		if id == string(d.PaymentMethod) {
			return true
		}
	}
	return false
}

// get reads an order as it is now.
func (a api) get(id string) (document, error) {
	var d document
	resp, err := a.call.Do(a.request("GET", "/orders/"+id, documentFields))
	if err != nil {
		return d, err
	}
	err = a.readOrder(resp, id, &d)
	return d, err
}

// readOrder reads the answer with one order.
func (a api) readOrder(resp contract.Response, id string, d *document) error {
	if err := a.read(resp, d); err != nil {
		return err
	}
	return a.isOrder(id, *d)
}

// isOrder holds an answer to the order that was asked for.
func (a api) isOrder(id string, d document) error {
	if string(d.ID) != id || !d.sound() {
		return &contract.Failure{Code: contract.ProviderUnavailable, Message: "the shop answered with something that is not order " + id}
	}
	return nil
}

func invalid(message string) error {
	return &contract.Failure{Code: contract.InvalidRequest, Message: message}
}
