package worlds_test

import (
	"slices"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance/worlds"
	"github.com/kassette-pay/kassette/sdk/simulator"
)

func TestFor_unknown(t *testing.T) {
	t.Parallel()
	for _, provider := range []string{"", "gold", "ideal", "Paypal"} {
		if f, ok := worlds.For(provider); ok || f.World != nil {
			t.Errorf("%q has a world", provider)
		}
	}
}

// Each call of World starts a provider with empty books.
func TestFor(t *testing.T) {
	t.Parallel()
	for _, provider := range worlds.All() {
		f, ok := worlds.For(provider)
		if !ok {
			t.Fatalf("%s is listed and has no world", provider)
		}
		if a, b := f.Account(), f.Account(); a == b || len(a.Settings) == 0 {
			t.Errorf("%s: the account has no settings, or is not made anew", provider)
		}
		w, err := f.World()
		if err != nil {
			t.Fatalf("%s: %v", provider, err)
		}
		if list, err := w.Messages(t.Context()); err != nil || len(list) > 0 || w.Now().IsZero() {
			t.Errorf("%s: a new world has sent %d messages, %v, at %s", provider, len(list), err, w.Now())
		}
		if err := w.Close(); err != nil {
			t.Errorf("%s: %v", provider, err)
		}
	}
}

// The same of shops: a new one is empty, sends nothing, and knows no order.
func TestForShop(t *testing.T) {
	t.Parallel()
	if f, ok := worlds.ForShop("shopify"); ok || f.World != nil {
		t.Error("a platform that nobody speaks to has a world")
	}
	for _, platform := range worlds.AllShops() {
		f, ok := worlds.ForShop(platform)
		if !ok || len(f.Currencies) == 0 {
			t.Fatalf("%s is listed and has no world, or no currency", platform)
		}
		if a, b := f.Account(), f.Account(); a == b || len(a.Settings) == 0 || len(a.Secrets) == 0 {
			t.Errorf("%s: the account has no settings or secrets, or is not made anew", platform)
		}
		w, err := f.World()
		if err != nil {
			t.Fatalf("%s: %v", platform, err)
		}
		if list, err := w.Messages(t.Context()); err != nil || len(list) > 0 || w.Now().IsZero() || w.Books("1").Known {
			t.Errorf("%s: a new world has sent %d messages, %v, at %s, and knows %t", platform, len(list), err, w.Now(), w.Books("1").Known)
		}
		if err := w.Close(); err != nil {
			t.Errorf("%s: %v", platform, err)
		}
	}
}

// Whoever has a simulator can be judged.
func TestAll_everySimulator(t *testing.T) {
	t.Parallel()
	names := map[string]string{"terminal": "nexo"} // what manifests call the provider
	for _, s := range simulator.All() {
		name, ok := names[s]
		if !ok {
			name = s
		}
		if !slices.Contains(worlds.All(), name) && !slices.Contains(worlds.AllShops(), name) {
			t.Errorf("the simulator of %s has no world", s)
		}
	}
}
