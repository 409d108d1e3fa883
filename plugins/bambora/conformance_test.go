package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// fixture is the provider as the kit meets it.
var fixture = conformance.Fixture{Account: account, World: newWorld, Lacks: map[conformance.Ability]string{
	conformance.SignsAnswers:   "5: return and callback bear a hash, answers do not",
	conformance.SignsReturns:   "5: only a payment that was approved has a return; its forgeries are in sign_test.go",
	conformance.TellsCancelled: "5: on cancel the browser goes to url.cancel, without parameters and without a callback",
	conformance.TellsExpired:   "5: callbacks are sent on approval alone, and what was not approved has no transaction to ask for",
	conformance.Pages:          "5: each callback is of one payment",
	conformance.ReleasesRest:   "6, 8.1: a delete is refused once something is captured; the rest lapses by itself",
}}

// unasked are scenarios that ask about a payment of which nothing was heard.
const unasked = "7.1: the provider is asked by its transaction's number alone, which return or callback name first; see flow_test.go"

// cannot are scenarios of the kit that this provider cannot be put through.
var cannot = map[string]string{
	"happy/ask":                       unasked,
	"returns/neither return nor news": unasked,
	"transport/ask":                   unasked,
	"captures/two at once":            twice,
	"refunds/two at once":             twice,
}

// twice says what is in the way of the scenarios of that name.
const twice = "the kit takes the totals beside a result for news of another payment; see TestFlow_twoAtOnce"

// run runs the kit's scenarios but for those that cannot be.
func run(t *testing.T, r conformance.Runner) {
	m, err := conformance.Describe(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range conformance.Scenarios() {
		t.Run(s.Family+"/"+s.Name, func(t *testing.T) {
			name, _, _ := strings.Cut(s.Family+"/"+s.Name, ",")
			if why, ok := cannot[name]; ok {
				t.Skip(why)
			}
			v, err := s.Check(t.Context(), r, m, fixture)
			switch {
			case err != nil:
				t.Fatal(err)
			case v.NotApplicable != "":
				t.Skip("not applicable: " + v.NotApplicable)
			case len(v.Problems) > 0:
				t.Error(strings.Join(v.Problems, "\n"))
			}
		})
	}
}

// twins runs each round natively and in Wasm: the bytes must be the same.
type twins struct{ native, wasm conformance.Runner }

func (w twins) Round(ctx context.Context, e contract.Export, input []byte, host conformance.Host) ([]byte, error) {
	b, err := w.wasm.Round(ctx, e, bytes.Clone(input), host)
	if err != nil {
		return nil, err
	}
	a, err := w.native.Round(ctx, e, input, host)
	if err == nil && !bytes.Equal(a, b) {
		err = fmt.Errorf("%s\nnative: %s\nWasm:   %s", e, a, b)
	}
	return b, err
}

func TestConformance(t *testing.T) {
	native := guesttest.New(provider{})
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		run(t, native)
	})
	t.Run("Wasm", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("short: some ten thousand rounds in Wasm")
		}
		r := plugintest.New(t, plugintest.Build(t, "."))
		run(t, twins{native, r})
		t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
	})
}
