package main

import (
	"encoding/base64"
	"encoding/json"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// event is a webhook event (openapi, webhooks, event).
type event struct {
	ID       string  `json:"id"`
	Type     string  `json:"event_type"`
	Resource subject `json:"resource"`
}

// subject is what an event is about: a resource, or an order.
type subject struct {
	resource
	OrderID string `json:"order_id"`
	Units   []unit `json:"purchase_units"`
}

// What is done about an event.
const (
	approve = iota + 1 // the order is approved
	reread             // the order is read again: its word counts, not the event's
	lapse              // as reread; an order that is gone has expired
	reverse            // PayPal took money back
)

// events are those that matter (developer.paypal.com, webhook event names).
// Others are taken and passed over.
var events = map[string]int{
	"CHECKOUT.ORDER.APPROVED":            approve,
	"CHECKOUT.ORDER.COMPLETED":           reread,
	"CHECKOUT.PAYMENT-APPROVAL.REVERSED": lapse,
	"PAYMENT.AUTHORIZATION.CREATED":      reread,
	"PAYMENT.AUTHORIZATION.VOIDED":       reread,
	"PAYMENT.CAPTURE.COMPLETED":          reread,
	"PAYMENT.CAPTURE.PENDING":            reread,
	"PAYMENT.CAPTURE.DENIED":             reread,
	"PAYMENT.CAPTURE.DECLINED":           reread,
	"PAYMENT.CAPTURE.REFUNDED":           reread,
	"PAYMENT.REFUND.PENDING":             reread,
	"PAYMENT.REFUND.FAILED":              reread,
	"PAYMENT.CAPTURE.REVERSED":           reverse,
}

// ReceiveWebhook verifies an event over its raw bytes, and then reads the order
// that it is about. Events may come twice and in any order.
func (provider) ReceiveWebhook(c *guest.Call, in contract.WebhookInput) (contract.WebhookResult, error) {
	a, err := newAPI(c)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	if err := a.verify(in.Message); err != nil {
		return contract.WebhookResult{}, err
	}
	var e event
	if err := json.Unmarshal(in.Message.Bytes(), &e); err != nil {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "read event: " + err.Error()}
	}
	list, err := a.news(e)
	return contract.WebhookResult{
		Response: contract.WebhookResponse{Status: 200, ContentType: "text/plain"}, Updates: list, Unknown: contract.UnknownAccept,
	}, err
}

// news are the updates that an event brings.
func (a api) news(e event) ([]contract.Update, error) {
	what, ok := events[e.Type]
	if !ok {
		a.call.Log(guest.LevelInfo, "an event of a type that does not matter here: "+cut(e.Type, maxText))
		return nil, nil
	}
	id, err := a.orderOf(e)
	if err != nil {
		return nil, err
	}
	t := &teller{key: contract.PaymentKey{Reference: e.Resource.custom(), ProviderReference: id}}
	if what == approve {
		t.add(contract.Update{Type: contract.UpdateApproved})
		return t.list, nil
	}
	o, err := a.order(id)
	switch {
	case what == lapse && unknown(err):
		t.add(contract.Update{Type: contract.UpdateExpired})
		return t.list, nil
	case err != nil:
		return nil, err
	case len(o.Units) > 0 && o.Units[0].CustomID != "":
		t.key.Reference = o.Units[0].CustomID
	}
	if what == reverse {
		amount, err := e.Resource.Amount.read()
		if err != nil {
			return nil, err
		}
		t.add(contract.Update{Type: contract.UpdateChargedBack, Amount: amount, OccurredAt: e.Resource.at(), Item: &contract.Item{ProviderReference: e.Resource.ID}})
		return t.list, nil
	}
	return t.updates(o)
}

// custom is our own reference, where the event tells it.
func (s subject) custom() string {
	if len(s.Units) > 0 {
		return s.Units[0].CustomID
	}
	return s.CustomID
}

// orderOf finds the order that an event is about. A refund only names its
// capture, which is read.
func (a api) orderOf(e event) (string, error) {
	r := e.Resource
	if strings.HasPrefix(e.Type, "CHECKOUT.") {
		r.Related.IDs.Order = r.ID
		if r.OrderID != "" {
			r.Related.IDs.Order = r.OrderID
		}
	}
	if id := r.Related.IDs.Order; isID(id) {
		return id, nil
	}
	if id := r.up("/orders/"); id != "" {
		return id, nil
	}
	capture := r.up("/captures/")
	if capture == "" {
		return "", &contract.Failure{Code: contract.InvalidRequest, Message: "the event " + cut(e.Type, maxText) + " names no order"}
	}
	var c resource
	if err := a.get("/v2/payments/captures/"+capture, &c); err != nil {
		return "", err
	}
	if id := c.Related.IDs.Order; isID(id) {
		return id, nil
	}
	if id := c.up("/orders/"); id != "" {
		return id, nil
	}
	return "", internal("PayPal's capture names no order")
}

// transmission is what the headers of a webhook say (openapi, webhooks).
type transmission struct {
	Algorithm   string          `json:"auth_algo"`
	Certificate string          `json:"cert_url"`
	ID          string          `json:"transmission_id"`
	Signature   string          `json:"transmission_sig"`
	Time        string          `json:"transmission_time"`
	WebhookID   string          `json:"webhook_id"`
	Event       json.RawMessage `json:"-"`
}

// algorithm is the one that PayPal signs with.
const algorithm = "SHA256withRSA"

func (a api) verify(m contract.Message) error {
	t := transmission{
		Algorithm: m.Header("paypal-auth-algo"), Certificate: m.Header("paypal-cert-url"), ID: m.Header("paypal-transmission-id"),
		Signature: m.Header("paypal-transmission-sig"), Time: m.Header("paypal-transmission-time"), WebhookID: a.WebhookID, Event: m.Bytes(),
	}
	for _, v := range []string{t.Algorithm, t.Certificate, t.ID, t.Signature, t.Time} {
		if v == "" {
			return unsigned("a header of the signature is missing")
		}
	}
	switch {
	case t.Algorithm != algorithm:
		return unsigned("the algorithm is not " + algorithm)
	case a.Verification == "api": // then nothing is fetched from the address
		return a.ask(t)
	case !a.trusted(t.Certificate):
		return unsigned("the certificate's address is not PayPal's")
	}
	return a.check(t)
}

func unsigned(message string) error {
	return &contract.Failure{Code: contract.BadSignature, Message: message}
}

// certificates is below what PayPal's certificates lie.
const certificates = "/v1/notifications/certs/"

// trusted says whether a certificate may be fetched from an address, which is
// the sender's word alone: https, exactly the environment's hosts, the one
// folder, and a plain name in it. Nothing is normalised: what would need it is
// refused.
func (a api) trusted(address string) bool {
	hosts := []string{"https://api.paypal.com", "https://api-m.paypal.com"}
	if a.Environment == "test" {
		hosts = []string{"https://api.sandbox.paypal.com", "https://api-m.sandbox.paypal.com"}
	}
	base, name, ok := strings.Cut(address, certificates)
	if !ok || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return false
	}
	for _, h := range hosts {
		if strings.EqualFold(strings.TrimSuffix(base, ":443"), h) {
			return true
		}
	}
	other := strings.TrimRight(a.CertificateBaseURL, "/")
	return other != "" && base == other
}

// Of certificates: how long one may be used again, in seconds, how large it
// may be, and whom it must name.
const (
	certificateLife = 24 * 3600
	maxCertificate  = 64 << 10
	signerName      = "messageverificationcerts."
)

// check verifies the signature with PayPal's certificate: RSA over the ids,
// the time and the CRC-32 of the raw body.
func (a api) check(t transmission) error {
	signature, err := base64.StdEncoding.DecodeString(t.Signature)
	if err != nil {
		return unsigned("the signature is no base64")
	}
	resp, err := a.call.Do(contract.Request{Method: "GET", URL: t.Certificate, CacheS: certificateLife})
	if err != nil {
		return err
	}
	if err := read(resp, nil); err != nil {
		return &contract.Failure{Code: contract.ProviderUnavailable, Message: "PayPal's certificate cannot be had: " + err.Error()}
	}
	if len(resp.Bytes()) > maxCertificate {
		return unsigned("the certificate is larger than 64 KiB")
	}
	name := signerName + "paypal.com"
	if a.Environment == "test" {
		name = signerName + "sandbox.paypal.com"
	}
	return a.call.Verify(contract.VerifyRequest{
		Algorithm: contract.RS256, ChainPEM: string(resp.Bytes()), Name: name, Data: []byte(t.text()), Signature: signature, At: a.call.Now(),
	})
}

// text is what is signed. The webhook's id is ours, never the sender's.
func (t transmission) text() string {
	return t.ID + "|" + t.Time + "|" + t.WebhookID + "|" + strconv.FormatUint(uint64(crc32.ChecksumIEEE(t.Event)), 10)
}

// ask has PayPal verify the signature. The event goes into the request as it
// came; what is not one JSON object could smuggle members in.
func (a api) ask(t transmission) error {
	if len(t.Event) == 0 || t.Event[0] != '{' || !json.Valid(t.Event) {
		return unsigned("the event is no JSON object")
	}
	head, err := json.Marshal(t)
	if err != nil {
		return err
	}
	body := slices.Concat(head[:len(head)-1], []byte(`,"webhook_event":`), t.Event, []byte("}"))
	resp, err := a.call.DoWithToken(contract.Request{
		Method: "POST", URL: a.BaseURL + "/v1/notifications/verify-webhook-signature", Effect: contract.Read, BodyBase64: body,
		Headers: map[string]string{"accept": "application/json", "content-type": "application/json"},
	}, accessToken, a.fetchToken())
	if err != nil {
		return err
	}
	var out struct {
		Status string `json:"verification_status"`
	}
	if err := read(resp, &out); err != nil {
		return err
	}
	if out.Status != "SUCCESS" {
		return unsigned("PayPal does not know the signature as its own")
	}
	return nil
}
