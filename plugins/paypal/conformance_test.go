package main

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
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
		conformance.Run(t, native, fixture)
	})
	t.Run("Wasm", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("short: some ten thousand rounds in Wasm")
		}
		r := plugintest.New(t, plugintest.Build(t, "."))
		conformance.Run(t, twins{native, r}, fixture)
		t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
	})
}
