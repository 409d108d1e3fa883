package main

import (
	_ "embed"
	"encoding/json"

	"github.com/kassette-pay/kassette/sdk/contract"
)

//go:embed settings.json
var settingsSchema []byte

// hello is the plugin. What it can do is said by its methods.
type hello struct{}

// Describe gives the manifest.
func (hello) Describe() contract.Manifest {
	title := contract.Text{"en": "Hello"}
	return contract.Manifest{
		Name: "hello", Version: "1.0.0", Kind: contract.KindPayment, Title: title, ProviderTitle: title, Provider: "hello",
		SettingsSchema: json.RawMessage(settingsSchema),
		Methods: []contract.Method{{
			ID: "hello", Title: title, Flow: contract.FlowRedirect, Rank: 50,
			Currencies: map[string]contract.Range{"EUR": {Min: 1}},
		}},
		Lacks: contract.Lacks{
			contract.SignsReturns: "Returns: nothing is added to the address",
			contract.SignsAnswers: "Payments: an answer bears no signature",
			contract.Pages:        "Notices: one is of one payment",
		},
		Rules: contract.Rules{
			Refund:  &contract.RefundRule{Full: true, Partial: true, Multiple: true},
			Polling: &contract.PollingRule{FirstAfterS: 60, Factor: 2, MaxIntervalS: 3600, OnHint: true},
		},
	}
}
