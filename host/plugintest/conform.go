package plugintest

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// Twins runs each round natively and in Wasm: the bytes must be the same.
type Twins struct{ Native, Wasm conformance.Runner }

// Round implements [conformance.Runner].
func (w Twins) Round(ctx context.Context, e contract.Export, input []byte, host conformance.Host) ([]byte, error) {
	b, err := w.Wasm.Round(ctx, e, bytes.Clone(input), host)
	if err != nil {
		return nil, err
	}
	a, err := w.Native.Round(ctx, e, input, host)
	if err == nil && !bytes.Equal(a, b) {
		err = fmt.Errorf("%s\nnative: %s\nWasm:   %s", e, a, b)
	}
	return b, err
}

// Conform runs the kit against the plugin of the test's own folder: natively,
// and in Wasm beside it. What only leads up to a scenario runs natively alone.
func Conform(t *testing.T, p guest.Provider, f conformance.Fixture) {
	t.Helper()
	native := guesttest.New(p)
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		guesttest.Conform(t, native, f)
	})
	t.Run("Wasm", func(t *testing.T) {
		t.Parallel()
		r := New(t, Build(t, "."))
		f := f
		f.Scaffold = native
		guesttest.Conform(t, Twins{native, r}, f)
		t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
	})
}

// ConformShop does the same with a shop plugin.
func ConformShop(t *testing.T, p guest.Provider, f conformance.ShopFixture) {
	t.Helper()
	native := guesttest.New(p)
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		guesttest.ConformShop(t, native, f)
	})
	t.Run("Wasm", func(t *testing.T) {
		t.Parallel()
		r := New(t, Build(t, "."))
		f := f
		f.Scaffold = native
		guesttest.ConformShop(t, Twins{native, r}, f)
		t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
	})
}

// BothWays runs a test of the plugin of the test's own folder natively, and in
// Wasm beside it.
func BothWays(t *testing.T, p guest.Provider, f func(t *testing.T, r conformance.Runner)) {
	t.Helper()
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		f(t, guesttest.New(p))
	})
	t.Run("Wasm", func(t *testing.T) {
		t.Parallel()
		f(t, Twins{guesttest.New(p), New(t, Build(t, "."))})
	})
}
