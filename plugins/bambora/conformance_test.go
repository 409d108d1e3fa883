package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
)

// fixture is the provider as the kit meets it.
var fixture = conformance.Fixture{Account: account, World: newWorld}

func TestConformance(t *testing.T) { plugintest.Conform(t, provider{}, fixture) }
