package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/paypal"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
)

// BenchmarkRound is each round of a payment's three calls, with an access
// token that is kept already: the order, the webhook of its approval, and its
// capture.
func BenchmarkRound(b *testing.B) {
	w, err := world.New()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	r, native, shop := plugintest.New(b, plugintest.Build(b, ".")), guesttest.New(provider{}), world.Account()
	p := payment()
	p.ProviderReference, p.State = "", nil
	create := conformance.Call{Export: contract.CreatePayment, Account: shop, Input: contract.PaymentInput{Payment: p}, World: w}
	tr, err := conformance.Drive(b.Context(), native, create) // it fetches the token
	if err != nil {
		b.Fatal(err)
	}
	created, err := conformance.Result[contract.CreateResult](tr)
	if err != nil {
		b.Fatal(err)
	}
	plugintest.Bench(b, r, native, create)
	p.ProviderReference, p.State = created.ProviderReference, created.State
	if _, err := w.Press(p.ProviderReference, paypal.Success); err != nil {
		b.Fatal(err)
	}
	list, err := w.Messages(b.Context())
	if err != nil || len(list) != 1 {
		b.Fatalf("got %d webhooks, %v", len(list), err)
	}
	plugintest.Bench(b, r, native, conformance.Call{Export: contract.ReceiveWebhook, Account: shop, Input: contract.WebhookInput{Message: list[0]}, World: w})
	plugintest.Bench(b, r, native, conformance.Call{Export: contract.CompletePayment, Account: shop, Input: contract.CompleteInput{Payment: p}, World: w})
}
