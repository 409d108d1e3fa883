package main

import (
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Bounds of an order at the gateway.
const (
	maxText = 255
	// maxLines is fewer than the gateway takes: each costs 400,000 instructions, and
	// the amount is what counts.
	maxLines = 60
)

// order writes the shop's order as the gateway takes it.
func (a api) order(d document, reference string, amount contract.Money) contract.OrderRequest {
	pay := a.address(d.PaymentURL)
	r := contract.OrderRequest{
		Reference: reference, Amount: amount, Description: plainText("Order "+d.Number, maxText), Lines: linesOf(d, amount),
		Customer: contract.Customer{
			ID: customerID(d.CustomerID), Name: plainText(d.Billing.FirstName+" "+d.Billing.LastName, maxText),
			Email: email(d.Billing.Email), Phone: plainText(d.Billing.Phone, maxText), IP: ip(d.CustomerIP),
		},
		BillingAddress: addressOf(d.Billing), ShippingAddress: addressOf(d.Shipping), Locale: a.Locale, Country: country(d.Billing.Country),
		Capture: contract.CaptureMode(a.Capture), ReturnURL: received(pay), CancelURL: pay,
		ExpiresAt: a.now.Add(time.Duration(a.PayWithin) * time.Hour),
		Metadata: map[string]string{
			contract.MetadataPlatform: platform, contract.MetadataOrderID: d.ID, contract.MetadataOrderNumber: plainText(d.Number, maxText),
		},
	}
	return r
}

// customerID is "" for a guest.
func customerID(id string) string {
	if !isID(id) {
		return ""
	}
	return id
}

func country(c string) string {
	if len(c) != 2 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return c
}

func addressOf(p postal) contract.Address {
	return contract.Address{
		FirstName: plainText(p.FirstName, maxText), LastName: plainText(p.LastName, maxText), Company: plainText(p.Company, maxText),
		Street: plainText(p.Address1+" "+p.Address2, maxText), PostalCode: plainText(p.Postcode, maxText), City: plainText(p.City, maxText),
		Region: plainText(p.State, maxText), Country: country(p.Country),
	}
}

// received is the shop's order-received page, made of its pay page's address,
// which has the checkout's own slug (1.2). Where that has another name for it, the
// pay page itself says how the order stands.
func received(pay string) string {
	back := strings.Replace(pay, "order-pay", "order-received", 1)
	return strings.Replace(strings.Replace(back, "pay_for_order=true&", "", 1), "&pay_for_order=true", "", 1)
}

// linesOf writes the lines, tax included: their totals are after coupons. Where
// the shop's rounding makes them miss the total a line says by how much. Lines
// that cannot be written are none: the amount is what counts.
func linesOf(d document, amount contract.Money) []contract.Line {
	var lines []contract.Line
	var sum int64
	goods := contract.LinePhysical
	if d.Digital {
		goods = contract.LineDigital
	}
	for _, part := range []struct {
		items []item
		kind  contract.LineKind
	}{{d.Lines, goods}, {d.Ships, contract.LineShipping}, {d.Fees, contract.LineFee}} {
		for _, i := range part.items {
			l, ok := i.line(part.kind, amount.Currency)
			if !ok || len(lines) >= maxLines {
				return nil
			}
			sum += l.Amount.Value
			lines = append(lines, l)
		}
	}
	if rest := amount.Value - sum; rest != 0 && len(lines) > 0 {
		l := contract.Line{Name: "Rounding", Kind: contract.LineFee, Quantity: "1", Amount: contract.Money{Value: rest, Currency: amount.Currency}}
		if rest < 0 {
			l.Kind = contract.LineDiscount
		}
		lines = append(lines, l)
	}
	if len(lines) > maxLines {
		return nil
	}
	return lines
}

func (i item) line(kind contract.LineKind, currency string) (contract.Line, bool) {
	total, ok1 := rounded(currency, i.Total, i.Tax)
	tax, ok2 := rounded(currency, i.Tax)
	l := contract.Line{
		SKU: plainText(i.SKU, maxText), Name: plainText(i.Name, maxText), Kind: kind, Quantity: "1", Amount: total,
	}
	if l.Name == "" {
		l.Name = plainText(i.Title, maxText)
	}
	if l.Name == "" {
		l.Name = "-"
	}
	if kind != contract.LineShipping && kind != contract.LineFee {
		l.Quantity = quantity(i.Quantity)
	}
	if total.Value < 0 {
		l.Kind = contract.LineDiscount
	}
	if part := tax.Value; part > 0 && part <= total.Value || part < 0 && part >= total.Value {
		l.TaxAmount = tax
	}
	return l, ok1 && ok2
}

// quantity is a decimal text above zero; what is none is 1.
func quantity(s string) string {
	whole, part, point := strings.Cut(s, ".")
	digits := whole != "" && len(whole) <= 9 && len(part) <= 6 && strings.Trim(whole+part, "0123456789") == ""
	if !digits || point && part == "" || strings.Trim(whole+part, "0") == "" {
		return "1"
	}
	return s
}

// fine is in how many decimals amounts of lines are added up: the shop may have
// more than the currency.
const fine = 6

// rounded adds decimals up and rounds them to the currency, half a unit away from
// zero. Whatever is beyond the sixth decimal counts for nothing.
func rounded(currency string, decimals ...string) (contract.Money, bool) {
	exponent, ok := contract.Exponent(currency)
	if !ok || exponent > fine {
		return contract.Money{}, false
	}
	var sum int64
	for _, d := range decimals {
		n, ok := units(d)
		if !ok {
			return contract.Money{}, false
		}
		sum += n
	}
	unit := int64(1)
	for range fine - exponent {
		unit *= 10
	}
	half := unit / 2
	if sum < 0 {
		half = -half
	}
	return contract.Money{Value: (sum + half) / unit, Currency: currency}, true
}

// units reads a decimal in units of 10^-6; "" is nothing. More than 11 digits
// before the point are too many.
func units(s string) (int64, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, part, point := strings.Cut(digits, ".")
	switch {
	case s == "":
		return 0, true
	case whole == "" || len(whole) > 11 || point && part == "":
		return 0, false
	}
	if len(part) > fine {
		part = part[:fine]
	}
	var n int64
	for _, c := range []byte(whole + part + strings.Repeat("0", fine-len(part))) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}
