package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

func TestConformance(t *testing.T) { plugintest.Conform(t, provider, world.Fixture()) }

func TestConformance_receipts(t *testing.T) {
	t.Parallel()
	fiscal := world.Fixture()
	fiscal.Account = func() *conformance.Account {
		a := world.Account()
		a.Settings["receipt"], a.Settings["tax"] = true, "vat20"
		return a
	}
	guesttest.Conform(t, guesttest.New(provider), fiscal)
}
