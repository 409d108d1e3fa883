package order

import (
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func (w *world) tipped(id string, amount, tip, surcharge int64, item ...string) Reported {
	c := w.says(id, contract.UpdateCaptured, amount, 5, item...)
	c.Updates[0].Tip, c.Updates[0].Surcharge, c.Updates[0].Fee = w.money(tip), w.money(surcharge), w.money(7)
	return c
}

func TestApply_lessThanTheAmount_doesNotPay(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.paid("pay_1", 4999)
		w.wantStatus(Open)
		w.wantAttention(AttentionAmountMismatch)
		if got := w.o.Due(); got != w.money(1) {
			t.Errorf("due %s, want 1", got)
		}
		w.reserve("pay_2")
		if got := w.payment("pay_2").Amount; got != w.money(1) {
			t.Errorf("the next attempt asks for %s, want the rest", got)
		}
		w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 9))
		w.wantStatus(Paid)
		w.wantAttention()
	})
}

func TestApply_moreThanTheAmount_paysAndFlagsTheExcess(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.begin("pay_1")
		w.wantTypes(w.do(w.says("pay_1", contract.UpdateCaptured, 5001, 5)), CaptureSucceeded, PaymentChanged, OrderPaid, OrderOverpaid)
		w.wantStatus(Paid)
		w.wantAttention(AttentionOverpaid)
		if got := w.o.Due(); got != w.money(0) {
			t.Errorf("due %s, want 0", got)
		}
	})
}

func TestApply_anotherCurrency_neverCounts(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.begin("pay_1")
		c := w.says("pay_1", contract.UpdateCaptured, 5000, 5)
		c.Updates[0].Amount.Currency = "USD"
		w.do(c)
		w.again(c)
		w.wantPayment("pay_1", PaymentPending)
		w.wantStatus(Pending)
		w.wantAmounts(0, 0, 0, 0)
		w.wantAttention(AttentionAmountMismatch)
	})
}

func TestApply_moneyWithoutAnAmount_neverCounts(t *testing.T) {
	t.Parallel()
	for name, amount := range map[string]Money{"missing": {}, "negative": {Value: -1, Currency: "EUR"}, "absurd": {Value: MaxAmount + 1, Currency: "EUR"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", nil)
			w.begin("pay_1")
			c := w.says("pay_1", contract.UpdateCaptured, 0, 5)
			c.Updates[0].Amount = amount
			w.do(c)
			w.wantStatus(Pending)
			w.wantAttention(AttentionAmountMismatch)
		})
	}
}

// A provider that says "captured" of nothing is to be looked at.
func TestApply_capturedNothing_leavesAttention(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.begin("pay_1")
		for _, item := range []*contract.Item{nil, {ProviderReference: "C1"}} {
			c := w.says("pay_1", contract.UpdateCaptured, 1, 5)
			c.Updates[0].Amount, c.Updates[0].Item = w.money(0), item
			w.do(c)
		}
		w.wantStatus(Pending)
		w.wantAttention(AttentionAmountMismatch)
		if got := w.o.Amounts().Captured; got.Value != 0 {
			t.Errorf("captured %s", got)
		}
	})
}

func TestApply_tipAndSurcharge_doNotCount(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.begin("pay_1")
		w.do(w.tipped("pay_1", 5000, 400, 100))
		w.wantStatus(Open)
		w.wantAttention(AttentionAmountMismatch)
		if got := w.o.Due(); got != w.money(500) {
			t.Errorf("due %s, want 500", got)
		}
		w.do(w.tipped("pay_1", 5500, 400, 100))
		w.wantStatus(Paid)
		w.wantAttention()
		if got := w.o.Counts(); got != w.money(5000) {
			t.Errorf("counts %s, want 5000", got)
		}
		a := w.o.Amounts()
		if a.Tip != w.money(400) || a.Surcharge != w.money(100) || a.Fee != w.money(7) {
			t.Errorf("tip %s, surcharge %s, fee %s", a.Tip, a.Surcharge, a.Fee)
		}
	})
}

func TestApply_tipsOfItems_addUp(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.begin("pay_1")
		w.do(w.tipped("pay_1", 3000, 500, 0, "A"))
		w.do(w.tipped("pay_1", 3000, 500, 0, "B"))
		w.again(w.tipped("pay_1", 3000, 500, 0, "B"))
		w.wantStatus(Paid)
		w.wantAttention()
		if got := w.o.Amounts().Tip; got != w.money(1000) {
			t.Errorf("tip %s, want 1000", got)
		}
	})
}

// TestBook_tipOfAnAuthorisation: a tip that the terminal told of when it held
// the money stands on the line of the capture.
func TestBook_tipOfAnAuthorisation_isOnTheCapturesLine(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(t *testing.T, w *world) {
		w.begin("pay_1")
		held := w.tipped("pay_1", 5500, 500, 0)
		held.Updates[0].Type = contract.UpdateAuthorized
		w.do(held)
		w.wantStatus(Authorized)
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1"})
		w.captured("cap_1", contract.OperationSucceeded, 5500, "A")
		w.wantStatus(Paid)
		w.wantAttention()
		var lines []BookLine
		for _, e := range w.events {
			if line, ok := Book(w.o, e); ok {
				lines = append(lines, line)
			}
		}
		if len(lines) != 1 || lines[0].Amount != w.money(5500) || lines[0].Tip != w.money(500) || lines[0].Fee != w.money(7) {
			t.Errorf("lines %+v", lines)
		}
	})
}

func TestApply_aTipLearntLater_doesNotUnpay(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.paid("pay_1", 5000)
		w.do(w.tipped("pay_1", 5000, 500, 0))
		w.wantStatus(Paid)
		w.wantAttention(AttentionAmountMismatch)
	})
}

func TestApply_secondCapturedPayment_overpays(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.begin("pay_1")
		w.begin("pay_2")
		w.do(w.says("pay_2", contract.UpdateCaptured, 5000, 5))
		w.wantTypes(w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 6)), CaptureSucceeded, PaymentChanged, OrderOverpaid)
		w.wantStatus(Paid)
		if a := w.o.Attention(); len(a) != 1 || a[0].Payment != "pay_1" {
			t.Errorf("attention %+v, want the payment that came second", a)
		}
		if _, ok := w.o.Settlement(); ok {
			t.Error("it is settled though the account's setting is off")
		}
		if !w.o.Final() {
			t.Error("nothing more is to be expected, and it is not final")
		}
		w.do(RequestRefund{ID: "ref_1", Payment: "pay_1"})
		w.do(OperationEnded{Payment: "pay_1", Export: contract.RefundPayment, Operation: "ref_1", Result: contract.OperationResult{Status: contract.OperationSucceeded}, At: w.now})
		w.wantAttention()
		w.wantStatus(Paid)
	})
}

// twice makes an order whose second payment may be settled.
func twice(w *world) {
	for _, id := range []string{"pay_1", "pay_2"} {
		w.do(Reserve{Payment: id, Method: id, Rules: generous(), Settle: true, Seen: -1})
		w.started(id)
	}
	w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 5))
	w.do(w.says("pay_2", contract.UpdateCaptured, 5000, 6))
}

func TestSettlement_waitsAndThenGivesTheSecondBack(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		twice(w)
		seen := w.now
		due, ok := Next(w.o)
		if !ok || due.Work != WorkSettle || due.Payment != "pay_2" || !due.At.Equal(seen.Add(settleAfter)) {
			t.Fatalf("due %+v, want settle of pay_2 a quarter of an hour later", due)
		}
		if s, _ := w.o.Settlement(); s.Covering != "pay_1" {
			t.Fatalf("settlement %+v", s)
		}
		w.do(RequestRefund{ID: "ref_1", Payment: "pay_2"})
		if _, ok := w.o.Settlement(); ok {
			t.Fatal("settled twice")
		}
		w.do(OperationEnded{Payment: "pay_2", Export: contract.RefundPayment, Operation: "ref_1",
			Result: contract.OperationResult{Status: contract.OperationFailed}, At: w.now})
		if _, ok := w.o.Settlement(); ok {
			t.Fatal("a refund that the provider refused is tried again without an operator")
		}
		w.wantAttention(AttentionOverpaid)
	})
}

func TestSettlement_notWhenTheOtherWentBack(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*world){
		"refunded":                        func(w *world) { w.do(w.says("pay_1", contract.UpdateRefunded, 1, 9)) },
		"under way":                       func(w *world) { w.do(RequestRefund{ID: "ref_1", Payment: "pay_1", Amount: w.money(1)}) },
		"charged back":                    func(w *world) { w.do(w.says("pay_1", contract.UpdateChargedBack, 1, 9)) },
		"second refunded at the provider": func(w *world) { w.do(w.says("pay_2", contract.UpdateRefunded, 1, 9)) },
	} {
		t.Run(name, func(t *testing.T) {
			inEach(t, nil, func(t *testing.T, w *world) {
				twice(w)
				spoil(w)
				if s, ok := w.o.Settlement(); ok {
					t.Errorf("settles %+v", s)
				}
			})
		})
	}
}

func TestSettlement_triesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	twice(w)
	if n := len(w.run(start.Add(60 * day))); n != maxSettles {
		t.Errorf("%d tries, want %d", n, maxSettles)
	}
	w.wantAttention(AttentionOverpaid)
}
