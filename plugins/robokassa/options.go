package main

import (
	"errors"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// optionsLife is how long the ways to pay may be used again, in seconds.
const optionsLife = 3600

// ListOptions lists the ways to pay that the shop has switched on, grouped as
// the provider groups them. An option is an alias, the stable name; labels
// change. The same alias in a second group is another way to pay, by its label.
func (plugin) ListOptions(c *guest.Call, in contract.OptionsInput) ([]contract.Option, error) {
	s, err := newShop(c)
	if err != nil {
		return nil, err
	}
	language := culture(in.Locale) // the provider has two
	root, err := s.currencies(language)
	if err != nil {
		return nil, err
	}
	var list []contract.Option
	group := map[string]string{} // of each option, by id
	for _, g := range root.at("Groups").list {
		items := g.at("Items").list
		for i := range items {
			way := &items[i]
			id, code := first(way.attr("Alias"), way.attr("Label")), g.attr("Code")
			if in, taken := group[id]; taken && in != code {
				id = way.attr("Label")
			}
			_, taken := group[id]
			if taken || id == "" || !isLabel(id) || !s.fits(way, in.Amount) {
				continue
			}
			group[id] = code
			list = append(list, contract.Option{ID: id, Title: first(way.attr("Name"), id), Group: first(g.attr("Description"), code), Lang: language})
		}
	}
	return list, nil
}

// currencies reads the shop's ways to pay.
func (s shop) currencies(language string) (*element, error) {
	return s.xml("GetCurrencies", optionsLife, [][2]string{{"MerchantLogin", s.Login}, {"Language", language}})
}

// fits holds an amount against MinValue and MaxValue, which are in the shop's
// currency. Bounds that cannot be read bound nothing.
func (s shop) fits(way *element, amount contract.Money) bool {
	if amount.Currency != s.Currency {
		return true
	}
	low, errLow := contract.ParseDecimal(way.attr("MinValue"), s.Currency)
	high, errHigh := contract.ParseDecimal(way.attr("MaxValue"), s.Currency)
	return (errLow != nil || amount.Value >= low.Value) && (errHigh != nil || high.Value == 0 || amount.Value <= high.Value)
}

// CheckSettings tries the shop's name, and outside test mode the second
// password and the hash: it asks about a payment that may well not exist. The
// first and third can only be tried by moving money.
func (plugin) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	s, err := newShop(c)
	if err != nil {
		return contract.CheckResult{}, err
	}
	var out contract.CheckResult
	for _, name := range []string{password1, password2} {
		if !c.HasSecret(name) {
			out.Findings = append(out.Findings, contract.Finding{Level: contract.FindingError, Text: name + " is missing.", Fix: "Copy it from the technical settings of the shop in Robokassa's cabinet."})
		}
	}
	if len(out.Findings) > 0 {
		return out, nil
	}
	if s.test {
		_, err = s.currencies("en")
		out.Findings = append(out.Findings, contract.Finding{Level: contract.FindingInfo, Text: "Robokassa tries passwords of the test mode only with a payment.", Fix: "Make a test payment."})
	} else {
		_, err = s.ask(contract.Payment{Number: 1})
	}
	var f *contract.Failure
	switch {
	case err == nil || noPayment(err), errors.As(err, &f) && f.Code == contract.Conflict:
		out.OK = true
	case errors.As(err, &f) && (f.Code == contract.Unauthorized || f.Code == contract.InvalidSettings):
		out.Findings = append(out.Findings, contract.Finding{Level: contract.FindingError, Text: f.Message + ".", Fix: "Compare merchant_login, password2 and hash_algorithm with the cabinet."})
	default:
		return contract.CheckResult{}, err
	}
	if !c.HasSecret(password3) && !s.test {
		out.Findings = append(out.Findings, contract.Finding{Level: contract.FindingInfo, Text: "Without password3 there are no refunds.", Fix: "Ask Robokassa for access to its refund API."})
	}
	return out, nil
}
