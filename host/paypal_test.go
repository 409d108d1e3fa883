package host_test

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
)

// bought has a buyer approve at PayPal and be on the way back.
func (s *street) bought(o map[string]any, outcome paypal.Outcome) *browser {
	s.t.Helper()
	return s.chosen(o, "paypal").follow("").press("outcome", string(outcome))
}

func TestPayPal_capturedOnReturn(t *testing.T) {
	t.Parallel()
	s := newStreet(t, options{}, "paypal")
	if err := s.paypal.SetWebhookURL(""); err != nil { // no webhook ever comes
		t.Fatal(err)
	}
	o := s.order("r-1", nil)
	b := s.bought(o, paypal.Success).follow(s.shop.URL)
	if !strings.Contains(b.location, "status=paid") {
		t.Errorf("the return leads to %s", b.location)
	}
	o = s.get(o["id"].(string))
	if o["status"] != "paid" || !same(o["captured"], 4999, "EUR") {
		t.Errorf("order %v, captured %v", o["status"], o["captured"])
	}
}

func TestPayPal_webhookFirst_capturedOnce(t *testing.T) {
	t.Parallel()
	s := newStreet(t, options{}, "paypal")
	o := s.order("r-1", nil)
	b := s.bought(o, paypal.Success) // and stands still on the way back
	o = s.heard(o)
	if b.follow(s.shop.URL); !strings.Contains(b.location, "status=paid") {
		t.Errorf("the late return leads to %s", b.location)
	}
	rec, _ := s.paypal.Books().Order(payments(o)[0]["provider_reference"].(string))
	if len(rec.Captures) != 1 || rec.Captures[0].Amount != "49.99" || rec.Captures[0].Status != "COMPLETED" {
		t.Errorf("PayPal's books: %+v", rec)
	}
	if o = s.get(o["id"].(string)); !same(o["captured"], 4999, "EUR") || len(payments(o)) != 1 {
		t.Errorf("captured %v in %d payments", o["captured"], len(payments(o)))
	}
}

// Means that are declined lead the buyer back to PayPal, whether their return
// or PayPal's own word came first; what they choose then pays.
func TestPayPal_declined_chooseOtherMeans(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]bool{"return first": false, "webhook first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, options{}, "paypal")
			if !told {
				if err := s.paypal.SetWebhookURL(""); err != nil {
					t.Fatal(err)
				}
			}
			o := s.order("r-1", nil)
			id := o["id"].(string)
			b := s.bought(o, paypal.Failed)
			if told {
				s.until("PayPal's word was heard", func() bool { return len(s.paypal.Books().Deliveries) > 0 })
			}
			page := payments(s.get(id))[0]["action"].(map[string]any)["url"].(string)
			if b.follow(page); b.location != page {
				t.Fatalf("the return leads to %s (%d), not to PayPal again: %s", b.location, b.code, b.words())
			}
			if p := payments(s.get(id)); len(p) != 1 || p[0]["status"] != "pending" {
				t.Fatalf("payments %v", p)
			}
			b.follow("").press("outcome", "success").follow(s.shop.URL)
			if o = s.wait(id, "paid"); len(payments(o)) != 1 || !strings.HasPrefix(b.location, s.shop.URL+"/thanks") {
				t.Errorf("%d payments, and the buyer is at %s", len(payments(o)), b.location)
			}
		})
	}
}

func TestPayPal_authorized_capturedInParts_restVoided(t *testing.T) {
	t.Parallel()
	s := newStreet(t, options{}, "paypal")
	o := s.order("r-1", func(spec map[string]any) { spec["capture"] = "manual" })
	id := o["id"].(string)
	s.bought(o, paypal.Success).follow(s.shop.URL)
	o = s.wait(id, "authorized")
	if got := payments(o)[0]["amounts"].(map[string]any)["authorized"]; !same(got, 4999, "EUR") {
		t.Errorf("authorized %v", got)
	}
	first := s.operate(o, "captures", "c-1", map[string]any{"amount": eur(2000)})
	if again := s.operate(o, "captures", "c-1", map[string]any{"amount": eur(2000)}); first.Status != 201 || string(again.Raw) != string(first.Raw) {
		t.Errorf("capture: %d %s, and again %d %s", first.Status, first.Raw, again.Status, again.Raw)
	}
	if a := s.operate(o, "captures", "c-2", map[string]any{"amount": eur(1000)}); a.Status != 201 {
		t.Errorf("second capture: %d %s", a.Status, a.Raw)
	}
	if a := s.operate(o, "captures", "c-3", map[string]any{"amount": eur(2000)}); a.Status != 409 && a.Status != 422 {
		t.Errorf("20.00 of the 19.99 that are left: %d %s", a.Status, a.Raw)
	}
	if a := s.send("POST", "/v1/orders/"+id+"/cancel", ""); a.Status != 200 {
		t.Errorf("cancel: %d %s", a.Status, a.Raw)
	}
	o = s.get(id)
	if o["status"] != "cancelled" || !same(o["captured"], 3000, "EUR") || !same(o["released"], 1999, "EUR") {
		t.Errorf("order %v, captured %v, released %v", o["status"], o["captured"], o["released"])
	}
	rec, _ := s.paypal.Books().Order(payments(o)[0]["provider_reference"].(string))
	if len(rec.Captures) != 2 || rec.Captures[0].Amount != "20.00" || rec.Captures[1].Amount != "10.00" || rec.Authorizations[0].Status != "VOIDED" {
		t.Errorf("PayPal's books: %+v", rec)
	}
	if a := s.operate(o, "captures", "c-4", map[string]any{"amount": eur(100)}); a.Status != 409 && a.Status != 422 {
		t.Errorf("a capture of what was voided: %d %s", a.Status, a.Raw)
	}
	if a := s.operate(o, "refunds", "f-1", map[string]any{"amount": eur(1500)}); a.Status != 201 || a.text("status") != "succeeded" {
		t.Errorf("refund: %d %s", a.Status, a.Raw)
	}

	whole := s.order("r-2", func(spec map[string]any) { spec["capture"] = "manual" })
	s.bought(whole, paypal.Success).follow(s.shop.URL)
	s.wait(whole["id"].(string), "authorized")
	if a := s.send("POST", "/v1/orders/"+whole["id"].(string)+"/cancel", ""); a.Status != 200 || a.Body["status"] != "cancelled" {
		t.Errorf("cancel what is whole: %d %s", a.Status, a.Raw)
	}
	if rec, _ := s.paypal.Books().Order(payments(s.get(whole["id"].(string)))[0]["provider_reference"].(string)); len(rec.Captures) != 0 || rec.Authorizations[0].Status != "VOIDED" {
		t.Errorf("PayPal's books: %+v", rec)
	}
}
