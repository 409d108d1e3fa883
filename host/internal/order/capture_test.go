package order

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func (w *world) captured(id string, status contract.OperationStatus, amount int64, ref string) []Event {
	w.t.Helper()
	r := contract.OperationResult{Status: status, ProviderReference: ref}
	if amount > 0 {
		r.Amount = w.money(amount)
	}
	return w.do(OperationEnded{Payment: "pay_1", Export: contract.CapturePayment, Operation: id, Result: r, At: w.now})
}

func TestCapture_refusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		prepare    func(*world)
		rules      func(*contract.Rules)
		amount     Money
	}{
		{name: "too much", want: "amount_exceeds_rest", amount: Money{Value: 5001, Currency: "EUR"}},
		{name: "nothing", want: "amount_invalid", amount: Money{Value: 0, Currency: "EUR"}},
		{name: "negative", want: "amount_invalid", amount: Money{Value: -1, Currency: "EUR"}},
		{name: "other currency", want: "currency_differs", amount: Money{Value: 5000, Currency: "USD"}},
		{name: "no partial", want: "partial_not_supported", amount: Money{Value: 1, Currency: "EUR"}, rules: func(r *contract.Rules) { r.Capture.Partial = false }},
		{name: "none on demand", want: "not_supported", rules: func(r *contract.Rules) { r.Capture.Manual = false }},
		{name: "no rule", want: "not_supported", rules: func(r *contract.Rules) { r.Capture = nil }},
		{name: "window over", want: "window_over", prepare: func(w *world) { w.now = start.Add(8 * day) }},
		{name: "order cancelled", want: "order_closed", prepare: func(w *world) { w.do(Cancel{}) }},
		{name: "cancellation under way", want: "cancel_requested", prepare: func(w *world) { w.do(RequestCancelPayment{Payment: "pay_1"}) }},
		{name: "outcome unknown", want: "unknown_outcome", prepare: func(w *world) {
			w.do(RequestCapture{ID: "cap_0", Payment: "pay_1", Amount: w.money(1)})
			w.do(CallFailed{Payment: "pay_1", Export: contract.CapturePayment, Operation: "cap_0", Outcome: OutcomeUnknown})
		}},
		{name: "cancel unknown", want: "unknown_outcome", prepare: func(w *world) {
			w.do(CallFailed{Payment: "pay_1", Export: contract.CancelPayment, Outcome: OutcomeUnknown})
		}},
		{name: "second one", want: "multiple_not_supported", rules: func(r *contract.Rules) { r.Capture.Multiple = false }, prepare: func(w *world) {
			w.do(RequestCapture{ID: "cap_0", Payment: "pay_1", Amount: w.money(1)})
		}},
		{name: "after all of it", want: "amount_exceeds_rest", prepare: func(w *world) { w.do(RequestCapture{ID: "cap_0", Payment: "pay_1"}) }},
		{name: "after a final one", want: "amount_exceeds_rest", prepare: func(w *world) {
			w.do(RequestCapture{ID: "cap_0", Payment: "pay_1", Amount: w.money(1), Final: true})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", manual)
			r := generous()
			if c.rules != nil {
				c.rules(&r)
			}
			w.reserveWith("pay_1", r)
			w.started("pay_1")
			w.do(w.says("pay_1", contract.UpdateAuthorized, 0, 5)) // without an amount: what was asked
			if c.prepare != nil {
				c.prepare(w)
			}
			w.refused(RequestCapture{ID: "cap_1", Payment: "pay_1", Amount: c.amount}, c.want)
		})
	}
}

func TestCapture_beforeAuthorisation_isRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", manual)
	w.refused(RequestCapture{ID: "cap_1"}, "not_authorized")
	w.begin("pay_1")
	w.refused(RequestCapture{ID: "cap_1", Payment: "pay_1"}, "not_authorized")
	w.refused(RequestCapture{ID: "cap_1"}, "not_authorized")
}

func TestCapture_withoutAPayment_takesOneThatBears(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(t *testing.T, w *world) {
		whole := generous()
		whole.Capture.Partial = false
		w.begin("pay_0")
		w.reserveWith("pay_1", whole)
		w.begin("pay_2")
		w.do(w.says("pay_1", contract.UpdateAuthorized, 5000, 5))
		w.do(w.says("pay_2", contract.UpdateAuthorized, 4000, 5))
		w.refused(RequestCapture{ID: "cap_1", Amount: w.money(5001)}, "amount_exceeds_rest")
		w.do(RequestCapture{ID: "cap_1", Amount: w.money(2500)})
		if len(w.payment("pay_2").Captures) != 1 {
			t.Error("want it taken from the payment that is captured in parts")
		}
		w.do(RequestCapture{ID: "cap_2"})
		if len(w.payment("pay_1").Captures) != 1 {
			t.Error("want the whole of the first that is left")
		}
		w.now = start.Add(8 * day)
		w.refused(RequestCapture{ID: "cap_3"}, "window_over")
	})
}

func TestCapture_whole_pays(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(_ *testing.T, w *world) {
		w.authorized("pay_1")
		w.wantStatus(Authorized)
		request := RequestCapture{ID: "cap_1", Payment: "pay_1"}
		w.wantTypes(w.do(request), CaptureRequested)
		w.again(request)
		w.wantTypes(w.captured("cap_1", contract.OperationSucceeded, 0, "A"), CaptureSucceeded, PaymentChanged, OrderPaid)
		w.wantTypes(w.captured("cap_1", contract.OperationSucceeded, 0, "A"))
		w.again(w.says("pay_1", contract.UpdateCaptured, 5000, 5, "A")) // the webhook of the same
		w.wantAmounts(5000, 0, 0, 0)
		w.wantAttention()
	})
}

func TestCapture_webhookBeforeResult_isOneCapture(t *testing.T) {
	t.Parallel()
	for name, item := range map[string][]string{"byId": {"A", "cap_1"}, "byReferenceAlone": {"A"}, "total": nil, "idAlone": {"", "cap_1"}} {
		t.Run(name, func(t *testing.T) {
			inEach(t, manual, func(t *testing.T, w *world) {
				w.authorized("pay_1")
				w.do(RequestCapture{ID: "cap_1", Payment: "pay_1"})
				w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 6, item...))
				w.wantStatus(Paid)
				w.captured("cap_1", contract.OperationSucceeded, 5000, "A")
				w.wantAmounts(5000, 0, 0, 0)
				w.wantAttention()
				if c := w.payment("pay_1").Captures; len(c) != 1 || c[0].ID != "cap_1" || c[0].ProviderReference != "A" {
					t.Errorf("captures %+v, want the shop's alone", c)
				}
			})
		})
	}
}

func TestCapture_finalPart_releasesTheRest(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(t *testing.T, w *world) {
		w.authorized("pay_1")
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1", Amount: w.money(1000)})
		w.captured("cap_1", contract.OperationSucceeded, 1000, "A")
		w.wantPayment("pay_1", PaymentCaptured)
		w.wantStatus(Authorized) // the rest can still be captured
		if w.payment("pay_1").Final() {
			t.Error("final with a rest to capture")
		}
		w.do(RequestCapture{ID: "cap_2", Payment: "pay_1", Amount: w.money(2000), Final: true})
		w.wantAmounts(1000, 0, 0, 0)
		w.captured("cap_2", contract.OperationSucceeded, 2000, "B")
		w.wantAmounts(3000, 0, 0, 2000)
		w.wantStatus(Paid)
		w.wantAttention()
		if got := w.o.Due(); got != w.money(0) {
			t.Errorf("due %s, want 0", got)
		}
	})
}

func TestCapture_singleByNature_isFinal(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(_ *testing.T, w *world) {
		r := generous()
		r.Capture.Multiple = false
		w.reserveWith("pay_1", r)
		w.do(w.says("pay_1", contract.UpdateAuthorized, 5000, 5))
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1", Amount: w.money(1000)})
		w.captured("cap_1", contract.OperationSucceeded, 0, "A")
		w.wantAmounts(1000, 0, 0, 4000)
		w.wantStatus(Paid)
	})
}

func TestCapture_restCancelled_isReleased(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(_ *testing.T, w *world) {
		w.authorized("pay_1")
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1", Amount: w.money(1000)})
		w.captured("cap_1", contract.OperationSucceeded, 0, "A")
		w.do(RequestCancelPayment{Payment: "pay_1"})
		w.do(CancelEnded{Payment: "pay_1", Result: contract.OperationResult{Status: contract.OperationSucceeded}, At: w.now})
		w.wantAmounts(1000, 0, 0, 4000)
		w.wantStatus(Paid)
	})
}

func TestCapture_otherThanAsked_isFlagged(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(_ *testing.T, w *world) {
		w.authorized("pay_1")
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1", Amount: w.money(3000), Final: true})
		w.captured("cap_1", contract.OperationSucceeded, 2000, "A")
		w.wantAttention(AttentionAmountMismatch)
		w.wantAmounts(2000, 0, 0, 2000) // only what nobody asked for was released
		w.wantStatus(Open)
	})
}

func TestCapture_otherCurrencyInResult_doesNotCount(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(_ *testing.T, w *world) {
		w.authorized("pay_1")
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1"})
		w.do(OperationEnded{Payment: "pay_1", Export: contract.CapturePayment, Operation: "cap_1", At: w.now,
			Result: contract.OperationResult{Status: contract.OperationSucceeded, Amount: Money{Value: 5000, Currency: "USD"}}})
		w.wantAmounts(0, 0, 0, 0)
		w.wantAttention(AttentionAmountMismatch)
	})
}

func TestCapture_failed_givesTheRestFree(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(_ *testing.T, w *world) {
		w.authorized("pay_1")
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1"})
		w.wantTypes(w.captured("cap_1", contract.OperationFailed, 0, ""), CaptureFailed)
		w.do(RequestCapture{ID: "cap_2", Payment: "pay_1"})
		w.wantTypes(w.do(CallFailed{Payment: "pay_1", Export: contract.CapturePayment, Operation: "cap_2", Failure: unavailable, Outcome: OutcomeNotAttempted}), CaptureFailed)
		w.do(RequestCapture{ID: "cap_3", Payment: "pay_1"})
		w.do(w.says("pay_1", contract.UpdateCaptureFailed, 0, 9, "X", "cap_3"))
		w.wantStatus(Authorized)
		w.do(RequestCapture{ID: "cap_4", Payment: "pay_1"})
	})
}

func TestCapture_unknown_isAskedAndNotReleasedByTime(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(t *testing.T, w *world) {
		w.authorized("pay_1")
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1"})
		w.wantTypes(w.do(CallFailed{Payment: "pay_1", Export: contract.CapturePayment, Operation: "cap_1", Failure: unavailable, Outcome: OutcomeUnknown}), PaymentUnknown, OrderAttention)
		due, _ := Next(w.o)
		if due.Work != WorkPoll || due.Operation != "cap_1" || due.At.After(w.now.Add(2*time.Minute)) {
			t.Fatalf("due %+v, want a question about cap_1", due)
		}
		w.run(start.Add(90 * day))
		if got := w.payment("pay_1").Captures[0].Status; got != contract.OperationPending {
			t.Errorf("after 90 days it is %s, want pending", got)
		}
		w.wantAttention(AttentionProviderSilent, AttentionUnknownOutcome)
		w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 9)) // the total covers what was asked
		w.wantStatus(Paid)
		w.wantAttention()
	})
}

func TestCapture_partMadeAtTheProvider_isNoMismatch(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(_ *testing.T, w *world) {
		w.authorized("pay_1")
		w.do(w.says("pay_1", contract.UpdateCaptured, 1000, 6, "A"))
		w.wantStatus(Authorized)
		w.wantAttention()
		w.refused(RequestCapture{ID: "cap_1", Payment: "pay_1", Amount: w.money(4001)}, "amount_exceeds_rest")
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1"})
		w.captured("cap_1", contract.OperationSucceeded, 0, "B")
		w.wantStatus(Paid)
	})
}

// TestOperations_wordsAndLines_areChecked as those of the order are.
func TestOperations_wordsAndLines_areChecked(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(t *testing.T, w *world) {
		w.authorized("pay_1")
		line := func(v int64) []contract.Line {
			return []contract.Line{{Name: "Lamp", Kind: contract.LinePhysical, Quantity: "1", Amount: w.money(v)}}
		}
		nameless := line(1000)
		nameless[0].Name = ""
		foreign := line(1000)
		foreign[0].Amount.Currency = "SEK"
		for _, c := range []struct {
			name, pointer string
			reason        string
			lines         []contract.Line
		}{
			{"too long a reason", "/reason", strings.Repeat("a", 1001), nil},
			{"a reason of two lines", "/reason", "a\nb", nil},
			{"lines of another amount", "/lines", "", line(999)},
			{"a line without a name", "/lines/0/name", "", nameless},
			{"a line in another currency", "/lines/0/amount/currency", "", foreign},
			{"too many lines", "/lines", "", slices.Repeat(line(2), 501)},
		} {
			var invalid *InvalidError
			_, err := w.try(RequestCapture{ID: "cap_1", Amount: w.money(1000), Reason: c.reason, Lines: c.lines})
			if !errors.As(err, &invalid) || invalid.Problems[0].Pointer != c.pointer {
				t.Errorf("capture, %s: got %v, want %s", c.name, err, c.pointer)
			}
		}
		w.do(RequestCapture{ID: "cap_1", Reason: "sent", Lines: line(5000)}) // all that remains
		w.captured("cap_1", contract.OperationSucceeded, 0, "A")
		var invalid *InvalidError
		if _, err := w.try(RequestRefund{ID: "ref_1", Lines: line(4999)}); !errors.As(err, &invalid) || invalid.Problems[0].Pointer != "/lines" {
			t.Errorf("refund: got %v", err)
		}
		w.do(RequestRefund{ID: "ref_1", Amount: w.money(1000), Lines: line(1000)})
	})
}
