package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/bambora"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
)

// BenchmarkRound is each round of a payment's two calls: its session, and the
// callback with its look-up.
func BenchmarkRound(b *testing.B) {
	w, err := world.New()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	r, native := plugintest.New(b, plugintest.Build(b, ".")), guesttest.New(provider{})
	payment := contract.CannedPayment()
	payment.Method, payment.Capture = "card", contract.CaptureAutomatic
	plugintest.Bench(b, r, native, conformance.Call{Export: contract.CreatePayment, Account: world.Account(), Input: contract.PaymentInput{Payment: payment}, World: w})
	if err := w.Sim.Settle(orderID(payment.Reference), bambora.Plan{Outcome: bambora.Success}); err != nil {
		b.Fatal(err)
	}
	news, err := w.Messages(b.Context())
	if err != nil || len(news) == 0 {
		b.Fatal(news, err)
	}
	plugintest.Bench(b, r, native, conformance.Call{Export: contract.ReceiveWebhook, Account: world.Account(), Input: contract.WebhookInput{Message: news[0]}, World: w})
}
