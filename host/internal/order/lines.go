package order

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// decimalSyntax bounds quantities and tax rates: up to nine digits and six decimals.
var decimalSyntax = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,6})?$`)

// checkOperation holds the words of a capture or a refund to the bounds of an
// order's, and its lines, where it has any, to its amount.
func checkOperation(reason string, lines []contract.Line, amount Money) error {
	c := &checker{}
	c.text("/reason", reason, maxDescription)
	c.lines(lines, amount)
	if len(c.problems) > 0 {
		return &InvalidError{Problems: c.problems}
	}
	return nil
}

// lines checks each line and that their amounts, tax included, add up to the
// amount that they are for.
func (c *checker) lines(lines []contract.Line, amount Money) {
	if len(lines) == 0 {
		return
	}
	if len(lines) > maxLines {
		c.add("/lines", "give at most %d lines", maxLines)
		return
	}
	var total int64
	sound := true
	for i, l := range lines {
		at := fmt.Sprintf("/lines/%d", i)
		lineTexts(c, at, l)
		lineTax(c, at, l)
		if !lineAmount(c, at, l, amount.Currency) {
			sound = false
			continue
		}
		total += l.Amount.Value
	}
	if sound && total != amount.Value {
		c.add("/lines", "the lines add up to %s, the amount is %s: make them agree (amounts are with tax; use a line of kind discount or fee for the difference)",
			Money{Value: total, Currency: amount.Currency}, amount)
	}
}

func lineTexts(c *checker, at string, l contract.Line) {
	if l.Name == "" {
		c.add(at+"/name", "give the line a name")
	}
	for _, f := range [][2]string{{"id", l.ID}, {"sku", l.SKU}, {"name", l.Name}, {"unit", l.Unit}, {"tax_code", l.TaxCode}} {
		c.text(at+"/"+f[0], f[1], maxText)
	}
	c.text(at+"/description", l.Description, maxDescription)
	if !slices.Contains(contract.LineKinds(), l.Kind) {
		c.add(at+"/kind", "use one of %v", contract.LineKinds())
	}
	if len(l.Codes) > maxCodes {
		c.add(at+"/codes", "give at most %d codes", maxCodes)
		return
	}
	for _, k := range sortedKeys(l.Codes) {
		c.text(at+"/codes/"+escape(k), k+l.Codes[k], maxText)
	}
}

// lineAmount checks a line's amount against its kind, its currency, and
// quantity times unit price: equal where that is a whole number of minor
// units, rounded to one of its neighbours where it is not. It says whether the
// amount can be added.
func lineAmount(c *checker, at string, l contract.Line, currency string) bool {
	sound := true
	switch {
	case l.Amount.Currency != currency:
		c.add(at+"/amount/currency", "use the currency of the order, %s", currency)
		sound = false
	case l.Amount.Value > MaxAmount || l.Amount.Value < -MaxAmount:
		c.add(at+"/amount/value", "give at most %d minor units", int64(MaxAmount))
		sound = false
	case l.Kind == contract.LineDiscount && l.Amount.Value > 0:
		c.add(at+"/amount/value", "give a discount as a negative amount")
	case l.Kind != contract.LineDiscount && l.Amount.Value < 0:
		c.add(at+"/amount/value", "use the kind discount for a negative amount")
	}
	quantity, ok := decimal(l.Quantity)
	if !ok || quantity.Sign() == 0 {
		c.add(at+"/quantity", "give a decimal text above zero, such as \"2\" or \"0.5\"")
		return sound
	}
	if l.UnitPrice.IsZero() || !sound {
		return sound
	}
	if l.UnitPrice.Currency != currency {
		c.add(at+"/unit_price/currency", "use the currency of the order, %s", currency)
		return sound
	}
	product := new(big.Rat).Mul(quantity, new(big.Rat).SetInt64(l.UnitPrice.Value))
	off := new(big.Rat).Sub(product, new(big.Rat).SetInt64(l.Amount.Value))
	if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
		c.add(at+"/amount/value", "quantity times unit price is %s minor units, the amount is %d: make them agree (unit price and amount are with tax)",
			product.FloatString(2), l.Amount.Value)
	}
	return sound
}

// lineTax checks that the tax is a part of the amount.
func lineTax(c *checker, at string, l contract.Line) {
	rate, ok := decimal(l.TaxRate)
	if l.TaxRate != "" && (!ok || rate.Cmp(big.NewRat(100, 1)) > 0) {
		c.add(at+"/tax_rate", "give a percentage from 0 to 100 as decimal text, such as \"21\"")
		return
	}
	if l.TaxAmount.IsZero() {
		return
	}
	tax, amount := l.TaxAmount.Value, l.Amount.Value
	if amount < 0 {
		tax, amount = -tax, -amount
	}
	switch {
	case l.TaxAmount.Currency != l.Amount.Currency:
		c.add(at+"/tax_amount/currency", "use the currency of the line's amount, %s", l.Amount.Currency)
	case tax < 0 || tax > amount:
		c.add(at+"/tax_amount/value", "give a tax between zero and the line's amount, with its sign")
	case ok && rate.Sign() == 0 && tax != 0:
		c.add(at+"/tax_amount/value", "give no tax where the rate is 0")
	}
}

// decimal reads a decimal text without sign or exponent.
func decimal(s string) (*big.Rat, bool) {
	if !decimalSyntax.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}
