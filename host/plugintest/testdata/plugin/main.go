// Command plugin is the sample provider as a plugin.
package main

import (
	"github.com/kassette-pay/kassette/host/plugintest/testdata/sample"
	"github.com/kassette-pay/kassette/sdk/guest"
)

func init() { guest.Register(sample.Provider{}) }

func main() {}
