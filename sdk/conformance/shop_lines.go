package conformance

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// A gateway refuses an order that does not hold together. What follows is its
// rule for lines, as POST /v1/orders states it.
const (
	maxOrderLines = 500
	maxOrderText  = 255
	maxLineText   = 1000
)

// decimalSyntax bounds quantities and tax rates: up to nine digits and six decimals.
var decimalSyntax = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,6})?$`)

// checkRequest notes where a gateway would refuse an order.
func (d *shopDesk) checkRequest(r contract.OrderRequest) {
	d.want(utf8.RuneCountInString(r.Reference) <= maxOrderText && plain(r.Reference), "the reference %q is too long or no plain text", r.Reference)
	d.want(utf8.RuneCountInString(r.Description) <= maxLineText, "the description has more than %d characters", maxLineText)
	d.want(len(r.Lines) <= maxOrderLines, "there are %d lines, at most %d are taken", len(r.Lines), maxOrderLines)
	var total int64
	for i, l := range r.Lines {
		at := fmt.Sprintf("/lines/%d", i)
		d.checkLine(at, l, r.Amount.Currency)
		total += l.Amount.Value
	}
	d.want(len(r.Lines) == 0 || total == r.Amount.Value, "the lines add up to %s, the amount is %s",
		contract.Money{Value: total, Currency: r.Amount.Currency}, r.Amount)
	for name, value := range r.Metadata {
		d.want(utf8.RuneCountInString(name) <= 40 && utf8.RuneCountInString(value) <= 500, "/metadata/%s is too long", name)
	}
	d.want(len(r.Metadata) <= 50, "there are %d metadata, at most 50 are taken", len(r.Metadata))
}

func (d *shopDesk) checkLine(at string, l contract.Line, currency string) {
	d.want(l.Name != "", "%s has no name", at)
	for _, text := range []string{l.ID, l.SKU, l.Name, l.Unit, l.TaxCode} {
		d.want(utf8.RuneCountInString(text) <= maxOrderText && plain(text), "%s: %q is too long or no plain text", at, text)
	}
	d.want(slices.Contains(contract.LineKinds(), l.Kind), "%s/kind is %q", at, l.Kind)
	d.want(l.Amount.Currency == currency, "%s is in %s, the order in %s", at, l.Amount.Currency, currency)
	d.want((l.Kind == contract.LineDiscount) == (l.Amount.Value < 0) || l.Amount.Value == 0, "%s of kind %s is of %s", at, l.Kind, l.Amount)
	quantity, ok := lineDecimal(l.Quantity)
	if !ok || quantity.Sign() == 0 {
		d.fail("%s/quantity is %q, want a decimal text above zero", at, l.Quantity)
		return
	}
	if !l.UnitPrice.IsZero() {
		d.want(l.UnitPrice.Currency == currency, "%s/unit_price is in %s, the order in %s", at, l.UnitPrice.Currency, currency)
		off := new(big.Rat).Mul(quantity, new(big.Rat).SetInt64(l.UnitPrice.Value))
		off.Sub(off, new(big.Rat).SetInt64(l.Amount.Value))
		d.want(off.Abs(off).Cmp(big.NewRat(1, 1)) < 0, "%s: %s times %s is not %s (both are with tax)", at, l.Quantity, l.UnitPrice, l.Amount)
	}
	d.checkTax(at, l)
}

// checkTax wants the tax to be a part of the amount.
func (d *shopDesk) checkTax(at string, l contract.Line) {
	rate, ok := lineDecimal(l.TaxRate)
	d.want(l.TaxRate == "" || ok && rate.Cmp(big.NewRat(100, 1)) <= 0, "%s/tax_rate is %q, want 0 to 100 as decimal text", at, l.TaxRate)
	if l.TaxAmount.IsZero() {
		return
	}
	tax, amount := l.TaxAmount.Value, l.Amount.Value
	if amount < 0 {
		tax, amount = -tax, -amount
	}
	d.want(l.TaxAmount.Currency == l.Amount.Currency, "%s: the tax is in %s, the amount in %s", at, l.TaxAmount.Currency, l.Amount.Currency)
	d.want(tax >= 0 && tax <= amount, "%s: a tax of %s is no part of %s", at, l.TaxAmount, l.Amount)
	d.want(!ok || rate.Sign() != 0 || tax == 0, "%s: a rate of 0 has a tax of %s", at, l.TaxAmount)
}

// lineDecimal reads a decimal text without sign or exponent.
func lineDecimal(s string) (*big.Rat, bool) {
	if !decimalSyntax.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// plain says whether a text is valid UTF-8 without control characters.
func plain(s string) bool {
	return utf8.ValidString(s) && !slices.ContainsFunc([]rune(s), unicode.IsControl)
}
