package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/magento"
)

func TestConformance(t *testing.T) { plugintest.ConformShop(t, provider{}, world.Fixture()) }
