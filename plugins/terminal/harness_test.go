package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/terminal"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	nexo "github.com/kassette-pay/kassette/sdk/simulator/terminal"
)

// till walks one payment through the whole of it.
type till struct {
	*testing.T
	runner  conformance.Runner
	world   *world.World
	account *conformance.Account
	payment contract.Payment
	last    conformance.Transcript
	calls   int
}

func newTill(t *testing.T, settings ...any) *till {
	return newTillOf(t, guesttest.New(provider), settings...)
}

// newTillOf takes settings as names and values.
func newTillOf(t *testing.T, r conformance.Runner, settings ...any) *till {
	t.Helper()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	p := contract.CannedPayment()
	p.Method, p.MethodOptions, p.Transactions, p.ProviderReference, p.State = "terminal", nil, nil, "", nil
	p.Amount = money(10000, "SEK")
	p.Lines = []contract.Line{{ID: "1", SKU: "sku-7", Name: "Mugg", Quantity: "2", UnitPrice: money(5000, "SEK"), Amount: money(10000, "SEK")}}
	zero := money(0, "SEK")
	p.Totals, p.Captures, p.Refunds = contract.Totals{Authorized: zero, Captured: zero, Refunded: zero, Tip: zero, Surcharge: zero}, nil, nil
	p.ExpiresAt = conformance.Start.Add(10 * time.Minute)
	s := &till{T: t, runner: r, world: w, account: world.Account(), payment: p}
	for i := 0; i+1 < len(settings); i += 2 {
		s.account.Settings[settings[i].(string)] = settings[i+1]
	}
	return s
}

// drive runs a call; a failure is given back.
func drive[T any](s *till, e contract.Export, input any) (T, *contract.Failure) {
	s.Helper()
	var err error
	s.calls++
	entropy := sha256.Sum256([]byte{byte(s.calls)})
	s.last, err = conformance.Drive(s.Context(), s.runner, conformance.Call{
		Export: e, Input: input, Account: s.account, World: s.world, Now: s.world.Now(), Entropy: entropy[:],
	})
	if err != nil {
		s.Fatal(err)
	}
	if s.last.Answer.Failure != nil {
		var none T
		return none, s.last.Answer.Failure
	}
	v, err := conformance.Result[T](s.last)
	if err != nil {
		s.Fatalf("%s: %v", e, err)
	}
	return v, nil
}

// pay creates the payment with a customer who does this, and books it.
func (s *till) pay(customer string) (contract.Update, *contract.Failure) {
	s.Helper()
	s.world.Next = customer
	r, failure := drive[contract.CreateResult](s, contract.CreatePayment, contract.PaymentInput{Payment: s.payment})
	for _, i := range s.last.Interims {
		s.payment.State = i.State
	}
	if failure != nil {
		return contract.Update{}, failure
	}
	s.payment.State = r.State
	if len(r.Updates) != 1 {
		s.Fatalf("got %d updates", len(r.Updates))
	}
	s.book(r.Updates[0])
	return r.Updates[0], nil
}

func (s *till) book(u contract.Update) {
	if u.Type == contract.UpdateCaptured {
		s.payment.Totals.Captured, s.payment.State = u.Amount, u.State
	}
}

// paid is pay that must be.
func (s *till) paid(customer string) contract.Update {
	s.Helper()
	u, failure := s.pay(customer)
	if failure != nil || u.Type != contract.UpdateCaptured {
		s.Fatalf("got %+v, %v", u, failure)
	}
	return u
}

func (s *till) ask() (contract.Update, *contract.Failure) {
	s.Helper()
	r, failure := drive[contract.UpdatesResult](s, contract.GetPayment, contract.PaymentInput{Payment: s.payment})
	if failure != nil {
		return contract.Update{}, failure
	}
	s.book(r.Updates[0])
	return r.Updates[0], nil
}

// refund asks for a refund, or what became of it.
func (s *till) refund(e contract.Export, id string, value int64) (contract.OperationResult, *contract.Failure) {
	s.Helper()
	op := contract.Operation{ID: id, Amount: money(value, "SEK"), Status: contract.OperationPending, CreatedAt: conformance.Start,
		IdempotencyKey: "7f9c24e8-3b2d-4f4a-9c0f-0000000000" + id[len(id)-2:]}
	r, failure := drive[contract.OperationResult](s, e, contract.RefundInput{Payment: s.payment, Refund: op})
	if failure == nil && r.Status == contract.OperationSucceeded {
		s.payment.Totals.Refunded.Value += r.Amount.Value
	}
	return r, failure
}

// sent are the categories of the messages so far.
func (s *till) sent() string {
	var list []string
	for _, m := range s.world.Seen {
		list = append(list, m.Category)
	}
	return strings.Join(list, " ")
}

// body is the last message of a category.
func (s *till) body(category string) string {
	text := ""
	for _, m := range s.world.Seen {
		if m.Category == category {
			text = m.Body
		}
	}
	return text
}

// fault switches a fault of the simulator on.
func (s *till) fault(name, call string, times int) {
	s.Helper()
	body, err := json.Marshal(map[string]any{"faults": []any{map[string]any{"name": name, "call": call, "times": times}}})
	if err != nil {
		s.Fatal(err)
	}
	if _, err := s.world.Sim.Faults().Apply(body); err != nil {
		s.Fatal(err)
	}
}

// set sets the terminal up.
func (s *till) set(body string) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPut, "http://sim.example/sandbox/terminals/"+nexo.DemoPOIID, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	resp, err := conformance.Handler(s.world.Sim).RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.Fatalf("%s was not taken: %v", body, err)
	}
}

// answers has messages of a category answered so, each once.
func (s *till) answers(category string, bodies ...string) {
	s.world.Meddle = func(c string, request []byte) (*http.Response, error) {
		if c != category || len(bodies) == 0 {
			return nil, nil
		}
		var m struct {
			SaleToPOIRequest struct{ MessageHeader map[string]any }
		}
		if err := json.Unmarshal(request, &m); err != nil {
			return nil, err
		}
		h := m.SaleToPOIRequest.MessageHeader
		h["MessageType"] = "Response"
		b, err := json.Marshal(map[string]any{"SaleToPOIResponse": map[string]any{"MessageHeader": h, c + "Response": json.RawMessage(bodies[0])}})
		bodies = bodies[1:]
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(b)))}, err
	}
}

// loses has the next message of a category carried out, or not, and its answer lost.
func (s *till) loses(category string, carried bool) {
	lost := &contract.ExchangeError{Kind: contract.ErrorTimeout, Sent: contract.SentMaybe, Message: "no answer"}
	s.world.Meddle = func(c string, request []byte) (*http.Response, error) {
		if c != category {
			return nil, nil
		}
		s.world.Meddle = nil
		if !carried {
			return nil, lost
		}
		r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, world.Address+"/nexo", strings.NewReader(string(request)))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/json")
		if c == "Payment" {
			s.world.Plan(cmp.Or(s.world.Next, `{"outcome":"success"}`))
			s.world.Next = ""
		}
		if _, err := s.world.API.RoundTrip(r); err != nil {
			return nil, err
		}
		return nil, lost
	}
}

// later lets time pass.
func (s *till) later(d time.Duration) {
	s.Helper()
	if err := s.world.Sim.MoveClock(s.Context(), d); err != nil {
		s.Fatal(err)
	}
}

// another is a payment of somebody else at the terminal.
func (s *till) another() {
	s.Helper()
	p := s.payment
	defer func() { s.payment = p }()
	s.payment.Reference, s.payment.State = "ANOTHER000000000000000001", nil
	s.paid("")
}
