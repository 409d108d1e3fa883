package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

const tillBase = "https://till.example"

// till is a healthy plugin for a terminal at which the consumer pays during
// create_payment.
type till struct {
	terminal string // "" has none for itself
}

func (till) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "till", Version: "1.0.0", Kind: contract.KindPayment, Title: contract.Text{"en": "Till"}, Provider: "till",
		Hosts: []string{"till.example"}, SettingsSchema: json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}`),
		Methods: []contract.Method{{ID: "till", Title: contract.Text{"en": "Till"}, Flow: contract.FlowTerminal, Currencies: map[string]contract.Range{"SEK": {}}}},
		Rules:   contract.Rules{Polling: &contract.PollingRule{FirstAfterS: 5}},
	}
}

// tillPaid is how a payment stands at the terminal.
type tillPaid struct{ Result, Decimal, Currency string }

func (t till) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	state, _ := json.Marshal(c.ID()) // a text
	c.Interim(contract.Interim{
		State: state, Exclusive: t.terminal, Action: contract.Action{Type: contract.ActionWait, Text: contract.Text{"en": "Look at the terminal"}},
	})
	req := acmePost("/pay", "", map[string]string{"service": c.ID(), "decimal": in.Payment.Amount.Decimal(), "currency": in.Payment.Amount.Currency})
	req.URL, req.TimeoutMS = tillBase+"/pay", 130_000
	r := contract.CreateResult{Action: contract.Action{Type: contract.ActionNone}, State: state}
	resp, err := c.Do(req)
	paid, ok := tillRead(resp)
	if err != nil || !ok { // what became of it is asked for
		if paid, err = t.status(c, c.ID()); err != nil {
			if resp.Status != 0 && resp.Status != 200 {
				err = acmeFailure(resp)
			}
			return r, err
		}
	}
	r.Updates, err = t.updates(c, in.Payment, paid)
	return r, err
}

func tillRead(resp contract.Response) (tillPaid, bool) {
	var p tillPaid
	err := json.Unmarshal(resp.Bytes(), &p)
	return p, resp.OK() && err == nil && p.Result != ""
}

func (till) status(c *guest.Call, service string) (tillPaid, error) {
	resp, err := c.Do(contract.Request{Method: http.MethodGet, URL: tillBase + "/status?service=" + service})
	if err != nil {
		return tillPaid{}, err
	}
	p, ok := tillRead(resp)
	if !ok {
		if err := acmeFailure(resp); err != nil {
			return p, err
		}
		return p, &contract.Failure{Code: contract.ProviderUnavailable, Message: "the terminal's answer cannot be read"}
	}
	return p, nil
}

func (till) updates(c *guest.Call, p contract.Payment, paid tillPaid) ([]contract.Update, error) {
	u := contract.Update{Payment: contract.PaymentKey{ID: p.ID}, Trust: contract.Verified, OccurredAt: c.At()}
	u.Type = map[string]contract.UpdateType{
		"busy": contract.UpdatePending, "paid": contract.UpdateCaptured, "cancelled": contract.UpdateCancelled,
		"expired": contract.UpdateExpired, "declined": contract.UpdateFailed,
	}[paid.Result]
	if u.Type != contract.UpdateCaptured {
		return []contract.Update{u}, nil
	}
	var err error
	if u.Amount, err = contract.ParseDecimal(paid.Decimal, paid.Currency); err != nil {
		return nil, &contract.Failure{Code: contract.Internal, Message: err.Error()}
	}
	return []contract.Update{u}, nil
}

func (t till) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	var service string
	if json.Unmarshal(in.Payment.State, &service) != nil {
		return contract.UpdatesResult{}, &contract.Failure{Code: contract.NotFound, Message: "the payment was never sent"}
	}
	paid, err := t.status(c, service)
	if err != nil {
		return contract.UpdatesResult{}, err
	}
	list, err := t.updates(c, in.Payment, paid)
	return contract.UpdatesResult{Updates: list}, err
}

// CancelPayment stops the terminal. What came of it the running call tells.
func (till) CancelPayment(c *guest.Call, _ contract.PaymentInput) (contract.OperationResult, error) {
	req := acmePost("/abort", "", nil)
	req.URL = tillBase + "/abort"
	_, err := c.Do(req)
	return contract.OperationResult{Status: contract.OperationPending}, err
}

// tillWorld is the terminal.
type tillWorld struct {
	http.RoundTripper
	mu    sync.Mutex
	now   time.Time
	next  conformance.Ending
	said  contract.Money
	books map[string]tillPaid
	// waits is closed when the payment that waits was aborted, begun has one
	// entry for each that began to wait.
	waits chan struct{}
	begun chan struct{}
}

func newTillWorld() (conformance.World, error) {
	w := &tillWorld{now: conformance.Start, next: conformance.Paid, books: map[string]tillPaid{}, begun: make(chan struct{}, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /pay", w.pay)
	mux.HandleFunc("POST /abort", w.abort)
	mux.HandleFunc("GET /status", func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		p, ok := w.books[r.FormValue("service")]
		if !ok {
			answer(rw, http.StatusNotFound, nil)
			return
		}
		answer(rw, http.StatusOK, p)
	})
	w.RoundTripper = conformance.Handler(mux)
	return w, nil
}

func (w *tillWorld) pay(rw http.ResponseWriter, r *http.Request) {
	var ask struct{ Service, Decimal, Currency string }
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		answer(rw, http.StatusBadRequest, nil)
		return
	}
	w.mu.Lock()
	e := w.next
	w.next = conformance.Paid
	p := tillPaid{Result: string(e), Decimal: ask.Decimal, Currency: ask.Currency}
	if e == conformance.Waits {
		p.Result = "busy"
		w.waits = make(chan struct{})
	}
	if !w.said.IsZero() {
		p.Decimal, p.Currency = w.said.Decimal(), w.said.Currency
	}
	w.books[ask.Service] = p
	waits := w.waits
	w.mu.Unlock()
	if e == conformance.Waits {
		w.begun <- struct{}{}
		select {
		case <-waits:
		case <-r.Context().Done():
		}
		p.Result = "cancelled"
		w.mu.Lock()
		w.books[ask.Service] = p
		w.mu.Unlock()
	}
	answer(rw, http.StatusOK, p)
}

func (w *tillWorld) abort(rw http.ResponseWriter, _ *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waits != nil {
		close(w.waits)
		w.waits = nil
	}
	rw.WriteHeader(http.StatusNoContent)
}

func (w *tillWorld) Expect(e conformance.Ending) error {
	w.next = e
	return nil
}

func (w *tillWorld) Underway(ctx context.Context) error {
	select {
	case <-w.begun:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Books knows a payment by the state that it was sent with.
func (w *tillWorld) Books(p contract.Payment) conformance.Books {
	var service string
	if json.Unmarshal(p.State, &service) != nil {
		return conformance.Books{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	paid, ok := w.books[service]
	b := conformance.Books{Known: ok, Captured: contract.Money{Currency: p.Amount.Currency}}
	if paid.Result == "paid" {
		b.Captured, _ = contract.ParseDecimal(paid.Decimal, paid.Currency)
	}
	return b
}

func (w *tillWorld) Now() time.Time { return w.now }

func (w *tillWorld) Advance(_ context.Context, d time.Duration) error {
	w.now = w.now.Add(d)
	return nil
}

func (w *tillWorld) Misreport(paid contract.Money) error {
	w.said = paid
	return nil
}

var errTill = errors.New("a terminal has neither webhooks nor pages")

func (w *tillWorld) End(context.Context, contract.Payment, conformance.Ending) error { return errTill }

func (w *tillWorld) Messages(context.Context) ([]contract.Message, error) { return nil, errTill }

func (w *tillWorld) Repeat(context.Context, contract.Payment) error { return errTill }

func (w *tillWorld) Return(contract.Payment) (contract.Message, bool) {
	return contract.Message{}, false
}

func (w *tillWorld) Forge(m contract.Message, _ conformance.Forgery) contract.Message { return m }

func (w *tillWorld) ForgeNext(conformance.Forgery) bool { return false }

func (w *tillWorld) Strangers(int) error { return errTill }

func (w *tillWorld) Close() error { return nil }

var _ conformance.Expecter = (*tillWorld)(nil)

var healthyTill = till{terminal: "till-1"}

// Ways in which a plugin for a terminal can be broken.
type (
	tillDecides struct{ till } // that a cancellation has worked
	tillRushes  struct{ till } // takes a busy terminal for a failure
)

func (p tillDecides) CancelPayment(c *guest.Call, in contract.PaymentInput) (contract.OperationResult, error) {
	_, err := p.till.CancelPayment(c, in)
	return contract.OperationResult{Status: contract.OperationSucceeded}, err
}

func (p tillRushes) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	r, err := p.till.GetPayment(c, in)
	for i, u := range r.Updates {
		if u.Type == contract.UpdatePending {
			r.Updates[i].Type = contract.UpdateFailed
		}
	}
	return r, err
}
