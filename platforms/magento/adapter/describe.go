package main

import (
	_ "embed"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// version of the adapter.
const version = "1.0.0"

// platform is the manifest's provider, and what an order's metadata name.
const platform = "magento"

//go:embed settings.json
var settingsSchema []byte

// provider is a Magento shop.
type provider struct{}

var (
	_ guest.OrderReader     = provider{}
	_ guest.ShopTeller      = provider{}
	_ guest.ShopSyncer      = provider{}
	_ guest.SettingsChecker = provider{}
)

// Describe gives the manifest.
func (provider) Describe() contract.Manifest {
	name := contract.Text{}
	for _, locale := range []string{"nl", "en", "de", "fr", "sv", "bg", "ru"} {
		name[locale] = "Magento 2" // a proper name in every language
	}
	return contract.Manifest{
		Name: "magento", Version: version, Kind: contract.KindShop, Title: name, ProviderTitle: name,
		Vendor: "Kassette", License: "Apache-2.0", Homepage: "https://github.com/kassette-pay/kassette",
		Provider: platform, SettingsSchema: settingsSchema,
		Lacks: contract.Lacks{
			contract.JoinsChanges:     "3.7: no webhooks; the module's outbox has a row for each change",
			contract.Disables:         "3.7: no webhooks; the module's outbox does not cease",
			contract.HoldsOrders:      "2.2: a comment cannot move an order along, and no other call holds one for review",
			contract.ShowsTransaction: "2.2: no REST call sets the transaction id of an existing payment",
		},
	}
}
