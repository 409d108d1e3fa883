package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/paypal"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
)

// shopper walks one payment through the whole of it.
type shopper struct {
	*testing.T
	runner  conformance.Runner
	world   *world.World
	account *conformance.Account
	payment contract.Payment
}

func newShopper(t *testing.T, r conformance.Runner, mode contract.CaptureMode) *shopper {
	t.Helper()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	p := payment()
	p.ProviderReference, p.State, p.Capture = "", nil, mode
	return &shopper{T: t, runner: r, world: w, account: world.Account(), payment: p}
}

func try[T any](s *shopper, e contract.Export, input any) (T, error) {
	s.Helper()
	tr, err := conformance.Drive(s.Context(), s.runner, conformance.Call{Export: e, Input: input, Account: s.account, World: s.world, Now: s.world.Now()})
	if err != nil {
		s.Fatal(err)
	}
	return conformance.Result[T](tr)
}

func drive[T any](s *shopper, e contract.Export, input any) T {
	s.Helper()
	v, err := try[T](s, e, input)
	if err != nil {
		s.Fatalf("%s: %v", e, err)
	}
	return v
}

// announce creates the payment.
func (s *shopper) announce() {
	s.Helper()
	r := drive[contract.CreateResult](s, contract.CreatePayment, contract.PaymentInput{Payment: s.payment})
	if r.Action.Type != contract.ActionRedirect || !strings.HasPrefix(r.Action.URL, world.Base+"/checkoutnow?token=") || len(r.Updates) > 0 {
		s.Fatalf("got %+v, want a redirect and nothing made up", r)
	}
	s.payment.ProviderReference, s.payment.State = r.ProviderReference, r.State
}

// press has the buyer press a button, and gives the way back.
func (s *shopper) press(o paypal.Outcome) contract.Message {
	s.Helper()
	back, err := s.world.Press(s.payment.ProviderReference, o)
	if err != nil {
		s.Fatal(err)
	}
	u, err := url.Parse(back)
	if err != nil || !strings.HasPrefix(back, s.payment.ReturnURL) {
		s.Fatalf("PayPal leads back to %s", back)
	}
	return contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}
}

// complete is the buyer's return, or the webhook's word where m is nil.
func (s *shopper) complete(m *contract.Message) contract.UpdatesResult {
	s.Helper()
	r := drive[contract.UpdatesResult](s, contract.CompletePayment, contract.CompleteInput{Payment: s.payment, Message: m})
	for _, u := range r.Updates {
		if len(u.State) > 0 {
			s.payment.State = u.State
		}
	}
	return r
}

// news are the updates of PayPal's webhooks.
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

// wants wants updates of these types, in this order.
func (s *shopper) wants(got []contract.Update, types ...contract.UpdateType) {
	s.Helper()
	var have []string
	for _, u := range got {
		have = append(have, string(u.Type))
		if u.Trust != contract.Verified || u.Payment.ID != s.payment.ID && u.Payment.Reference != s.payment.Reference {
			s.Errorf("got update %+v of payment %s", u, s.payment.Reference)
		}
	}
	var want []string
	for _, t := range types {
		want = append(want, string(t))
	}
	if strings.Join(have, " ") != strings.Join(want, " ") {
		s.Fatalf("got updates %q, want %q", have, want)
	}
}

// operation is a capture or a refund that the shop asks for.
func (s *shopper) operation(id string, value int64) contract.Operation {
	return contract.Operation{
		ID: id, Amount: contract.Money{Value: value, Currency: s.payment.Amount.Currency}, Reason: "sent back", IdempotencyKey: "key-of-" + id, Status: contract.OperationPending,
	}
}

func (s *shopper) capture(id string, value int64, final bool) (contract.OperationResult, error) {
	op := s.operation(id, value)
	op.Final = final
	s.payment.Captures = append(s.payment.Captures, op)
	return try[contract.OperationResult](s, contract.CapturePayment, contract.CaptureInput{Payment: s.payment, Capture: op})
}

func (s *shopper) refund(id string, value int64) (contract.OperationResult, error) {
	op := s.operation(id, value)
	s.payment.Refunds = append(s.payment.Refunds, op)
	return try[contract.OperationResult](s, contract.RefundPayment, contract.RefundInput{Payment: s.payment, Refund: op})
}

// books are PayPal's.
func (s *shopper) books() paypal.OrderRecord {
	o, _ := s.world.Sim.Books().Order(s.payment.Reference)
	return o
}
