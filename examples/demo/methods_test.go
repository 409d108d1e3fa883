package main

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// way is a method as the tests pay by it.
type way struct {
	method, currency string
	provider         string // the simulator's name, and the path of its pages
	// reach goes from the choice to the page on which the consumer decides, in
	// whichever tab that is.
	reach func(b *tab, m way) *tab
	// late has the consumer come away without a payment, then the payment succeed.
	late func(t *testing.T, b, at *tab, id string)
	// resumes is what the choice offers after a cancel of which the provider
	// tells nobody, because one may still pay there; "" for all others.
	resumes string
}

// ways are all methods of the demo, in the order of the choice page.
var ways = []way{
	{"ideal", "EUR", "omnikassa", byRedirect, openFirst("omnikassa"), ""},
	{"mastercard", "EUR", "omnikassa", byRedirect, openFirst("omnikassa"), ""},
	{"visa", "EUR", "omnikassa", byRedirect, openFirst("omnikassa"), ""},
	{"maestro", "EUR", "omnikassa", byRedirect, openFirst("omnikassa"), ""},
	{"vpay", "EUR", "omnikassa", byRedirect, openFirst("omnikassa"), ""},
	{"bancontact", "EUR", "omnikassa", byRedirect, openFirst("omnikassa"), ""},
	{"paypal", "EUR", "paypal", byRedirect, openFirst("paypal"), ""},
	{"card", "SEK", "bambora", byRedirect, leftFirst, "Ga verder met Creditcard of betaalpas"},
	{"robokassa", "RUB", "robokassa", byOption, brokenOff, ""},
	{"terminal", "SEK", "terminal", atTerminal, lineBroken, ""},
}

// TestMethods pays, cancels, and is late to be paid, by every method: each on
// a phone or at a desk, with script or without, in turn.
func TestMethods(t *testing.T) {
	w := theDemo(t)
	for i, m := range ways {
		t.Run(m.method, func(t *testing.T) {
			t.Parallel()
			for j, c := range []struct {
				name string
				run  func(t *testing.T, b *tab, m way, id string)
			}{{"success", succeeds}, {"cancel", isCancelled}, {"late", succeedsLate}} {
				l := looks()[(i+j)%len(looks())]
				t.Run(c.name+" "+l.String(), func(t *testing.T) {
					id, checkout := w.place(t, m.currency, "nl")
					b := w.newTab(t, l)
					b.open(checkout)
					c.run(t, b, m, id)
					if foreign := b.foreign(); len(foreign) > 0 {
						t.Errorf("requests to others: %v", foreign)
					}
				})
			}
		})
	}
}

func succeeds(t *testing.T, b *tab, m way, id string) {
	m.reach(b, m).decide("success")
	b.thanked(t)
	b.paidOnce(t, id)
}

func isCancelled(t *testing.T, b *tab, m way, id string) {
	m.reach(b, m).decide("cancelled")
	b.arrives(b.w.gateway, "/pay/")
	status, payment := "open", "cancelled"
	if m.resumes != "" {
		status, payment = "pending", "pending"
		b.reads(m.resumes)
	} else {
		b.reads("Je hebt de betaling gestopt.")
		b.reads("Er is niets afgeschreven.")
	}
	if b.count(`button[name=method]`) == 0 {
		t.Error("there is no other way to pay")
	}
	if o := b.w.order(t, id); o.Status != status || o.Captured.Value != 0 || o.Payments[0].Status != payment {
		t.Errorf("got %+v, want order and payment %s and %s with nothing charged", o, status, payment)
	}
}

func succeedsLate(t *testing.T, b *tab, m way, id string) {
	at := m.reach(b, m)
	m.late(t, b, at, id)
	eventually(t, "the order is paid", func() bool { return b.w.order(t, id).Status == "paid" })
	b.paidOnce(t, id)
	b.open(b.w.order(t, id).Checkout)
	b.reads("Betaald")
	if b.count(`button[name=method]`) > 0 {
		t.Error("a paid order can be paid again")
	}
}

// paidOnce checks that what was asked for was charged, once.
func (b *tab) paidOnce(t *testing.T, id string) {
	t.Helper()
	if o := b.w.order(t, id); o.Status != "paid" || o.Captured != o.Amount || len(o.Payments) != 1 {
		t.Errorf("got %+v, want it paid once", o)
	}
}

// place orders coffee and a mug as the shop's form does. It gives the order's
// id and where to pay.
func (w *world) place(t *testing.T, currency, lang string) (id, checkout string) {
	t.Helper()
	form := url.Values{"name": {"Sanne de Vries"}, "email": {"sanne@example.com"}, "once": {rand.Text()}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+w.shop+"/checkout?lang="+lang, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Cookie", "basket=coffee.1_mug.1; currency="+currency)
	resp, err := http.DefaultTransport.RoundTrip(req) // which follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	checkout = resp.Header.Get("Location")
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("the shop answered %s (%v), want a redirect to the gateway", resp.Status, err)
	}
	_, token, _ := strings.Cut(checkout, "/pay/")
	id, _, _ = strings.Cut(token, ".")
	return id, checkout
}

// byRedirect presses a method that leads to the provider at once.
func byRedirect(b *tab, m way) *tab {
	b.press(`button[name=method][value=` + m.method + `]`)
	b.arrives(b.w.simulator, "/"+m.provider+"/")
	return b
}

// byOption searches a way to pay within the method, which is the one that the
// provider then proposes.
func byOption(b *tab, m way) *tab {
	b.press(`button[name=method][value=` + m.method + `]`)
	b.until(`document.querySelectorAll("button[name=option]").length > 12`)
	b.do("search", chromedp.Do(b.ctx, chromedp.SendKeys(chromedp.CSS(`#q`), "QR code by")))
	if b.noScript {
		b.press(`.search button`)
	}
	b.until(`[...document.querySelectorAll("button[name=option]")].filter(o => o.checkVisibility()).length === 1`)
	b.press(`li:not([hidden]) > button[name=option]`)
	if b.noScript {
		b.press(`#onward button`)
	}
	b.arrives(b.w.simulator, "/"+m.provider+"/")
	b.until(`document.querySelector("#way").value === "SBPPSR"`)
	return b
}

// atTerminal has the consumer turn to the terminal, which is a tab of its own.
func atTerminal(b *tab, m way) *tab {
	b.press(`button[name=method][value=` + m.method + `]`)
	b.reads("Kijk op de betaalterminal")
	at := b.beside(phone)
	at.open("http://" + b.w.simulator + "/" + m.provider + "/")
	at.until(`document.querySelector("button[name=outcome]") !== null`)
	return at
}

// openFirst has the provider say that it does not know yet: the consumer waits,
// and the page goes on by itself.
func openFirst(provider string) func(*testing.T, *tab, *tab, string) {
	return func(t *testing.T, b, at *tab, id string) {
		at.decide("open")
		b.arrives(b.w.gateway, "/pay/")
		b.reads("Je bank heeft nog niet geantwoord")
		o := b.w.order(t, id)
		if o.Captured.Value != 0 {
			t.Errorf("got %+v before the provider knows", o)
		}
		b.w.tell(t, provider, map[string]any{"order": o.Payments[0].ProviderReference, "outcome": "success"})
		b.thanked(t)
	}
}

// leftFirst has the consumer go back to the choice; the provider takes the
// money all the same.
func leftFirst(t *testing.T, b, _ *tab, id string) {
	o := b.w.order(t, id)
	b.open(o.Checkout)
	b.reads("Hoe wil je betalen?")
	b.w.tell(t, "bambora", map[string]any{"order": o.Payments[0].ProviderReference, "outcome": "success"})
}

// brokenOff has the consumer choose a way to pay at the provider, and close the
// page before the money is there.
func brokenOff(t *testing.T, b, at *tab, _ string) {
	number, err := strconv.ParseInt(ask[string](at, `document.querySelector(".order span").textContent`), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	at.decide("open")
	at.reads("Waiting for your money")
	b.open("about:blank")
	b.w.tell(t, "robokassa", map[string]any{"inv_id": number, "outcome": "success"})
}

// lineBroken has the terminal lose its till, which asks what became of the
// payment, before the card is there.
func lineBroken(t *testing.T, b, at *tab, id string) {
	before := b.w.inquiries(t)
	at.decide("open")
	eventually(t, "the till asks again", func() bool { return b.w.inquiries(t) > before })
	if o := b.w.order(t, id); o.Captured.Value != 0 {
		t.Errorf("got %+v before there is a card", o)
	}
	at.until(`location.search === "?result=1"`)
	at.decide("success")
	b.thanked(t)
}

// inquiries counts how often the terminal was asked what became of a payment.
func (w *world) inquiries(t *testing.T) int {
	t.Helper()
	var books struct {
		Requests []struct {
			Call string `json:"call"`
		} `json:"requests"`
	}
	w.call(t, http.MethodGet, "http://"+w.simulator+"/_sim/terminal/books", nil, &books)
	n := 0
	for _, r := range books.Requests {
		if r.Call == "transaction_status" {
			n++
		}
	}
	return n
}

// tell has a provider carry out what is said of a payment.
func (w *world) tell(t *testing.T, provider string, body any) {
	t.Helper()
	w.call(t, http.MethodPost, "http://"+w.simulator+"/_sim/"+provider+"/next", body, nil)
}
