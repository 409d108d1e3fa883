package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// cutter breaks what matches, once it was carried out or instead of that.
type cutter struct {
	world   http.RoundTripper
	matches func(r *http.Request) bool
	carried bool
	status  int // 0: there is no answer at all
	body    string
	before  func()
	sent    int // writes that came by
}

// RoundTrip implements [http.RoundTripper].
func (c *cutter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		c.sent++
	}
	if c.matches == nil || !c.matches(r) {
		return c.world.RoundTrip(r)
	}
	if c.before != nil {
		c.before()
		return c.world.RoundTrip(r)
	}
	if c.carried {
		if _, err := c.world.RoundTrip(r); err != nil {
			return nil, err
		}
	}
	if c.status == 0 {
		return nil, &contract.ExchangeError{Kind: contract.ErrorTimeout, Sent: contract.SentMaybe, Message: "no answer"}
	}
	return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(c.body)), Request: r}, nil
}

func isWrite(r *http.Request) bool { return r.Method == http.MethodPost }

func isRead(r *http.Request) bool { return r.Method == http.MethodGet }

// losses are the ways in which the answer to a write is lost.
var losses = []struct {
	name    string
	carried bool
	status  int
	body    string
	code    contract.FailureCode
}{
	{"never arrived", false, 0, "", contract.ProviderUnavailable},
	{"carried out, no answer", true, 0, "", contract.ProviderUnavailable},
	{"carried out, a page of a proxy", true, 502, "<html></html>", contract.Internal},
	{"carried out, empty", true, 200, "", contract.Internal},
	{"carried out, without meta", true, 200, "{}", contract.Internal},
	{"not carried out, 500", false, 500, "<html></html>", contract.Internal},
}

// There is no idempotency key (6). A capture whose answer was lost is looked up:
// it is never sent twice, and what became of it is told when asked.
func TestLost_capture(t *testing.T) {
	t.Parallel()
	for _, tt := range losses {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShopper(t, guesttest.New(provider{}), contract.CaptureManual)
			s.pays("")
			op := s.operation("cap_1", 1000)
			in := contract.CaptureInput{Payment: s.payment, Capture: op}
			s.via = &cutter{world: s.world, matches: isWrite, carried: tt.carried, status: tt.status, body: tt.body}
			if _, err := answer[contract.OperationResult](s, contract.CapturePayment, in); !isFailure(err, tt.code) {
				t.Errorf("got %v, want %s, of which the host makes an unknown outcome", err, tt.code)
			}
			c := &cutter{world: s.world}
			s.via = c
			s.payment.Captures = []contract.Operation{op}
			want := map[bool]string{true: "authorized 49.99 EUR, captured 10.00 EUR, captured 10.00 EUR of cap_1", false: "authorized 49.99 EUR"}[tt.carried]
			if got := words(s.asked()); got != want {
				t.Errorf("asked at once, it is %s, want %s", got, want)
			}
			if err := s.world.Advance(t.Context(), settled); err != nil {
				t.Fatal(err)
			}
			if want == "authorized 49.99 EUR" {
				want += ", capture_failed of cap_1"
			}
			if got := words(s.asked()); got != want {
				t.Errorf("asked later, it is %s, want %s", got, want)
			}
			if r, err := answer[contract.OperationResult](s, contract.CapturePayment, in); err != nil || r.Status != contract.OperationSucceeded || r.ProviderReference == "" {
				t.Errorf("repeated: got %+v, %v", r, err)
			}
			if n := s.books().Count("Capture"); n != 1 || s.books().Captured != 1000 || (c.sent > 0) == tt.carried {
				t.Errorf("the provider has %d captures of %d, and was sent %d", n, s.books().Captured, c.sent)
			}
		})
	}
}

func TestLost_refund(t *testing.T) {
	t.Parallel()
	for _, tt := range losses {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
			s.pays("")
			op := s.operation("ref_1", 1000)
			s.via = &cutter{world: s.world, matches: isWrite, carried: tt.carried, status: tt.status, body: tt.body}
			if _, err := s.gives(op); !isFailure(err, tt.code) {
				t.Errorf("got %v, want %s", err, tt.code)
			}
			s.via = s.world
			s.payment.Refunds = []contract.Operation{op}
			ask := func() contract.OperationResult {
				return drive[contract.OperationResult](s, contract.GetRefund, contract.RefundInput{Payment: s.payment, Refund: op})
			}
			now, later := contract.OperationSucceeded, contract.OperationSucceeded
			if !tt.carried { // it may still be under way
				now, later = contract.OperationPending, contract.OperationFailed
			}
			if r := ask(); r.Status != now || (r.ProviderReference != "") != tt.carried {
				t.Errorf("asked at once: got %+v, want %s", r, now)
			}
			if err := s.world.Advance(t.Context(), settled); err != nil {
				t.Fatal(err)
			}
			if r := ask(); r.Status != later || later == contract.OperationFailed && r.Failure.Code != contract.NotFound {
				t.Errorf("asked later: got %+v, want %s", r, later)
			}
			if r, err := s.gives(op); err != nil || r.Status != contract.OperationSucceeded || s.books().Count("Credit") != 1 {
				t.Errorf("repeated: got %+v, %v, %d credits", r, err, s.books().Count("Credit"))
			}
		})
	}
}

// Of two refunds alike whose answers were lost each finds its own.
func TestLost_twoAlike(t *testing.T) {
	t.Parallel()
	for carried := range 3 {
		s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
		s.pays("")
		var ops []contract.Operation
		for i, id := range []string{"ref_1", "ref_2"} {
			op := s.operation(id, 1000)
			s.via = &cutter{world: s.world, matches: isWrite, carried: i < carried}
			if _, err := s.gives(op); err == nil {
				t.Fatal("the answer is not lost")
			}
			// The first is not known to be lost when the second is asked for: the
			// host sends it all the same, and the provider has the first by then.
			ops = append(ops, op)
			s.payment.Refunds = ops
			if err := s.world.Advance(t.Context(), time.Second); err != nil {
				t.Fatal(err)
			}
		}
		s.via = s.world
		if err := s.world.Advance(t.Context(), settled); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for i, op := range ops {
			r := drive[contract.OperationResult](s, contract.GetRefund, contract.RefundInput{Payment: s.payment, Refund: op})
			if (r.Status == contract.OperationSucceeded) != (i < carried) {
				t.Errorf("%d of 2 carried out: the refund %s is %s", carried, op.ID, r.Status)
			}
			if r.ProviderReference != "" && seen[r.ProviderReference] {
				t.Errorf("both are %s", r.ProviderReference)
			}
			seen[r.ProviderReference] = true
		}
		if n := s.books().Count("Credit"); n != carried {
			t.Errorf("the provider has %d credits, want %d", n, carried)
		}
	}
}

func TestLost_cancel(t *testing.T) {
	t.Parallel()
	for _, tt := range losses {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShopper(t, guesttest.New(provider{}), contract.CaptureManual)
			s.pays("")
			in := contract.PaymentInput{Payment: s.payment}
			s.via = &cutter{world: s.world, matches: isWrite, carried: tt.carried, status: tt.status, body: tt.body}
			if _, err := answer[contract.OperationResult](s, contract.CancelPayment, in); !isFailure(err, tt.code) {
				t.Errorf("got %v, want %s", err, tt.code)
			}
			s.via = s.world
			want := map[bool]string{true: "authorized 49.99 EUR, cancelled", false: "authorized 49.99 EUR"}[tt.carried]
			if got := words(s.asked()); got != want {
				t.Errorf("asked, it is %s, want %s", got, want)
			}
			if r, err := answer[contract.OperationResult](s, contract.CancelPayment, in); err != nil || r.Status != contract.OperationSucceeded || s.books().Count("Delete") != 1 {
				t.Errorf("repeated: got %+v, %v, %d deletes", r, err, s.books().Count("Delete"))
			}
		})
	}
}

// Two of six tenths at once: the second runs just before the first one's write
// leaves. The provider refuses one.
func TestFlow_twoAtOnce(t *testing.T) {
	t.Parallel()
	for _, e := range []contract.Export{contract.CapturePayment, contract.RefundPayment} {
		mode := map[contract.Export]contract.CaptureMode{contract.CapturePayment: contract.CaptureManual, contract.RefundPayment: contract.CaptureAutomatic}[e]
		s := newShopper(t, guesttest.New(provider{}), mode)
		s.pays("")
		run := func(id string) error {
			op := s.operation(id, 3000)
			var input any = contract.RefundInput{Payment: s.payment, Refund: op}
			if e == contract.CapturePayment {
				input = contract.CaptureInput{Payment: s.payment, Capture: op}
			}
			_, err := answer[contract.OperationResult](s, e, input)
			return err
		}
		var second error
		s.via = &cutter{world: s.world, matches: isWrite, before: func() {
			s.via = s.world
			second = run("op_2")
		}}
		if first := run("op_1"); second != nil || !isFailure(first, contract.Declined) {
			t.Errorf("%s: got %v and %v", e, first, second)
		}
		if b := s.books(); b.Captured > 4999 || b.Credited > b.Captured || b.Count("Capture") != 1 {
			t.Errorf("%s: got %+v", e, b)
		}
	}
}

// A read that is lost costs nothing: no write leaves, and the next one tells.
func TestLost_reads(t *testing.T) {
	t.Parallel()
	for _, tt := range losses {
		s := newShopper(t, guesttest.New(provider{}), contract.CaptureManual)
		s.pays("")
		c := &cutter{world: s.world, matches: isRead, status: tt.status, body: tt.body}
		s.via = c
		inputs := map[contract.Export]any{
			contract.GetPayment: contract.PaymentInput{Payment: s.payment}, contract.CancelPayment: contract.PaymentInput{Payment: s.payment},
			contract.CapturePayment: contract.CaptureInput{Payment: s.payment, Capture: s.operation("cap_1", 100)},
			contract.RefundPayment:  contract.RefundInput{Payment: s.payment, Refund: s.operation("ref_1", 100)},
		}
		for e, input := range inputs {
			tr, err := conformance.Drive(t.Context(), s.runner, conformance.Call{Export: e, Input: input, Account: s.account, World: s.via, Now: s.world.Now()})
			if err != nil || tr.Answer.Failure == nil || tr.Answer.Failure.Code != contract.ProviderUnavailable {
				t.Errorf("%s, %s: got %+v, %v", tt.name, e, tr.Answer, err)
			}
		}
		if c.sent > 0 {
			t.Errorf("%s: %d writes left", tt.name, c.sent)
		}
		s.via = s.world
		if got := words(s.asked()); got != "authorized 49.99 EUR" {
			t.Errorf("%s: asked again, it is %s", tt.name, got)
		}
	}
}

// Before return or callback there is no transaction to ask for, and nothing is sent.
func TestGetPayment_beforeItIsPaid(t *testing.T) {
	t.Parallel()
	s := newShopper(t, guesttest.New(provider{}), contract.CaptureAutomatic)
	s.open()
	s.via = &cutter{world: s.world, matches: func(*http.Request) bool { t.Error("a request left"); return false }}
	if got := s.asked(); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}
