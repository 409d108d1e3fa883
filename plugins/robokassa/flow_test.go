package main

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/browser"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
)

// buyer walks one payment through the whole of it.
type buyer struct {
	*testing.T
	runner  conformance.Runner
	world   *world.World
	account *conformance.Account
	payment contract.Payment
}

func newBuyer(t *testing.T, r conformance.Runner) *buyer {
	t.Helper()
	w, err := world.New(robokassa.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	p := contract.CannedPayment()
	p.Method, p.MethodOptions, p.Transactions, p.ProviderReference, p.State, p.Captures, p.Refunds = methodID, nil, nil, "", nil, nil, nil
	p.Capture, p.WebhookURL, p.Locale = contract.CaptureAutomatic, world.ResultURL, "ru-RU"
	p.CreatedAt, p.ExpiresAt = conformance.Start, conformance.Start.Add(time.Hour)
	world.Roubles(&p)
	zero := contract.Money{Currency: rub}
	p.Totals = contract.Totals{Authorized: zero, Captured: zero, Refunded: zero, Tip: zero, Surcharge: zero}
	return &buyer{T: t, runner: r, world: w, account: world.Account(), payment: p}
}

func run[T any](b *buyer, e contract.Export, input any) (T, error) {
	b.Helper()
	tr, err := conformance.Drive(b.Context(), b.runner, conformance.Call{Export: e, Input: input, Account: b.account, World: b.world, Now: b.world.Now()})
	if err != nil {
		b.Fatal(err)
	}
	return conformance.Result[T](tr)
}

func must[T any](b *buyer, e contract.Export, input any) T {
	b.Helper()
	v, err := run[T](b, e, input)
	if err != nil {
		b.Fatalf("%s: %v", e, err)
	}
	return v
}

// start creates the payment and opens the provider's page.
func (b *buyer) start() *browser.Browser {
	b.Helper()
	r := must[contract.CreateResult](b, contract.CreatePayment, contract.PaymentInput{Payment: b.payment})
	if r.Action.Type != contract.ActionForm || r.Action.URL != world.Home+"/Merchant/Index.aspx" || len(r.Updates) > 0 {
		b.Fatalf("got %+v, want a form and nothing made up", r)
	}
	b.payment.ProviderReference = r.ProviderReference
	return world.Start(b.world.Sim, r.Action)
}

// news are the updates of the provider's messages.
func (b *buyer) news() []contract.Update {
	b.Helper()
	list, err := b.world.Messages(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	var all []contract.Update
	for _, m := range list {
		r := must[contract.WebhookResult](b, contract.ReceiveWebhook, contract.WebhookInput{Message: m})
		all = append(all, r.Updates...)
		for _, u := range r.Updates {
			b.payment.Transactions = append(b.payment.Transactions, u.Transactions...)
		}
	}
	return all
}

// returned is the account's door and then complete_payment, as the gateway does.
func (b *buyer) returned(v *browser.Browser) []contract.Update {
	b.Helper()
	u, err := url.Parse(v.Gone)
	if err != nil || u.Path != "/return/acc_1" {
		b.Fatalf("the provider leads to %q: %s", v.Gone, v.HTML)
	}
	m := contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}
	door := must[contract.WebhookResult](b, contract.ReceiveWebhook, contract.WebhookInput{Message: m}).Updates
	if len(door) != 1 || door[0].Payment.Reference != b.payment.Reference || door[0].Trust != contract.Hint {
		b.Errorf("at the door the return says %+v", door)
	}
	return must[contract.UpdatesResult](b, contract.CompletePayment, contract.CompleteInput{Payment: b.payment, Message: &m}).Updates
}

func (b *buyer) asked() []contract.Update {
	b.Helper()
	return must[contract.UpdatesResult](b, contract.GetPayment, contract.PaymentInput{Payment: b.payment}).Updates
}

func (b *buyer) press(v *browser.Browser, outcome string) {
	b.Helper()
	if err := v.Press("outcome", outcome); err != nil {
		b.Fatal(err)
	}
}

func TestFlow_paidAndRefunded(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider, func(t *testing.T, r conformance.Runner) {
		b := newBuyer(t, r)
		b.account.Settings["receipt"], b.account.Settings["sno"] = true, "osn"
		b.payment.MethodOptions = map[string]string{"option": "SBP"}
		v := b.start()
		if !strings.Contains(v.HTML, "Оплата заказа") {
			t.Errorf("a Russian buyer sees %s", v.HTML)
		}
		b.press(v, "success")
		if u := b.returned(v); len(u) != 1 || u[0].Type != contract.UpdateCaptured || u[0].Trust != contract.Hint {
			t.Errorf("the return says %+v, want a hint", u)
		}
		if u := b.news(); len(u) != 1 || u[0].Type != contract.UpdateCaptured || u[0].Trust != contract.Verified || u[0].Amount != b.payment.Amount {
			t.Fatalf("the notification brings %+v", u)
		}
		if u := b.asked(); len(u) != 1 || u[0].Type != contract.UpdateCaptured || u[0].Amount != b.payment.Amount || u[0].Brand != "SBP" || len(u[0].Transactions) != 1 {
			t.Fatalf("asked, the provider says %+v", u)
		}
		if p, _ := b.world.Sim.Books().Payment(b.payment.Number); p.Method != "SBP" || p.Receipt == "" || p.Description != "Order 1001" || p.Shop["Shp_ref"] != b.payment.Reference {
			t.Errorf("the provider keeps %+v", p)
		}
		b.payment.Totals.Captured = b.payment.Amount
		refund := contract.Operation{ID: "ref_1", Amount: contract.Money{Value: 1000, Currency: rub}}
		got := must[contract.OperationResult](b, contract.RefundPayment, contract.RefundInput{Payment: b.payment, Refund: refund})
		if got.Status != contract.OperationPending || got.ProviderReference == "" {
			t.Fatalf("the refund is %+v", got)
		}
		refund.ProviderReference = got.ProviderReference
		if err := b.world.Advance(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		if got = must[contract.OperationResult](b, contract.GetRefund, contract.RefundInput{Payment: b.payment, Refund: refund}); got.Status != contract.OperationSucceeded || got.Amount != refund.Amount {
			t.Errorf("a minute later it is %+v", got)
		}
	})
}

// hold reserves the money, and hears of it by ResultUrl2.
func hold(t *testing.T, r conformance.Runner) *buyer {
	t.Helper()
	b := newBuyer(t, r)
	b.payment.Capture = contract.CaptureManual
	v := b.start()
	b.press(v, "success")
	u := b.news()
	if len(u) != 1 || u[0].Type != contract.UpdateAuthorized || u[0].Trust != contract.Verified || u[0].Amount != b.payment.Amount ||
		u[0].Payment.Number != b.payment.Number || len(u[0].Transactions) != 1 || !u[0].OccurredAt.Equal(conformance.Start) {
		t.Fatalf("the notification brings %+v", u)
	}
	b.payment.Totals.Authorized = b.payment.Amount
	return b
}

func TestFlow_holdConfirmedInPart(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider, func(t *testing.T, r conformance.Runner) {
		b := hold(t, r)
		if u := b.asked(); len(u) != 1 || u[0].Type != contract.UpdateAuthorized || u[0].Amount != b.payment.Amount {
			t.Errorf("asked, the provider says %+v", u)
		}
		part := contract.Operation{ID: "cap_1", Amount: contract.Money{Value: 3000, Currency: rub}, Final: true}
		for range 2 { // the second time the provider refuses, and the state tells why
			got := must[contract.OperationResult](b, contract.CapturePayment, contract.CaptureInput{Payment: b.payment, Capture: part})
			if got.Status != contract.OperationSucceeded || got.Amount != part.Amount {
				t.Fatalf("the capture is %+v", got)
			}
		}
		if u := b.news(); !slices.ContainsFunc(u, func(u contract.Update) bool {
			return u.Type == contract.UpdateCaptured && u.Trust == contract.Verified && u.Amount == part.Amount
		}) {
			t.Errorf("after the confirmation there is news %+v", u)
		}
		if got := must[contract.OperationResult](b, contract.CancelPayment, contract.PaymentInput{Payment: b.payment}); got.Status != contract.OperationFailed {
			t.Errorf("what was captured is cancelled: %+v", got)
		}
	})
}

// What a buyer pays above the sum is the fee of his way to pay: the shop is
// told of the sum, by whatever channel.
func TestFlow_buyersFee(t *testing.T) {
	t.Parallel()
	for _, mode := range []contract.CaptureMode{contract.CaptureAutomatic, contract.CaptureManual} {
		b := newBuyer(t, guesttest.New(provider))
		w, err := world.New(robokassa.Config{BuyerFee: 7})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
		b.world, b.payment.Capture = w, mode
		b.press(b.start(), "success")
		for _, u := range append(b.news(), b.asked()...) {
			if u.Amount != b.payment.Amount {
				t.Errorf("%s: got %+v, want %s", mode, u, b.payment.Amount)
			}
		}
	}
}

func TestFlow_holdCancelled(t *testing.T) {
	t.Parallel()
	b := hold(t, guesttest.New(provider))
	for range 2 { // the second time it is done already
		if got := must[contract.OperationResult](b, contract.CancelPayment, contract.PaymentInput{Payment: b.payment}); got.Status != contract.OperationSucceeded {
			t.Errorf("got %+v", got)
		}
	}
	if u := b.asked(); len(u) != 1 || u[0].Type != contract.UpdateCancelled {
		t.Errorf("asked, the provider says %+v", u)
	}
	got := must[contract.OperationResult](b, contract.CapturePayment, contract.CaptureInput{Payment: b.payment, Capture: contract.Operation{Amount: b.payment.Amount}})
	if got.Status != contract.OperationFailed || got.Failure == nil || got.Failure.ProviderCode != "10" {
		t.Errorf("what was given back is captured: %+v", got)
	}
}

func TestFlow_holdLapses(t *testing.T) {
	t.Parallel()
	b := hold(t, guesttest.New(provider))
	if err := b.world.Advance(t.Context(), holdDays*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if u := b.asked(); len(u) != 1 || u[0].Type != contract.UpdateCancelled {
		t.Errorf("after %d days the provider says %+v", holdDays, u)
	}
}

func TestFlow_outcomes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		outcome    string
		back, asks contract.UpdateType // "" where there is nothing
	}{
		{"cancelled", contract.UpdateCancelled, contract.UpdateCancelled},
		{"expired", "", contract.UpdateCancelled},
		{"open", "", contract.UpdatePending},
		{"failed", "", contract.UpdatePending},
	}
	for _, tt := range tests {
		t.Run(tt.outcome, func(t *testing.T) {
			t.Parallel()
			b := newBuyer(t, guesttest.New(provider))
			v := b.start()
			b.press(v, tt.outcome)
			if tt.back == "" && v.Gone != "" {
				t.Errorf("the provider leads back to %s", v.Gone)
			}
			if tt.back != "" {
				if u := b.returned(v); len(u) != 1 || u[0].Type != tt.back || u[0].Trust != contract.Hint {
					t.Errorf("the return says %+v, want the hint %s", u, tt.back)
				}
			}
			if u := b.asked(); len(u) != 1 || u[0].Type != tt.asks || !u[0].Amount.IsZero() {
				t.Errorf("asked, the provider says %+v, want %s", u, tt.asks)
			}
			if u := b.news(); len(u) > 0 {
				t.Errorf("got news %+v of what nobody paid", u)
			}
		})
	}
}

// A buyer who left at FailURL goes back and pays: it is not final.
func TestFlow_cancelledThenPaid(t *testing.T) {
	t.Parallel()
	b := newBuyer(t, guesttest.New(provider))
	v := b.start()
	page := v.At
	b.press(v, "cancelled")
	v = browser.Visit(b.world.Sim, page)
	b.press(v, "success")
	if u := b.news(); len(u) != 1 || u[0].Type != contract.UpdateCaptured {
		t.Errorf("got %+v", u)
	}
}

// Before the buyer has chosen a way to pay the provider knows nothing.
func TestFlow_notFoundBeforeChoice(t *testing.T) {
	t.Parallel()
	b := newBuyer(t, guesttest.New(provider))
	if u := b.asked(); len(u) > 0 {
		t.Errorf("got %+v", u)
	}
	b.start()
	if u := b.asked(); len(u) > 0 {
		t.Errorf("on the page: got %+v", u)
	}
	if _, err := run[contract.OperationResult](b, contract.CancelPayment, contract.PaymentInput{Payment: b.payment}); err == nil {
		t.Error("a page is withdrawn, which the provider cannot do")
	}
}

// Test payments reach paid by ResultURL alone, under the test pair.
func TestFlow_testMode(t *testing.T) {
	t.Parallel()
	b := newBuyer(t, guesttest.New(provider))
	delete(b.account.Settings, "simulator")
	b.account.Secrets = map[string]string{"password1": robokassa.DemoTestPassword1, "password2": robokassa.DemoTestPassword2}
	v := b.start()
	if !strings.Contains(v.HTML, "IsTest") {
		t.Errorf("the page is not of the test mode: %s", v.HTML)
	}
	b.press(v, "success")
	b.returned(v)
	if u := b.news(); len(u) != 1 || u[0].Type != contract.UpdateCaptured || u[0].Trust != contract.Verified || u[0].Amount != b.payment.Amount {
		t.Errorf("the notification brings %+v", u)
	}
	if u := b.asked(); len(u) > 0 {
		t.Errorf("asked, the plugin says %+v", u)
	}
	if r := must[contract.CheckResult](b, contract.CheckSettings, contract.CheckInput{}); !r.OK {
		t.Errorf("good settings are %+v", r)
	}
	for e, in := range map[contract.Export]any{
		contract.CapturePayment: contract.CaptureInput{Payment: b.payment, Capture: contract.Operation{Amount: b.payment.Amount}},
		contract.CancelPayment:  contract.PaymentInput{Payment: b.payment},
		contract.RefundPayment:  contract.RefundInput{Payment: b.payment, Refund: contract.Operation{Amount: b.payment.Amount}},
	} {
		if r, err := run[contract.OperationResult](b, e, in); err == nil {
			t.Errorf("%s: got %+v, want a refusal", e, r)
		}
	}
	b.payment.Capture = contract.CaptureManual
	if r, err := run[contract.CreateResult](b, contract.CreatePayment, contract.PaymentInput{Payment: b.payment}); err == nil {
		t.Errorf("a hold in test mode: got %+v", r)
	}
	live := trueNotice()
	if r, err := run[contract.WebhookResult](b, contract.ReceiveWebhook, contract.WebhookInput{Message: posted(live.Encode())}); err == nil {
		t.Errorf("a live notice at a test account: got %+v", r)
	}
}

// A shop in roubles takes tenge: the sum is signed in that currency, and comes back in it.
func TestFlow_tengeAtShopInRoubles(t *testing.T) {
	t.Parallel()
	b := newBuyer(t, guesttest.New(provider))
	b.payment.Amount.Currency = kzt
	b.payment.Lines = nil
	b.press(b.start(), "success")
	for _, u := range append(b.news(), b.asked()...) {
		if u.Type != contract.UpdateCaptured || u.Amount != b.payment.Amount {
			t.Errorf("got %+v", u)
		}
	}
	b.payment.Totals.Captured = b.payment.Amount
	part := contract.RefundInput{Payment: b.payment, Refund: contract.Operation{Amount: contract.Money{Value: 100, Currency: kzt}}}
	if r, err := run[contract.OperationResult](b, contract.RefundPayment, part); err == nil {
		t.Errorf("a part of it is refunded in another currency: %+v", r)
	}
	whole := contract.RefundInput{Payment: b.payment, Refund: contract.Operation{Amount: b.payment.Amount}}
	if r := must[contract.OperationResult](b, contract.RefundPayment, whole); r.Status != contract.OperationPending {
		t.Errorf("all of it: got %+v", r)
	}
}
