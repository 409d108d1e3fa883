package main

import (
	_ "embed"

	"github.com/kassette-pay/kassette/plugins/internal/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
)

//go:embed logo.svg
var logo string

var title = omnikassa.Name("Bancontact")

var provider = omnikassa.Provider{
	Name:    "bancontact",
	Version: "1.0.0",
	Title:   title,
	Methods: []contract.Method{{
		ID: "bancontact", Title: title, Brand: "BANCONTACT", Logo: logo, Rank: 60,
		Currencies: map[string]contract.Range{"EUR": {Min: 1, Max: omnikassa.MaxAmount}},
		Flow:       contract.FlowRedirect,
		Rules:      contract.Rules{Refund: &contract.RefundRule{Elsewhere: elsewhere}},
	}},
}

// elsewhere says how a Bancontact payment is given back: not by the bank's API
// (manual, refunds).
var elsewhere = contract.Text{
	"nl": "Bancontact betaal je zelf terug, met een overboeking. Vraag de klant om het IBAN.",
	"en": "Give Bancontact payments back by bank transfer. Ask the customer for the IBAN.",
	"de": "Bancontact-Zahlungen erstatten Sie per Überweisung. Fragen Sie den Kunden nach der IBAN.",
	"fr": "Remboursez les paiements Bancontact par virement. Demandez l'IBAN au client.",
	"sv": "Betala tillbaka Bancontact-köp med en banköverföring. Fråga kunden om IBAN.",
	"bg": "Плащанията с Bancontact се връщат с банков превод. Поискайте IBAN от клиента.",
	"ru": "Платежи Bancontact возвращаются банковским переводом. Попросите у покупателя IBAN.",
}
