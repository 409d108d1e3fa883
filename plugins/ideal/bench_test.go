package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// letterbox takes the bank's notifications.
type letterbox chan contract.Message

// RoundTrip implements [http.RoundTripper].
func (l letterbox) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	l <- contract.Message{Method: r.Method, Path: r.URL.Path, Headers: map[string][]string{"content-type": {"application/json"}}, Body: string(body)}
	return httptest.NewRecorder().Result(), nil
}

// BenchmarkRound is each round of a payment's two calls, with an access token
// that is kept already: its announcement, and the notification with the pull
// of one result. The last round of each reads what the bank answered.
func BenchmarkRound(b *testing.B) {
	const address = "https://api.pay.rabobank.nl"
	news := make(letterbox, 1)
	bank, err := omnikassa.New(omnikassa.Config{
		PublicURL: address, WebhookURL: "https://pay.example/webhooks/acc_1", Silent: true,
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: news},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = bank.Close() })
	r, native, world := plugintest.New(b, plugintest.Build(b, ".")), guesttest.New(provider), conformance.Handler(bank)
	shop := &conformance.Account{
		Settings: map[string]any{"environment": "test", "base_url": address},
		Secrets:  map[string]string{"refresh_token": omnikassa.DemoRefreshToken, "signing_key": omnikassa.DemoSigningKey},
	}
	payment := contract.Payment{
		ID: "pay_01KJPXW5M0000000000000TEST", Reference: "A1B2C3D4E5F6G7H8J9K0L1M2", Method: "ideal",
		Amount: contract.Money{Value: 4999, Currency: "EUR"}, OrderReference: "2026-1017", Description: "drie wafels",
		ReturnURL: "https://pay.example/pay/ord_7f.secret/return/pay_1", Locale: "nl-NL",
	}
	create := conformance.Call{Export: contract.CreatePayment, Account: shop, Input: contract.PaymentInput{Payment: payment}, World: world}
	if _, err := conformance.Drive(b.Context(), native, create); err != nil { // it fetches the token
		b.Fatal(err)
	}
	plugintest.Bench(b, r, native, create)
	if err := bank.Settle(payment.Reference, omnikassa.Success); err != nil {
		b.Fatal(err)
	}
	if err := bank.MoveClock(b.Context(), 0); err != nil {
		b.Fatal(err)
	}
	webhook := conformance.Call{Export: contract.ReceiveWebhook, Account: shop, Input: contract.WebhookInput{Message: <-news}, World: world}
	plugintest.Bench(b, r, native, webhook)
}
