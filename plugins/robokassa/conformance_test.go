package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// fixture is the provider as the kit meets it. Its shop is in roubles.
var fixture = conformance.Fixture{Account: account, World: newWorld, Payment: roubles}

func roubles(p *contract.Payment) {
	p.Amount.Currency = rub
	p.Lines = nil
	for _, l := range contract.CannedPayment().Lines {
		l.UnitPrice.Currency, l.Amount.Currency, l.TaxAmount.Currency = rub, rub, rub
		p.Lines = append(p.Lines, l)
	}
}

func TestConformance(t *testing.T) { plugintest.Conform(t, provider, fixture) }

func TestConformance_receipts(t *testing.T) {
	t.Parallel()
	fiscal := fixture
	fiscal.Account = func() *conformance.Account {
		a := account()
		a.Settings["receipt"], a.Settings["tax"] = true, "vat20"
		return a
	}
	conformance.Run(t, guesttest.New(provider), fiscal)
}
