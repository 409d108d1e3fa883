package paypal

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// P2 of the protocol's notes, and the text of P3.
func TestSignedText(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{"": "0", "{}": "2745614147", "123456789": "3421780262", "Ж": "3649954193"} {
		if got := signedText("i", "t", "w", []byte(body)); got != "i|t|w|"+want {
			t.Errorf("%q: got %s, want %s", body, got, want)
		}
	}
}

// The certificate leads to the root that a merchant is told to trust, and the
// signature holds over the raw body.
func TestWebhook_signature(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.approve(b.order(intentCapture, simpleUnit), Success)
	list := b.news(0)
	if len(list) != 1 {
		t.Fatalf("got %d letters", len(list))
	}
	l := list[0]
	address := l.head.Get("PAYPAL-CERT-URL")
	w := httptest.NewRecorder()
	b.sim.ServeHTTP(w, httptest.NewRequest("GET", strings.TrimPrefix(address, public), nil))
	block, _ := pem.Decode(w.Body.Bytes())
	if block == nil {
		t.Fatalf("%s gives %d %s", address, w.Code, w.Body)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(DemoRoot))
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: roots, DNSName: "messageverificationcerts.sandbox.paypal.com", CurrentTime: start}); err != nil {
		t.Error(err)
	}
	sum := sha256.Sum256([]byte(signedText(l.head.Get("PAYPAL-TRANSMISSION-ID"), l.head.Get("PAYPAL-TRANSMISSION-TIME"), DemoWebhookID, l.body)))
	signature, err := base64.StdEncoding.DecodeString(l.head.Get("PAYPAL-TRANSMISSION-SIG"))
	if err != nil || l.head.Get("PAYPAL-AUTH-ALGO") != "SHA256withRSA" {
		t.Fatalf("got %v, %v", l.head, err)
	}
	if err := rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), crypto.SHA256, sum[:], signature); err != nil {
		t.Error(err)
	}
	var e eventBody
	if err := json.Unmarshal(l.body, &e); err != nil || e.Event != "CHECKOUT.ORDER.APPROVED" || e.Type != "checkout-order" || !strings.HasPrefix(e.ID, "WH-") || e.Created != "2026-03-02T09:30:00.000Z" {
		t.Errorf("got %s, %v", l.body, err)
	}
}

func (b *bench) verify(l received, webhook string, event []byte) string {
	b.Helper()
	return b.verifyAt("", l, webhook, event)
}

// verifyAt asks under a base, "" for any.
func (b *bench) verifyAt(base string, l received, webhook string, event []byte) string {
	b.Helper()
	head := map[string]string{
		"auth_algo": l.head.Get("PAYPAL-AUTH-ALGO"), "cert_url": l.head.Get("PAYPAL-CERT-URL"), "transmission_id": l.head.Get("PAYPAL-TRANSMISSION-ID"),
		"transmission_sig": l.head.Get("PAYPAL-TRANSMISSION-SIG"), "transmission_time": l.head.Get("PAYPAL-TRANSMISSION-TIME"), "webhook_id": webhook,
	}
	text, err := json.Marshal(head)
	if err != nil {
		b.Fatal(err)
	}
	got := b.send("POST", base+"/v1/notifications/verify-webhook-signature", string(text[:len(text)-1])+`,"webhook_event":`+string(event)+"}")
	if got.status != 200 {
		b.Fatalf("got %d %s", got.status, got.text)
	}
	return got.str("verification_status")
}

func TestWebhook_verifiedByAPI(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.approve(b.order(intentCapture, simpleUnit), Success)
	l := b.news(0)[0]
	if got := b.verify(l, DemoWebhookID, l.body); got != "SUCCESS" {
		t.Errorf("as it came: got %s", got)
	}
	if got := b.verify(l, "8PT597110X687430M", l.body); got != "FAILURE" {
		t.Errorf("another webhook: got %s", got)
	}
	if got := b.verify(l, DemoWebhookID, []byte(strings.Replace(string(l.body), `":"`, `": "`, 1))); got != "FAILURE" {
		t.Errorf("written anew: got %s", got)
	}
	l.head.Set("PAYPAL-CERT-URL", "https://api.paypal.com.example.org/v1/notifications/certs/CERT-1")
	if got := b.verify(l, DemoWebhookID, l.body); got != "FAILURE" {
		t.Errorf("another certificate: got %s", got)
	}
	b.wants(b.send("POST", "/v1/notifications/verify-webhook-signature", `{"auth_algo":"SHA256withRSA"}`), 400, "MISSING_REQUIRED_PARAMETER")
}

// Without a PublicURL the same simulator is reached by several names: a signature
// holds whichever the asking call uses, with the certificate where it was handed
// out alone.
func TestWebhook_verifiedByAPI_withoutPublicURL(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.PublicURL = "" })
	b.approve(b.order(intentCapture, simpleUnit), Success)
	l := b.news(0)[0]
	if got := l.head.Get("PAYPAL-CERT-URL"); got != "http://example.com"+certificatePath+certificateName {
		t.Fatalf("got certificate %s", got)
	}
	if got := b.verifyAt("http://localhost:8082", l, DemoWebhookID, l.body); got != "SUCCESS" {
		t.Errorf("by another name: got %s", got)
	}
	for _, address := range []string{certificatePath + certificateName, "http://localhost:8082" + certificatePath + certificateName, "http://example.com" + certificatePath + "CERT-1"} {
		l.head.Set("PAYPAL-CERT-URL", address)
		if got := b.verifyAt("http://localhost:8082", l, DemoWebhookID, l.body); got != "FAILURE" {
			t.Errorf("certificate %q: got %s", address, got)
		}
	}
}

// An event that is not taken comes again, with the same body in another transmission.
func TestWebhook_redelivered(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.status = 503
	b.approve(b.order(intentCapture, simpleUnit), Success)
	first := b.news(0)
	b.status = 204
	second := b.news(time.Minute)
	if len(first) != 1 || len(second) != 1 || string(first[0].body) != string(second[0].body) ||
		first[0].head.Get("PAYPAL-TRANSMISSION-ID") == second[0].head.Get("PAYPAL-TRANSMISSION-ID") || first[0].head.Get("PAYPAL-TRANSMISSION-TIME") == second[0].head.Get("PAYPAL-TRANSMISSION-TIME") {
		t.Fatalf("got %d and %d letters: %v, %v", len(first), len(second), first, second)
	}
	if more := b.news(72 * time.Hour); len(more) != 1 { // the order expires, and no more of the first
		t.Errorf("got %s", kinds(more))
	}
}

func TestWebhook_events(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	_, capture := b.paid(simpleUnit)
	b.send("POST", capturesPath+capture+"/refund", "")
	if got := kinds(b.news(0)); got != "CHECKOUT.ORDER.APPROVED PAYMENT.CAPTURE.COMPLETED CHECKOUT.ORDER.COMPLETED PAYMENT.CAPTURE.REFUNDED" {
		t.Errorf("got %s", got)
	}
	b.send("POST", authorizationsPath+b.authorized(simpleUnit)+"/void", "")
	if got := kinds(b.news(0)); got != "CHECKOUT.ORDER.APPROVED PAYMENT.AUTHORIZATION.CREATED CHECKOUT.ORDER.COMPLETED PAYMENT.AUTHORIZATION.VOIDED" {
		t.Errorf("got %s", got)
	}
}

func TestListeners(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.wants(b.send("POST", "/v1/notifications/webhooks", `{"url":"x","event_types":[{"name":"*"}]}`), 400, "INVALID_PARAMETER_SYNTAX")
	made := b.wants(b.send("POST", "/v1/notifications/webhooks", `{"url":"https://shop.example/two","event_types":[{"name":"PAYMENT.CAPTURE.COMPLETED"}]}`), 201, "")
	if id := made.str("id"); len(id) != 17 || b.send("GET", "/v1/notifications/webhooks/"+id, "").str("url") != "https://shop.example/two" {
		t.Errorf("got %s", made.text)
	}
	if list := b.send("GET", "/v1/notifications/webhooks", ""); list.str("webhooks.0.id") != DemoWebhookID || list.str("webhooks.1.id") != made.str("id") {
		t.Errorf("got %s", list.text)
	}
	b.paid(simpleUnit)
	if got := kinds(b.news(0)); strings.Count(got, "PAYMENT.CAPTURE.COMPLETED") != 2 || strings.Count(got, "CHECKOUT.ORDER.APPROVED") != 1 {
		t.Errorf("got %s", got)
	}
	event := b.sim.Books().Events[0]
	if got := b.wants(b.send("GET", "/v1/notifications/webhooks-events/"+event.ID, ""), 200, ""); got.str("event_type") != event.Type {
		t.Errorf("got %s", got.text)
	}
	b.wants(b.send("POST", "/v1/notifications/webhooks-events/"+event.ID+"/resend", ""), 202, "")
	if got := kinds(b.news(0)); got != event.Type {
		t.Errorf("got %s", got)
	}
	if got := b.send("DELETE", "/v1/notifications/webhooks/"+made.str("id"), ""); got.status != 204 {
		t.Errorf("got %d %s", got.status, got.text)
	}
	b.wants(b.send("GET", "/v1/notifications/webhooks/"+made.str("id"), ""), 404, "INVALID_RESOURCE_ID")
}

func TestFaults(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	set := func(name, call string) {
		t.Helper()
		if err := b.sim.Faults().Set(control.Fault{Name: name, Call: call, Times: 1}); err != nil {
			t.Fatal(err)
		}
	}
	order := b.order(intentCapture, simpleUnit)
	set(faultExpiredToken, callOrder)
	if got := b.send("GET", ordersPath+order, ""); got.status != 401 {
		t.Errorf("got %d", got.status)
	}
	b.approve(order, Success)
	set(faultInProgress, callCaptureOrder)
	b.wants(b.send("POST", ordersPath+order+"/capture", "", "PayPal-Request-Id", "c"), 409, "PREVIOUS_REQUEST_IN_PROGRESS")
	set(faultWrongAmount, callCaptureOrder)
	if got := b.send("POST", ordersPath+order+"/capture", "", "PayPal-Request-Id", "c", "Prefer", "return=representation"); got.str("purchase_units.0.payments.captures.0.amount.value") != "49.98" {
		t.Errorf("got %s", got.text)
	}
	b.news(0)
	for name, want := range map[string]int{faultWrongSignature: 1, faultFlippedField: 1, faultWrongCertURL: 1, faultDuplicate: 2, faultLostEvent: 0} {
		set(name, callDelivery)
		b.approve(b.order(intentCapture, simpleUnit), Success)
		list := b.news(0)
		if len(list) != want {
			t.Errorf("%s: got %d letters, want %d", name, len(list), want)
		}
		for _, l := range list {
			good := b.verify(l, DemoWebhookID, l.body) == "SUCCESS"
			if good != (name == faultDuplicate) {
				t.Errorf("%s: the signature holds: %t", name, good)
			}
		}
	}
}
