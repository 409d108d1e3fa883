package call

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

const (
	accountID = "acc_1"
	canary    = "canary-7f3a9c51e0d2"
	payURL    = "https://psp.example/pay"
	statusURL = "https://psp.example/status"
)

var start = time.Date(2026, 11, 3, 10, 0, 0, 123456789, time.UTC)

// room is a Runner with everything around it in memory.
type room struct {
	t       *testing.T
	mu      sync.Mutex
	time    time.Time
	journal *memJournal
	vault   *memVault
	account checkout.Account
	grant   checkout.Grant
	module  sandbox.Module
	uses    int // modules in use
	sent    []egress.Outbound
	// answer gives what a provider answers; nil: 200 to everything.
	answer func(o egress.Outbound) egress.Answer
	seen   recorder
	logs   bytes.Buffer
}

func newRoom(t *testing.T, m sandbox.Module) *room {
	r := &room{
		t: t, time: start, journal: newJournal(), module: m,
		account: checkout.Account{
			ID: accountID, Settings: json.RawMessage(`{"merchant":"m1"}`),
			Secrets: map[string]string{"key": canary, "other": canary + "-other"},
		},
		grant: checkout.Grant{Hosts: []string{"psp.example", "*.pay.example"}, Secrets: []string{"key"}, Operations: contract.Exports(contract.KindPayment)},
	}
	r.vault = newVault(r.now)
	return r
}

func (r *room) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.time
}

func (r *room) later(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.time = r.time.Add(d)
}

func (r *room) Account(id string) (checkout.Account, error) {
	if id != r.account.ID {
		return checkout.Account{}, checkout.ErrNotFound
	}
	return r.account, nil
}

func (r *room) Module(context.Context, string) (Module, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.uses++
	return Module{
		Module: r.module,
		Version: checkout.Version{Manifest: contract.Manifest{
			Operations:     contract.Exports(contract.KindPayment),
			SettingsSchema: json.RawMessage(`{"type":"object","properties":{"merchant":{"type":"string"},"key":{"type":"string","x-secret-use":["bearer","mac:sha256","digest:sha256"]},"other":{"type":"string","x-secret-use":["bearer"]},"base":{"type":"string","x-host":true}}}`),
		}},
		Grant: r.grant,
		Done:  func() { r.mu.Lock(); defer r.mu.Unlock(); r.uses-- },
	}, nil
}

// Send does what the guarded client does: it refuses what is too late.
func (r *room) Send(_ context.Context, o egress.Outbound) egress.Answer {
	r.mu.Lock()
	if !o.NotAfter.IsZero() && r.time.After(o.NotAfter) {
		defer r.mu.Unlock()
		return egress.Answer{Error: &contract.ExchangeError{Kind: contract.ErrorBlocked, Sent: contract.SentNo, Message: "too late"}, At: r.time}
	}
	r.sent = append(r.sent, o)
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		return r.ok(`{}`)
	}
	return answer(o)
}

func (r *room) ok(body string) egress.Answer { return r.status(200, body) }

func (r *room) status(code int, body string) egress.Answer {
	return egress.Answer{Response: &contract.Response{Status: code, Body: body}, At: r.now(), Attempts: 1}
}

func (r *room) lost(sent contract.Sent) egress.Answer {
	return egress.Answer{Error: &contract.ExchangeError{Kind: contract.ErrorTimeout, Sent: sent, Message: "no answer"}, At: r.now(), Attempts: 1}
}

func (r *room) runner(node string) *Runner {
	return New(Options{
		Journal: r.journal, Vault: r.vault, Sender: r, Modules: r, Accounts: r, Observer: &r.seen,
		Clock: r.now, Logger: slog.New(slog.NewTextHandler(&r.logs, nil)), Node: node,
	})
}

// call is one of an order's payment; accountCall is an account's.
func (r *room) call(e contract.Export) checkout.Call {
	return checkout.Call{
		ID: "call_7f01J", Export: e, Plugin: order.Plugin{Name: "test", Version: "1.0.0", Digest: "digest"},
		Account: accountID, Order: "ord_7f01J", Payment: "pay_1", Input: json.RawMessage(`{}`), Now: r.now(),
	}
}

func (r *room) accountCall(e contract.Export) checkout.Call {
	c := r.call(e)
	c.Order, c.Payment = "", ""
	return c
}

// run runs a call that must end without the host's own trouble.
func (r *room) run(c checkout.Call) checkout.Ended {
	r.t.Helper()
	e, err := r.runner("a").Run(context.Background(), c)
	if err != nil {
		r.t.Fatalf("Run: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.uses != 0 {
		r.t.Errorf("modules in use after the call: got %d, want 0", r.uses)
	}
	return e
}

func (r *room) urls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var urls []string
	for _, o := range r.sent {
		urls = append(urls, o.Request.URL)
	}
	return urls
}

// recorder keeps what an Observer hears.
type recorder struct {
	mu        sync.Mutex
	rounds    []Round
	exchanged []Exchanged
	finished  []checkout.Ended
}

func (s *recorder) Round(_ checkout.Call, r Round) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rounds = append(s.rounds, r)
}

func (s *recorder) Exchanged(_ checkout.Call, x Exchanged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchanged = append(s.exchanged, x)
}

func (s *recorder) Finished(_ checkout.Call, e checkout.Ended, _ time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finished = append(s.finished, e)
}

func (s *recorder) text() string {
	return fmt.Sprintf("%+v %+v %+v", s.rounds, s.exchanged, s.finished)
}

// capturer is a provider whose capture_payment is a func.
type capturer func(c *guest.Call, in contract.CaptureInput) (contract.OperationResult, error)

func (f capturer) Describe() contract.Manifest { return contract.Manifest{} }
func (f capturer) CapturePayment(c *guest.Call, in contract.CaptureInput) (contract.OperationResult, error) {
	return f(c, in)
}

// creator is the same for create_payment.
type creator func(c *guest.Call) (contract.CreateResult, error)

func (f creator) Describe() contract.Manifest { return contract.Manifest{} }
func (f creator) CreatePayment(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
	return f(c)
}

var succeeded = contract.OperationResult{Status: contract.OperationSucceeded}

// asking asks for these requests one after the other and succeeds.
func asking(requests ...contract.Request) native {
	return native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
		for _, r := range requests {
			if _, err := c.Do(r); err != nil {
				return contract.OperationResult{}, err
			}
		}
		return succeeded, nil
	})}
}

func get(url string) contract.Request  { return contract.Request{Method: "GET", URL: url} }
func post(url string) contract.Request { return contract.Request{Method: "POST", URL: url, Body: "{}"} }

func lost(sent contract.Sent) func(r *room) egress.Answer {
	return func(r *room) egress.Answer { return r.lost(sent) }
}

func status(code int, body string) func(r *room) egress.Answer {
	return func(r *room) egress.Answer { return r.status(code, body) }
}

// script answers with these in turn, and then with 200.
func (r *room) script(answers ...func(r *room) egress.Answer) {
	n := 0
	r.answer = func(egress.Outbound) egress.Answer {
		r.mu.Lock()
		n++
		i := n - 1
		r.mu.Unlock()
		if i < len(answers) {
			return answers[i](r)
		}
		return r.ok(`{}`)
	}
}

func code(e checkout.Ended) contract.FailureCode {
	if e.Failure == nil {
		return ""
	}
	return e.Failure.Code
}

func sha(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
