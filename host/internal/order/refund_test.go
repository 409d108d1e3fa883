package order

import (
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func (w *world) refunded(id string, e contract.Export, status contract.OperationStatus, ref string) []Event {
	w.t.Helper()
	return w.do(OperationEnded{Payment: "pay_1", Export: e, Operation: id, Result: contract.OperationResult{Status: status, ProviderReference: ref}, At: w.now})
}

func TestRefund_refusals(t *testing.T) {
	t.Parallel()
	iban := contract.Text{"en": "Pay by bank; ask the customer for the IBAN.", "nl": "Betaal per bank terug."}
	for _, c := range []struct {
		name, want string
		prepare    func(*world)
		rules      func(*contract.Rules)
		amount     Money
		text       bool
	}{
		{name: "too much", want: "amount_exceeds_rest", amount: Money{Value: 5001, Currency: "EUR"}},
		{name: "negative", want: "amount_invalid", amount: Money{Value: -1, Currency: "EUR"}},
		{name: "other currency", want: "currency_differs", amount: Money{Value: 5000, Currency: "USD"}},
		{name: "no partial", want: "partial_not_supported", amount: Money{Value: 1, Currency: "EUR"}, rules: func(r *contract.Rules) { r.Refund.Partial = false }},
		{name: "parts only", want: "not_supported", rules: func(r *contract.Rules) { r.Refund.Full = false }},
		{name: "no rule", want: "not_supported", rules: func(r *contract.Rules) { r.Refund = nil }},
		{name: "elsewhere", want: "refund_elsewhere", text: true, rules: func(r *contract.Rules) { r.Refund = &contract.RefundRule{Elsewhere: iban} }},
		{name: "window over", want: "window_over", prepare: func(w *world) { w.now = start.Add(61 * day) }},
		{name: "window over and elsewhere", want: "window_over", text: true, rules: func(r *contract.Rules) { r.Refund.Elsewhere = iban },
			prepare: func(w *world) { w.now = start.Add(61 * day) }},
		{name: "second one", want: "multiple_not_supported", rules: func(r *contract.Rules) { r.Refund.Multiple = false },
			prepare: func(w *world) { w.do(RequestRefund{ID: "ref_0", Amount: w.money(1)}) }},
		{name: "one at the provider", want: "multiple_not_supported", rules: func(r *contract.Rules) { r.Refund.Multiple = false },
			prepare: func(w *world) { w.do(w.says("pay_1", contract.UpdateRefunded, 1, 9)) }},
		{name: "all under way", want: "amount_exceeds_rest", prepare: func(w *world) { w.do(RequestRefund{ID: "ref_0"}) }},
		{name: "all charged back", want: "amount_exceeds_rest", prepare: func(w *world) { w.do(w.says("pay_1", contract.UpdateChargedBack, 5000, 9)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", nil)
			r := generous()
			if c.rules != nil {
				c.rules(&r)
			}
			w.reserveWith("pay_1", r)
			w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 5))
			if c.prepare != nil {
				c.prepare(w)
			}
			refusal := w.refused(RequestRefund{ID: "ref_1", Payment: "pay_1", Amount: c.amount}, c.want)
			if c.text && (refusal.Text["nl"] == "" || refusal.Detail == "") {
				t.Errorf("refusal %+v does not say where and how", refusal)
			}
			w.refused(RequestRefund{ID: "ref_1", Amount: c.amount}, c.want)
		})
	}
}

func TestRefund_nothingCaptured_isRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", manual)
	w.refused(RequestRefund{ID: "ref_1"}, "nothing_captured")
	w.authorized("pay_1")
	w.refused(RequestRefund{ID: "ref_1"}, "nothing_captured")
	w.refused(RequestRefund{ID: "ref_1", Payment: "pay_1"}, "nothing_captured")
}

func TestRefund_succeeds(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.paid("pay_1", 5000)
		request := RequestRefund{ID: "ref_1", Amount: w.money(2000), Reason: "broken"}
		w.wantTypes(w.do(request), RefundRequested)
		w.again(request)
		w.wantAmounts(5000, 0, 2000, 0)
		w.wantTypes(w.refunded("ref_1", contract.RefundPayment, contract.OperationPending, "R"), RefundPending)
		if due, _ := Next(w.o); due.Work != WorkPollRefund || due.Operation != "ref_1" {
			t.Fatalf("due %+v, want a question about the refund", due)
		}
		w.wantTypes(w.refunded("ref_1", contract.GetRefund, contract.OperationPending, "R"))
		w.wantTypes(w.refunded("ref_1", contract.GetRefund, contract.OperationSucceeded, "R"), RefundSucceeded)
		w.wantAmounts(5000, 2000, 0, 0)
		if got := w.o.RefundStatus(); got != RefundPartial {
			t.Errorf("refund status %s", got)
		}
		w.again(w.says("pay_1", contract.UpdateRefunded, 2000, 9, "R")) // the webhook of the same
		w.wantAmounts(5000, 2000, 0, 0)
		w.do(RequestRefund{ID: "ref_2"})
		w.do(w.says("pay_1", contract.UpdateRefunded, 3000, 9, "S", "ref_2")) // the webhook comes before the result
		w.wantTypes(w.refunded("ref_2", contract.RefundPayment, contract.OperationSucceeded, "S"))
		w.wantAmounts(5000, 5000, 0, 0)
		if got := w.o.RefundStatus(); got != RefundFull {
			t.Errorf("refund status %s", got)
		}
		w.wantStatus(Paid)
		w.wantAttention()
	})
}

func TestRefund_twoWithOneReference_areTwo(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.paid("pay_1", 5000)
		for _, id := range []string{"ref_1", "ref_2"} {
			w.do(RequestRefund{ID: id, Amount: w.money(2000)})
			w.refunded(id, contract.RefundPayment, contract.OperationSucceeded, "the order's")
		}
		w.wantAmounts(5000, 4000, 0, 0)
	})
}

func TestRefund_failureReleases_unknownDoesNot(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.paid("pay_1", 5000)
		fail := func(id string, f contract.Failure, o Outcome) []Event {
			return w.do(CallFailed{Payment: "pay_1", Export: contract.RefundPayment, Operation: id, Failure: f, Outcome: o, At: w.now})
		}
		w.do(RequestRefund{ID: "ref_1", Amount: w.money(4000)})
		w.wantTypes(fail("ref_1", unavailable, OutcomeUnknown), PaymentUnknown, RefundPending, OrderAttention)
		w.wantTypes(fail("ref_1", unavailable, OutcomeUnknown))
		w.wantAmounts(5000, 0, 4000, 0)
		w.refused(RequestRefund{ID: "ref_2", Amount: w.money(1001)}, "amount_exceeds_rest")
		w.run(start.Add(200 * day))
		w.wantAmounts(5000, 0, 4000, 0) // nothing is released by time alone
		w.wantTypes(w.refunded("ref_1", contract.GetRefund, contract.OperationFailed, ""), RefundFailed)
		w.wantAmounts(5000, 0, 0, 0)
		w.wantAttention()
	})
}

func TestRefund_neverSent_releases(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.paid("pay_1", 5000)
		w.do(RequestRefund{ID: "ref_1"})
		w.wantTypes(w.do(CallFailed{Payment: "pay_1", Export: contract.RefundPayment, Operation: "ref_1", Failure: unavailable, Outcome: OutcomeNotAttempted}), RefundFailed)
		w.do(RequestRefund{ID: "ref_2"})
		w.wantTypes(w.do(w.says("pay_1", contract.UpdateRefundFailed, 0, 9, "", "ref_2")), RefundFailed)
		w.wantAmounts(5000, 0, 0, 0)
	})
}

func TestRefund_failureOfNone_releasesNone(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.paid("pay_1", 5000)
		w.do(RequestRefund{ID: "ref_1"})
		w.do(w.says("pay_1", contract.UpdateRefundFailed, 5000, 9))
		w.wantAmounts(5000, 0, 5000, 0)
	})
}

func TestRefund_successAfterFailure_isBelievedAndFlagged(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.paid("pay_1", 5000)
		w.do(RequestRefund{ID: "ref_1"})
		w.refunded("ref_1", contract.RefundPayment, contract.OperationFailed, "R")
		w.wantTypes(w.do(w.says("pay_1", contract.UpdateRefunded, 5000, 9, "R")), RefundSucceeded, OrderAttention)
		w.wantAmounts(5000, 5000, 0, 0)
		w.wantAttention(AttentionAmountMismatch)
	})
}

func TestRefund_notFound_countsOnlyTwiceAndApart(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.paid("pay_1", 5000)
		w.do(RequestRefund{ID: "ref_1"})
		w.do(CallFailed{Payment: "pay_1", Export: contract.RefundPayment, Operation: "ref_1", Failure: unavailable, Outcome: OutcomeUnknown})
		missing := OperationEnded{Payment: "pay_1", Export: contract.GetRefund, Operation: "ref_1", At: w.now,
			Result: contract.OperationResult{Status: contract.OperationFailed, Failure: &contract.Failure{Code: contract.NotFound}}}
		w.do(missing)
		w.do(Polled{Payment: "pay_1", Operation: "ref_1"}) // the end of the question does not make it known
		w.do(CallFailed{Payment: "pay_1", Export: contract.GetRefund, Operation: "ref_1", Failure: contract.Failure{Code: contract.NotFound}})
		w.wantAmounts(5000, 0, 5000, 0)
		due, _ := Next(w.o)
		if due.Work != WorkPollRefund || due.At.Before(w.now.Add(time.Minute)) {
			t.Fatalf("due %+v, want it asked again no sooner than two minutes after", due)
		}
		w.now = due.At
		w.wantTypes(w.do(missing), RefundFailed)
		w.wantAmounts(5000, 0, 0, 0)
	})
}

func TestRefund_madeAtTheProvider_isBookedAndPushesOut(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.paid("pay_1", 5000)
		w.do(RequestRefund{ID: "ref_1", Amount: w.money(3000)})
		w.do(RequestRefund{ID: "ref_2", Amount: w.money(2000)})
		news := w.says("pay_1", contract.UpdateRefunded, 4000, 9, "X")
		w.wantTypes(w.do(news), RefundSucceeded)
		w.again(news)
		w.wantAmounts(5000, 4000, 1000, 0)
		p := w.payment("pay_1")
		if got := []Money{p.Reserves("ref_1"), p.Reserves("ref_2"), p.Reserves("ref_9")}; got[0] != w.money(1000) || got[1] != w.money(0) || got[2] != w.money(0) {
			t.Errorf("reserved %v, want what is left for the older, nothing for the newer", got)
		}
		var made Operation
		for _, r := range p.Refunds {
			if r.Origin == OriginProvider {
				made = r
			}
		}
		if made.Amount != w.money(4000) || made.ProviderReference != "X" || len(made.ID) != len("ref_")+26 {
			t.Errorf("booked %+v", made)
		}
	})
}

func TestRefund_resultAfterItsNews_isTheSameRefund(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.paid("pay_1", 5000)
		w.do(RequestRefund{ID: "ref_1", Amount: w.money(2000)})
		w.wantTypes(w.do(w.says("pay_1", contract.UpdateRefunded, 2000, 9, "X")), RefundSucceeded) // whose it is is not known yet
		w.wantAmounts(5000, 2000, 2000, 0)
		events := w.refunded("ref_1", contract.RefundPayment, contract.OperationSucceeded, "X")
		w.wantTypes(events, RefundSucceeded)
		if _, booked := Book(w.o, events[0]); booked {
			t.Error("the same money is booked twice")
		}
		w.wantAmounts(5000, 2000, 0, 0)
		if r := w.payment("pay_1").Refunds; len(r) != 1 {
			t.Errorf("refunds %+v, want one", r)
		}
	})
}

func TestRefund_moreThanCaptured_isFlagged(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.paid("pay_1", 5000)
		w.do(w.says("pay_1", contract.UpdateRefunded, 5001, 9))
		w.wantAttention(AttentionAmountMismatch)
		w.wantStatus(Paid)
	})
}

func TestRefund_withoutAPayment_takesOneThatBears(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.begin("pay_1")
		w.begin("pay_2")
		w.do(w.says("pay_1", contract.UpdateCaptured, 2000, 5))
		w.do(w.says("pay_2", contract.UpdateCaptured, 3000, 5))
		w.wantStatus(Paid)
		w.do(RequestRefund{ID: "ref_1", Amount: w.money(2500)})
		if len(w.payment("pay_2").Refunds) != 1 {
			t.Error("want it taken from the payment that can bear it")
		}
		w.refused(RequestRefund{ID: "ref_2", Amount: w.money(2001)}, "amount_exceeds_rest")
		w.do(RequestRefund{ID: "ref_3", Amount: w.money(2000)})
	})
}

func TestRefund_failureByReference_releases(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.paid("pay_1", 5000)
		w.do(RequestRefund{ID: "ref_1"})
		w.refunded("ref_1", contract.RefundPayment, contract.OperationPending, "R")
		w.wantTypes(w.do(w.says("pay_1", contract.UpdateRefundFailed, 0, 9, "other")))
		w.wantAmounts(5000, 0, 5000, 0)
		w.wantTypes(w.do(w.says("pay_1", contract.UpdateRefundFailed, 0, 9, "R")), RefundFailed)
		w.wantAmounts(5000, 0, 0, 0)
	})
}
