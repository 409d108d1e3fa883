package main

import (
	_ "embed"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

//go:embed settings.json
var settingsSchema []byte

//go:embed logo.svg
var logo string

// terminals is the plugin. Section numbers in this package are those of the
// project's protocol notes on nexo terminals.
type terminals struct{}

var provider = terminals{}

var (
	_ guest.Creator         = provider
	_ guest.Getter          = provider
	_ guest.Canceller       = provider
	_ guest.Refunder        = provider
	_ guest.RefundGetter    = provider
	_ guest.SettingsChecker = provider
)

// maxMajor is the largest amount in major units (section 3.1), and what the
// bounds of a method are made of.
const maxMajor = 99_999_999

// Describe gives the manifest. A terminal tells nothing by itself, so it is
// asked; while it has its customer that is every few seconds.
func (terminals) Describe() contract.Manifest {
	currencies := map[string]contract.Range{}
	for _, code := range []string{"SEK", "NOK", "DKK", "EUR", "PLN", "GBP"} { // all of two decimals
		currencies[code] = contract.Range{Min: 1, Max: maxMajor * 100}
	}
	return contract.Manifest{
		Name: "terminal", Version: "1.0.0", Kind: contract.KindPayment,
		Title: title, ProviderTitle: providerTitle,
		Vendor: "Kassette", License: "Apache-2.0", Homepage: "https://github.com/kassette-pay/kassette",
		Provider:       "nexo",
		SettingsSchema: settingsSchema,
		Methods: []contract.Method{{
			ID: "terminal", Title: title, Brand: "NEXO", Logo: logo, Rank: 150, Currencies: currencies, Flow: contract.FlowTerminal,
		}},
		Rules: contract.Rules{
			Capture:   &contract.CaptureRule{Automatic: true},
			Refund:    &contract.RefundRule{Full: true, Partial: true, Multiple: true},
			Polling:   &contract.PollingRule{FirstAfterS: 5, Factor: 2, MaxIntervalS: 60},
			Reference: &contract.ReferenceRule{MaxLength: 24, Alphabet: "A-Z0-9"},
		},
	}
}

// settings of an account, which is one terminal and one till. There are no secrets.
type settings struct {
	BaseURL         string `json:"base_url"`
	POIID           string `json:"poi_id"`
	SaleID          string `json:"sale_id"`
	Version         string `json:"protocol_version"`
	Login           string `json:"login"`
	Vendor          string `json:"vendor"`
	Tip             string `json:"tip"`
	MaxTipPercent   *int64 `json:"max_tip_percent"`
	Language        string `json:"operator_language"`
	SendItems       bool   `json:"send_items"`
	AllowPartial    bool   `json:"allow_partial"`
	PartialReversal bool   `json:"partial_reversal"`
}
