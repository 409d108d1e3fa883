package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// BenchmarkRound is each round of a payment's two calls: its signed form, and
// ResultURL.
func BenchmarkRound(b *testing.B) {
	r, native, shop := plugintest.New(b, plugintest.Build(b, ".")), guesttest.New(provider), world.Account()
	payment := contract.Payment{
		ID: "pay_01KJPXW5M0000000000000TEST", Reference: reference, Number: 100_001, Method: methodID, Amount: roublesOf(4999),
		OrderReference: "2026-1017", Description: "три пряника", ReturnURL: "https://pay.example/pay/ord_7f.secret/return/pay_1", Locale: "ru-RU",
	}
	plugintest.Bench(b, r, native, conformance.Call{Export: contract.CreatePayment, Account: shop, Input: contract.PaymentInput{Payment: payment}})
	plugintest.Bench(b, r, native, conformance.Call{Export: contract.ReceiveWebhook, Account: shop, Input: contract.WebhookInput{Message: posted(trueNotice().Encode())}})
}
