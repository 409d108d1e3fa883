package woocommerce

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// shop runs a step of tests/shop.php.
func (s site) shop(t *testing.T, into any, args ...string) {
	t.Helper()
	out := shoptest.Must(t, s.env, "php", append([]string{"-d", "display_errors=stderr", "tests/shop.php"}, args...)...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatalf("shop.php %s said %q: %v", strings.Join(args, " "), out, err)
	}
}

// placed is an order that was placed in the shop.
type placed struct {
	ID       json.Number `json:"id"`
	Result   string      `json:"result"`
	Redirect string      `json:"redirect"`
	Messages []string    `json:"messages"`
}

// order places an order and fails the test where it cannot be paid.
func (s site) order(t *testing.T, gateway, total, currency string) placed {
	t.Helper()
	var p placed
	s.shop(t, &p, "order", gateway, total, currency)
	if p.Result != "success" {
		t.Fatalf("order of %s %s by %s: %+v", total, currency, gateway, p)
	}
	return p
}

// shown is what became of an order.
type shown struct {
	Status, Transaction, Gateway, Said string
	Attention, Refunds, Notes, Mails   []string
	Refundable                         bool
}

// until waits until an order is as wanted.
func (s site) until(t *testing.T, id json.Number, what string, is func(o shown) bool) shown {
	t.Helper()
	var o shown
	shoptest.Eventually(t, what, func() bool {
		o = shown{}
		s.shop(t, &o, "show", id.String())
		return is(o)
	})
	return o
}

func has(status string) func(shown) bool {
	return func(o shown) bool { return o.Status == status }
}

// TestPayment pays, captures, gives up, refunds and catches up: the extension
// in a real WordPress, at a real gateway with plugins and their providers.
func TestPayment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gateway := shoptest.House(t, s.url)
	s.connect(t, gateway)
	t.Run("paid and refunded", func(t *testing.T) { s.paysAndRefunds(t) })
	t.Run("given up, then paid by the page of choice", func(t *testing.T) { s.givesUp(t, gateway) })
	t.Run("cancelled by the shop", func(t *testing.T) { s.cancels(t) })
	t.Run("authorized and captured", func(t *testing.T) { s.captures(t) })
	t.Run("notices lost", func(t *testing.T) { s.catchesUp(t) })
	s.complaints(t)
}

func (s site) paysAndRefunds(t *testing.T) {
	p := s.order(t, "kassette_ideal", "12.50", "EUR")
	v := shoptest.NewShopper(t)
	v.Open(p.Redirect) // straight to the bank
	v.Press("outcome", "success")
	v.Back(s.url, "/checkout/order-received/"+p.ID.String()+"/")
	o := s.until(t, p.ID, "a paid order", has("processing"))
	if o.Transaction == "" || !o.Refundable || len(o.Attention) != 0 {
		t.Errorf("the paid order: %+v", o)
	}
	var refund struct{ Error string }
	s.shop(t, &refund, "refund", p.ID.String(), "2.50")
	if refund.Error != "" {
		t.Errorf("refund: %s", refund.Error)
	}
	s.shop(t, &refund, "refund", p.ID.String(), "10.01")
	if refund.Error == "" {
		t.Error("more was refunded than was left")
	}
	s.shop(t, &refund, "refund", p.ID.String(), "10.00")
	o = s.until(t, p.ID, "a refunded order", has("refunded"))
	if !slices.Equal(o.Refunds, []string{"10.00", "2.50"}) {
		t.Errorf("refunds: got %v", o.Refunds)
	}
	for _, once := range []string{"Payment complete.", "paid by ideal"} {
		if n := len(slices.DeleteFunc(slices.Clone(o.Notes), func(note string) bool { return !strings.Contains(note, once) })); n != 1 {
			t.Errorf("%d notes %q, want 1: %q", n, once, o.Notes)
		}
	}
	if n := len(slices.DeleteFunc(slices.Clone(o.Mails), func(m string) bool { return !strings.HasPrefix(m, "New order") })); n != 1 {
		t.Errorf("mails: got %q, want one of a new order", o.Mails)
	}
}

var nonce = regexp.MustCompile(`name="_wpnonce" value="(\w+)"`)

// connect logs in as the shop's owner, fills in the extension's page, and
// looks at what it says; then the order screen and the list of plugins.
func (s site) connect(t *testing.T, gateway string) {
	t.Helper()
	v := shoptest.NewShopper(t)
	v.Open(s.url + "/wp-login.php") // sets the cookie that logging in wants
	v.Post(s.url+"/wp-login.php", url.Values{"log": {"owner"}, "pwd": {"secret"}, "testcookie": {"1"}})
	v.Open(s.url + "/wp-admin/plugins.php")
	if !strings.Contains(v.Page, "page=kassette") || !strings.Contains(v.Page, "Version 1.0.0") {
		t.Errorf("the list of plugins does not lead to the settings: %s", v.Page)
	}
	v.Open(s.url + "/wp-admin/admin.php?page=kassette")
	found := nonce.FindStringSubmatch(v.Page)
	if found == nil {
		t.Fatalf("no form of settings at %s: %s", v.At, v.Page)
	}
	form := url.Values{
		"_wpnonce": {found[1]}, "url": {gateway}, "mode": {"test"}, "test_key": {shoptest.APIKey}, "live_key": {""}, "secrets": {shoptest.NoticeSecret},
		"capture": {"automatic"}, "reopen": {"no"}, "remove_data": {"no"},
	}
	v.Post(s.url+"/wp-admin/admin.php?page=kassette", form)
	for _, want := range []string{"The connection works. Methods: 2.", "data:image/svg+xml;base64,"} {
		if !strings.Contains(v.Page, want) {
			t.Fatalf("the page lacks %q: %s", want, v.Page)
		}
	}
	if strings.Contains(v.Page, shoptest.APIKey) || strings.Contains(v.Page, shoptest.NoticeSecret) {
		t.Error("the page shows a secret")
	}
	form.Set("_wpnonce", "forged")
	form.Set("url", "https://evil.example")
	v.Post(s.url+"/wp-admin/admin.php?page=kassette", form)
	v.Open(s.url + "/wp-admin/admin.php?page=kassette")
	if strings.Contains(v.Page, "evil.example") {
		t.Error("a forged form changed the settings")
	}
}

func (s site) givesUp(t *testing.T, gateway string) {
	p := s.order(t, "kassette", "49.99", "EUR")
	if !strings.HasPrefix(p.Redirect, gateway+"/pay/") {
		t.Fatalf("the page of choice: %s", p.Redirect)
	}
	v := shoptest.NewShopper(t)
	v.Open(p.Redirect)
	v.Press("method", "ideal")
	v.Press("outcome", "cancelled")
	if o := s.until(t, p.ID, "an order", func(o shown) bool { return o.Gateway != "" }); o.Status != "pending" {
		t.Errorf("after giving up: got %s, want pending", o.Status)
	}
	shoptest.Eventually(t, "the gateway offers another try", func() bool {
		v.Open(p.Redirect) // it waits for the bank's word first
		return strings.Contains(v.Page, `name="method"`)
	})
	v.Press("method", "ideal")
	v.Press("outcome", "success")
	s.until(t, p.ID, "a paid order", has("processing"))
}

func (s site) cancels(t *testing.T) {
	p := s.order(t, "kassette_ideal", "12.50", "EUR")
	v := shoptest.NewShopper(t)
	v.Open(p.Redirect)
	bank := *v
	s.shop(t, &struct{}{}, "status", p.ID.String(), "cancelled")
	bank.Press("outcome", "success") // the bank does not know
	o := s.until(t, p.ID, "a flag", func(o shown) bool { return slices.Contains(o.Attention, "paid_after_cancel") })
	if o.Status != "cancelled" {
		t.Errorf("an order that the shop cancelled became %s", o.Status)
	}
}

// captures has the money taken when the order is completed, and a part of it
// from the order screen.
func (s site) captures(t *testing.T) {
	s.shop(t, &struct{}{}, "capturing", "manual")
	authorize := func(t *testing.T) json.Number {
		t.Helper()
		p := s.order(t, "kassette_card", "49.99", "EUR")
		v := shoptest.NewShopper(t)
		v.Open(p.Redirect)
		v.Press("outcome", "success")
		v.Back(s.url, "/checkout/order-received/"+p.ID.String()+"/")
		if o := s.until(t, p.ID, "an authorized order", has("on-hold")); o.Transaction != "" || o.Refundable {
			t.Errorf("the authorized order: %+v", o)
		}
		return p.ID
	}

	id := authorize(t)
	s.shop(t, &struct{}{}, "status", id.String(), "completed")
	if o := s.until(t, id, "a captured order", func(o shown) bool { return o.Transaction != "" }); o.Status != "completed" || !o.Refundable || len(o.Attention) != 0 {
		t.Errorf("the completed order: %+v", o)
	}

	id = authorize(t)
	s.shop(t, &struct{}{}, "capture", id.String(), "20.00")
	if o := s.until(t, id, "a captured order", has("processing")); len(o.Attention) != 0 {
		t.Errorf("an order of which a part was captured for good: %+v", o)
	}

	id = authorize(t)
	s.shop(t, &struct{}{}, "status", id.String(), "cancelled")
	s.until(t, id, "an order whose payment is cancelled", func(o shown) bool { return o.Said == "cancelled" })
}

func (s site) catchesUp(t *testing.T) {
	p := s.order(t, "kassette_ideal", "12.50", "EUR")
	deaf := s.deafen(t)
	v := shoptest.NewShopper(t)
	v.Client.CheckRedirect = stopAt(s.url) // and the shopper never comes back
	v.Open(p.Redirect)
	v.Press("outcome", "success")
	deaf.until(t, "a notice that was not heard")
	if o := s.until(t, p.ID, "an order", func(o shown) bool { return o.Gateway != "" }); o.Status != "pending" {
		t.Errorf("without a notice: got %s, want pending", o.Status)
	}
	var caught struct{ News int }
	shoptest.Eventually(t, "the gateway has heard the bank", func() bool {
		s.shop(t, &caught, "catch-up")
		return caught.News > 0
	})
	s.until(t, p.ID, "a paid order", has("processing"))
}
