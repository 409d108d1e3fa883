package main

import (
	_ "embed"

	"github.com/kassette-pay/kassette/plugins/internal/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
)

//go:embed logo.svg
var logo string

var provider = omnikassa.Issuing{Refunding: omnikassa.Refunding{Provider: omnikassa.Provider{
	Name:    "ideal",
	Version: "1.0.0",
	Title:   title,
	Methods: []contract.Method{{
		ID: "ideal", Title: title, Brand: "IDEAL", Logo: logo, Rank: 10,
		Currencies: map[string]contract.Range{"EUR": {Min: 1, Max: omnikassa.MaxAmount}},
		Flow:       contract.FlowRedirect,
		Rules: contract.Rules{
			Refund: &contract.RefundRule{Full: true, Partial: true, Multiple: true, WindowDays: omnikassa.RefundDays},
		},
	}},
}}}

var title = omnikassa.Name("iDEAL")
