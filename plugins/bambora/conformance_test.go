package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/bambora"
)

func TestConformance(t *testing.T) { plugintest.Conform(t, provider{}, world.Fixture()) }
