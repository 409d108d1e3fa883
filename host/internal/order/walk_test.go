package order

import (
	"fmt"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"pgregory.net/rapid"
)

// walker takes random steps through an order's life.
type walker struct {
	*world
	ops int
}

func (w *walker) anyPayment(t *rapid.T) string {
	return w.o.Payments[rapid.IntRange(0, len(w.o.Payments)-1).Draw(t, "payment")].ID
}

func (w *walker) id(prefix string) string {
	w.ops++
	return fmt.Sprintf("%s_%d", prefix, w.ops)
}

// step applies a change that may be refused, and then once more where a repeat
// must do nothing.
func (w *walker) step(t *rapid.T, c Change, repeatable bool) {
	w.t = t
	if _, err := w.try(c); err == nil && repeatable {
		w.again(c)
	}
}

// anyUpdate draws an update: of all types, amounts, references, ids, times and
// trusts, with and without tips, now and then in another currency.
func anyUpdate(t *rapid.T, currency string, ids []string) contract.Update {
	u := contract.Update{
		Type:  rapid.SampledFrom(contract.UpdateTypes()).Draw(t, "type"),
		Trust: rapid.SampledFrom([]contract.Trust{contract.Verified, contract.Verified, contract.Verified, contract.Hint}).Draw(t, "trust"),
	}
	in := rapid.SampledFrom([]string{currency, currency, currency, currency, currency, "USD"}).Draw(t, "currency")
	if v := rapid.SampledFrom([]int64{-1, 0, 0, 1, 500, 2000, 2500, 3000, 5000, 5500, 10000, MaxAmount, MaxAmount + 1}).Draw(t, "amount"); v != 0 {
		u.Amount = Money{Value: v, Currency: in}
	}
	if tip := rapid.SampledFrom([]int64{0, 0, 0, 500}).Draw(t, "tip"); tip > 0 {
		u.Tip, u.Surcharge, u.Fee = Money{Value: tip, Currency: currency}, Money{Value: tip / 5, Currency: currency}, Money{Value: 9, Currency: currency}
	}
	if m := rapid.IntRange(-1, 120).Draw(t, "minute"); m >= 0 {
		u.OccurredAt = start.Add(time.Duration(m) * time.Minute)
	}
	if rapid.Bool().Draw(t, "item") {
		u.Item = &contract.Item{ProviderReference: rapid.SampledFrom([]string{"", "A", "B", "C"}).Draw(t, "reference")}
		if len(ids) > 0 && rapid.Bool().Draw(t, "named") {
			u.Item.ID = rapid.SampledFrom(ids).Draw(t, "id")
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "ask") == 0 {
		u.Attention = &contract.Attention{Code: "fraud", Message: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "message")}
	}
	return u
}

func (w *walker) operationIDs() []string {
	var ids []string
	for _, p := range w.o.Payments {
		for _, op := range append(append([]Operation{}, p.Captures...), p.Refunds...) {
			ids = append(ids, op.ID)
		}
	}
	return ids
}

func (w *walker) failed(t *rapid.T, p string, e contract.Export, op string) CallFailed {
	return CallFailed{
		Payment: p, Export: e, Operation: op, At: w.now,
		Failure: rapid.SampledFrom([]contract.Failure{declined, unavailable, {Code: contract.NotFound}, {Code: contract.Unsupported}}).Draw(t, "failure"),
		Outcome: rapid.SampledFrom([]Outcome{OutcomeKnown, OutcomeNotAttempted, OutcomeUnknown}).Draw(t, "outcome"),
	}
}

func (w *walker) result(t *rapid.T) contract.OperationResult {
	r := contract.OperationResult{
		Status:            rapid.SampledFrom([]contract.OperationStatus{contract.OperationSucceeded, contract.OperationPending, contract.OperationFailed}).Draw(t, "status"),
		ProviderReference: rapid.SampledFrom([]string{"", "A", "B", "C", "D"}).Draw(t, "reference"),
	}
	if v := rapid.SampledFrom([]int64{0, 1000, 2000, 5000}).Draw(t, "amount"); v > 0 {
		r.Amount = w.money(v)
	}
	return r
}

// anyOperation draws an operation of the shop's, with its payment.
func (w *walker) anyOperation(t *rapid.T) (payment, id string, capture, ok bool) {
	type one struct {
		payment, id string
		capture     bool
	}
	var all []one
	for _, p := range w.o.Payments {
		for _, c := range p.Captures {
			if c.Origin == OriginShop {
				all = append(all, one{p.ID, c.ID, true})
			}
		}
		for _, r := range p.Refunds {
			if r.Origin == OriginShop {
				all = append(all, one{p.ID, r.ID, false})
			}
		}
	}
	if len(all) == 0 {
		return "", "", false, false
	}
	x := rapid.SampledFrom(all).Draw(t, "operation")
	return x.payment, x.id, x.capture, true
}

func (w *walker) actions() map[string]func(*rapid.T) {
	amounts := rapid.SampledFrom([]int64{0, 1000, 2000, 5000, 6000})
	amount := func(t *rapid.T) Money {
		if v := amounts.Draw(t, "amount"); v > 0 {
			return w.money(v)
		}
		return Money{}
	}
	return map[string]func(*rapid.T){
		"": func(t *rapid.T) { w.t = t; w.check("walk") },
		"reserve": func(t *rapid.T) {
			w.step(t, Reserve{Payment: w.id("pay"), Method: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "method"), Rules: generous(),
				Settle: rapid.Bool().Draw(t, "settle"), Seen: rapid.IntRange(-1, 3).Draw(t, "seen")}, true)
		},
		"created": func(t *rapid.T) {
			c := Created{Payment: w.anyPayment(t), Result: contract.CreateResult{ProviderReference: "P", Action: contract.Action{Type: contract.ActionWait}}, At: w.now}
			if rapid.Bool().Draw(t, "with") {
				c.Result.Updates = []contract.Update{anyUpdate(t, w.currency, nil)}
			}
			w.step(t, c, true)
		},
		"interim": func(t *rapid.T) {
			w.step(t, InterimGiven{Payment: w.anyPayment(t), Interim: contract.Interim{Action: contract.Action{Type: contract.ActionWait}, Exclusive: "t1"}}, true)
		},
		"reported": func(t *rapid.T) {
			c := Reported{Payment: w.anyPayment(t), Source: rapid.SampledFrom([]contract.Export{contract.ReceiveWebhook, contract.GetPayment, contract.CompletePayment}).Draw(t, "source"), At: w.now}
			for range rapid.IntRange(1, 3).Draw(t, "n") {
				c.Updates = append(c.Updates, anyUpdate(t, w.currency, w.operationIDs()))
			}
			w.step(t, c, true)
		},
		"failed": func(t *rapid.T) {
			e := rapid.SampledFrom([]contract.Export{contract.CreatePayment, contract.CompletePayment, contract.CancelPayment, contract.GetPayment}).Draw(t, "export")
			w.step(t, w.failed(t, w.anyPayment(t), e, ""), e == contract.CreatePayment)
		},
		"capture": func(t *rapid.T) {
			w.step(t, RequestCapture{ID: w.id("cap"), Payment: w.anyPayment(t), Amount: amount(t), Final: rapid.Bool().Draw(t, "final")}, true)
		},
		"refund": func(t *rapid.T) {
			c := RequestRefund{ID: w.id("ref"), Amount: amount(t)}
			if rapid.Bool().Draw(t, "named") {
				c.Payment = w.anyPayment(t)
			}
			w.step(t, c, true)
		},
		"operation ended": func(t *rapid.T) {
			p, id, capture, ok := w.anyOperation(t)
			if !ok {
				t.Skip("no operation")
			}
			e := contract.CapturePayment
			if !capture {
				e = rapid.SampledFrom([]contract.Export{contract.RefundPayment, contract.GetRefund}).Draw(t, "export")
			}
			w.step(t, OperationEnded{Payment: p, Export: e, Operation: id, Result: w.result(t), At: w.now}, e != contract.GetRefund)
		},
		"operation failed": func(t *rapid.T) {
			p, id, capture, ok := w.anyOperation(t)
			if !ok {
				t.Skip("no operation")
			}
			e := contract.RefundPayment
			if capture {
				e = contract.CapturePayment
			}
			w.step(t, w.failed(t, p, e, id), true)
		},
		"cancel payment": func(t *rapid.T) { w.step(t, RequestCancelPayment{Payment: w.anyPayment(t)}, true) },
		"cancel ended": func(t *rapid.T) {
			w.step(t, CancelEnded{Payment: w.anyPayment(t), Result: w.result(t), At: w.now}, false)
		},
		"cancel": func(t *rapid.T) {
			if rapid.IntRange(0, 4).Draw(t, "rarely") == 0 {
				w.step(t, Cancel{}, true)
			}
		},
		"wait": func(t *rapid.T) {
			w.now = w.now.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "minutes")) * time.Minute)
		},
		"expire": func(t *rapid.T) { w.step(t, Expire{}, true) },
		"polled": func(t *rapid.T) {
			w.step(t, Polled{Payment: w.anyPayment(t), NotFound: rapid.Bool().Draw(t, "not found")}, false)
		},
		"remind":  func(t *rapid.T) { w.step(t, Remind{Payment: w.anyPayment(t)}, false) },
		"settled": func(t *rapid.T) { w.step(t, Settled{Payment: w.anyPayment(t)}, false) },
		"raise":   func(t *rapid.T) { w.step(t, Raise{Attention{Code: AttentionOrphan, Message: "x"}}, true) },
		"control": func(t *rapid.T) {
			w.step(t, SetControlReference{Reference: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "reference")}, true)
		},
		"alarm": func(t *rapid.T) { w.t = t; w.alarm() },
	}
}

// alarm does what is due, with the answer that helps the least.
func (w *world) alarm() {
	w.t.Helper()
	due, ok := Next(w.o)
	if !ok {
		return
	}
	w.now = later(w.now, due.At)
	w.do(useless(due, w.o))
}

// useless is the change that ends a piece of work without news.
func useless(d Due, o Order) Change {
	switch d.Work {
	case WorkPoll, WorkPollRefund:
		return Polled{Payment: d.Payment, Operation: d.Operation}
	case WorkResume:
		c := CallFailed{Payment: d.Payment, Export: contract.CreatePayment, Operation: d.Operation, Failure: unavailable, Outcome: OutcomeUnknown}
		if p, _ := o.Payment(d.Payment); find(p.Captures, d.Operation) >= 0 {
			c.Export = contract.CapturePayment
		} else if d.Operation != "" {
			c.Export = contract.RefundPayment
		}
		return c
	case WorkExpire:
		return Expire{}
	case WorkCancel:
		return CallFailed{Payment: d.Payment, Export: contract.CancelPayment, Failure: unavailable, Outcome: OutcomeNotAttempted}
	case WorkComplete:
		return CallFailed{Payment: d.Payment, Export: contract.CompletePayment, Failure: unavailable, Outcome: OutcomeNotAttempted}
	case WorkSettle:
		return Settled{Payment: d.Payment}
	}
	return Remind{Payment: d.Payment}
}

func TestApply_randomWalk_keepsTheInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency, mode := anyKind(t)
		w := &walker{world: newWorld(t, currency, func(s *Spec) { s.Capture = mode; s.ExpiresAt = start.Add(5 * day) })}
		w.reserve("pay_first")
		t.Repeat(w.actions())
	})
}

// anyKind draws a currency and a capture mode.
func anyKind(t *rapid.T) (string, contract.CaptureMode) {
	return rapid.SampledFrom(currencies).Draw(t, "in"),
		rapid.SampledFrom([]contract.CaptureMode{contract.CaptureAutomatic, contract.CaptureManual}).Draw(t, "mode")
}
