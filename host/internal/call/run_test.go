package call

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

func TestRun_writeAndRead_journaledInTwoTripsPerWrite(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(get(statusURL), post(payURL), get(statusURL)))
	r.answer = func(o egress.Outbound) egress.Answer {
		if o.Request.Method == "POST" {
			if !r.journal.has("call_7f01J", fieldStep(0)) {
				t.Error("the write left before its intent was written")
			}
			if want := r.now().Add(5 * time.Second); !o.NotAfter.Equal(want) {
				t.Errorf("not after: got %v, want %v", o.NotAfter, want)
			}
		} else if !o.NotAfter.IsZero() {
			t.Errorf("a read has not_after %v", o.NotAfter)
		}
		return r.ok(`{"ok":true}`)
	}
	e := r.run(r.call(contract.CapturePayment))
	if e.Failure != nil || e.Outcome != order.OutcomeKnown || !e.Verified {
		t.Errorf("got %+v, want a known, verified result", e)
	}
	if r.journal.trips != 2 {
		t.Errorf("round trips to the journal: got %d, want 2", r.journal.trips)
	}
	if e.Journal == nil || e.Journal.Call != "call_7f01J" || len(e.Journal.Fields) != 1 || !bytes.Contains(e.Journal.Fields[fieldEnd], []byte(statusURL)) {
		t.Errorf("journal's end: got %+v, want the last read and the end in one field", e.Journal)
	}
	if !r.journal.alarms["call_7f01J"].IsZero() {
		t.Errorf("an order's call has an alarm of its own: %v", r.journal.alarms)
	}
}

func TestRun_readsAlone_noJournal(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(get(statusURL), get(statusURL)))
	e := r.run(r.accountCall(contract.CapturePayment))
	if r.journal.trips != 0 || e.Journal == nil || e.Outcome != order.OutcomeNotAttempted {
		t.Errorf("got %d trips, %+v; want none before the end's commit", r.journal.trips, e)
	}
}

func TestRun_accountsCallRefusedAtOnce_leavesNothing(t *testing.T) {
	t.Parallel()
	refuses := native{provider: capturer(func(*guest.Call, contract.CaptureInput) (contract.OperationResult, error) {
		return contract.OperationResult{}, &contract.Failure{Code: contract.BadSignature, Message: "no"}
	})}
	r := newRoom(t, refuses)
	if e := r.run(r.accountCall(contract.CapturePayment)); e.Journal != nil || code(e) != contract.BadSignature {
		t.Errorf("got %+v, want a failure and no journal", e)
	}
	if e := r.run(r.call(contract.CapturePayment)); e.Journal == nil {
		t.Error("an order's failed call has no journal to go with its commit")
	}
}

func TestRun_accountsCall_alarm(t *testing.T) {
	t.Parallel()
	pull := get(statusURL)
	pull.Consumes, pull.TimeoutMS = true, 20_000
	r := newRoom(t, asking(pull))
	began := r.now()
	r.answer = func(o egress.Outbound) egress.Answer {
		if got, want := r.journal.alarms["call_7f01J"], began.Add(5*time.Second+20*time.Second+30*time.Second); !got.Equal(want) {
			t.Errorf("alarm: got %v, want %v", got, want)
		}
		if o.MaxBody != contract.MaxConsumedAnswer {
			t.Errorf("bound of what can be had once: got %d, want %d", o.MaxBody, contract.MaxConsumedAnswer)
		}
		return r.ok(strings.Repeat("x", contract.MaxConsumedAnswer))
	}
	r.run(r.accountCall(contract.CapturePayment))
	if n := len(r.journal.calls["call_7f01J"][fieldStep(1)]); n < contract.MaxConsumedAnswer {
		t.Errorf("what can be had once is not whole in the journal: %d bytes", n)
	}
}

func TestRun_outcome(t *testing.T) {
	t.Parallel()
	prepare, fetch, cached := post(payURL), get(statusURL), get(statusURL)
	prepare.Effect = contract.Prepare
	fetch.Keep = map[string]contract.Keep{"token": {Pointer: "/t", TTLS: 60}}
	cached.CacheS = 60
	// thenAsk loses an answer and goes on.
	thenAsk := func(rs ...contract.Request) native {
		return native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
			for _, r := range rs {
				if _, err := c.Do(r); errors.Is(err, guest.ErrSuspended) {
					return contract.OperationResult{}, err
				}
			}
			return contract.OperationResult{}, &contract.Failure{Code: contract.Declined, Message: "no"}
		})}
	}
	confused := native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
		if _, err := c.Do(post(payURL)); err != nil {
			return contract.OperationResult{}, err
		}
		return contract.OperationResult{}, errors.New("status PAID_OR_NOT is not in the table")
	})}
	// gives ends with a result, whatever is answered.
	gives := func(result contract.OperationResult) native {
		return native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
			_, err := c.Do(post(payURL))
			if errors.Is(err, guest.ErrSuspended) {
				return contract.OperationResult{}, err
			}
			return result, nil
		})}
	}
	refused := contract.OperationResult{Status: contract.OperationFailed}
	reported := refused
	reported.Updates = []contract.Update{{Payment: contract.PaymentKey{ID: "pay_1"}, Type: contract.UpdateCaptureFailed, Trust: contract.Verified}}
	type answers []func(r *room) egress.Answer
	tests := []struct {
		name    string
		module  native
		answers answers
		want    order.Outcome
		code    contract.FailureCode
	}{
		{"no write", asking(get(statusURL)), nil, order.OutcomeNotAttempted, ""},
		{"write not sent", asking(post(payURL)), answers{lost(contract.SentNo)}, order.OutcomeNotAttempted, contract.ProviderUnavailable},
		{"write perhaps sent", asking(post(payURL)), answers{lost(contract.SentMaybe)}, order.OutcomeUnknown, contract.ProviderUnavailable},
		{"write sent", asking(post(payURL)), answers{lost(contract.SentYes)}, order.OutcomeUnknown, contract.ProviderUnavailable},
		{"prepare lost", asking(prepare), answers{lost(contract.SentYes)}, order.OutcomeNotAttempted, contract.ProviderUnavailable},
		{"write answered", asking(post(payURL)), nil, order.OutcomeKnown, ""},
		{"write refused", thenAsk(post(payURL)), answers{status(402, "")}, order.OutcomeKnown, contract.Declined},
		{"write lost, failure", thenAsk(post(payURL)), answers{lost(contract.SentYes)}, order.OutcomeUnknown, contract.Declined},
		{"write lost, read answered", thenAsk(post(payURL), get(statusURL)), answers{lost(contract.SentYes)}, order.OutcomeKnown, contract.Declined},
		{"write lost, read not found", thenAsk(post(payURL), get(statusURL)), answers{lost(contract.SentYes), status(404, "")}, order.OutcomeUnknown, contract.Declined},
		{"write lost, only a token fetched", thenAsk(post(payURL), fetch), answers{lost(contract.SentYes)}, order.OutcomeUnknown, contract.Declined},
		{"write lost, read answered from the cache", thenAsk(cached, post(payURL), cached), answers{status(200, ""), lost(contract.SentYes)}, order.OutcomeUnknown, contract.Declined},
		{"read answered, then write lost", thenAsk(get(statusURL), post(payURL)), answers{status(200, ""), lost(contract.SentYes)}, order.OutcomeUnknown, contract.Declined},
		{"write answered by a proxy's 502, failure", thenAsk(post(payURL)), answers{status(502, "")}, order.OutcomeUnknown, contract.Declined},
		{"write answered by a proxy's 408, failure", thenAsk(post(payURL)), answers{status(408, "")}, order.OutcomeUnknown, contract.Declined},
		{"write answered by 500, status failed", gives(refused), answers{status(500, "")}, order.OutcomeUnknown, ""},
		{"write answered by 500, news of the failure", gives(reported), answers{status(500, "")}, order.OutcomeKnown, ""},
		{"write answered by 500, succeeded", gives(succeeded), answers{status(500, "")}, order.OutcomeKnown, ""},
		{"write answered by 502, read answered", thenAsk(post(payURL), get(statusURL)), answers{status(502, "")}, order.OutcomeKnown, contract.Declined},
		{"write answered by 409, status failed", gives(refused), answers{status(409, "")}, order.OutcomeKnown, ""},
		{"write lost, status failed", gives(refused), answers{lost(contract.SentYes)}, order.OutcomeUnknown, ""},
		{"write answered and not understood", confused, nil, order.OutcomeUnknown, contract.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, tt.module)
			r.script(tt.answers...)
			e := r.run(r.call(contract.CapturePayment))
			if e.Outcome != tt.want || code(e) != tt.code {
				t.Errorf("got %q, failure %v; want %q, %q", e.Outcome, e.Failure, tt.want, tt.code)
			}
		})
	}
}

func TestRun_verified(t *testing.T) {
	t.Parallel()
	sums := func(f func(c *guest.Call) error) native {
		return native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
			return succeeded, f(c)
		})}
	}
	plain := contract.Parts{contract.Lit("data")}
	keyed := append(contract.Parts{contract.Sec("key")}, plain...)
	digest := func(data contract.Parts, expect []byte) func(c *guest.Call) error {
		return func(c *guest.Call) error {
			return c.CheckDigest(contract.DigestRequest{Algorithm: contract.SHA256, Data: data}, expect)
		}
	}
	tests := []struct {
		name   string
		module native
		status int
		want   bool
	}{
		{"nothing", asking(), 0, false},
		{"answered 2xx", asking(get(statusURL)), 204, true},
		{"answered 404", asking(get(statusURL)), 404, false},
		{"redirected", asking(get(statusURL)), 302, false},
		{"digest held", sums(digest(keyed, sha(canary+"data"))), 0, true},
		{"digest did not hold", sums(digest(keyed, sha("data"))), 0, false},
		{"digest over nothing secret", sums(digest(plain, sha("data"))), 0, false},
		{"mac made, not compared", sums(func(c *guest.Call) error {
			_, err := c.MAC(contract.MACRequest{Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec("key")}, Data: plain})
			return err
		}), 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, tt.module)
			r.script(status(tt.status, ""))
			if e := r.run(r.call(contract.CapturePayment)); e.Verified != tt.want {
				t.Errorf("verified: got %v, want %v (%v)", e.Verified, tt.want, e.Failure)
			}
		})
	}
}

func TestRun_hostsOwnTrouble_isAnError(t *testing.T) {
	t.Parallel()
	broken := func(err error) native {
		return native{raw: func(sandbox.Call) ([]byte, error) { return nil, &sandbox.CallError{Err: err} }}
	}
	tests := []struct {
		name   string
		module native
		change func(r *room, c *checkout.Call)
		want   error
	}{
		{"no such account", asking(), func(_ *room, c *checkout.Call) { c.Account = "acc_2" }, checkout.ErrNotFound},
		{"no sandbox free", broken(sandbox.ErrBusy), nil, sandbox.ErrBusy},
		{"module closed", broken(sandbox.ErrClosed), nil, sandbox.ErrClosed},
		{"state down before the intent", asking(post(payURL)), func(r *room, _ *checkout.Call) {
			r.journal.before = func(string) error { return checkout.ErrUnavailable }
		}, checkout.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, tt.module)
			c := r.call(contract.CapturePayment)
			if tt.change != nil {
				tt.change(r, &c)
			}
			_, err := r.runner("a").Run(context.Background(), c)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), "capture_payment test@1.0.0") {
				t.Errorf("got %v, want %v and the plugin's name", err, tt.want)
			}
			if len(r.sent) != 0 || r.uses != 0 {
				t.Errorf("sent %d, modules in use %d; want 0, 0", len(r.sent), r.uses)
			}
		})
	}
}

func TestRun_stateDidNotAnswer_stepIsOursAllTheSame(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(post(payURL)))
	failed := map[string]bool{}
	r.journal.after = func(field string) error { // written, but the reply is lost, once
		if failed[field] {
			return nil
		}
		failed[field] = true
		return checkout.ErrUnavailable
	}
	if e := r.run(r.call(contract.CapturePayment)); e.Failure != nil || len(r.sent) != 1 {
		t.Errorf("got %+v after %d sendings, want a result after 1", e, len(r.sent))
	}
}

func TestRun_consumerGone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		module  native
		want    error
		outcome order.Outcome
	}{
		{"before anything matters", asking(get(statusURL), post(payURL)), context.Canceled, ""},
		{"after an intent", asking(post(payURL), get(statusURL)), nil, order.OutcomeKnown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.Background())
			r := newRoom(t, tt.module)
			r.answer = func(egress.Outbound) egress.Answer { cancel(); return r.ok("") }
			e, err := r.runner("a").Run(ctx, r.call(contract.CapturePayment))
			if !errors.Is(err, tt.want) || e.Outcome != tt.outcome {
				t.Errorf("got %+v, %v; want %q, %v", e, err, tt.outcome, tt.want)
			}
		})
	}
}

func TestRun_envelope_frozen(t *testing.T) {
	t.Parallel()
	var seen []contract.Envelope
	r := newRoom(t, nil)
	inner := asking(get(statusURL), get(statusURL+"?2"))
	r.module = native{raw: func(c sandbox.Call) ([]byte, error) {
		var e contract.Envelope
		if err := json.Unmarshal(c.Input, &e); err != nil {
			t.Error(err)
		}
		if !c.Now.Equal(e.Now) || !bytes.Equal(c.Entropy[:], e.Entropy) {
			t.Error("the sandbox's clock or randomness is not the envelope's")
		}
		seen = append(seen, e)
		r.later(time.Second)
		r.account.Settings = json.RawMessage(`{"merchant":"changed"}`)
		res, err := inner.Call(context.Background(), c)
		return res.Output, err
	}}
	r.run(r.call(contract.CapturePayment))
	if len(seen) != 3 {
		t.Fatalf("rounds: got %d, want 3", len(seen))
	}
	for i, e := range seen {
		if n := len(e.Exchanges); n != i {
			t.Errorf("round %d: %d exchanges, want %d", i+1, n, i)
		}
		e.Exchanges = nil
		if got, want := text(t, e), text(t, contract.Envelope{
			Contract: "1", Call: "call_7f01J", Now: start.Truncate(time.Millisecond), Entropy: seen[0].Entropy,
			Settings: json.RawMessage(`{"merchant":"m1"}`), Secrets: []string{"key"}, Input: json.RawMessage(`{}`),
		}); got != want {
			t.Errorf("round %d: got %s, want %s", i+1, got, want)
		}
	}
	if len(seen[0].Entropy) != 32 || bytes.Equal(seen[0].Entropy, make([]byte, 32)) {
		t.Errorf("entropy: got %x", seen[0].Entropy)
	}
}

func TestRun_parallelReads_inOrderAsked(t *testing.T) {
	t.Parallel()
	urls := []string{statusURL + "?a", statusURL + "?b", statusURL + "?c"}
	r := newRoom(t, native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
		outcomes, err := c.DoAll(get(urls[0]), get(urls[1]), get(urls[2]))
		for i, o := range outcomes {
			if o.Response.Body != urls[i] {
				return succeeded, errors.New("out of order")
			}
		}
		return succeeded, err
	})})
	arrived := make(chan struct{}, 3)
	all := make(chan struct{})
	go func() {
		for range 3 {
			<-arrived
		}
		close(all)
	}()
	r.answer = func(o egress.Outbound) egress.Answer {
		arrived <- struct{}{}
		<-all // none is answered before all are under way
		return r.ok(o.Request.URL)
	}
	if e := r.run(r.call(contract.CapturePayment)); e.Failure != nil {
		t.Error(e.Failure)
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
