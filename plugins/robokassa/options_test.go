package main

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

func TestOptions_moreThanForty(t *testing.T) {
	t.Parallel()
	b := newBuyer(t, guesttest.New(provider))
	list := func(locale string, amount int64) []contract.Option {
		return must[[]contract.Option](b, contract.ListOptions, contract.OptionsInput{Method: methodID, Amount: roublesOf(amount), Country: "RU", Locale: locale})
	}
	english, russian := list("bg-BG", 500_000), list("ru", 500_000)
	groups, ids := map[string]int{}, map[string]string{}
	for i, o := range english {
		groups[o.Group]++
		if ids[o.ID] != "" {
			t.Errorf("%s stands there twice", o.ID)
		}
		if o.Lang != "en" || russian[i].Lang != "ru" {
			t.Errorf("%s is said to be in %q for a Bulgarian and in %q for a Russian", o.ID, o.Lang, russian[i].Lang)
		}
		if ids[o.ID] = o.Title; russian[i].ID != o.ID {
			t.Errorf("option %d is %s in English and %s in Russian", i, o.ID, russian[i].ID)
		}
	}
	if len(english) <= 40 || len(groups) < 7 || groups["Wallet"] == 0 || ids["SBP"] != "SBP, by QR code" {
		t.Errorf("got %d ways in groups %v", len(english), groups)
	}
	// BankCard has two labels and is one way; QiwiWallet stands in two groups and is two.
	if ids["BankCard"] != "Bank card" || ids["BANKOCEAN3R"] != "" || ids["QiwiWallet"] != "QIWI Wallet" || ids["QiwiTerminalsPS"] != "QIWI terminals" {
		t.Errorf("got %v", ids)
	}
	for _, o := range list("en", 100) {
		if o.ID == "Podeli" {
			t.Error("an instalment is offered for 1.00, which is below its least sum")
		}
	}
	for _, o := range english {
		b.payment.MethodOptions = map[string]string{"option": o.ID}
		b.payment.Number++
		if v := b.start(); !strings.Contains(v.HTML, "outcome") {
			t.Errorf("%s: the page says %s", o.ID, v.HTML)
		}
	}
}

func TestCreate_refused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(p *contract.Payment, a *conformance.Account)
		want   contract.FailureCode
	}{
		{"another method", func(p *contract.Payment, _ *conformance.Account) { p.Method = "ideal" }, contract.Unsupported},
		{"no number", func(p *contract.Payment, _ *conformance.Account) { p.Number = 0 }, contract.InvalidRequest},
		{"nothing to pay", func(p *contract.Payment, _ *conformance.Account) { p.Amount.Value = 0 }, contract.InvalidRequest},
		{"euro", func(p *contract.Payment, _ *conformance.Account) { p.Amount.Currency = "EUR" }, contract.Unsupported},
		{"roubles at a shop in tenge", func(_ *contract.Payment, a *conformance.Account) { a.Settings["currency"] = kzt }, contract.Unsupported},
		{"a hold in another currency", func(p *contract.Payment, _ *conformance.Account) {
			p.Amount.Currency, p.Capture = kzt, contract.CaptureManual
		}, contract.Unsupported},
		{"a hold without a key", func(p *contract.Payment, a *conformance.Account) {
			p.Capture = contract.CaptureManual
			delete(a.Settings, "result_key")
		}, contract.InvalidSettings},
		{"an option that is no label", func(p *contract.Payment, _ *conformance.Account) {
			p.MethodOptions = map[string]string{"option": `"><script>`}
		}, contract.InvalidRequest},
		{"no login", func(_ *contract.Payment, a *conformance.Account) { delete(a.Settings, "merchant_login") }, contract.InvalidSettings},
		{"no password", func(_ *contract.Payment, a *conformance.Account) { delete(a.Secrets, "password1") }, contract.InvalidSettings},
		{"simulator of the real one", func(_ *contract.Payment, a *conformance.Account) {
			a.Settings["auth_url"] = "https://Auth.Robokassa.ru/"
		}, contract.InvalidSettings},
		{"simulator that is live", func(_ *contract.Payment, a *conformance.Account) { a.Settings["environment"] = "live" }, contract.InvalidSettings},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBuyer(t, guesttest.New(provider))
			tt.change(&b.payment, b.account)
			if r, err := run[contract.CreateResult](b, contract.CreatePayment, contract.PaymentInput{Payment: b.payment}); codeOf(err) != tt.want {
				t.Errorf("got %+v, %v, want %s", r, err, tt.want)
			}
		})
	}
}

// What a live shop sends, and to whom.
func TestCreate_fields(t *testing.T) {
	t.Parallel()
	b := newBuyer(t, guesttest.New(provider))
	b.account.Settings = map[string]any{"environment": "live", "merchant_login": "shop", "currency": kzt}
	b.payment.Amount.Currency, b.payment.Lines, b.payment.Locale = kzt, nil, "kk-KZ"
	b.payment.Description = "Чай «Ёлка», 2 шт. \u2063\n" + strings.Repeat("ы", 200)
	r := must[contract.CreateResult](b, contract.CreatePayment, contract.PaymentInput{Payment: b.payment})
	if r.Action.URL != "https://auth.robokassa.kz/Merchant/Index.aspx" {
		t.Errorf("got %s", r.Action.URL)
	}
	got := map[string]string{}
	for _, f := range r.Action.Fields {
		got[f[0]] = f[1]
	}
	for name, want := range map[string]string{
		"MerchantLogin": "shop", "OutSum": "49.99", "InvId": "100001", "OutSumCurrency": "", "IsTest": "", "StepByStep": "", "Culture": "en",
		"Encoding": "utf-8", "Email": "jan@example.com", "ExpirationDate": "2026-03-02T10:30:00+00:00", "Shp_cur": "KZT", "Shp_ref": b.payment.Reference, "IncCurrLabel": "",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if n := len([]rune(got["Description"])); n != maxDescription || !strings.HasPrefix(got["Description"], "Чай «Ёлка», 2 шт.  ы") {
		t.Errorf("the description has %d characters: %s", n, got["Description"])
	}
	if r.Action.Fields[len(r.Action.Fields)-1][0] != "SignatureValue" || len(got["SignatureValue"]) != 32 {
		t.Errorf("the fields are %v", r.Action.Fields)
	}
}
