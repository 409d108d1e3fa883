package main

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// line is a line of the order, in minor units (3.3).
type line struct {
	ID            string      `json:"id"`
	Number        string      `json:"linenumber"`
	Text          string      `json:"text"`
	Description   string      `json:"description"`
	Quantity      int64       `json:"quantity"`
	Unit          string      `json:"unit"`
	VAT           json.Number `json:"vat"`
	UnitPrice     int64       `json:"unitprice"`
	UnitInclVAT   int64       `json:"unitpriceinclvat"`
	UnitVAT       int64       `json:"unitpricevatamount"`
	TotalPrice    int64       `json:"totalprice"`
	TotalInclVAT  int64       `json:"totalpriceinclvat"`
	TotalVATPrice int64       `json:"totalpricevatamount"`
}

// linesOf writes the lines so that they add up to the amount, and the tax among
// it. What they miss of the amount is carried by a line of its own (3.3).
func linesOf(list []contract.Line, amount int64) (lines []line, vat int64) {
	rest := amount
	for i, l := range list {
		n := lineOf(l)
		n.Number = strconv.Itoa(i + 1)
		if n.ID == "" {
			n.ID = n.Number
		}
		lines = append(lines, n)
		rest -= n.TotalInclVAT
		vat += n.TotalVATPrice
	}
	if rest != 0 {
		lines = append(lines, line{
			ID: "adjustment", Number: strconv.Itoa(len(list) + 1), Text: "adjustment", Description: "adjustment", Quantity: 1, Unit: "pcs.", VAT: "0",
			UnitPrice: rest, UnitInclVAT: rest, TotalPrice: rest, TotalInclVAT: rest,
		})
	}
	return lines, vat
}

// lineOf writes a line. A quantity that is no whole number, or by which the
// total cannot be divided, is told in the text: unit prices are whole.
func lineOf(l contract.Line) line {
	gross, tax := l.Amount.Value, l.TaxAmount.Value
	n, err := strconv.ParseInt(l.Quantity, 10, 64)
	name := l.Name
	if err != nil || n < 1 || gross%n != 0 || tax%n != 0 {
		name, n = l.Quantity+" × "+l.Name, 1
	}
	description := l.Description
	if description == "" {
		description = l.Name
	}
	unit := l.Unit
	if unit == "" {
		unit = "pcs."
	}
	return line{
		ID: cut(l.SKU), Text: cut(name), Description: cut(description), Quantity: n, Unit: cut(unit), VAT: percent(l.TaxRate),
		UnitPrice: (gross - tax) / n, UnitInclVAT: gross / n, UnitVAT: tax / n,
		TotalPrice: gross - tax, TotalInclVAT: gross, TotalVATPrice: tax,
	}
}

// percent is a tax rate as a JSON number of at most two decimals, by its digits.
func percent(rate string) json.Number {
	whole, fraction, _ := strings.Cut(rate, ".")
	if !within(whole, digits, 3) || fraction != "" && !within(fraction, digits, 20) {
		return "0"
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction = strings.TrimRight(fraction[:min(2, len(fraction))], "0"); fraction != "" {
		return json.Number(whole + "." + fraction)
	}
	return json.Number(whole)
}
