package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// fixture is the bank as the kit meets it.
var fixture = conformance.Fixture{Account: account, World: newWorld, PageSize: 100}

func TestConformance(t *testing.T) {
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		conformance.Run(t, guesttest.New(provider), fixture)
	})
	t.Run("Wasm", func(t *testing.T) {
		t.Parallel()
		r := plugintest.New(t, plugintest.Build(t, "."))
		conformance.Run(t, r, fixture)
		if r.Fuel() > contract.RoundFuel {
			t.Errorf("got fuel %d, want at most %d", r.Fuel(), contract.RoundFuel)
		}
		t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
	})
}
