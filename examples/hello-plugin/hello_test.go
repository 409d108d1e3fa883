package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
)

// TestHello runs the conformance kit against the plugin, natively and in Wasm.
func TestHello(t *testing.T) { plugintest.Conform(t, hello{}, fixture()) }
