package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/hello"
)

// TestHello runs the conformance kit against the plugin, natively and in Wasm.
func TestHello(t *testing.T) { plugintest.Conform(t, hello{}, world.Fixture()) }
