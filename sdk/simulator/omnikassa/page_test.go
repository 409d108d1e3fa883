package omnikassa

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

var forced = object{"paymentBrand": "IDEAL", "paymentBrandForce": "FORCE_ALWAYS"}

func with(base, more object) object {
	all := object{}
	for _, m := range []object{base, more} {
		for name, v := range m {
			all[name] = v
		}
	}
	return all
}

// checkReturn verifies the address that leads back to the shop.
func checkReturn(t *testing.T, address, orderID, status string) {
	t.Helper()
	rest, ok := strings.CutPrefix(address, returnURL+"&")
	if !ok {
		t.Fatalf("got %q, want %s with parameters added", address, returnURL)
	}
	q, err := url.ParseQuery(rest)
	if err != nil {
		t.Fatal(err)
	}
	if q.Get("order_id") != orderID || q.Get("status") != status || q.Get("signature") != textSignature(demoKey, orderID+","+status) {
		t.Errorf("got %v, want %s %s, signed", q, orderID, status)
	}
}

func TestPage_badRequests(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, page := s.announced(nil)
	token := strings.TrimPrefix(strings.Split(page, "&")[0], pagePath+"?")
	for name, c := range map[string]struct {
		method, path, form string
		status             int
	}{
		"no token":              {"GET", pagePath, "", 404},
		"unknown token":         {"GET", pagePath + "?token=x&lang=nl", "", 404},
		"outcome, no token":     {"POST", payPath, "outcome=success", 404},
		"result, unknown token": {"GET", resultPath + "?token=x", "", 404},
		"broken query":          {"GET", pagePath + "?" + token + "&%zz", "", 400},
		"form too large":        {"POST", payPath, token + "&x=" + strings.Repeat("y", maxForm), 400},
		"unknown brand":         {"POST", pagePath, token + "&brand=GOLD", 303},
		"inactive brand":        {"GET", payPath + "?" + token + "&brand=BILLINK", "", 303},
		"outcome, no brand":     {"POST", payPath, token + "&outcome=success", 303},
		"unknown outcome":       {"POST", payPath, token + "&brand=VISA&outcome=jackpot", 303},
		"result too early":      {"GET", resultPath + "?" + token, "", 303},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.call(c.method, c.path, "", c.form, "Content-Type", "application/x-www-form-urlencoded")
			if got.status != c.status {
				t.Errorf("got %d %s, want %d", got.status, got.body, c.status)
			}
		})
	}
	if o := s.sim.Books().Orders[0]; o.Status != orderInProgress {
		t.Errorf("got %+v, want the order still in progress", o)
	}
}

func TestPage_outcomes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outcome              Outcome
		order, tx, returning string
	}{
		{Success, orderCompleted, txSuccess, orderCompleted},
		{Cancelled, orderCancelled, txCancelled, orderCancelled},
		{Expired, orderExpired, txExpired, orderExpired},
		{Open, orderInProgress, txOpen, orderInProgress},
		{Failed, orderInProgress, txFailure, ""},
	} {
		for name, skip := range map[string]bool{"result page": false, "straight back": true} {
			t.Run(string(c.outcome)+", "+name, func(t *testing.T) {
				t.Parallel()
				s := newShop(t)
				id, page := s.announced(with(forced, object{"skipHppResultPage": skip}))
				v := s.visit(page)
				if got := v.buttons("outcome"); !slices.Equal(got, []string{"success", "cancelled", "expired", "open", "failed"}) {
					t.Fatalf("got buttons %v", got)
				}
				v.press("outcome", string(c.outcome))
				if got := s.order(id); got.Status != c.order || got.Transactions[0].Status != c.tx {
					t.Errorf("got %+v, want %s, %s", got, c.order, c.tx)
				}
				if (v.gone != "") != (skip && c.outcome != Failed) {
					t.Errorf("got sent to %q, skipHppResultPage %v", v.gone, skip)
				}
				if c.outcome == Failed {
					if !strings.Contains(string(v.page.body), `role="alert"`) || len(v.buttons("outcome")) != 5 {
						t.Errorf("got %s, want to be told and to try again", v.page.body)
					}
					return
				}
				checkReturn(t, v.back(), "order1", c.returning)
				again := s.visit(page)
				checkReturn(t, again.back(), "order1", c.returning)
			})
		}
	}
}

func TestPage_brandChoice(t *testing.T) {
	t.Parallel()
	all := []string{"IDEAL", "MASTERCARD", "VISA", "MAESTRO", "V_PAY", "BANCONTACT", "PAYPAL"}
	cards := all[1:6]
	for name, c := range map[string]struct {
		change       object
		first, after []string // brands offered first, and after a failed try; none: the brand's page itself
	}{
		"none forced":         {nil, all, all},
		"iDEAL once":          {object{"paymentBrand": "IDEAL", "paymentBrandForce": "FORCE_ONCE"}, nil, all},
		"iDEAL always":        {forced, nil, nil},
		"a card once":         {object{"paymentBrand": "CARDS", "paymentBrandForce": "FORCE_ONCE"}, cards, all},
		"a card always":       {object{"paymentBrand": "CARDS", "paymentBrandForce": "FORCE_ALWAYS"}, cards, cards},
		"force without brand": {object{"paymentBrandForce": "FORCE_ALWAYS"}, all, all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			id, page := s.announced(c.change)
			v := s.visit(page)
			if got := v.buttons("brand"); !slices.Equal(got, c.first) {
				t.Errorf("first: got %v, want %v", got, c.first)
			}
			if len(c.first) > 0 {
				v.press("brand", c.first[len(c.first)-1])
			}
			v.press("outcome", "failed")
			if got := v.buttons("brand"); !slices.Equal(got, c.after) {
				t.Errorf("after a failed try: got %v, want %v", got, c.after)
			}
			if len(c.after) > 0 {
				v.press("brand", c.after[0])
			}
			v.press("outcome", "success")
			checkReturn(t, v.back(), "order1", orderCompleted)
			o := s.order(id)
			if len(o.Transactions) != 2 || o.Transactions[0].Status != txFailure || o.Transactions[1].Status != txSuccess {
				t.Errorf("got %+v, want FAILURE, then SUCCESS", o.Transactions)
			}
			if p := s.verifiedPull(resultsPath, tokenOf(s)); len(p.Results[0].Transactions) != 2 {
				t.Errorf("pull: got %+v, want both transactions", p.Results)
			}
		})
	}
}

func tokenOf(s *shop) string {
	s.Helper()
	s.settled()
	return s.webhook.last(s.T).Authentication
}

func TestPage_forcedBrandCannotBeEvaded(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id, page := s.announced(forced)
	v := s.visit(page)
	form := strings.Split(page, "?")[1] + "&brand=PAYPAL&outcome=success"
	v.open("POST", payPath, form)
	if o := s.order(id); o.Status != orderInProgress {
		t.Errorf("got %+v, want PayPal refused", o)
	}
}

func TestPage_leaveAndChangeOfBrand(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id, page := s.announced(nil)
	s.visit(page).press("brand", "IDEAL")
	s.visit(page).press("brand", "VISA")
	v := s.visit(page).press("leave", "1")
	checkReturn(t, v.back(), "order1", orderCancelled)
	o := s.order(id)
	if len(o.Transactions) != 2 || o.Transactions[0].Status != txCancelled || o.Transactions[1].Brand != "VISA" || o.Transactions[1].Status != txCancelled {
		t.Errorf("got %+v, want iDEAL and Visa both cancelled", o.Transactions)
	}
}

func TestPage_secondPressChangesNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id, page := s.announced(forced)
	first, second := s.visit(page), s.visit(page)
	first.press("outcome", "success")
	second.press("outcome", "cancelled")
	checkReturn(t, second.back(), "order1", orderCompleted)
	if o := s.order(id); o.Status != orderCompleted || len(o.Transactions) != 1 {
		t.Errorf("got %+v, want it paid once", o)
	}
	s.settled()
	if n := s.webhook.count(); n != 1 {
		t.Errorf("got %d notifications, want 1", n)
	}
}

func TestPage_openThenKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outcome Outcome
		status  string
	}{{Success, orderCompleted}, {Cancelled, orderCancelled}, {Expired, orderExpired}} {
		t.Run(string(c.outcome), func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			id, page := s.announced(forced)
			v := s.visit(page).press("outcome", "open")
			checkReturn(t, v.back(), "order1", orderInProgress)
			s.settled()
			if s.webhook.count() != 0 {
				t.Error("an open order was notified")
			}
			s.advance(5 * time.Minute)
			if err := s.sim.Settle(id, c.outcome); err != nil {
				t.Fatal(err)
			}
			if p := s.verifiedPull(resultsPath, tokenOf(s)); p.Results[0].Status != c.status {
				t.Errorf("got %+v, want %s", p.Results, c.status)
			}
			checkReturn(t, s.visit(page).back(), "order1", c.status)
			if err := s.sim.Settle(id, Success); err == nil {
				t.Error("a final order was settled again")
			}
		})
	}
}

func TestPage_outcomeByAmount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount  int64
		brand   string
		outcome Outcome // empty: the buttons decide
	}{
		{100, "IDEAL", Success}, {200, "IDEAL", Cancelled}, {300, "PAYPAL", Expired}, {400, "IDEAL", Open}, {500, "VISA", Failed},
		{1000, "VISA", Success}, {2000, "MASTERCARD", Cancelled}, {3000, "MAESTRO", Expired}, {4000, "V_PAY", Open}, {5000, "BANCONTACT", Failed},
		{1000, "IDEAL", ""}, {4999, "IDEAL", ""}, {4999, "VISA", ""}, {1001, "VISA", ""},
	} {
		if got, known := OutcomeOf(c.amount, brandNamed(c.brand).card); known != (c.outcome != "") || known && got != c.outcome {
			t.Errorf("OutcomeOf %d %s: got %q %v, want %q", c.amount, c.brand, got, known, c.outcome)
		}
		s := newShop(t, func(sim *Config) { sim.OutcomeByAmount = true })
		id, page := s.announced(object{"amount": eur(c.amount), "paymentBrand": c.brand, "paymentBrandForce": "FORCE_ALWAYS"})
		v := s.visit(page)
		if c.outcome == "" {
			if len(v.buttons("outcome")) != 5 || len(v.buttons("pay")) != 0 {
				t.Errorf("%d %s: want the buttons, got %s", c.amount, c.brand, v.page.body)
			}
			continue
		}
		v.press("pay", "1")
		got := s.order(id).Transactions[0].Status
		if want := map[Outcome]string{Success: txSuccess, Cancelled: txCancelled, Expired: txExpired, Open: txOpen, Failed: txFailure}[c.outcome]; got != want {
			t.Errorf("%d %s: got %s, want %s", c.amount, c.brand, got, want)
		}
	}
}

func TestPage_languageAndEscaping(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, page := s.announced(object{"amount": eur(1234567), "language": "NL", "description": `<script>alert(1)</script>`,
		"merchantOrderId": `a"><b>`, "shopperBankstatementReference": "abc"})
	v := s.visit(page)
	body := string(v.page.body)
	for _, want := range []string{`<html lang="nl">`, "Hoe wilt u betalen?", "€\u00a012.345,67", "simulator", "&lt;script&gt;", "a&#34;&gt;&lt;b&gt;"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q: %s", want, body)
		}
	}
	if policy := v.page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("got policy %q", policy)
	}
	for lang, want := range map[string]string{"en": "€12,345.67", "de": "12.345,67\u00a0€", "fr": "12\u202f345,67\u00a0€", "xx": "€\u00a012.345,67"} {
		v.open("GET", strings.Replace(page, "lang=nl", "lang="+lang, 1), "")
		if !strings.Contains(string(v.page.body), want) {
			t.Errorf("%s: the page lacks %q", lang, want)
		}
	}
	if len(v.page.body) > 20_000 || strings.Contains(body, "<script") {
		t.Errorf("got %d bytes or a script", len(v.page.body))
	}
	v.press("leave", "1")
	if want := "order_id=a%22%3E%3Cb%3E&status=CANCELLED"; !strings.Contains(v.back(), want) {
		t.Errorf("got %s, want %s in it", v.back(), want)
	}
}

func TestReturnAddress_keepsWhatIsThere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for given, want := range map[string]string{
		"https://a.example/":       "https://a.example/?order_id=x&status=EXPIRED&signature=",
		"https://a.example/?":      "https://a.example/?order_id=x&status=EXPIRED&signature=",
		"https://a.example/?b=%20": "https://a.example/?b=%20&order_id=x&status=EXPIRED&signature=",
		"https://a.example/?b=1&":  "https://a.example/?b=1&order_id=x&status=EXPIRED&signature=",
	} {
		o := &order{status: orderExpired}
		o.ReturnURL, o.MerchantOrderID = given, "x"
		if got := s.sim.returnAddress(o); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s…", given, got, want)
		}
		o.ReturnURL += "#top"
		if got := s.sim.returnAddress(o); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "#top") {
			t.Errorf("%s#top: got %s", given, got)
		}
	}
}

func TestPage_withoutPublicURL(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *Config) { c.PublicURL = "" })
	got := s.announceRaw(draft(nil))
	if address := s.member(got, "redirectUrl"); got.status != http.StatusCreated || !strings.HasPrefix(address, "http://sim.test/payment-brand?token=") {
		t.Errorf("got %s, want it on the host that was asked", address)
	}
}
