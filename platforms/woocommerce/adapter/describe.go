package main

import (
	_ "embed"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// version of the plugin.
const version = "1.0.0"

// platform is the provider's name, by which orders are known as a WooCommerce's.
const platform = "woocommerce"

//go:embed settings.json
var settingsSchema []byte

// provider is a WooCommerce shop over REST. Numbers in comments are sections of
// the protocol document.
type provider struct{}

var (
	_ guest.OrderReader     = provider{}
	_ guest.ShopTeller      = provider{}
	_ guest.ShopSyncer      = provider{}
	_ guest.SettingsChecker = provider{}
)

// Describe gives the manifest.
func (provider) Describe() contract.Manifest {
	title := contract.Text{}
	for _, locale := range []string{"nl", "en", "de", "fr", "sv", "bg", "ru"} {
		title[locale] = "WooCommerce" // a proper name in every language
	}
	return contract.Manifest{
		Name: "woocommerce", Version: version, Kind: contract.KindShop, Title: title, ProviderTitle: title,
		Vendor: "Kassette", License: "Apache-2.0", Homepage: "https://github.com/kassette-pay/kassette",
		Provider: platform, SettingsSchema: settingsSchema,
	}
}
