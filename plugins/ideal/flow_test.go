package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/browser"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator"
)

// shopper walks one payment through the whole of it.
type shopper struct {
	*testing.T
	runner  conformance.Runner
	world   *world.World
	account *conformance.Account
	payment contract.Payment
}

func newShopper(t *testing.T, r conformance.Runner) *shopper {
	t.Helper()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	p := contract.CannedPayment()
	p.Method, p.MethodOptions, p.Transactions, p.ProviderReference = "ideal", nil, nil, ""
	p.ReturnURL = "https://pay.example/pay/ord_1.token/return/" + p.ID
	return &shopper{T: t, runner: r, world: w, account: world.Account(), payment: p}
}

func drive[T any](s *shopper, e contract.Export, input any) T {
	s.Helper()
	tr, err := conformance.Drive(s.Context(), s.runner, conformance.Call{
		Export: e, Input: input, Account: s.account, World: s.world, Now: s.world.Now(),
	})
	if err != nil {
		s.Fatal(err)
	}
	v, err := conformance.Result[T](tr)
	if err != nil {
		s.Fatalf("%s: %v", e, err)
	}
	return v
}

// announce creates the payment and opens the bank's page.
func (s *shopper) announce() *browser.Browser {
	s.Helper()
	r := drive[contract.CreateResult](s, contract.CreatePayment, contract.PaymentInput{Payment: s.payment})
	if r.Action.Type != contract.ActionRedirect || len(r.Updates) > 0 || !r.ExpiresAt.IsZero() {
		s.Fatalf("got %+v, want a redirect and nothing made up", r)
	}
	s.payment.ProviderReference, s.payment.State = r.ProviderReference, r.State
	return browser.Visit(s.world.Sim, strings.TrimPrefix(r.Action.URL, world.Bank))
}

// back is the consumer's return.
func (s *shopper) back(v *browser.Browser) []contract.Update {
	s.Helper()
	u, err := url.Parse(v.Gone)
	if err != nil || v.Gone == "" {
		s.Fatalf("the bank does not lead back: %s", v.HTML)
	}
	return drive[contract.UpdatesResult](s, contract.CompletePayment, contract.CompleteInput{
		Payment: s.payment, Message: &contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery},
	}).Updates
}

// news are the updates of the bank's notifications.
func (s *shopper) news() []contract.Update {
	s.Helper()
	list, err := s.world.Messages(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	var all []contract.Update
	for _, m := range list {
		all = append(all, drive[contract.WebhookResult](s, contract.ReceiveWebhook, contract.WebhookInput{Message: m}).Updates...)
	}
	return all
}

func TestFlow_paidAndRefunded(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider, func(t *testing.T, r conformance.Runner) {
		s := newShopper(t, r)
		v := s.announce()
		o, _ := s.world.Sim.Books().Order(s.payment.Reference)
		if a := o.Announcement; a.Amount != 4999 || a.ItemsDropped || len(a.Items) != 2 || a.Brand != "IDEAL" || a.Force != "FORCE_ALWAYS" || a.Language != "NL" || a.Billing == nil || a.Shipping == nil {
			t.Errorf("the bank keeps the order as %+v", a)
		}
		if err := v.Press("outcome", "success"); err != nil {
			t.Fatal(err)
		}
		if u := s.back(v); len(u) != 1 || u[0].Type != contract.UpdateCaptured || u[0].Trust != contract.Hint || !u[0].Amount.IsZero() {
			t.Errorf("the return says %+v, want a hint without an amount", u)
		}
		news := s.news()
		if len(news) != 1 || news[0].Type != contract.UpdateCaptured || news[0].Trust != contract.Verified || news[0].Amount != s.payment.Amount || news[0].Brand != "IDEAL" || len(news[0].Transactions) != 1 {
			t.Fatalf("the notification brings %+v", news)
		}
		s.payment.Transactions = news[0].Transactions
		refund := s.payment.Refunds[1]
		got := drive[contract.OperationResult](s, contract.RefundPayment, contract.RefundInput{Payment: s.payment, Refund: refund})
		if got.Status != contract.OperationPending || got.Amount != refund.Amount || got.ProviderReference == "" {
			t.Fatalf("the refund is %+v", got)
		}
		refund.ProviderReference = got.ProviderReference
		if err := s.world.Advance(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		if got = drive[contract.OperationResult](s, contract.GetRefund, contract.RefundInput{Payment: s.payment, Refund: refund}); got.Status != contract.OperationSucceeded {
			t.Errorf("a minute later it is %+v", got)
		}
		if b := s.world.Sim.Books(); b.AccessTokens != 1 || len(b.Refunds) != 1 {
			t.Errorf("the bank issued %d access tokens and made %d refunds, want 1 and 1", b.AccessTokens, len(b.Refunds))
		}
	})
}

func TestFlow_outcomes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		outcome string
		back    contract.UpdateType // "" where the bank does not lead back
		news    contract.UpdateType
	}{
		{"cancelled", contract.UpdateCancelled, contract.UpdateCancelled},
		{"expired", contract.UpdateExpired, contract.UpdateExpired},
		{"open", contract.UpdatePending, ""},
		{"failed", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.outcome, func(t *testing.T) {
			t.Parallel()
			s := newShopper(t, guesttest.New(provider))
			v := s.announce()
			if err := v.Press("outcome", tt.outcome); err != nil {
				t.Fatal(err)
			}
			if tt.back == "" && v.Gone != "" {
				t.Errorf("the bank leads back to %s, want another try", v.Gone)
			}
			if tt.back != "" {
				if u := s.back(v); len(u) != 1 || u[0].Type != tt.back || u[0].Trust != contract.Hint {
					t.Errorf("the return says %+v, want the hint %s", u, tt.back)
				}
			}
			news := s.news()
			if tt.news == "" && len(news) > 0 || tt.news != "" && (len(news) != 1 || news[0].Type != tt.news || !news[0].Amount.IsZero()) {
				t.Errorf("the notification brings %+v, want %q", news, tt.news)
			}
		})
	}
}

// The second try pays: both transactions come with the news.
func TestFlow_failedThenPaid(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider))
	v := s.announce()
	for _, outcome := range []string{"failed", "success"} {
		if err := v.Press("outcome", outcome); err != nil {
			t.Fatal(err)
		}
	}
	news := s.news()
	if len(news) != 1 || news[0].Type != contract.UpdateCaptured || len(news[0].Transactions) != 2 || news[0].Transactions[0].Status != "FAILURE" {
		t.Errorf("got %+v, want one payment of two tries", news)
	}
}

// The plugin works with the simulator where it is mounted below a path.
func TestFlow_mounted(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String() + "/omnikassa"
	sim, err := simulator.New("omnikassa", simulator.Options{PublicURL: base})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = simulator.Mount(sim)
	server.Start()
	t.Cleanup(func() { server.Close(); _ = sim.Close() })
	a := world.Account()
	a.Settings["base_url"] = base
	p := contract.CannedPayment()
	p.Method = "ideal"
	tr, err := conformance.Drive(t.Context(), guesttest.New(provider), conformance.Call{
		Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: p}, Account: a, World: http.DefaultTransport, Now: time.Now().UTC().Truncate(time.Millisecond),
	})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := conformance.Result[contract.CreateResult](tr); err != nil || !strings.HasPrefix(r.Action.URL, base+"/payment-brand?") {
		t.Errorf("got %+v, %v", r, err)
	}
}
