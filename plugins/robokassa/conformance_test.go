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

// fixture is the provider as the kit meets it. Its shop is in roubles.
var fixture = conformance.Fixture{
	Account: account, World: newWorld, Payment: roubles,
	Lacks: map[conformance.Ability]string{
		conformance.SignsAnswers: "OpStateExt and the refund API answer without a signature (protocol, 8 and 10)",
		conformance.SignsReturns: "FailURL bears none, and SuccessURL is none of an open or cancelled payment (protocol, 6.3); its forgeries are in TestReturn_hintsAlone",
		conformance.Pages:        "each message is of one payment (protocol, 6)",
		conformance.FindsLost:    "refunds have neither an idempotency key nor a list (protocol, 10)",
	},
}

func roubles(p *contract.Payment) {
	p.Amount.Currency = rub
	p.Lines = nil
	for _, l := range contract.CannedPayment().Lines {
		l.UnitPrice.Currency, l.Amount.Currency, l.TaxAmount.Currency = rub, rub, rub
		p.Lines = append(p.Lines, l)
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
	native := guesttest.New(provider)
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		conformance.Run(t, native, fixture)
	})
	t.Run("native, with receipts", func(t *testing.T) {
		t.Parallel()
		fiscal := fixture
		fiscal.Account = func() *conformance.Account {
			a := account()
			a.Settings["receipt"], a.Settings["tax"] = true, "vat20"
			return a
		}
		conformance.Run(t, native, fiscal)
	})
	t.Run("Wasm", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("short: thousands of rounds in Wasm")
		}
		r := plugintest.New(t, plugintest.Build(t, "."))
		conformance.Run(t, twins{native, r}, fixture)
		t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
	})
}
