package omnikassa

import (
	"slices"
	"strings"
)

// Brand is a payment brand and whether the shop has it switched on.
type Brand struct {
	Name   string // as on the wire: "IDEAL", "V_PAY"
	Active bool
}

// brandCards lets the consumer choose among the cards; it occurs in announces
// only, never in results.
const brandCards = "CARDS"

// brand is what the simulator knows of a payment brand.
type brand struct {
	name       string
	title      string
	card       bool   // part of CARDS
	refundable bool   // by API; PayPal and Bancontact are refunded elsewhere
	last4      string // last digits of the bank's public test card
	paid       string // transaction status of a paid one
}

// brands in the order in which the bank wants them shown.
var brands = []brand{
	{name: "IDEAL", title: "iDEAL", refundable: true, paid: txSuccess},
	{name: "MASTERCARD", title: "Mastercard", card: true, refundable: true, last4: "0004", paid: txSuccess},
	{name: "VISA", title: "Visa", card: true, refundable: true, last4: "1111", paid: txSuccess},
	{name: "MAESTRO", title: "Maestro", card: true, refundable: true, last4: "3336", paid: txSuccess},
	{name: "V_PAY", title: "V PAY", card: true, refundable: true, last4: "0061", paid: txSuccess},
	{name: "BANCONTACT", title: "Bancontact", card: true, last4: "5015", paid: txSuccess},
	{name: "PAYPAL", title: "PayPal", paid: txSuccess},
	{name: "BILLINK", title: "Billink", refundable: true, paid: txAccepted},
}

// DefaultBrands are the brands of the demonstration shop: iDEAL, the five cards
// and PayPal active, Billink known and inactive.
func DefaultBrands() []Brand {
	var list []Brand
	for _, b := range brands {
		list = append(list, Brand{Name: b.name, Active: b.name != "BILLINK"})
	}
	return list
}

// brandNamed finds a brand; one that only the configuration knows is taken as
// an ordinary one.
func brandNamed(name string) brand {
	if i := slices.IndexFunc(brands, func(b brand) bool { return b.name == name }); i >= 0 {
		return brands[i]
	}
	return brand{name: name, title: name, refundable: true, paid: txSuccess}
}

// offered lists the active brands in display order.
func (s *Simulator) offered() []brand {
	var list []brand
	for _, b := range s.cfg.Brands {
		if b.Active {
			list = append(list, brandNamed(b.Name))
		}
	}
	slices.SortStableFunc(list, func(a, b brand) int { return rank(a) - rank(b) })
	return list
}

func rank(b brand) int {
	if i := slices.IndexFunc(brands, func(known brand) bool { return known.name == b.name }); i >= 0 {
		return i
	}
	return len(brands)
}

// choices are the brands that the consumer may use for this order now. A forced
// brand stands alone; FORCE_ONCE offers the others after a failed try.
func (s *Simulator) choices(o *order) []brand {
	all := s.offered()
	if o.Brand == "" || (o.Force == forceOnce && o.tried) {
		return all
	}
	return slices.DeleteFunc(all, func(b brand) bool { return b.name != o.Brand && (o.Brand != brandCards || !b.card) })
}

// restrictable tells whether an announce may name this brand, and lists for the
// error text those that it may.
func (s *Simulator) restrictable(name string) (ok bool, list string) {
	var names []string
	for _, b := range s.offered() {
		names = append(names, b.name)
		ok = ok || b.name == name || (name == brandCards && b.card)
	}
	slices.Sort(names)
	return ok, strings.Join(names, ", ")
}
