package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/paypal"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
)

// The webhook is first; the return finds all done, and nothing is done twice.
func TestFlow_webhookThenReturn(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider{}, func(t *testing.T, r conformance.Runner) {
		s := newShopper(t, r, contract.CaptureAutomatic)
		s.announce()
		back := s.press(paypal.Success)
		s.wants(s.news(), contract.UpdateApproved)
		s.wants(s.complete(nil).Updates, contract.UpdateCaptured)
		s.wants(s.complete(&back).Updates, contract.UpdateCaptured)
		s.wants(s.news(), contract.UpdateCaptured, contract.UpdateCaptured) // of the capture and of the order
		o := s.books()
		if len(o.Captures) != 1 || o.Captures[0].Amount != "49.99" || o.InvoiceID != "1001-"+s.payment.Reference[16:] {
			t.Errorf("PayPal's books hold %+v", o)
		}
		if b := s.world.Sim.Books(); b.AccessTokens != 1 {
			t.Errorf("PayPal issued %d tokens, want 1", b.AccessTokens)
		}
	})
}

// Both come at once: they ask under the same request id.
func TestFlow_sameRequestID(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.announce()
	back := s.press(paypal.Success)
	first := s.complete(&back)
	// The answer of the order is what it was before the first capture.
	stale := conformance.NewScript(conformance.Step{
		Request: "GET " + world.Base + "/v2/checkout/orders/" + s.payment.ProviderReference,
		Body:    strings.ReplaceAll(orderText("APPROVED", "49.99", ""), "5O190127TN364715T", s.payment.ProviderReference),
	})
	tr, err := conformance.Drive(t.Context(), s.runner, conformance.Call{
		Export: contract.CompletePayment, Input: contract.CompleteInput{Payment: s.payment}, Account: s.account, Now: s.world.Now(),
		World: transport(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodGet {
				return stale.RoundTrip(r)
			}
			return s.world.RoundTrip(r)
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	second, err := conformance.Result[contract.UpdatesResult](tr)
	if err != nil || len(second.Updates) != 1 || second.Updates[0].Item.ProviderReference != first.Updates[0].Item.ProviderReference || len(s.books().Captures) != 1 {
		t.Errorf("got %+v, %v after %+v", second, err, first)
	}
}

type transport func(r *http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestFlow_authorizedCapturedInPartsVoided(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider{}, func(t *testing.T, r conformance.Runner) {
		s := newShopper(t, r, contract.CaptureManual)
		s.announce()
		back := s.press(paypal.Success)
		s.wants(s.complete(&back).Updates, contract.UpdateAuthorized)
		for i, value := range []int64{2000, 1000} {
			got, err := s.capture([]string{"cap_A", "cap_B"}[i], value, false)
			if err != nil || got.Status != contract.OperationSucceeded || got.Amount.Value != value || got.ProviderReference == "" {
				t.Fatalf("capture %d: got %+v, %v", i+1, got, err)
			}
		}
		var f *contract.Failure
		if got, err := s.capture("cap_C", 2000, true); !errors.As(err, &f) || f.Code != contract.Declined {
			t.Errorf("19.99 are left, and 20.00 are %+v, %v", got, err)
		}
		list := drive[contract.UpdatesResult](s, contract.GetPayment, contract.PaymentInput{Payment: s.payment}).Updates
		s.wants(list, contract.UpdateAuthorized, contract.UpdateCaptured, contract.UpdateCaptured)
		if list[1].Item.ID != "cap_A" || list[2].Item.ID != "cap_B" || len(list[0].Transactions) != 3 {
			t.Errorf("got %+v", list)
		}
		for range 2 { // once more, after an answer that was lost
			if got := drive[contract.OperationResult](s, contract.CancelPayment, contract.PaymentInput{Payment: s.payment}); got.Status != contract.OperationSucceeded {
				t.Errorf("got %+v", got)
			}
		}
		if o := s.books(); o.Authorizations[0].Status != "VOIDED" || len(o.Captures) != 2 {
			t.Errorf("PayPal's books hold %+v", o)
		}
	})
}

// A refund of two captures is asked for in two.
func TestFlow_refundsOfSeveralCaptures(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureManual)
	s.announce()
	back := s.press(paypal.Success)
	s.complete(&back)
	for id, value := range map[string]int64{"cap_A": 2000, "cap_B": 2999} {
		if _, err := s.capture(id, value, false); err != nil {
			t.Fatal(err)
		}
	}
	var f *contract.Failure
	if got, err := s.refund("ref_A", 4999); !errors.As(err, &f) || f.Code != contract.Declined || !strings.Contains(f.Message, "29.99") {
		t.Errorf("got %+v, %v, want that 29.99 is the most", got, err)
	}
	for id, value := range map[string]int64{"ref_B": 2000, "ref_C": 2500} {
		if got, err := s.refund(id, value); err != nil || got.Status != contract.OperationSucceeded {
			t.Errorf("%s: got %+v, %v", id, got, err)
		}
	}
	if o := s.books(); len(o.Refunds) != 2 || o.Refunds[0].Of == o.Refunds[1].Of {
		t.Errorf("PayPal's books hold %+v", o.Refunds)
	}
}

// After PayPal's three days an authorization is renewed before it is captured.
func TestFlow_reauthorized(t *testing.T) {
	t.Parallel()
	for _, refused := range []bool{false, true} {
		s := newShopper(t, guesttest.New(provider{}), contract.CaptureManual)
		s.announce()
		back := s.press(paypal.Success)
		s.complete(&back)
		if err := s.world.Advance(t.Context(), 4*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		calls := s.world.API
		if refused {
			s.world.API = transport(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/reauthorize") {
					r.Header.Set("PayPal-Mock-Response", `{"mock_application_codes":"REAUTHORIZATION_NOT_SUPPORTED"}`)
				}
				return calls.RoundTrip(r)
			})
		}
		if got, err := s.capture("cap_A", 4999, true); err != nil || got.Status != contract.OperationSucceeded {
			t.Fatalf("got %+v, %v", got, err)
		}
		o := s.books()
		if want := map[bool]int{false: 2, true: 1}[refused]; len(o.Authorizations) != want || o.Captures[0].Of != o.Authorizations[want-1].ID {
			t.Errorf("PayPal's books hold %+v, want a capture of authorization %d", o, want)
		}
		s.wants(drive[contract.UpdatesResult](s, contract.GetPayment, contract.PaymentInput{Payment: s.payment}).Updates, contract.UpdateAuthorized, contract.UpdateCaptured)
	}
}

// What PayPal takes back after a dispute stands beside the payment: it lowers
// nothing, and no refund of the shop's is made of it.
func TestFlow_reversedByPayPal(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.announce()
	back := s.press(paypal.Success)
	s.complete(&back)
	s.news()
	id, err := s.world.Sim.ReverseAtPayPal(s.books().Captures[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	got := s.news()
	s.wants(got, contract.UpdateChargedBack)
	if u := got[0]; u.Amount != s.payment.Amount || u.Item == nil || u.Item.ProviderReference != id {
		t.Errorf("got %+v, want all of it under %s", u, id)
	}
	s.wants(drive[contract.UpdatesResult](s, contract.GetPayment, contract.PaymentInput{Payment: s.payment}).Updates, contract.UpdateCaptured)
}

func TestFlow_cancelledByTheBuyer(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.announce()
	back := s.press(paypal.Cancelled)
	s.wants(s.complete(&back).Updates, contract.UpdateCancelled)
	s.wants(s.news())
	again := s.press(paypal.Success) // the page is still open
	s.wants(s.news(), contract.UpdateApproved)
	s.wants(s.complete(&back).Updates, contract.UpdateCaptured) // the old return, and PayPal says approved
	s.wants(s.complete(&again).Updates, contract.UpdateCaptured)
}

// The bank refuses: the buyer chooses other means for the same order.
func TestFlow_declinedThenPaid(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.announce()
	back := s.press(paypal.Failed)
	got := s.complete(&back)
	s.wants(got.Updates, contract.UpdatePending)
	if got.Action == nil || got.Action.URL != world.Base+"/checkoutnow?token="+s.payment.ProviderReference {
		t.Fatalf("got action %+v", got.Action)
	}
	back = s.press(paypal.Success)
	s.wants(s.complete(&back).Updates, contract.UpdateCaptured)
	if o := s.books(); len(o.Captures) != 1 {
		t.Errorf("PayPal's books hold %+v", o)
	}
}

// The webhook is first, and the bank refuses: the buyer who comes back is sent
// on to choose other means.
func TestFlow_declinedBeforeTheReturn(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.announce()
	back := s.press(paypal.Failed)
	s.wants(s.complete(nil).Updates, contract.UpdatePending)
	got := s.complete(&back)
	s.wants(got.Updates)
	if got.Action == nil || got.Action.URL != world.Base+"/checkoutnow?token="+s.payment.ProviderReference {
		t.Errorf("got action %+v", got.Action)
	}
}

// PayPal holds the money back at first: nothing is paid until it says so.
func TestFlow_pendingCapture(t *testing.T) {
	t.Parallel()
	for _, well := range []bool{true, false} {
		s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
		s.announce()
		back := s.press(paypal.Open)
		s.wants(s.complete(&back).Updates, contract.UpdatePending)
		s.news()
		outcome, want := paypal.Success, contract.UpdateCaptured
		if !well {
			outcome, want = paypal.Failed, contract.UpdateFailed
		}
		if err := s.world.Sim.Settle(s.payment.Reference, outcome); err != nil {
			t.Fatal(err)
		}
		s.wants(s.news(), want)
	}
}

// A refund that the merchant makes in PayPal's own pages is told by webhook.
func TestFlow_refundedAtPayPal(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.announce()
	back := s.press(paypal.Success)
	s.complete(&back)
	s.news()
	id, err := s.world.Sim.RefundAtPayPal(s.books().Captures[0].ID, 1000)
	if err != nil {
		t.Fatal(err)
	}
	list := s.news()
	s.wants(list, contract.UpdateCaptured, contract.UpdateRefunded)
	if u := list[1]; u.Amount.Value != 1000 || u.Item.ProviderReference != id || u.Item.ID != "" {
		t.Errorf("got %+v", u)
	}
}

// An approved order that was not carried out in time is told as expired, by
// webhook and when asked.
func TestFlow_expired(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.announce()
	s.press(paypal.Success)
	s.wants(s.news(), contract.UpdateApproved)
	if err := s.world.Advance(t.Context(), 4*time.Hour); err != nil {
		t.Fatal(err)
	}
	s.wants(s.news(), contract.UpdateExpired)
	s.wants(drive[contract.UpdatesResult](s, contract.GetPayment, contract.PaymentInput{Payment: s.payment}).Updates, contract.UpdateExpired)
	s.wants(s.complete(nil).Updates, contract.UpdateExpired)
	if got := drive[contract.OperationResult](s, contract.CancelPayment, contract.PaymentInput{Payment: s.payment}); got.Status != contract.OperationSucceeded {
		t.Errorf("got %+v", got)
	}
}

func TestFlow_verifiedByPayPal(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.account.Settings["webhook_verification"], s.account.Roots = "api", nil
	s.announce()
	s.press(paypal.Success)
	list, err := s.world.Messages(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("got %d messages, %v", len(list), err)
	}
	for _, f := range conformance.Forgeries() {
		if got, err := try[contract.WebhookResult](s, contract.ReceiveWebhook, contract.WebhookInput{Message: s.world.Forge(list[0], f)}); err == nil {
			t.Errorf("%s: got %+v", f, got)
		}
	}
	s.wants(drive[contract.WebhookResult](s, contract.ReceiveWebhook, contract.WebhookInput{Message: list[0]}).Updates, contract.UpdateApproved)
}

// The plugin works with the simulator where it is mounted below a path.
func TestFlow_mounted(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String() + "/paypal"
	news := make(chan contract.Message, 1)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { news <- world.MessageOf(r) }))
	t.Cleanup(hook.Close)
	sim, err := simulator.New("paypal", simulator.Options{PublicURL: address, WebhookURL: hook.URL})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = simulator.Mount(sim)
	server.Start()
	t.Cleanup(func() { server.Close(); _ = sim.Close() })
	a := world.Account()
	a.Settings["base_url"], a.Settings["certificate_base_url"] = address, address
	p := payment()
	p.ProviderReference = ""
	call := conformance.Call{Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: p}, Account: a, World: http.DefaultTransport, Now: time.Now().UTC().Truncate(time.Millisecond)}
	tr, err := conformance.Drive(t.Context(), guesttest.New(provider{}), call)
	if err != nil {
		t.Fatal(err)
	}
	created, err := conformance.Result[contract.CreateResult](tr)
	if err != nil || !strings.HasPrefix(created.Action.URL, address+"/checkoutnow?") {
		t.Fatalf("got %+v, %v", created, err)
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(created.Action.URL, map[string][]string{"outcome": {"success"}})
	if err != nil || resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("got %v, %v", resp, err)
	}
	resp.Body.Close()
	call.Export, call.Input = contract.ReceiveWebhook, contract.WebhookInput{Message: <-news}
	if tr, err = conformance.Drive(t.Context(), guesttest.New(provider{}), call); err != nil {
		t.Fatal(err)
	}
	if got, err := conformance.Result[contract.WebhookResult](tr); err != nil || len(got.Updates) != 1 || got.Updates[0].Payment.ProviderReference != created.ProviderReference {
		t.Errorf("got %+v, %v", got, err)
	}
}
