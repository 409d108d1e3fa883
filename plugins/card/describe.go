package main

import (
	_ "embed"

	"github.com/kassette-pay/kassette/plugins/internal/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
)

//go:embed mastercard.svg
var mastercard string

//go:embed visa.svg
var visa string

//go:embed maestro.svg
var maestro string

//go:embed vpay.svg
var vpay string

var provider = omnikassa.Refunding{Provider: omnikassa.Provider{
	Name:    "card",
	Version: "1.0.0",
	Title: contract.Text{
		"nl": "Kaarten", "en": "Cards", "de": "Karten", "fr": "Cartes", "sv": "Kort", "bg": "Карти", "ru": "Карты",
	},
	Methods: []contract.Method{
		brand("mastercard", "Mastercard", "MASTERCARD", mastercard, 20),
		brand("visa", "Visa", "VISA", visa, 30),
		brand("maestro", "Maestro", "MAESTRO", maestro, 40),
		brand("vpay", "V PAY", "V_PAY", vpay, 50),
	},
}}

// brand is one of the card brands (manual, payment brands). The name of a brand
// is the same in every language.
func brand(id, name, code, logo string, rank int) contract.Method {
	return contract.Method{
		ID: id, Title: omnikassa.Name(name), Brand: code, Logo: logo, Rank: rank,
		Currencies: map[string]contract.Range{"EUR": {Min: 1, Max: omnikassa.MaxAmount}},
		Flow:       contract.FlowRedirect,
		Rules:      contract.Rules{Refund: &contract.RefundRule{Full: true, Partial: true, Multiple: true, WindowDays: omnikassa.RefundDays}},
	}
}
