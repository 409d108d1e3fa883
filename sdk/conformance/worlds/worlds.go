// Package worlds lists the providers that have a world for the conformance kit,
// so that any module that speaks to one of them can be judged.
package worlds

import (
	"maps"
	"slices"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/bambora"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/hello"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/magento"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/omnikassa"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/paypal"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/terminal"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/woocommerce"
)

// fixtures are the providers as the kit meets them, by a manifest's provider.
var fixtures = map[string]func() conformance.Fixture{
	"bambora":   bambora.Fixture,
	"hello":     hello.Fixture,
	"nexo":      terminal.Fixture,
	"omnikassa": omnikassa.Fixture,
	"paypal":    paypal.Fixture,
	"robokassa": robokassa.Fixture,
}

// For gives what the kit must be told about the provider that a manifest names,
// or false for one without a world. The fixture pays by the manifest's first
// method; another is set in its Method. Its account has the settings of this
// project's own plugins for the provider: a plugin with a settings schema of its
// own needs a fixture of its own.
func For(provider string) (conformance.Fixture, bool) {
	f, ok := fixtures[provider]
	if !ok {
		return conformance.Fixture{}, false
	}
	return f(), true
}

// shops are the shop platforms as the kit meets them, by a manifest's provider.
var shops = map[string]func() conformance.ShopFixture{
	"magento":     magento.Fixture,
	"woocommerce": woocommerce.Fixture,
}

// ForShop gives what the kit must be told about the shop platform that a
// manifest names, or false for one without a world. Of its account the same
// holds as of that of [For].
func ForShop(provider string) (conformance.ShopFixture, bool) {
	f, ok := shops[provider]
	if !ok {
		return conformance.ShopFixture{}, false
	}
	return f(), true
}

// AllShops lists the shop platforms that have a world, in alphabetical order.
func AllShops() []string { return slices.Sorted(maps.Keys(shops)) }

// All lists the providers that have a world, in alphabetical order.
func All() []string { return slices.Sorted(maps.Keys(fixtures)) }
