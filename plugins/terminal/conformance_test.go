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

// fixture is the terminal as the kit meets it.
var fixture = conformance.Fixture{Account: account, World: newWorld}

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
	native := guesttest.New(provider)
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		conformance.Run(t, native, fixture)
	})
	t.Run("Wasm", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("short: some thousand rounds in Wasm")
		}
		r := plugintest.New(t, plugintest.Build(t, "."))
		conformance.Run(t, twins{native, r}, fixture)
		t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
	})
}
