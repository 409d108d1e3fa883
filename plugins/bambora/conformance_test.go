package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
)

// fixture is the provider as the kit meets it.
var fixture = conformance.Fixture{Account: account, World: newWorld, Lacks: map[conformance.Ability]string{
	conformance.SignsAnswers:   "5: return and callback bear a hash, answers do not",
	conformance.FindsUnheard:   "7.1: the provider is asked by its transaction's number alone, which return or callback name first",
	conformance.TellsCancelled: "5: on cancel the browser goes to url.cancel, without parameters and without a callback",
	conformance.TellsExpired:   "5: callbacks are sent on approval alone, and what was not approved has no transaction to ask for",
	conformance.Pages:          "5: each callback is of one payment",
	conformance.ReleasesRest:   "6, 8.1: a delete is refused once something is captured; the rest lapses by itself",
}}

func TestConformance(t *testing.T) { plugintest.Conform(t, provider{}, fixture) }
