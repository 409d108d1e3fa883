package main

import (
	_ "embed"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// version of the plugin; it goes to the provider in a header.
const version = "1.0.0"

// maxAmount is the largest order in minor units: 32 bits (3.2).
const maxAmount = 1<<31 - 1

//go:embed settings.json
var settingsSchema []byte

//go:embed logo.svg
var logo string

// provider is Bambora's European online checkout. Numbers in comments are
// sections of the protocol document.
type provider struct{}

var (
	_ guest.Creator         = provider{}
	_ guest.Completer       = provider{}
	_ guest.Getter          = provider{}
	_ guest.WebhookReceiver = provider{}
	_ guest.Capturer        = provider{}
	_ guest.Canceller       = provider{}
	_ guest.Refunder        = provider{}
	_ guest.RefundGetter    = provider{}
	_ guest.SettingsChecker = provider{}
)

// currencies are those on which the provider's table of minor units agrees with
// ISO 4217, and that matter where it works; elsewhere an amount could be taken
// for another (11).
var currencies = []string{"SEK", "NOK", "DKK", "EUR", "GBP", "USD", "PLN", "CHF", "ISK", "JPY"}

// Describe gives the manifest.
func (provider) Describe() contract.Manifest {
	takes := map[string]contract.Range{}
	for _, c := range currencies {
		takes[c] = contract.Range{Min: 1, Max: maxAmount}
	}
	name := contract.Text{}
	for locale := range title {
		name[locale] = "Worldline (Bambora)" // a proper name in every language
	}
	return contract.Manifest{
		Name: "bambora", Version: version, Kind: contract.KindPayment,
		Title: title, ProviderTitle: name,
		Vendor: "Kassette", License: "Apache-2.0", Homepage: "https://github.com/kassette-pay/kassette",
		Provider:       "bambora",
		Hosts:          []string{"api.v1.checkout.bambora.com", "v1.checkout.bambora.com", "*.api-eu.bambora.com"},
		SettingsSchema: settingsSchema,
		Methods: []contract.Method{{
			ID: "card", Title: title, Brand: "CARD", Logo: logo, Rank: 110, Currencies: takes, Flow: contract.FlowRedirect,
		}},
		Lacks: contract.Lacks{
			contract.SignsAnswers:   "5: return and callback bear a hash, answers do not",
			contract.FindsUnheard:   "7.1: the provider is asked by its transaction's number alone, which return or callback name first",
			contract.TellsCancelled: "5: on cancel the browser goes to url.cancel, without parameters and without a callback",
			contract.TellsExpired:   "5: callbacks are sent on approval alone, and what was not approved has no transaction to ask for",
			contract.Pages:          "5: each callback is of one payment",
			contract.ReleasesRest:   "6, 8.1: a delete is refused once something is captured; the rest lapses by itself",
		},
		Rules: contract.Rules{
			Capture:   &contract.CaptureRule{Automatic: true, Manual: true, Partial: true, Multiple: true},
			Refund:    &contract.RefundRule{Full: true, Partial: true, Multiple: true},
			Polling:   &contract.PollingRule{FirstAfterS: 60, Factor: 2, MaxIntervalS: 6 * 3600, OnHint: true},
			Reference: &contract.ReferenceRule{MaxLength: maxOrderID, Alphabet: "A-Z0-9"},
		},
	}
}

var title = contract.Text{
	"nl": "Creditcard of betaalpas", "en": "Credit or debit card", "de": "Kredit- oder Debitkarte", "fr": "Carte bancaire",
	"sv": "Kort", "bg": "Кредитна или дебитна карта", "ru": "Банковская карта",
}
