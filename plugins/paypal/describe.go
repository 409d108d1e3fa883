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

// title is the provider's exact name in every language.
var title = contract.Text{"nl": "PayPal", "en": "PayPal", "de": "PayPal", "fr": "PayPal", "sv": "PayPal", "bg": "PayPal", "ru": "PayPal"}

// provider is the plugin.
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

// Describe gives the manifest. What PayPal lacks names sections of the project's
// protocol notes. An authorization lives 29 days (openapi,
// Payments, reauthorize); PayPal refunds for 180 days.
func (provider) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "paypal", Version: "1.0.0", Kind: contract.KindPayment,
		Title: title, ProviderTitle: title,
		Vendor: "Kassette", License: "Apache-2.0", Homepage: "https://github.com/kassette-pay/kassette",
		Provider: "paypal",
		Hosts: []string{
			"api-m.paypal.com", "api.paypal.com", "www.paypal.com",
			"api-m.sandbox.paypal.com", "api.sandbox.paypal.com", "www.sandbox.paypal.com",
		},
		SettingsSchema: settingsSchema,
		Methods: []contract.Method{{
			ID: "paypal", Title: title, Brand: "PAYPAL", Logo: logo, Rank: 70,
			Currencies: currencies(), Flow: contract.FlowRedirect,
		}},
		Lacks: contract.Lacks{
			contract.TellsCancelled: "4.3: the order's own status does not change on cancel, and 10.1 has no event for it",
			contract.SignsReturns:   "4.3: the return bears token and PayerID alone",
			contract.SignsAnswers:   "2 to 6: answers bear no signature beside TLS",
			contract.Pages:          "10.1: each message is one event",
		},
		Rules: contract.Rules{
			Capture:   &contract.CaptureRule{Automatic: true, Manual: true, Partial: true, Multiple: true, WindowDays: 29},
			Refund:    &contract.RefundRule{Full: true, Partial: true, Multiple: true, WindowDays: 180},
			Polling:   &contract.PollingRule{FirstAfterS: 60, Factor: 2, MaxIntervalS: 3600, OnHint: true},
			Reference: &contract.ReferenceRule{MaxLength: maxText},
		},
	}
}

// currencies that PayPal takes; of those without decimals at PayPal and with
// two in ISO 4217 only whole amounts.
func currencies() map[string]contract.Range {
	all := map[string]contract.Range{"JPY": {Min: 1, Max: 999_999_999_999_999}}
	for _, code := range []string{"AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "EUR", "HKD", "ILS", "MYR", "MXN", "NZD", "NOK", "PHP", "PLN", "GBP", "SGD", "SEK", "CHF", "THB", "USD"} {
		all[code] = contract.Range{Min: 1, Max: 99_999_999_999_999_999}
	}
	for _, code := range []string{"HUF", "TWD"} {
		all[code] = contract.Range{Min: 100, Max: 99_999_999_999_999_900, Multiple: 100}
	}
	return all
}
