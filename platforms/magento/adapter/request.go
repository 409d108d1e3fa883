package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Bounds of an order request: the longest of most texts, and the most lines.
const (
	maxText  = 255
	maxLines = 500
)

// awaitsPayment says whether an order is still to be paid.
func (d document) awaitsPayment() bool { return d.State == stateNew || d.State == statePendingPayment }

// request is the order as the shop's module asks for it: the same reference, amount
// and metadata. There is none of one that is not to be paid, or not by the gateway.
func (d document) request(s *settings, now time.Time) (*contract.OrderRequest, error) {
	if !s.takes(d.Method) || !d.awaitsPayment() {
		return nil, nil //nolint:nilnil // no order is no error
	}
	p := d.purse(s.Charged)
	grand, err := p.minor(d.Grand)
	if err != nil {
		return nil, err
	}
	paid, err := p.minor(d.Paid)
	if err != nil || grand <= 0 || paid > 0 {
		return nil, err
	}
	if !isNumber(string(d.EntityID)) || d.IncrementID == "" {
		return nil, failure(contract.InvalidRequest, "the order has no entity_id or no increment_id")
	}
	lines, _, err := d.lines(p)
	if err != nil {
		return nil, err
	}
	if len(lines) > maxLines || len(d.Items) == 0 {
		lines = nil
	}
	r := &contract.OrderRequest{
		Reference: clean(string(d.IncrementID), maxText), Amount: contract.Money{Value: grand, Currency: p.currency}, Lines: lines,
		Description: "Order " + clean(string(d.IncrementID), maxText), Customer: d.customer(), BillingAddress: d.Billing.address(),
		ShippingAddress: d.Delivery.address(), ExpiresAt: now.Add(time.Duration(s.PayWithin) * time.Hour),
		Country: d.Billing.address().Country, Capture: contract.CaptureMode(s.Capture), ReturnURL: s.ReturnURL, CancelURL: s.ReturnURL,
		Metadata: map[string]string{
			contract.MetadataPlatform: platform, contract.MetadataOrderID: string(d.EntityID), "store_id": string(d.StoreID),
		},
	}
	return r, nil
}

// lines are the order's, with tax and less discounts. Where the shop's rounding, or
// another extension, makes them miss the total, a last one says by how much: rest.
func (d document) lines(p purse) (lines []contract.Line, rest int64, err error) {
	var sum int64
	add := func(l contract.Line, amount int64) {
		l.Amount = contract.Money{Value: amount, Currency: p.currency}
		if amount < 0 {
			l.Kind = contract.LineDiscount
		}
		lines, sum = append(lines, l), sum+amount
	}
	for _, i := range d.Items {
		if i.isPart() {
			continue
		}
		l, amount, err := i.line(p)
		if err != nil {
			return nil, 0, err
		}
		add(l, amount)
	}
	shipping, err := p.minor(d.Gross)
	if err != nil {
		return nil, 0, err
	}
	less, err := p.minor(d.Discount)
	if err != nil {
		return nil, 0, err
	}
	if shipping != less {
		add(contract.Line{Name: named(d.Shipping, "Shipping"), Kind: contract.LineShipping, Quantity: "1"}, shipping-less)
	}
	grand, err := p.minor(d.Grand)
	if rest = grand - sum; rest != 0 {
		add(contract.Line{Name: "Other", Kind: contract.LineFee, Quantity: "1"}, rest)
	}
	return lines, rest, err
}

func (i item) line(p purse) (l contract.Line, amount int64, err error) {
	var n [3]int64
	for k, amount := range []pair{i.Gross, i.Discount, i.Tax} {
		if n[k], err = p.minor(amount); err != nil {
			return l, 0, err
		}
	}
	amount = n[0] - n[1]
	l = contract.Line{SKU: clean(string(i.SKU), maxText), Name: named(i.Name, "-"), Kind: contract.LinePhysical, Quantity: quantity(string(i.Ordered))}
	if i.isVirtual() {
		l.Kind = contract.LineDigital
	}
	if tax := n[2]; tax > 0 && tax <= amount {
		l.TaxAmount = contract.Money{Value: tax, Currency: p.currency}
	}
	return l, amount, nil
}

// quantity is a decimal text above zero, 1 where the shop's is none.
func quantity(s string) string {
	whole, part, _ := strings.Cut(s, ".")
	part = strings.TrimRight(part, "0")
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if s == "" || whole+part == "0" || len(whole) > 9 || len(part) > 6 || strings.Trim(whole+part, "0123456789") != "" {
		return "1"
	}
	if part == "" {
		return whole
	}
	return whole + "." + part
}

func (d document) customer() contract.Customer {
	c := contract.Customer{}
	email := clean(string(d.Email), maxText)
	if at := strings.LastIndexByte(email, '@'); at > 0 && at < len(email)-1 && !strings.Contains(email, " ") { // another refuses the whole order
		c.Email = email
	}
	if d.CustomerID != "0" {
		c.ID = clean(string(d.CustomerID), maxText)
	}
	if b := d.Billing; b != nil {
		c.Name, c.Phone = clean(string(b.FirstName)+" "+string(b.LastName), maxText), clean(string(b.Telephone), maxText)
	}
	if isIPv4(string(d.IP)) { // the longer ones are many texts for one, and of no use here
		c.IP = string(d.IP)
	}
	return c
}

func isIPv4(s string) bool {
	parts := strings.Split(s, ".")
	for _, part := range parts {
		if n, err := strconv.ParseUint(part, 10, 8); err != nil || strconv.FormatUint(n, 10) != part {
			return false
		}
	}
	return len(parts) == 4
}

func (p *place) address() contract.Address {
	if p == nil {
		return contract.Address{}
	}
	a := contract.Address{
		FirstName: clean(string(p.FirstName), maxText), LastName: clean(string(p.LastName), maxText), Company: clean(string(p.Company), maxText),
		Street: clean(strings.Join(p.Street, " "), maxText), PostalCode: clean(string(p.PostCode), maxText), City: clean(string(p.City), maxText), Region: clean(string(p.Region), maxText),
	}
	if len(p.Country) == 2 && strings.Trim(string(p.Country), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		a.Country = string(p.Country)
	}
	return a
}

// named is a text that is not empty.
func named(t text, none string) string {
	if s := clean(string(t), maxText); s != "" {
		return s
	}
	return none
}

// isShipped says whether all that can be shipped was.
func (d document) isShipped() bool {
	shipped := false
	for _, i := range d.Items {
		if i.isPart() || i.isVirtual() {
			continue
		}
		if i.Shipped.isNothing() || quantity(string(i.Shipped)) != quantity(string(i.Ordered)) {
			return false
		}
		shipped = true
	}
	return shipped
}

func (i item) isPart() bool { return i.Parent != "" && i.Parent != "0" }

func (i item) isVirtual() bool { return i.Virtual.isOn() }
