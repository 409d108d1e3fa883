package call

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// terminal pays on terminal t1: interim first, then a long write, then result.
func terminal(result contract.CreateResult, err error) native {
	return native{provider: creator(func(c *guest.Call) (contract.CreateResult, error) {
		c.Interim(contract.Interim{Action: contract.Action{Type: contract.ActionWait}, Exclusive: "t1", ExpiresAt: c.Now().Add(10 * time.Minute)})
		req := post(payURL)
		req.TimeoutMS = contract.MaxInterimTimeout.Milliseconds()
		if _, e := c.Do(req); e != nil {
			return result, e
		}
		return result, err
	})}
}

func news(u contract.UpdateType) contract.CreateResult {
	return contract.CreateResult{
		Action:  contract.Action{Type: contract.ActionNone},
		Updates: []contract.Update{{Payment: contract.PaymentKey{ID: "pay_1"}, Type: u, Trust: contract.Verified, Amount: contract.Money{Value: 1, Currency: "EUR"}}},
	}
}

func TestRun_interim_committedBeforeTheIntentAndTheRequest(t *testing.T) {
	t.Parallel()
	r := newRoom(t, terminal(news(contract.UpdateCaptured), nil))
	var order []string
	c := r.call(contract.CreatePayment)
	c.OnInterim = func(_ context.Context, i contract.Interim) error {
		if got := r.vault.holder(accountID, leaseExclusive+"t1"); got != "pay_1" {
			t.Errorf("the terminal is held by %q, want pay_1", got)
		}
		order = append(order, "interim "+string(i.Action.Type))
		return nil
	}
	r.journal.before = func(field string) error { order = append(order, field); return nil }
	r.answer = func(o egress.Outbound) egress.Answer {
		order = append(order, "sent")
		if o.Timeout != contract.MaxInterimTimeout {
			t.Errorf("timeout: got %v, want %v", o.Timeout, contract.MaxInterimTimeout)
		}
		return r.ok("")
	}
	if e := r.run(c); e.Failure != nil {
		t.Fatal(e.Failure)
	}
	if got, want := strings.Join(order, ", "), "interim wait, step:0, sent, step:1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRun_interim_ends(t *testing.T) {
	t.Parallel()
	moved := errors.New("the order changed meanwhile")
	tests := []struct {
		name   string
		change func(r *room)
		commit error
		answer func(r *room) egress.Answer
		module native

		failure contract.FailureCode
		err     error
		sent    int
		outcome order.Outcome
		holder  string // of the terminal, afterwards
	}{
		{
			name: "terminal in use", module: terminal(news(contract.UpdateCaptured), nil),
			change: func(r *room) {
				_, _ = r.vault.Lease(context.Background(), accountID, leaseExclusive+"t1", "pay_2", time.Hour)
			},
			failure: contract.Conflict, outcome: order.OutcomeNotAttempted, holder: "pay_2",
		},
		{name: "not committed", module: terminal(news(contract.UpdateCaptured), nil), commit: moved, err: moved},
		{name: "captured", module: terminal(news(contract.UpdateCaptured), nil), sent: 1, outcome: order.OutcomeKnown},
		{name: "cancelled", module: terminal(news(contract.UpdateCancelled), nil), sent: 1, outcome: order.OutcomeKnown},
		{name: "still open", module: terminal(news(contract.UpdatePending), nil), sent: 1, outcome: order.OutcomeKnown, holder: "pay_1"},
		{name: "authorised", module: terminal(news(contract.UpdateAuthorized), nil), sent: 1, outcome: order.OutcomeKnown, holder: "pay_1"},
		{
			name: "declined", module: terminal(contract.CreateResult{}, &contract.Failure{Code: contract.Declined, Message: "no"}),
			sent: 1, failure: contract.Declined, outcome: order.OutcomeKnown,
		},
		{
			name: "answer lost", module: terminal(news(contract.UpdateCaptured), nil), answer: lost(contract.SentMaybe),
			sent: 1, failure: contract.ProviderUnavailable, outcome: order.OutcomeUnknown, holder: "pay_1",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, tt.module)
			if tt.change != nil {
				tt.change(r)
			}
			if tt.answer != nil {
				r.script(tt.answer)
			}
			c := r.call(contract.CreatePayment)
			c.OnInterim = func(context.Context, contract.Interim) error { return tt.commit }
			e, err := r.runner("a").Run(context.Background(), c)
			if !errors.Is(err, tt.err) || code(e) != tt.failure || e.Outcome != tt.outcome || len(r.sent) != tt.sent {
				t.Errorf("got %+v, %v after %d requests; want %q, %q, %v after %d", e, err, len(r.sent), tt.failure, tt.outcome, tt.err, tt.sent)
			}
			if h := r.vault.holder(accountID, leaseExclusive+"t1"); h != tt.holder {
				t.Errorf("the terminal is held by %q, want %q", h, tt.holder)
			}
		})
	}
}

// What is left pending at a terminal does not keep it from its customers for long.
func TestRun_interim_pending_isHeldForItsTime(t *testing.T) {
	t.Parallel()
	pays := func(expires time.Duration) native {
		return native{provider: creator(func(c *guest.Call) (contract.CreateResult, error) {
			i := contract.Interim{Action: contract.Action{Type: contract.ActionWait}, Exclusive: "t1"}
			if expires > 0 {
				i.ExpiresAt = c.Now().Add(expires)
			}
			c.Interim(i)
			_, err := c.Do(post(payURL))
			return news(contract.UpdatePending), err
		})}
	}
	captures := native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
		c.Interim(contract.Interim{Action: contract.Action{Type: contract.ActionWait}, Exclusive: "t1"})
		_, err := c.Do(post(payURL))
		return contract.OperationResult{Status: contract.OperationPending}, err
	})}
	for name, tt := range map[string]struct {
		module    native
		export    contract.Export
		operation string
		want      time.Duration
	}{
		"payment":                   {pays(0), contract.CreatePayment, "", time.Hour},
		"payment that says its end": {pays(10 * time.Minute), contract.CreatePayment, "", 15 * time.Minute},
		"operation":                 {captures, contract.CapturePayment, "cap_1", 245 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, tt.module)
			c := r.call(tt.export)
			c.Operation = tt.operation
			c.OnInterim = func(context.Context, contract.Interim) error { return nil }
			began := r.now()
			if e := r.run(c); e.Failure != nil {
				t.Fatal(e.Failure)
			}
			if l := r.vault.leases[accountID+"/"+leaseExclusive+"t1"]; l.holder != "pay_1" || l.until.Sub(began).Round(time.Second) != tt.want {
				t.Errorf("held by %q for %s, want %s", l.holder, l.until.Sub(began), tt.want)
			}
		})
	}
}

func TestRun_interim_urlNotGranted(t *testing.T) {
	t.Parallel()
	r := newRoom(t, native{provider: creator(func(c *guest.Call) (contract.CreateResult, error) {
		c.Interim(contract.Interim{Action: contract.Action{Type: contract.ActionRedirect, URL: "https://evil.example/"}})
		_, err := c.Do(get(statusURL))
		return contract.CreateResult{}, err
	})})
	c := r.call(contract.CreatePayment)
	c.OnInterim = func(context.Context, contract.Interim) error {
		t.Error("the interim was committed")
		return nil
	}
	if e := r.run(c); e.Failure == nil || !strings.Contains(e.Failure.Message, ErrURL.Error()) || len(r.sent) != 0 {
		t.Errorf("got %v after %d requests, want %v and none", e.Failure, len(r.sent), ErrURL)
	}
}

func TestRun_exclusiveWithoutPayment(t *testing.T) {
	t.Parallel()
	r := newRoom(t, terminal(news(contract.UpdateCaptured), nil))
	c := r.accountCall(contract.CreatePayment)
	c.OnInterim = func(context.Context, contract.Interim) error { return nil }
	if e := r.run(c); e.Failure == nil || !strings.Contains(e.Failure.Message, ErrInterim.Error()) {
		t.Errorf("got %v, want %v", e.Failure, ErrInterim)
	}
}

func TestRunner_Release(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking())
	_, _ = r.vault.Lease(context.Background(), accountID, leaseExclusive+"t1", "pay_1", time.Hour)
	a := r.runner("a")
	for _, step := range []struct{ payment, holder string }{{"pay_2", "pay_1"}, {"pay_1", ""}} {
		if err := a.Release(context.Background(), accountID, "t1", step.payment); err != nil {
			t.Fatal(err)
		}
		if h := r.vault.holder(accountID, leaseExclusive+"t1"); h != step.holder {
			t.Errorf("released by %s: held by %q, want %q", step.payment, h, step.holder)
		}
	}
}
