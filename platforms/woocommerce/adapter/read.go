package main

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

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
	d, err := readBody(m)
	if err != nil {
		return none, err
	}
	if !isID(d.ID) {
		return none, invalid("the webhook names no order")
	}
	switch {
	case m.Header("x-wc-webhook-topic") == "order.deleted": // it carries the id alone
		d.Status = trash
	case d.large:
		return a.actNow(d)
	case !d.sound():
		return none, invalid("the webhook's order has no key: set the webhook's API version to WP REST API v3")
	}
	return a.act(d)
}

// What is read member by member in one round: JSON of so many bytes, or more of it
// if it has no more quotes. A text costs some 5,000 instructions, whatever its
// length, what else is done to it included.
const (
	maxScanned = 64 << 10
	maxQuotes  = maxScanned / 6
)

// heavy says whether reading this would use up a round.
func heavy(text string) bool {
	if len(text) <= maxScanned {
		return false
	}
	for range maxQuotes {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			return false
		}
		text = text[i+1:]
	}
	return true
}

// readBody reads a webhook's order. Of one that is too large for a round it finds
// the id alone.
func readBody(m contract.Message) (d document, err error) {
	s := guest.Scan(m.Bytes())
	if !heavy(m.Body) {
		if d.scan(s); s.Err() != nil {
			return d, invalid("the webhook's body is no JSON")
		}
		return d, nil
	}
	for name := range s.Members {
		if name == "id" {
			d.ID, d.large = s.Text(), true
			break
		}
		s.Skip()
	}
	return d, nil
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
	if m.BodyBase64 == nil {
		r.Data = contract.Parts{contract.Lit(m.Body)}
	} else {
		r.DataBase64 = m.BodyBase64
	}
	return c.CheckMAC(r, signature)
}

// actNow asks for what the order wants as it is now, without its lines: it has more
// than can be read.
func (a api) actNow(d document) (contract.ReadOrderResult, error) {
	now, err := a.get(d.ID, leanFields)
	if is(err, contract.NotFound) {
		return contract.ReadOrderResult{Response: taken}, nil
	}
	if err != nil {
		return contract.ReadOrderResult{}, err
	}
	w, err := a.want(now)
	if err != nil {
		return contract.ReadOrderResult{}, err
	}
	return a.asks(d.ID, w), nil
}

// act asks for what an order of a webhook wants. A command is read from the order
// as it is now: a webhook has no time in its signature, and one that comes late,
// or once more, must not cancel or capture what has changed since.
func (a api) act(d document) (contract.ReadOrderResult, error) {
	w, err := a.want(d)
	if err != nil {
		return contract.ReadOrderResult{}, err
	}
	if w.command != "" || d.Status == trash {
		return a.actNow(d) // what is gone for good cannot be named
	}
	return a.asks(d.ID, w), nil
}

// asks writes what an order asks for.
func (a api) asks(id string, w want) contract.ReadOrderResult {
	out := contract.ReadOrderResult{Response: taken}
	if w.order != nil {
		out.Order = w.order
	} else if w.command != "" {
		out.Commands = []contract.Command{{Type: w.command, Reference: w.reference}}
	}
	if w.why != "" {
		a.call.Log(guest.LevelWarn, "order "+id+" is passed over: "+w.why)
	}
	return out
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
		case !d.Settled && amount.Value > 0 && d.Paid == "": // an admin may put a paid order back (1.3)
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

// ours says whether an order is paid through this adapter: of the methods that
// are named, or where none is, orders without one, which an admin has made. Those
// of other gateways are being paid there.
func (a api) ours(d document) bool {
	if len(a.PaymentMethods) == 0 {
		return d.PaymentMethod == ""
	}
	return slices.Contains(a.PaymentMethods, d.PaymentMethod)
}

// get reads an order as it is now.
func (a api) get(id, fields string) (document, error) {
	var d document
	resp, err := a.call.Do(a.request("GET", "/orders/"+id, fields))
	if err != nil {
		return d, err
	}
	err = a.readOrder(resp, id, &d)
	return d, err
}

// readOrder reads the answer with one order.
func (a api) readOrder(resp contract.Response, id string, d *document) error {
	if resp.OK() && heavy(resp.Body) {
		return &contract.Failure{Code: contract.InvalidRequest, Message: "order " + id + " of the shop has " + strconv.Itoa(len(resp.Body)) + " bytes, which is more than can be read: look which extension writes so much meta data to it"}
	}
	if err := a.read(resp, d.scan); err != nil {
		return err
	}
	return a.isOrder(id, *d)
}

// isOrder holds an answer to the order that was asked for.
func (a api) isOrder(id string, d document) error {
	if d.ID != id || !d.sound() {
		return &contract.Failure{Code: contract.ProviderUnavailable, Message: "the shop answered with something that is not order " + id}
	}
	return nil
}

func invalid(message string) error {
	return &contract.Failure{Code: contract.InvalidRequest, Message: message}
}
