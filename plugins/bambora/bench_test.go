package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
)

// BenchmarkRound is each round of a payment's two calls: its session, and the
// callback with its look-up.
func BenchmarkRound(b *testing.B) {
	w := &world{backs: map[string]string{}}
	sim, err := bambora.New(bambora.Config{PublicURL: public, Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: hook{w}}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = sim.Close() })
	w.sim, w.api = sim, conformance.Handler(sim)
	r, native := plugintest.New(b, plugintest.Build(b, ".")), guesttest.New(provider{})
	payment := contract.CannedPayment()
	payment.Method, payment.Capture = "card", contract.CaptureAutomatic
	plugintest.Bench(b, r, native, conformance.Call{Export: contract.CreatePayment, Account: account(), Input: contract.PaymentInput{Payment: payment}, World: w})
	if err := sim.Settle(orderID(payment.Reference), bambora.Plan{Outcome: bambora.Success}); err != nil {
		b.Fatal(err)
	}
	news, err := w.Messages(b.Context())
	if err != nil || len(news) == 0 {
		b.Fatal(news, err)
	}
	plugintest.Bench(b, r, native, conformance.Call{Export: contract.ReceiveWebhook, Account: account(), Input: contract.WebhookInput{Message: news[0]}, World: w})
}
