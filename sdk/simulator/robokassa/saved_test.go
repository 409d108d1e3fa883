package robokassa

import (
	"net/url"
	"strings"
	"testing"
)

// savedForm is a start of 5.00 by a card of an earlier operation, with more
// parts before the token.
func savedForm(number, token string, more ...string) url.Values {
	form := url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"5.00"}, "InvId": {number}, "Token": {token}}
	parts := []string{"plughost-demo", "5.00", number}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
		if more[i] != "Recurring" {
			parts = append(parts, more[i+1])
		}
	}
	if token != "" {
		parts = append(parts, token)
	}
	form.Set("SignatureValue", md5of(append(parts, "Adm1n-pass-one")...))
	return form
}

func TestCoFPayment_refused(t *testing.T) {
	t.Parallel()
	d := open(t)
	open := d.started(startForm()) // 1003, not paid yet
	token := d.payment(1003).OpKey
	refused := func(name, want string, form url.Values) {
		t.Helper()
		w := d.call("POST", "/Merchant/Payment/CoFPayment", form.Encode())
		if got := errorCode(w); w.Code != 200 || got != want {
			t.Errorf("%s: got %d, error %s, want %s", name, w.Code, got, want)
		}
	}
	refused("of a payment that is open", "30", savedForm("1010", token))
	d.press(open, Success, "")
	unsigned := savedForm("1010", token)
	unsigned.Set("SignatureValue", md5of("plughost-demo", "5.00", "1010", "Adm1n-pass-one"))
	test := savedForm("1010", token)
	test.Set("IsTest", "1")
	refused("a token that is not signed", "29", unsigned)
	refused("a test with live passwords", "29", test)
	refused("no token", "30", savedForm("1010", ""))
	refused("an unknown token", "30", savedForm("1010", "X"+token))
	refused("a hold", "65", savedForm("1010", token, "StepByStep", "true"))
	refused("a first of a series", "35", savedForm("1010", token, "Recurring", "true"))
	refused("a number that is paid", "40", savedForm("1003", token))
	wallet := url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"7.00"}, "InvId": {"1005"}, "SignatureValue": {md5of("plughost-demo", "7.00", "1005", "Adm1n-pass-one")}}
	d.press(d.started(wallet), Success, wayGroups[1].Items[0].Label)
	refused("of no card", "30", savedForm("1010", d.payment(1005).OpKey))
	if w := d.call("GET", "/Merchant/Payment/CoFPayment?"+savedForm("1010", token).Encode(), ""); w.Code != 405 && w.Code != 404 {
		t.Errorf("by GET: got %d", w.Code)
	}
}

// A saved card pays at a page of its own, which offers cards alone; the
// signature covers UserIp before the receipt's place, and the token last.
func TestCoFPayment(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.press(d.started(startForm()), Success, "")
	d.shop.take()
	w := d.call("POST", "/Merchant/Payment/CoFPayment", savedForm("1010", d.payment(1003).OpKey, "UserIp", "192.0.2.7").Encode())
	to := w.Header().Get("Location")
	if w.Code != 303 || !strings.HasPrefix(to, "../Index/") {
		t.Fatalf("got %d %s, error %s", w.Code, to, errorCode(w))
	}
	page := "/Merchant/" + strings.TrimPrefix(to, "../")
	if html := d.call("GET", page, "").Body.String(); strings.Count(html, "<optgroup") != 1 || !strings.Contains(html, "selected") || strings.Contains(html, wayGroups[1].Items[0].Label) {
		t.Errorf("the page: %s", html)
	}
	d.press(page, Success, "")
	d.pass(0)
	if got := d.shop.take(); len(got) != 1 || got[0].form.Get("InvId") != "1010" || d.payment(1010).State != StatePaid || d.payment(1003).State != StatePaid {
		t.Errorf("the shop got %+v", got)
	}
}
