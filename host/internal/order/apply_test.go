package order

import (
	"errors"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestApply_unknownPayment_isAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	for _, c := range []Change{
		Created{}, InterimGiven{}, Reported{}, CallFailed{}, RequestCapture{Payment: "pay_9"}, OperationEnded{}, RequestCancelPayment{}, CancelEnded{},
		Polled{}, Remind{}, Settled{}, RequestRefund{Payment: "pay_9"},
	} {
		if _, err := w.try(c); !errors.Is(err, ErrUnknownPayment) {
			t.Errorf("%T: got %v, want ErrUnknownPayment", c, err)
		}
	}
}

func TestApply_nonsense_isAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.paid("pay_1", 5000)
	w.do(RequestRefund{ID: "ref_1", Payment: "pay_1"})
	for _, c := range []struct {
		change Change
		want   error
	}{
		{nil, ErrUnknownChange},
		{CallFailed{Payment: "pay_1", Export: contract.ListOptions}, ErrUnknownChange},
		{OperationEnded{Payment: "pay_1", Export: contract.RefundPayment, Operation: "ref_1"}, ErrUnknownChange},
		{OperationEnded{Payment: "pay_1", Export: contract.RefundPayment, Operation: "ref_9"}, ErrUnknownOperation},
		{OperationEnded{Payment: "pay_1", Export: contract.CapturePayment, Operation: "ref_1"}, ErrUnknownOperation},
		{CallFailed{Payment: "pay_1", Export: contract.CapturePayment, Operation: "cap_9"}, ErrUnknownOperation},
		{Polled{Payment: "pay_1", Operation: "ref_9"}, ErrUnknownOperation},
		{CallFailed{Payment: "pay_1", Export: contract.GetRefund, Operation: "ref_9"}, ErrUnknownOperation},
	} {
		if _, err := w.try(c.change); !errors.Is(err, c.want) {
			t.Errorf("%T: got %v, want %v", c.change, err, c.want)
		}
	}
}

func TestApply_duplicateAfterCaptured_changesNothing(t *testing.T) {
	t.Parallel()
	for name, item := range map[string][]string{"total": nil, "item": {"R"}} {
		t.Run(name, func(t *testing.T) {
			inEach(t, nil, func(_ *testing.T, w *world) {
				w.begin("pay_1")
				news := w.says("pay_1", contract.UpdateCaptured, 5000, 5, item...)
				w.wantTypes(w.do(news), CaptureSucceeded, PaymentChanged, OrderPaid)
				before := encode(w.t, w.o)
				w.again(news)
				if after := encode(w.t, w.o); after != before {
					w.t.Fatalf("the order changed:\nfrom %s\nto   %s", before, after)
				}
				w.wantAmounts(5000, 0, 0, 0)
			})
		})
	}
}

func TestApply_totalAndItemOfTheSameMoney_countsOnce(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.begin("pay_1")
		w.do(w.says("pay_1", contract.UpdateCaptured, 2000, 5, "A"))
		w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 6))
		w.wantAmounts(5000, 0, 0, 0)
		w.again(w.says("pay_1", contract.UpdateCaptured, 3000, 7)) // a smaller total; only its time is news
		w.do(w.says("pay_1", contract.UpdateCaptured, 3000, 7, "B"))
		w.wantAmounts(5000, 0, 0, 0)
		w.wantStatus(Paid)
		w.wantAttention()
		if n := len(w.payment("pay_1").Captures); n != 2 {
			t.Errorf("%d captures are listed, want both", n)
		}
	})
}

func TestApply_olderNews_isIgnoredInTheTimeline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", manual)
	w.authorized("pay_1")
	w.wantTypes(w.do(w.says("pay_1", contract.UpdateFailed, 0, 3)), PaymentUpdateIgnored)
	w.again(w.says("pay_1", contract.UpdateFailed, 0, 3))
	w.wantTypes(w.do(w.says("pay_1", contract.UpdatePending, 0, 9)), PaymentUpdateIgnored)
	w.wantPayment("pay_1", PaymentAuthorized)
	w.wantTypes(w.do(w.says("pay_1", contract.UpdateCancelled, 0, 7)), PaymentChanged, OrderOpen)
}

func TestApply_newsWithoutTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		source contract.Export
		want   PaymentStatus
	}{
		{"byWebhook_isTheOldest", contract.ReceiveWebhook, PaymentAuthorized},
		{"ofOurOwnQuestion_isOfTheAnswer", contract.GetPayment, PaymentFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", manual)
			w.authorized("pay_1")
			w.do(Reported{Payment: "pay_1", Updates: []contract.Update{{Type: contract.UpdateFailed, Trust: contract.Verified}},
				Source: c.source, At: start.Add(time.Hour)})
			w.wantPayment("pay_1", c.want)
		})
	}
}

func TestApply_tiesInTime_areRanked(t *testing.T) {
	t.Parallel()
	rank := []contract.UpdateType{contract.UpdateExpired, contract.UpdateFailed, contract.UpdateCancelled, contract.UpdateAuthorized}
	for i, weak := range rank {
		for _, strong := range rank[i+1:] {
			for _, pair := range [][2]contract.UpdateType{{weak, strong}, {strong, weak}} {
				w := newWorld(t, "EUR", nil)
				w.begin("pay_1")
				w.do(w.says("pay_1", pair[0], 0, 5))
				w.do(w.says("pay_1", pair[1], 0, 5))
				w.wantPayment("pay_1", PaymentStatus(strong))
			}
		}
	}
}

func TestApply_aTimeFarAhead_doesNotWinForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.begin("pay_1")
	c := w.says("pay_1", contract.UpdateFailed, 0, 0)
	c.Updates[0].OccurredAt = time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -12*3600))
	w.do(c)
	w.do(w.says("pay_1", contract.UpdateAuthorized, 5000, 5))
	w.wantPayment("pay_1", PaymentAuthorized)
}

func TestApply_hints_leaveNoTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.begin("pay_1")
	c := w.says("pay_1", contract.UpdateCaptured, 5000, 5)
	c.Updates[0].Trust = contract.Hint
	before := encode(t, w.o)
	w.again(c)
	if after := encode(t, w.o); after != before {
		t.Errorf("a hint changed the order to %s", after)
	}
}

func TestApply_lateMoney_isBooked(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]contract.UpdateType{"failed": contract.UpdateFailed, "cancelled": contract.UpdateCancelled, "expired": contract.UpdateExpired} {
		t.Run("after_"+name, func(t *testing.T) {
			inEach(t, nil, func(_ *testing.T, w *world) {
				w.begin("pay_1")
				w.do(w.says("pay_1", end, 0, 50))
				w.now = w.o.ExpiresAt
				w.do(Expire{})
				w.wantStatus(Expired)
				w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 40)) // older than the end: money is money
				w.wantPayment("pay_1", PaymentCaptured)
				w.wantStatus(Paid)
			})
		})
	}
}

func TestApply_lateMoneyOnOpenOrder_pays(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.begin("pay_1")
		w.do(w.says("pay_1", contract.UpdateFailed, 0, 5))
		w.wantStatus(Open)
		w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 6))
		w.wantStatus(Paid)
	})
}

func TestApply_moneyAfterCancel_staysCancelled(t *testing.T) {
	t.Parallel()
	for name, cancel := range map[string]Cancel{"cancelled": {}, "replaced": {SupersededBy: "ord_2"}} {
		t.Run(name, func(t *testing.T) {
			inEach(t, nil, func(_ *testing.T, w *world) {
				w.begin("pay_1")
				w.do(cancel)
				w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 5))
				w.wantStatus(Cancelled)
				w.wantAttention(AttentionPaidAfterCancel)
				w.wantAmounts(5000, 0, 0, 0)
				w.do(RequestRefund{ID: "ref_1"})
				w.wantAttention(AttentionPaidAfterCancel)
				w.do(w.says("pay_1", contract.UpdateRefunded, 5000, 9, "R", "ref_1"))
				w.wantAttention()
			})
		})
	}
}

func TestApply_badNewsOfOneWhileAnotherPays_staysThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.begin("pay_1")
	w.paid("pay_2", 5000)
	w.wantTypes(w.do(w.says("pay_1", contract.UpdateFailed, 0, 9)), PaymentChanged)
	w.wantPayment("pay_1", PaymentFailed)
	w.wantStatus(Paid)
}

func TestApply_chargeback_flagsAndLowersNothing(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.paid("pay_1", 5000)
		news := w.says("pay_1", contract.UpdateChargedBack, 2000, 9, "CB1")
		w.wantTypes(w.do(news), ChargebackOpened, OrderAttention)
		w.again(news)
		w.wantStatus(Paid)
		w.wantAttention(AttentionChargedBack)
		if got := w.o.Amounts().ChargedBack; got != w.money(2000) {
			t.Errorf("charged back %s", got)
		}
		w.wantAmounts(5000, 0, 0, 0)
		w.refused(RequestRefund{ID: "ref_1", Amount: w.money(3001)}, "amount_exceeds_rest")
		w.do(RequestRefund{ID: "ref_2", Amount: w.money(3000)})
		w.do(w.says("pay_1", contract.UpdateChargedBack, 4000, 9)) // a total of more: it pushes the refund out in part
		w.wantAmounts(5000, 0, 1000, 0)
	})
}

func TestApply_orphanOfMoney_isRaisedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	raise := Raise{Attention{Code: AttentionOrphan, Message: "19.00 EUR came for reference X"}}
	w.wantTypes(w.do(raise), OrderAttention)
	w.again(raise)
	w.wantTypes(w.do(Raise{Attention{Code: AttentionOrphan, Message: "another"}}), OrderAttention)
	w.wantAttention(AttentionOrphan)
}

func TestApply_controlReference_staysOnceSet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	var invalid *InvalidError
	if _, err := w.try(SetControlReference{Reference: "  "}); !errors.As(err, &invalid) {
		t.Errorf("an empty reference: got %v, want *InvalidError", err)
	}
	w.wantTypes(w.do(SetControlReference{Reference: "CU-7"}), ControlReferenceSet)
	w.again(SetControlReference{Reference: "CU-7"})
	w.refused(SetControlReference{Reference: "CU-8"}, "control_reference_set")
}

func TestApply_whatAnUpdateTellsBesides_isKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.begin("pay_1")
	u := contract.Update{Type: contract.UpdateFailed, Trust: contract.Verified, Brand: "VISA", NewProviderReference: "P2", State: []byte(`{"a":1}`),
		Receipt: &contract.Receipt{Lines: []contract.ReceiptLine{{Text: "thanks"}}}, Failure: &declined,
		Transactions: []contract.Transaction{{ID: "t1", Status: "NEW", OccurredAt: start.Add(time.Minute)}},
		Attention:    &contract.Attention{Code: "fraud", Message: "look"}}
	w.do(Reported{Payment: "pay_1", Updates: []contract.Update{u}, Source: contract.ReceiveWebhook, State: true, At: w.now})
	old := u
	old.Transactions = []contract.Transaction{{ID: "t1", Status: "OLD", OccurredAt: start}}
	old.State = []byte(`{"a":2}`)
	w.again(Reported{Payment: "pay_1", Updates: []contract.Update{old}, Source: contract.ReceiveWebhook, At: w.now})
	back := contract.Update{Type: contract.UpdateRefunded, Trust: contract.Verified, Amount: Money{Value: 0, Currency: "EUR"}, Item: &contract.Item{ProviderReference: "R1"},
		Receipt: &contract.Receipt{Lines: []contract.ReceiptLine{{Text: "refund"}}}}
	w.do(Reported{Payment: "pay_1", Updates: []contract.Update{back}, Source: contract.ReceiveWebhook, At: w.now})
	p := w.payment("pay_1")
	if p.Receipt == nil || p.Receipt.Lines[0].Text != "thanks" {
		t.Errorf("receipt %+v: a refund's took the place of the payment's", p.Receipt)
	}
	if p.Brand != "VISA" || p.ProviderReference() != "P2" || string(p.State) != `{"a":1}` || p.Receipt == nil || p.Failure.Code != contract.Declined {
		t.Errorf("payment %+v", p)
	}
	if len(p.Transactions) != 1 || p.Transactions[0].Status != "NEW" {
		t.Errorf("transactions %+v, want the newest word", p.Transactions)
	}
	w.wantAttention("fraud")
}

func TestApply_receiptOfARefund_isKeptWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.paid("pay_1", w.o.Amount.Value)
	for _, id := range []string{"ref_1", "ref_2"} {
		w.do(RequestRefund{ID: id, Payment: "pay_1", Amount: Money{Value: 100, Currency: "EUR"}, IdempotencyKey: id})
	}
	slip := func(item contract.Item, text string) Reported {
		return Reported{Payment: "pay_1", Source: contract.GetPayment, At: w.now, Updates: []contract.Update{{
			Type: contract.UpdateRefunded, Trust: contract.Verified, Amount: Money{Value: 100, Currency: "EUR"}, Item: &item,
			Receipt: &contract.Receipt{Lines: []contract.ReceiptLine{{Text: text}}}}}}
	}
	w.do(slip(contract.Item{ID: "ref_1", ProviderReference: "R1"}, "first"))
	w.do(slip(contract.Item{ProviderReference: "R9"}, "made at the terminal"))
	p := w.payment("pay_1")
	if p.Receipt != nil || p.Refunds[0].Receipt == nil || p.Refunds[0].Receipt.Lines[0].Text != "first" || p.Refunds[1].Receipt != nil {
		t.Errorf("payment's %+v, refunds %+v", p.Receipt, p.Refunds)
	}
	w.do(slip(contract.Item{ProviderReference: "R1"}, "printed again")) // named by its reference alone
	if r := w.payment("pay_1").Refunds[0].Receipt; r.Lines[0].Text != "printed again" {
		t.Errorf("receipt %+v", r)
	}
}
