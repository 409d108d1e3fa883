package main

import (
	"strings"
	"unicode"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// form is the start of a payment: its fields, and what its signature covers.
type form struct {
	fields      [][2]string
	signed, shp []string
}

// add adds a field, and to the signature the value as it is signed.
func (f *form) add(name, value string, signed ...string) {
	f.fields = append(f.fields, [2]string{name, value})
	f.signed = append(f.signed, signed...)
}

// hint adds a field that is not signed, unless it is empty.
func (f *form) hint(name, value string) {
	if value != "" {
		f.add(name, value)
	}
}

// Our own fields, which come back signed with every message. Their values need
// no encoding, so that no question of it arises (protocol, 3.1).
const (
	shpCurrency  = "Shp_cur"
	shpReference = "Shp_ref"
)

// maxDescription is in characters (protocol, 2).
const maxDescription = 100

// start writes the fields in the order of their signature (protocol, 3.1).
func (s shop) start(p contract.Payment) (form, error) {
	var f form
	sum, hold := p.Amount.Decimal(), p.Capture == contract.CaptureManual
	f.add("MerchantLogin", s.Login, s.Login)
	f.add("OutSum", sum, sum)
	f.add("InvId", invoice(p), invoice(p))
	if p.Amount.Currency != s.Currency {
		f.add("OutSumCurrency", p.Amount.Currency, p.Amount.Currency)
	}
	receipt, err := s.receipt(p, p.Lines, p.Amount)
	if err != nil {
		return f, err
	}
	if receipt != "" {
		f.add("Receipt", receipt, receipt)
	}
	if hold {
		f.add("StepByStep", "true", "true")
		address := withAsked(p.WebhookURL, sum)
		f.add("ResultUrl2", address, encode(address)) // signed encoded, sent plain
	}
	for _, pair := range [][2]string{{shpCurrency, p.Amount.Currency}, {shpReference, p.Reference}} {
		f.add(pair[0], pair[1])
		f.shp = append(f.shp, pair[0]+"="+pair[1])
	}
	s.hints(&f, p)
	return f, nil
}

// hints adds what is not signed.
func (s shop) hints(f *form, p contract.Payment) {
	label := p.MethodOptions["option"]
	if label == "" && p.Capture == contract.CaptureManual {
		label = "BankCard" // holds are of cards alone
	}
	f.hint("IncCurrLabel", label)
	f.hint("Description", describe(p))
	f.hint("Culture", culture(p.Locale))
	f.hint("Encoding", "utf-8")
	f.hint("Email", p.Customer.Email)
	if !p.ExpiresAt.IsZero() {
		f.hint("ExpirationDate", p.ExpiresAt.UTC().Format("2006-01-02T15:04:05-07:00")) // without an offset it would be Moscow's time
	}
	if s.test {
		f.hint("IsTest", "1")
	}
}

// culture is one of the two languages of the provider's pages.
func culture(locale string) string {
	if tag, _, _ := strings.Cut(strings.ToLower(locale), "-"); tag == "ru" {
		return "ru"
	}
	return "en"
}

// describe tells the buyer what is paid, in letters, digits and punctuation.
func describe(p contract.Payment) string {
	text := p.Description
	if text == "" {
		text = p.OrderReference
	}
	return clean(text, maxDescription)
}

// clean keeps letters, digits and punctuation, at most n characters.
func clean(text string, n int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsPunct(r), r == ' ', r == '+':
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, text)
	if r := []rune(text); len(r) > n {
		text = string(r[:n])
	}
	return strings.TrimSpace(text)
}
