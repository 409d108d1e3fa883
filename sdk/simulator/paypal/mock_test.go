package paypal

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

const simulatePath = "/v1/notifications/simulate-event"

func TestSimulateEvent_refused(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for _, c := range []struct {
		name, body string
		status     int
		issue      string
	}{
		{"empty", ``, 400, "MISSING_REQUIRED_PARAMETER"},
		{"no event", `{"url":"https://shop.example/x"}`, 400, "MISSING_REQUIRED_PARAMETER"},
		{"nowhere to", `{"event_type":"PAYMENT.CAPTURE.COMPLETED"}`, 400, "MISSING_REQUIRED_PARAMETER"},
		{"unknown event", `{"url":"https://shop.example/x","event_type":"PAYMENT.CAPTURE.EATEN"}`, 400, "INVALID_PARAMETER_VALUE"},
		{"no address", `{"url":"x","event_type":"PAYMENT.CAPTURE.COMPLETED"}`, 400, "INVALID_PARAMETER_SYNTAX"},
		{"unknown listener", `{"webhook_id":"8PT597110X687430M","event_type":"PAYMENT.CAPTURE.COMPLETED"}`, 404, "INVALID_RESOURCE_ID"},
		{"of another type", `{"webhook_id":7,"event_type":"PAYMENT.CAPTURE.COMPLETED"}`, 400, "INVALID_PARAMETER_SYNTAX"},
	} {
		if got := b.send("POST", simulatePath, c.body); got.status != c.status || got.str("details.0.issue") != c.issue {
			t.Errorf("%s: got %d %s, want %d %s", c.name, got.status, got.text, c.status, c.issue)
		}
	}
	if got := b.news(time.Hour); len(got) != 0 {
		t.Errorf("sent %s", kinds(got))
	}
}

// Every event of the protocol can be simulated: 202 with it, sent once, with a
// resource of the status that its name says.
func TestSimulateEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.status = 503 // and does not come again
	for kind, m := range mocks {
		got := b.wants(b.send("POST", simulatePath, `{"webhook_id":"`+DemoWebhookID+`","event_type":"`+kind+`","resource_version":"1.0"}`), 202, "")
		list := b.news(5 * time.Minute)
		if len(list) != 1 || list[0].url != "https://shop.example/hook" || strings.TrimSpace(got.text) != string(list[0].body) {
			t.Fatalf("%s: answered %s, sent %d letters", kind, got.text, len(list))
		}
		resource := strings.TrimPrefix(got.str("resource_type"), "checkout-")
		if got.str("event_type") != kind || resource != m.resource || got.str("resource.status") != m.status || got.str("resource.id") == "" {
			t.Errorf("%s: got %s", kind, got.text)
		}
		b.wants(b.send("POST", "/v1/notifications/webhooks-events/"+got.str("id")+"/resend", ""), 404, "INVALID_RESOURCE_ID")
	}
	if books := b.sim.Books(); len(books.Events) != 0 || len(books.Orders) != 0 || len(books.Deliveries) != len(mocks) {
		t.Errorf("got %d events, %d orders, %d deliveries", len(books.Events), len(books.Orders), len(books.Deliveries))
	}
}

// A mock event is signed for WEBHOOK_ID, goes to any address, and cannot be
// verified by PayPal.
func TestSimulateEvent_signature(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.wants(b.send("POST", simulatePath, `{"url":"https://other.example/x","webhook_id":"`+DemoWebhookID+`","event_type":"PAYMENT.CAPTURE.COMPLETED"}`), 202, "")
	l := b.news(0)[0]
	if l.url != "https://other.example/x" {
		t.Errorf("sent to %s", l.url)
	}
	sum := sha256.Sum256([]byte(signedText(l.head.Get("PAYPAL-TRANSMISSION-ID"), l.head.Get("PAYPAL-TRANSMISSION-TIME"), "WEBHOOK_ID", l.body)))
	signature, err := base64.StdEncoding.DecodeString(l.head.Get("PAYPAL-TRANSMISSION-SIG"))
	if err == nil {
		err = rsa.VerifyPKCS1v15(&b.sim.key.PublicKey, crypto.SHA256, sum[:], signature)
	}
	if err != nil {
		t.Error(err)
	}
	for _, id := range []string{DemoWebhookID, "WEBHOOK_ID"} {
		if got := b.verify(l, id, l.body); got != "FAILURE" {
			t.Errorf("verified for %s: got %s", id, got)
		}
	}
}
