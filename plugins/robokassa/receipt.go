package main

import (
	"bytes"
	"encoding/json"
	"math/bits"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// fiscal are the settings of receipts under Russia's law 54-FZ: what a line
// does not say for itself (protocol, 5).
type fiscal struct {
	Sno           string `json:"sno"`
	Tax           string `json:"tax"`
	PaymentMethod string `json:"payment_method"`
	PaymentObject string `json:"payment_object"`
}

// position is a line of a receipt. Sum is its total.
type position struct {
	Name          string      `json:"name"`
	Quantity      json.Number `json:"quantity"`
	Sum           json.Number `json:"sum"`
	Tax           string      `json:"tax"`
	PaymentMethod string      `json:"payment_method,omitempty"`
	PaymentObject string      `json:"payment_object,omitempty"`
	Code          string      `json:"nomenclature_code,omitempty"`
	minor         int64       // Sum in minor units
}

// item is the same line as the refund API names it; Cost is per piece.
type item struct {
	Name          string
	Quantity      json.Number
	Cost          json.Number
	Tax           string
	PaymentMethod string `json:",omitempty"`
	PaymentObject string `json:",omitempty"`
	Code          string `json:"NomenclatureCode,omitempty"`
}

// Bounds of a position.
const (
	maxName             = 128
	maxQuantityWhole    = 5
	maxQuantityDecimals = 3
)

// taxes are the provider's words for rates of VAT, by the rate in percent or
// its own word without "vat". Those above 100 are rates within the price.
var taxes = func() map[string]string {
	m := map[string]string{"none": "none"}
	for _, rate := range strings.Fields("0 5 7 10 20 22 105 107 110 120 122") {
		m[rate], m["vat"+rate] = "vat"+rate, "vat"+rate
	}
	return m
}()

// receipt gives the parameter Receipt: compact JSON, encoded as in a form. The
// same text is signed and sent (protocol, 3.1). It is empty where the account
// makes no receipts.
func (s shop) receipt(p contract.Payment, lines []contract.Line, total contract.Money) (string, error) {
	if !s.Receipt {
		return "", nil
	}
	text, err := compact(struct {
		Sno   string     `json:"sno,omitempty"`
		Items []position `json:"items"`
	}{s.Sno, s.positions(p, lines, total)})
	return encode(text), err
}

// items are the same positions for a receipt of a refund.
func (s shop) items(p contract.Payment, lines []contract.Line, total contract.Money) []item {
	if !s.Receipt {
		return nil
	}
	var list []item
	for _, o := range s.positions(p, lines, total) {
		i := item{Name: o.Name, Quantity: o.Quantity, Cost: o.Sum, Tax: o.Tax, PaymentMethod: o.PaymentMethod, PaymentObject: o.PaymentObject, Code: o.Code}
		pieces, err := strconv.ParseInt(o.Quantity.String(), 10, 64)
		switch {
		case err == nil && pieces > 0 && o.minor%pieces == 0:
			i.Cost = json.Number(contract.Money{Value: o.minor / pieces, Currency: total.Currency}.Decimal())
		default:
			i.Quantity = "1"
		}
		list = append(list, i)
	}
	return list
}

// positions writes the lines; where they do not add up to the total, one
// position stands for all of it. Receipts know no negative lines: discounts
// are spread over the others.
func (s shop) positions(p contract.Payment, lines []contract.Line, total contract.Money) []position {
	sums := spread(lines)
	var list []position
	rest := total.Value
	for i, l := range lines {
		if sums[i] <= 0 {
			continue
		}
		rest -= sums[i]
		list = append(list, s.position(l, contract.Money{Value: sums[i], Currency: total.Currency}))
	}
	if rest != 0 || len(list) == 0 {
		return []position{s.position(contract.Line{Name: "Order " + p.OrderReference, Quantity: "1"}, total)}
	}
	return list
}

func (s shop) position(l contract.Line, sum contract.Money) position {
	o := position{
		Name: clean(l.Name, maxName), Quantity: quantity(l.Quantity), Sum: json.Number(sum.Decimal()), minor: sum.Value,
		Tax:           first(taxes[l.TaxCode], taxes[rate(l.TaxRate)], s.Tax, "none"),
		PaymentMethod: first(l.Codes["payment_method"], s.PaymentMethod),
		PaymentObject: first(l.Codes["payment_object"], s.PaymentObject),
		Code:          l.Codes["nomenclature_code"],
	}
	if o.Name == "" {
		o.Name = "-"
	}
	return o
}

// spread gives the lines' amounts with what is negative taken off the others,
// each by its share; 0 where nothing is left of a line.
func spread(lines []contract.Line) []int64 {
	sums := make([]int64, len(lines))
	var positive, off int64
	for i, l := range lines {
		if v := l.Amount.Value; v > 0 {
			sums[i] = v
			positive += v
		} else {
			off -= v
		}
	}
	if off >= positive {
		return make([]int64, len(lines))
	}
	left := off
	for i, v := range sums {
		high, low := bits.Mul64(uint64(off), uint64(v))
		share, _ := bits.Div64(high, low, uint64(positive)) // off < positive: it fits
		sums[i] -= int64(share)
		left -= int64(share)
	}
	for i := 0; left > 0 && i < len(sums); i++ { // what rounding left: less than one a line
		if sums[i] > 0 {
			sums[i]--
			left--
		}
	}
	return sums
}

// quantity writes a number of pieces within the provider's bounds, else 1: the
// sum is the line's total all the same.
func quantity(text string) json.Number {
	whole, decimals, point := strings.Cut(text, ".")
	switch {
	case whole == "" || point && decimals == "",
		strings.Trim(whole+decimals, digits) != "", strings.Trim(whole+decimals, "0") == "",
		len(whole) > maxQuantityWhole || len(decimals) > maxQuantityDecimals,
		len(whole) > 1 && whole[0] == '0':
		return "1"
	}
	return json.Number(text)
}

// rate takes rates such as 20 and 20.00.
func rate(text string) string {
	if whole, decimals, ok := strings.Cut(text, "."); ok && strings.Trim(decimals, "0") == "" {
		return whole
	}
	return text
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// compact writes JSON without white space and without escapes for HTML.
func compact(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}
