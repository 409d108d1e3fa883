package host_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
)

func rub(value int64) map[string]any { return map[string]any{"value": value, "currency": "RUB"} }

// roubles makes an order of 499.90 roubles.
func (s *street) roubles(reference string, capture string) map[string]any {
	s.t.Helper()
	return s.order(reference, func(spec map[string]any) {
		spec["amount"], spec["country"], spec["locale"], spec["capture"] = rub(49990), "RU", "ru-RU", capture
	})
}

var optionPattern = regexp.MustCompile(`(?s)name="option" value="([^"]+)">.*?<span class="name">([^<]+)</span>`)

// atRobokassa has the buyer choose the nth way to pay and be on Robokassa's page.
func (s *street) atRobokassa(o map[string]any, nth int) (b *browser, way, title string) {
	s.t.Helper()
	b = s.chosen(o, "robokassa").follow("")
	ways := optionPattern.FindAllStringSubmatch(b.text, -1)
	if len(ways) <= nth {
		s.t.Fatalf("%d ways to pay on %s (%d): %s", len(ways), b.at, b.code, b.words())
	}
	b.press("option", ways[nth][1]).follow("")
	form := formPattern.FindString(b.text)
	if !strings.Contains(form, "http://"+s.address+"/robokassa/Merchant/Index.aspx") {
		s.t.Fatalf("no form to Robokassa on %s (%d): %s", b.at, b.code, b.words())
	}
	return b.submit(form, url.Values{}).follow(""), ways[nth][1], ways[nth][2]
}

// invoice is the payment in Robokassa's books.
func (s *street) invoice(o map[string]any) robokassa.PaymentRecord {
	s.t.Helper()
	ref := payments(s.get(o["id"].(string)))[0]["provider_reference"]
	for _, p := range s.robokassa.Books().Payments {
		if fmt.Sprint(p.InvID) == ref {
			return p
		}
	}
	s.t.Fatalf("Robokassa knows no payment %v", ref)
	return robokassa.PaymentRecord{}
}

func TestRobokassa(t *testing.T) {
	t.Parallel()
	s := newStreet(t, options{}, "robokassa")
	s.run(t, "ResultURL, then back to the account's one address", (*street).robokassaPaid)
	s.run(t, "ResultURL is lost, the return makes the host ask", (*street).robokassaReturn)
	s.run(t, "a forged return and a forged ResultURL", (*street).robokassaForged)
	s.run(t, "hold, confirm less, refund", (*street).robokassaHold)
	s.run(t, "hold, cancel", (*street).robokassaCancel)
}

func (s *street) robokassaPaid(t *testing.T) {
	o := s.roubles("r-1", "automatic")
	b, way, title := s.atRobokassa(o, 1)
	if !strings.Contains(b.text, " selected>"+title+"<") {
		t.Errorf("Robokassa does not propose %s:\n%s", title, b.text)
	}
	b.press("outcome", "success")
	if !strings.HasPrefix(b.location, s.gateway+"/return/robokassa?") {
		t.Fatalf("Robokassa leads to %s", b.location)
	}
	paid := s.heard(o) // by ResultURL: the buyer is still on the way
	if !same(paid["captured"], 49990, "RUB") {
		t.Errorf("captured %v", paid["captured"])
	}
	if b.follow(s.shop.URL); !strings.HasPrefix(b.location, s.shop.URL+"/thanks?") || !strings.Contains(b.location, "status=paid") {
		t.Errorf("the return leads to %s (%d): %s", b.location, b.code, b.words())
	}
	if p := s.invoice(o); p.State != robokassa.StatePaid || p.Charged != 49990 || p.Label != way || p.Method != way {
		t.Errorf("Robokassa's books: %+v", p)
	}
	if n := s.robokassa.Books().Notifications; len(n) == 0 || !n[len(n)-1].Accepted {
		t.Errorf("notifications %+v", n)
	}
}

func (s *street) robokassaReturn(t *testing.T) {
	o := s.roubles("r-2", "automatic")
	b, _, _ := s.atRobokassa(o, 0)
	if err := s.robokassa.Faults().Set(control.Fault{Name: "lost_notification", Times: 1}); err != nil {
		t.Fatal(err)
	}
	b.press("outcome", "success")
	if got := s.get(o["id"].(string)); got["status"] != "pending" {
		t.Fatalf("nobody has told, and the order is %v", got["status"])
	}
	if b.follow(s.shop.URL); !strings.Contains(b.location, "status=paid") {
		t.Errorf("the return leads to %s (%d): %s", b.location, b.code, b.words())
	}
}

func (s *street) robokassaForged(t *testing.T) {
	o := s.roubles("r-3", "automatic")
	s.atRobokassa(o, 0)
	p := s.invoice(o)
	values := url.Values{"InvId": {fmt.Sprint(p.InvID)}, "OutSum": {"499.90"}, "SignatureValue": {strings.Repeat("0", 64)}}
	for name, v := range p.Shop {
		values.Set(name, v)
	}
	b := newBrowser(t).stays().open(s.gateway + "/return/robokassa?" + values.Encode())
	if b.code < 400 || b.location != "" {
		t.Errorf("a forged return is answered with %d to %q", b.code, b.location)
	}
	resp, err := http.PostForm(s.gateway+"/webhooks/robokassa", values)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a forged ResultURL is answered with %d", resp.StatusCode)
	}
	if got := s.get(o["id"].(string)); got["status"] != "pending" {
		t.Errorf("the order is %v", got["status"])
	}
}

func (s *street) robokassaHold(t *testing.T) {
	o := s.roubles("r-4", "manual")
	id := o["id"].(string)
	b, _, _ := s.atRobokassa(o, 0)
	b.press("outcome", "success").follow(s.shop.URL)
	o = s.wait(id, "authorized")
	if got := payments(o)[0]["amounts"].(map[string]any)["authorized"]; !same(got, 49990, "RUB") || s.invoice(o).State != robokassa.StateHold {
		t.Errorf("authorized %v", got)
	}
	if a := s.operate(o, "captures", "c-1", map[string]any{"amount": rub(30000), "final": true}); a.Status != 201 || a.text("status") != "succeeded" {
		t.Fatalf("confirm: %d %s", a.Status, a.Raw)
	}
	if a := s.operate(o, "captures", "c-2", map[string]any{"amount": rub(1000)}); a.Status != 409 && a.Status != 422 {
		t.Errorf("confirm again: %d %s", a.Status, a.Raw)
	}
	if o = s.wait(id, "paid"); !same(o["captured"], 30000, "RUB") || !same(o["released"], 19990, "RUB") {
		t.Errorf("captured %v, released %v", o["captured"], o["released"])
	}
	if a := s.operate(o, "refunds", "f-1", map[string]any{"amount": rub(5000)}); a.Status != 201 {
		t.Errorf("refund: %d %s", a.Status, a.Raw)
	}
	if p := s.invoice(o); p.State != robokassa.StatePaid || p.Charged != 30000 || p.Refunded != 5000 {
		t.Errorf("Robokassa's books: %+v", p)
	}
}

func (s *street) robokassaCancel(t *testing.T) {
	o := s.roubles("r-5", "manual")
	b, _, _ := s.atRobokassa(o, 0)
	b.press("outcome", "success").follow(s.shop.URL)
	s.wait(o["id"].(string), "authorized")
	if a := s.send("POST", "/v1/orders/"+o["id"].(string)+"/cancel", ""); a.Status != 200 || a.Body["status"] != "cancelled" {
		t.Errorf("cancel: %d %s", a.Status, a.Raw)
	}
	if p := s.invoice(o); p.State != robokassa.StateCancelled || payments(s.get(o["id"].(string)))[0]["status"] != "cancelled" {
		t.Errorf("Robokassa's books: %+v", p)
	}
}
