package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/terminal"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// BenchmarkRound is each round of a payment: login, payment, and its result
// with receipts.
func BenchmarkRound(b *testing.B) {
	w, err := world.New()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	payment := contract.CannedPayment()
	payment.Amount = money(10000, "SEK")
	plugintest.Bench(b, plugintest.New(b, plugintest.Build(b, ".")), guesttest.New(provider), conformance.Call{
		Export: contract.CreatePayment, Account: world.Account(), Input: contract.PaymentInput{Payment: payment}, World: w,
	})
}
