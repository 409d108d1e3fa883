package order

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// tester is what *testing.T and *rapid.T share.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

var (
	declined    = contract.Failure{Code: contract.Declined, Message: "declined"}
	unavailable = contract.Failure{Code: contract.ProviderUnavailable, Message: "503"}
)

// currencies are those of every test about money: two, no and three decimals.
var currencies = []string{"EUR", "JPY", "TND"}

// generous allows everything.
func generous() contract.Rules {
	return contract.Rules{
		Capture: &contract.CaptureRule{Automatic: true, Manual: true, Partial: true, Multiple: true, WindowDays: 7},
		Refund:  &contract.RefundRule{Full: true, Partial: true, Multiple: true, WindowDays: 60},
		Polling: &contract.PollingRule{FirstAfterS: 60, Factor: 2, MaxIntervalS: 3600},
	}
}

// world is an order with its past, held to the invariants after every step.
type world struct {
	t        tester
	o        Order
	events   []Event
	now      time.Time
	currency string
}

func newWorld(t tester, currency string, change func(*Spec)) *world {
	t.Helper()
	s := Spec{ID: "ord_7f01J", Secret: "s", Shop: "shop", Reference: "1001", Amount: Money{Value: 5000, Currency: currency},
		Locale: "nl-NL", Country: "NL", ReturnURL: "https://shop.example/back"}
	if change != nil {
		change(&s)
	}
	o, events, err := New(s, start)
	if err != nil {
		t.Fatalf("new: %v", err)
	}
	w := &world{t: t, o: o, events: events, now: start, currency: currency}
	w.check("new")
	return w
}

func manual(s *Spec) { s.Capture = contract.CaptureManual }

// inEach runs a test of money in each currency.
func inEach(t *testing.T, change func(*Spec), f func(t *testing.T, w *world)) {
	t.Helper()
	for _, c := range currencies {
		t.Run(c, func(t *testing.T) {
			t.Parallel()
			f(t, newWorld(t, c, change))
		})
	}
}

// try applies a change a second later. Whatever it is, the argument stays as
// it was, and the result keeps the invariants and survives JSON.
func (w *world) try(c Change) ([]Event, error) {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	before := encode(w.t, w.o)
	o, events, err := Apply(w.o, c, w.now)
	if after := encode(w.t, w.o); after != before {
		w.t.Fatalf("%T %+v changed its argument:\nfrom %s\nto   %s", c, c, before, after)
	}
	if err != nil {
		if len(events) > 0 || encode(w.t, o) != before {
			w.t.Fatalf("%T %+v: error %v, and the order changed or there are events %v", c, c, err, events)
		}
		return nil, err
	}
	w.o, w.events = o, append(w.events, events...)
	w.check(fmt.Sprintf("%T %+v", c, c))
	return events, nil
}

func (w *world) do(c Change) []Event {
	w.t.Helper()
	events, err := w.try(c)
	if err != nil {
		w.t.Fatalf("%T %+v: %v", c, c, err)
	}
	return events
}

// again repeats a change: nothing may happen.
func (w *world) again(c Change) {
	w.t.Helper()
	if events := w.do(c); len(events) > 0 {
		w.t.Fatalf("%T %+v again: got events %v, want none", c, c, types(events))
	}
}

func (w *world) check(what string) {
	w.t.Helper()
	if err := Check(w.o, w.events); err != nil {
		w.t.Fatalf("after %s: %v\n%s", what, err, encode(w.t, w.o))
	}
	var back Order
	if err := json.Unmarshal([]byte(encode(w.t, w.o)), &back); err != nil {
		w.t.Fatalf("after %s: %v", what, err)
	}
	if !reflect.DeepEqual(back, w.o) {
		w.t.Fatalf("after %s JSON lost something:\ngot  %+v\nwant %+v", what, back, w.o)
	}
}

func encode(t tester, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return string(b)
}

func (w *world) money(v int64) Money { return Money{Value: v, Currency: w.currency} }

func (w *world) payment(id string) Payment {
	w.t.Helper()
	p, ok := w.o.Payment(id)
	if !ok {
		w.t.Fatalf("no payment %s", id)
	}
	return p
}

// reserve makes an attempt of a method named as the payment.
func (w *world) reserve(id string) { w.t.Helper(); w.reserveWith(id, generous()) }

func (w *world) reserveWith(id string, r contract.Rules, operations ...contract.Export) {
	w.t.Helper()
	w.do(Reserve{Payment: id, Reference: "7F" + id, Method: "m-" + id, Account: "acc", Rules: r, Operations: operations, IdempotencyKey: "key-" + id, Seen: -1})
}

// begin makes an attempt that the provider has.
func (w *world) begin(id string) {
	w.t.Helper()
	w.reserve(id)
	w.started(id)
}

func (w *world) started(id string) {
	w.t.Helper()
	w.do(Created{Payment: id, Result: contract.CreateResult{Action: contract.Action{Type: contract.ActionRedirect, URL: "https://psp.example"}}, At: w.now})
}

// says is verified news by webhook, minutes after the start.
func (w *world) says(id string, t contract.UpdateType, amount int64, minute int, item ...string) Reported {
	u := contract.Update{Type: t, Trust: contract.Verified, OccurredAt: start.Add(time.Duration(minute) * time.Minute)}
	if amount > 0 {
		u.Amount = w.money(amount)
	}
	if len(item) > 0 {
		u.Item = &contract.Item{ProviderReference: item[0]}
		if len(item) > 1 {
			u.Item.ID = item[1]
		}
	}
	return Reported{Payment: id, Updates: []contract.Update{u}, Source: contract.ReceiveWebhook, At: w.now}
}

// paid makes a captured payment.
func (w *world) paid(id string, amount int64) {
	w.t.Helper()
	w.begin(id)
	w.do(w.says(id, contract.UpdateCaptured, amount, 5))
}

// authorized makes an authorized payment.
func (w *world) authorized(id string) {
	w.t.Helper()
	w.begin(id)
	w.do(w.says(id, contract.UpdateAuthorized, 5000, 5))
}

func (w *world) wantStatus(want Status) {
	w.t.Helper()
	if got := w.o.Status(); got != want {
		w.t.Fatalf("order is %s, want %s", got, want)
	}
}

func (w *world) wantPayment(id string, want PaymentStatus) {
	w.t.Helper()
	if got := w.payment(id).Status(); got != want {
		w.t.Fatalf("payment %s is %s, want %s", id, got, want)
	}
}

// wantAmounts checks captured, refunded, reserved and released of the order.
func (w *world) wantAmounts(captured, refunded, reserved, released int64) {
	w.t.Helper()
	a := w.o.Amounts()
	got := [...]Money{a.Captured, a.Refunded, a.Reserved, a.Released}
	want := [...]Money{w.money(captured), w.money(refunded), w.money(reserved), w.money(released)}
	if got != want {
		w.t.Fatalf("captured, refunded, reserved, released are %v, want %v", got, want)
	}
}

func (w *world) wantAttention(want ...AttentionCode) {
	w.t.Helper()
	got := w.o.snapshot().Attention
	if len(got) != len(want) || (len(got) > 0 && !reflect.DeepEqual(got, want)) {
		w.t.Fatalf("attention %v, want %v: %+v", got, want, w.o.Attention())
	}
}

func (w *world) wantTypes(events []Event, want ...EventType) {
	w.t.Helper()
	got := types(events)
	if len(got) != len(want) || (len(got) > 0 && !reflect.DeepEqual(got, want)) {
		w.t.Fatalf("events %v, want %v", got, want)
	}
}

func types(events []Event) []EventType {
	var all []EventType
	for _, e := range events {
		all = append(all, e.Type)
	}
	return all
}

// refused applies a change that is to be refused for a reason.
func (w *world) refused(c Change, reason string) *RefusedError {
	w.t.Helper()
	_, err := w.try(c)
	var r *RefusedError
	if !errors.As(err, &r) || r.Reason != reason {
		w.t.Fatalf("%T %+v: got %v, want a refusal for %s", c, c, err, reason)
	}
	if r.Detail == "" {
		w.t.Fatalf("%T: refusal %s does not say what to do", c, reason)
	}
	return r
}
