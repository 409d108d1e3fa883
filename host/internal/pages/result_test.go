package pages

import (
	"net/http"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func eur(value int64) order.Money { return order.Money{Value: value, Currency: "EUR"} }

// printed is what a terminal prints.
func printed() *contract.Receipt {
	return &contract.Receipt{
		Lines:             []contract.ReceiptLine{{Text: "VISA <4242>", Style: "large"}, {Text: "CONTACTLESS", Style: "center"}, {Text: ""}, {Text: "AID:     A0000000031010"}, {Text: "TVR:         0000008000", Style: "void"}, {Text: "APPROVED", Style: "bold"}},
		SignatureRequired: true,
	}
}

// tipped is a payment of which the terminal took a tip.
func tipped(h *house) {
	h.attempt(redirect())
	h.report(contract.UpdateCaptured, func(u *contract.Update) {
		u.Amount, u.Tip, u.Surcharge, u.Brand, u.Receipt = eur(5549), eur(500), eur(50), "VISA", printed()
	})
}

func TestResult(t *testing.T) {
	t.Parallel()
	link := `href="/pay/` + token + `/receipt/` + payment + `?lang=nl"`
	for name, c := range map[string]struct {
		prepare func(h *house)
		says    []string
	}{
		"paid":       {func(h *house) { h.attempt(redirect()); h.report(contract.UpdateCaptured, nil) }, []string{"<h1>Betaald</h1>", "<svg", "!<form", link, ">Betaalbewijs<", "!Totaal betaald"}},
		"authorized": {func(h *house) { h.attempt(redirect()); h.report(contract.UpdateAuthorized, nil) }, []string{"<h1>Betaald</h1>", link}},
		"cancelled":  {func(h *house) { h.apply(order.Cancel{}) }, []string{"<h1>Geannuleerd</h1>", "!<svg", "!<form", "!/receipt/"}},
		"expired":    {func(h *house) { h.order.ExpiredAt = start }, []string{"<h1>Te laat</h1>", "Er is niets afgeschreven", "!/receipt/"}},
		"with tip and surcharge": {tipped, []string{
			"Bedrag van de bestelling</th><td class=\"number\">€ 49,99", "Fooi</th><td class=\"number\">€ 5,00", "Toeslag</th><td class=\"number\">€ 0,50",
			"<tr class=\"total\"><th scope=\"row\">Totaal betaald</th><td class=\"number\">€ 55,49", "!Teruggestort"}},
		"refunded": {func(h *house) {
			h.attempt(redirect())
			h.report(contract.UpdateCaptured, nil)
			h.report(contract.UpdateRefunded, func(u *contract.Update) { u.Amount = eur(1000) })
		}, []string{"Totaal betaald</th><td class=\"number\">€ 49,99", "Teruggestort</th><td class=\"number\">€ 10,00", "!Fooi"}},
		"more than was asked": {func(h *house) {
			h.attempt(redirect())
			h.report(contract.UpdateCaptured, func(u *contract.Update) { u.Amount = eur(6000) })
		}, []string{"Totaal betaald</th><td class=\"number\">€ 60,00"}},
		"declined with a receipt, then expired": {func(h *house) {
			h.attempt(terminal())
			h.report(contract.UpdateFailed, func(u *contract.Update) { u.Receipt = printed() })
			h.order.ExpiredAt = start
		}, []string{"<h1>Te laat</h1>", link}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			c.prepare(h)
			h.want(h.get("/pay/"+token), http.StatusOK, append(c.says, `<a class="button" href="https://shop.example/back?status=`, "Terug naar Molen &amp; Maan", "Bestelling 1001")...)
		})
	}
}

func TestResult_withoutAPageOfTheShop(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(redirect())
	h.report(contract.UpdateCaptured, nil)
	h.order.ReturnURL = ""
	h.want(h.get("/pay/"+token), http.StatusOK, "<h1>Betaald</h1>", ">Betaalbewijs<", "!Terug naar", `!href=""`)
	for _, path := range []string{"/return/" + payment, "?wait=" + payment} {
		if to := h.get("/pay/" + token + path).Header().Get("Location"); to != "/pay/"+token {
			t.Errorf("%s: to %q, want the order's own page", path, to)
		}
	}
}

func TestResult_methodsNotRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	tipped(h)
	h.offersErr = http.ErrServerClosed
	h.want(h.get("/pay/"+token), http.StatusOK, ">Betaalbewijs<")
	h.want(h.get("/pay/"+token+"/receipt/"+payment), http.StatusOK, "<dd>VISA</dd>")
}

func TestReceipt_bad(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path    string
		prepare func(h *house)
	}{
		"no such order":   {"/pay/x.y/receipt/" + payment, tipped},
		"no such payment": {"/pay/" + token + "/receipt/pay_nobody", tipped},
		"nothing charged": {"/pay/" + token + "/receipt/" + payment, func(h *house) { h.attempt(redirect()) }},
		"an empty slip": {"/pay/" + token + "/receipt/" + payment, func(h *house) {
			h.attempt(redirect())
			h.report(contract.UpdateFailed, func(u *contract.Update) { u.Receipt = &contract.Receipt{} })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			c.prepare(h)
			h.want(h.get(c.path), http.StatusNotFound, "!VISA", "!Betaalbewijs")
		})
	}
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	const test, unpaid = "TEST: dit is geen betaalbewijs", "NIET BETAALD: dit is geen betaalbewijs"
	for name, c := range map[string]struct {
		live    bool
		prepare func(h *house)
		says    []string
	}{
		"a test": {false, tipped, []string{`data-mark="` + test + `"`, `<p class="void">` + test + "</p>"}},
		"live, with all that the terminal printed, in order": {true, tipped, []string{"!class=\"void\"", "!data-mark", "<h1>Betaalbewijs</h1>", "Molen &amp; Maan", "hallo@shop.example", "<dd>1001</dd>", "<dd>iDEAL (VISA)</dd>",
			`<time datetime="2026-03-01T10:00:00Z">1-03-2026 10:00 UTC</time>`, "2 × Koffie", "Fooi</th><td class=\"number\">€ 5,00", "Totaal betaald</th><td class=\"number\">€ 55,49",
			"<p class=\"large\">VISA &lt;4242&gt;</p>\n<p class=\"center\">CONTACTLESS</p>\n<p></p>\n<p>AID:     A0000000031010</p>\n<p>TVR:         0000008000</p>\n<p class=\"bold\">APPROVED</p>",
			`<p class="sign">Handtekening</p>`, `id="print" hidden>Afdrukken<`, "!Controlenummer"}},
		"with the control unit's reference": {true, func(h *house) {
			tipped(h)
			h.apply(order.SetControlReference{Reference: "CU-<1>"})
		}, []string{"<dt>Controlenummer</dt><dd>CU-&lt;1&gt;</dd>"}},
		"with what was printed of a refund": {true, func(h *house) {
			tipped(h)
			h.apply(order.RequestRefund{ID: "ref_1", Payment: payment, Amount: eur(1000), IdempotencyKey: "k"})
			h.report(contract.UpdateRefunded, func(u *contract.Update) {
				u.Amount, u.Item = eur(1000), &contract.Item{ID: "ref_1"}
				u.Receipt = &contract.Receipt{Lines: []contract.ReceiptLine{{Text: "REFUND <1>", Style: "bold"}}}
			})
		}, []string{"<p class=\"bold\">APPROVED</p>", "<h2>Teruggestort: €\u00a010,00</h2>", `<time datetime="2026-03-01T`, "<section class=\"card\">\n<p class=\"bold\">REFUND &lt;1&gt;</p>\n</section>"}},
		"declined": {true, func(h *house) {
			h.attempt(terminal())
			h.report(contract.UpdateFailed, func(u *contract.Update) { u.Receipt = printed() })
		}, []string{`data-mark="` + unpaid + `"`, "AID:     A0000000031010", "!Totaal betaald"}},
		"paid elsewhere than at a terminal": {true, func(h *house) { h.attempt(redirect()); h.report(contract.UpdateCaptured, nil) }, []string{
			"Totaal betaald</th><td class=\"number\">€ 49,99", "!class=\"card\"", "!Handtekening", "<dd>iDEAL</dd>"}},
		"authorized": {true, func(h *house) { h.attempt(redirect()); h.report(contract.UpdateAuthorized, nil) }, []string{"Gereserveerd</th><td class=\"number\">€ 49,99", "!class=\"void\""}},
		"a method that is gone": {true, func(h *house) {
			h.attempt(redirect())
			h.report(contract.UpdateCaptured, nil)
			h.offers = nil
		}, []string{"<dd>ideal</dd>"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(s *order.Spec) { s.Live = c.live })
			c.prepare(h)
			h.want(h.get("/pay/"+token+"/receipt/"+payment), http.StatusOK, append(c.says, "Terug naar je bestelling")...)
		})
	}
}

func TestNews_leadsToTheReceipt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(terminal())
	h.report(contract.UpdateFailed, func(u *contract.Update) { u.Receipt = printed() })
	h.want(h.get("/pay/"+token+"?from="+payment), http.StatusOK, "De betaling is niet gelukt.", `href="/pay/`+token+`/receipt/`+payment+`?lang=nl"`)
}

func TestMoment(t *testing.T) {
	t.Parallel()
	l, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		"bg": "1.03.2026 г., 10:00 UTC", "de": "01.03.2026, 10:00 UTC", "en": "1 Mar 2026, 10:00 UTC", "fr": "1/03/2026 10:00 UTC",
		"nl": "1-03-2026 10:00 UTC", "ru": "01.03.2026, 10:00 UTC", "sv": "2026-03-01 10:00 UTC",
	} {
		if got, stamp := moment(start, l.speak(lang, "", "")); got != want || stamp != "2026-03-01T10:00:00Z" {
			t.Errorf("%s: got %q (%s), want %q", lang, got, stamp, want)
		}
	}
	for _, lang := range languages {
		if dates[lang] == "" {
			t.Errorf("%s writes no dates", lang)
		}
	}
}
