package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/magento"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

// rig is a shop, the gateway's order of one of its orders, and the adapter between.
type rig struct {
	*testing.T
	runner  conformance.Runner
	world   *world.World
	account *conformance.Account
	via     *wire
	number  string // of the shop's order
	order   contract.Order
}

// wire is what the adapter's requests go through.
type wire struct {
	to    http.RoundTripper
	lose  string // the next request whose path holds it is carried out, and its answer lost
	drop  string // the next one is not carried out, and nobody knows
	seen  []string
	posts []string // bodies
}

// RoundTrip implements [http.RoundTripper].
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.seen = append(w.seen, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/rest/V1/"))
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		w.posts = append(w.posts, string(body))
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	lost := &contract.ExchangeError{Kind: contract.ErrorReset, Sent: contract.SentMaybe, Message: "the connection was reset"}
	write := r.Method == http.MethodPost
	switch {
	case write && w.drop != "" && strings.HasSuffix(r.URL.Path, w.drop):
		w.drop = ""
		return nil, lost
	case write && w.lose != "" && strings.HasSuffix(r.URL.Path, w.lose):
		w.lose = ""
		if _, err := w.to.RoundTrip(r); err != nil {
			return nil, err
		}
		return nil, lost
	}
	return w.to.RoundTrip(r)
}

// writes are the requests that change something, since the last look.
func (w *wire) writes() []string {
	list := slices.DeleteFunc(w.seen, func(s string) bool { return strings.HasPrefix(s, "GET ") })
	w.seen = nil
	return list
}

func newRig(t *testing.T, d magento.Draft) *rig {
	t.Helper()
	return newRigWith(t, guesttest.New(provider{}), d)
}

func newRigWith(t *testing.T, r conformance.Runner, d magento.Draft) *rig {
	t.Helper()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	s := &rig{T: t, runner: r, world: w, account: world.Account(), via: &wire{to: w}}
	s.place(d)
	return s
}

// place has an order placed, and the gateway's order made of the module's message.
func (s *rig) place(d magento.Draft) {
	s.Helper()
	o, err := s.world.Sim.Place(d)
	if err != nil {
		s.Fatal(err)
	}
	if _, err := s.world.Sim.SendOrder(s.Context(), o.Increment); err != nil {
		s.Fatal(err)
	}
	list, err := s.world.Messages(s.Context())
	if err != nil || len(list) != 1 {
		s.Fatal(list, err)
	}
	s.number = o.Increment
	got := drive[contract.ReadOrderResult](s, contract.ReadOrder, contract.ReadOrderInput{Message: list[0]})
	if got.Order == nil {
		return // not the gateway's business
	}
	zero := contract.Money{Currency: got.Order.Amount.Currency}
	s.order = contract.Order{
		ID: fmt.Sprintf("ord_%04d", o.ID), Reference: got.Order.Reference, Status: contract.OrderStatusOpen, RefundStatus: "none", Amount: got.Order.Amount,
		Due: got.Order.Amount, Captured: zero, Refunded: zero, Released: zero, ChargedBack: zero, Tip: zero, Surcharge: zero, Version: 1, Metadata: got.Order.Metadata,
		CheckoutURL: "https://pay.example/pay/ord_1.token",
	}
}

func answer[T any](s *rig, e contract.Export, input any) (T, error) {
	s.Helper()
	tr, err := conformance.Drive(s.Context(), s.runner, conformance.Call{Export: e, Input: input, Account: s.account, World: s.via, Now: s.world.Now()})
	if err != nil {
		s.Fatalf("%s: %v", e, err)
	}
	return conformance.Result[T](tr)
}

func drive[T any](s *rig, e contract.Export, input any) T {
	s.Helper()
	v, err := answer[T](s, e, input)
	if err != nil {
		s.Fatalf("%s: %v", e, err)
	}
	return v
}

// event is the next of the gateway's order.
func (s *rig) event(kind contract.EventType) contract.Event {
	s.order.Version++
	return contract.Event{
		ID: fmt.Sprintf("%s.%d", s.order.ID, s.order.Version), Number: s.order.Version, Type: kind, At: s.world.Now(),
		OrderStatus: s.order.Status, RefundStatus: s.order.RefundStatus,
	}
}

func (s *rig) tell(e contract.Event) (contract.TellResult, error) {
	s.Helper()
	return answer[contract.TellResult](s, contract.TellShop, contract.TellInput{Event: e, Order: s.order})
}

// told tells an event, which the shop must take.
func (s *rig) told(e contract.Event) {
	s.Helper()
	got, err := s.tell(e)
	if err != nil || !got.Delivered || got.ShopReference != s.number {
		s.Fatalf("%s: got %+v, %v", e.Type, got, err)
	}
}

// fails tells an event, which must come to this failure.
func (s *rig) fails(e contract.Event, code contract.FailureCode, part string) {
	s.Helper()
	_, err := s.tell(e)
	var f *contract.Failure
	if !errors.As(err, &f) || f.Code != code || !strings.Contains(f.Message, part) {
		s.Errorf("%s: got %v, want %s with %q", e.Type, err, code, part)
	}
}

func (s *rig) money(value int64) contract.Money {
	return contract.Money{Value: value, Currency: s.order.Amount.Currency}
}

// pays books a payment of the order at the gateway, and gives its event.
func (s *rig) pays(value int64) contract.Event {
	n := len(s.order.Payments) + 1
	p := contract.OrderPayment{
		ID: fmt.Sprintf("pay_%d", n), Method: "ideal", Status: "captured", ProviderReference: fmt.Sprintf("TX-%d", n),
		Amounts: contract.OrderAmounts{Captured: s.money(value)},
	}
	s.order.Payments = append(s.order.Payments, p)
	s.order.Captured.Value += value
	s.order.Status = contract.OrderStatusPaid
	e := s.event(contract.OrderPaid)
	e.Payment, e.PaymentStatus = p.ID, "captured"
	return e
}

// refunds books a refund at the gateway, and gives its event.
func (s *rig) refunds(payment int, value int64) contract.Event {
	p := &s.order.Payments[payment-1]
	r := contract.OrderOperation{
		ID: fmt.Sprintf("ref_%d_%d", payment, len(p.Refunds)+1), Amount: s.money(value), Status: contract.OperationSucceeded, Origin: "provider", ProviderReference: "RTX",
	}
	p.Refunds = append(p.Refunds, r)
	s.order.Refunded.Value += value
	s.order.RefundStatus = "partial"
	e := s.event(contract.RefundSucceeded)
	e.Payment, e.Operation, e.Amount = p.ID, r.ID, r.Amount
	return e
}

func (s *rig) shop() magento.OrderRecord {
	s.Helper()
	o, ok := s.world.Sim.Books().Order(s.number)
	if !ok {
		s.Fatalf("there is no order %s", s.number)
	}
	return o
}

// says counts comments that hold a text.
func (s *rig) says(part string) int {
	n := 0
	for _, c := range s.shop().Comments {
		if strings.Contains(c.Text, part) {
			n++
		}
		if strings.Contains(c.Text, "Kassette") && (c.Visible || c.Notified) {
			s.Errorf("shoppers see %q", c.Text)
		}
	}
	return n
}

// stands checks how the shop's order is, and that its own gateway was never asked.
func (s *rig) stands(state magento.State, paid, refunded string, invoices, memos int) {
	s.Helper()
	o := s.shop()
	if o.State != state || o.Paid != paid || o.Refunded != refunded || len(o.Invoices) != invoices || len(o.CreditMemos) != memos {
		s.Errorf("got %+v, want %s, %s paid by %d invoices, %s refunded by %d credit memos", o, state, paid, invoices, refunded, memos)
	}
	if len(o.Charges)+len(o.Payouts)+o.Mails > 0 {
		s.Errorf("the shop moved money or wrote to the shopper: %+v", o)
	}
}

// act does something in the shop.
func (s *rig) act(do func(string) (magento.OrderRecord, error)) {
	s.Helper()
	if _, err := do(s.number); err != nil {
		s.Fatal(err)
	}
}

// later lets time pass.
func (s *rig) later(d time.Duration) {
	s.Helper()
	if err := s.world.Advance(s.Context(), d); err != nil {
		s.Fatal(err)
	}
}

// draftOf is an order of so many lines.
func draftOf(n int) magento.Draft {
	var d magento.Draft
	for i := range n {
		d.Items = append(d.Items, magento.DraftItem{SKU: fmt.Sprint("sku-", i), Name: "Joust Duffle Bag", Price: "1.50", TaxRate: "21"})
	}
	return d
}
