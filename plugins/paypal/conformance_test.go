package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
)

// fixture is PayPal as the kit meets it. The sections are those of the
// protocol's notes.
var fixture = conformance.Fixture{
	Account: account, World: newWorld,
	Lacks: map[conformance.Ability]string{
		conformance.TellsCancelled: "4.3: the order's own status does not change on cancel, and 10.1 has no event for it",
		conformance.SignsReturns:   "4.3: the return bears token and PayerID alone",
		conformance.SignsAnswers:   "2 to 6: answers bear no signature beside TLS",
		conformance.Pages:          "10.1: each message is one event",
	},
}

func TestConformance(t *testing.T) { plugintest.Conform(t, provider{}, fixture) }
