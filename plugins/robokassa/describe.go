package main

import (
	_ "embed"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

//go:embed logo.svg
var logo string

//go:embed settings.json
var settingsSchema []byte

// plugin speaks to Robokassa. It keeps nothing between calls.
type plugin struct{}

var provider = plugin{}

var (
	_ guest.Creator         = plugin{}
	_ guest.Completer       = plugin{}
	_ guest.Getter          = plugin{}
	_ guest.WebhookReceiver = plugin{}
	_ guest.Capturer        = plugin{}
	_ guest.Canceller       = plugin{}
	_ guest.Refunder        = plugin{}
	_ guest.RefundGetter    = plugin{}
	_ guest.OptionLister    = plugin{}
	_ guest.SettingsChecker = plugin{}
)

// methodID is the one method; the ways to pay within it are its options.
const methodID = "robokassa"

// holdDays is how long money on hold waits for its capture (protocol, 7).
const holdDays = 7

// Describe gives the manifest.
func (plugin) Describe() contract.Manifest {
	name := contract.Text{}
	for _, locale := range []string{"nl", "en", "de", "fr", "sv", "bg", "ru"} {
		name[locale] = "Robokassa" // written so in every language
	}
	return contract.Manifest{
		Name: "robokassa", Version: "1.0.0", Kind: contract.KindPayment,
		Title: name, ProviderTitle: name,
		Vendor: "Kassette", License: "Apache-2.0", Homepage: "https://github.com/kassette-pay/kassette",
		Provider:       "robokassa",
		Hosts:          []string{"auth.robokassa.ru", "auth.robokassa.kz", "services.robokassa.ru"},
		SettingsSchema: settingsSchema,
		Methods: []contract.Method{{
			ID: methodID, Brand: "Robokassa", Logo: logo, Rank: 110, Flow: contract.FlowForm, Options: true,
			Title: contract.Text{
				"nl": "Robokassa: kaart, SBP en meer", "en": "Robokassa: card, SBP and more", "de": "Robokassa: Karte, SBP und mehr",
				"fr": "Robokassa : carte, SBP et plus", "sv": "Robokassa: kort, SBP med mera", "bg": "Robokassa: карта, SBP и други",
				"ru": "Robokassa: карта, СБП и другие",
			},
			Currencies: map[string]contract.Range{"RUB": {Min: 1}, "KZT": {Min: 1}},
		}},
		Lacks: contract.Lacks{
			contract.SignsAnswers: "8, 10: OpStateExt and the refund API answer without a signature",
			contract.Pages:        "6: each message is of one payment",
			contract.FindsLost:    "10: refunds have neither an idempotency key nor a list",
		},
		Rules: contract.Rules{
			Capture:   &contract.CaptureRule{Automatic: true, Manual: true, Partial: true, WindowDays: holdDays},
			Refund:    &contract.RefundRule{Full: true, Partial: true, Multiple: true},
			Polling:   &contract.PollingRule{FirstAfterS: 60, Factor: 2, MaxIntervalS: 3600, OnHint: true},
			Reference: &contract.ReferenceRule{Number: true},
		},
	}
}
