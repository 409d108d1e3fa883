package call

import (
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
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
	if e.Journal == nil || e.Journal.Call != "call_7f01J" || len(e.Journal.Fields) != 1 {
		t.Errorf("journal's end: got %+v, want the last read and the end in one field", e.Journal)
	}
}

func TestRun_outcome(t *testing.T) {
	t.Parallel()
	prepare := post(payURL)
	prepare.Effect = contract.Prepare
	tests := []struct {
		name    string
		module  native
		answers []func(r *room) egress.Answer
		want    order.Outcome
		code    contract.FailureCode
	}{
		{"no write", asking(get(statusURL)), nil, order.OutcomeNotAttempted, ""},
		{"write not sent", asking(post(payURL)), []func(r *room) egress.Answer{lost(contract.SentNo)}, order.OutcomeNotAttempted, contract.ProviderUnavailable},
		{"write perhaps sent", asking(post(payURL)), []func(r *room) egress.Answer{lost(contract.SentMaybe)}, order.OutcomeUnknown, contract.ProviderUnavailable},
		{"write sent", asking(post(payURL)), []func(r *room) egress.Answer{lost(contract.SentYes)}, order.OutcomeUnknown, contract.ProviderUnavailable},
		{"prepare lost", asking(prepare), []func(r *room) egress.Answer{lost(contract.SentYes)}, order.OutcomeNotAttempted, contract.ProviderUnavailable},
		{"write answered", asking(post(payURL)), nil, order.OutcomeKnown, ""},
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
