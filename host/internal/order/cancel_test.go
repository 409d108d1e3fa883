package order

import (
	"errors"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestCancel_paid_isRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.paid("pay_1", 5000)
	if _, err := w.try(Cancel{}); !errors.Is(err, ErrPaid) {
		t.Errorf("got %v, want ErrPaid", err)
	}
}

func TestCancel_cancelsWhatIsLive(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(t *testing.T, w *world) {
		w.begin("pay_0")
		w.do(w.says("pay_0", contract.UpdateFailed, 0, 1))
		w.authorized("pay_1")
		w.wantTypes(w.do(Cancel{}), CancelRequested, OrderCancelled)
		w.again(Cancel{SupersededBy: "ord_2"})
		w.wantStatus(Cancelled)
		if w.o.Final() {
			t.Error("final with an authorisation held")
		}
		due, _ := Next(w.o)
		if due.Work != WorkCancel || due.Payment != "pay_1" || due.At.After(w.now) {
			t.Fatalf("due %+v, want the cancellation now", due)
		}
		w.do(CancelEnded{Payment: "pay_1", Result: contract.OperationResult{Status: contract.OperationSucceeded}, At: w.now})
		w.wantPayment("pay_1", PaymentCancelled)
		if !w.o.Final() {
			t.Error("not final")
		}
	})
}

func TestCancel_superseded_saysByWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	events := w.do(Cancel{SupersededBy: "ord_2"})
	w.wantTypes(events, OrderSuperseded)
	if events[0].Detail != "ord_2" {
		t.Errorf("detail %q", events[0].Detail)
	}
}

func TestCancel_expired_isAllowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.now = w.o.ExpiresAt
	w.do(Expire{})
	w.wantTypes(w.do(Cancel{}), OrderCancelled)
}

func TestCancel_pluginWithout_waitsForTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserveWith("pay_1", generous(), contract.CreatePayment, contract.GetPayment)
	w.started("pay_1")
	w.refused(RequestCancelPayment{Payment: "pay_1"}, "not_supported")
	w.wantTypes(w.do(Cancel{}), OrderCancelled)
	w.run(start.Add(2 * time.Hour))
	w.wantPayment("pay_1", PaymentExpired)
	if !w.o.Final() {
		t.Error("not final")
	}
}

func TestCancelPayment_ends(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change Change
		want   PaymentStatus
		wanted bool // a cancellation is still wanted
	}{
		{"succeeded", CancelEnded{Payment: "pay_1", Result: contract.OperationResult{Status: contract.OperationSucceeded}}, PaymentCancelled, true},
		{"pending", CancelEnded{Payment: "pay_1", Result: contract.OperationResult{Status: contract.OperationPending}}, PaymentAuthorized, true},
		{"failed", CancelEnded{Payment: "pay_1", Result: contract.OperationResult{Status: contract.OperationFailed}}, PaymentAuthorized, false},
		{"refused", CallFailed{Payment: "pay_1", Export: contract.CancelPayment, Failure: declined, Outcome: OutcomeKnown}, PaymentAuthorized, false},
		{"not reached", CallFailed{Payment: "pay_1", Export: contract.CancelPayment, Failure: unavailable, Outcome: OutcomeNotAttempted}, PaymentAuthorized, true},
		{"unknown", CallFailed{Payment: "pay_1", Export: contract.CancelPayment, Failure: unavailable, Outcome: OutcomeUnknown}, PaymentAuthorized, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", manual)
			w.authorized("pay_1")
			w.wantTypes(w.do(RequestCancelPayment{Payment: "pay_1"}), CancelRequested)
			w.again(RequestCancelPayment{Payment: "pay_1"})
			w.do(c.change)
			w.wantPayment("pay_1", c.want)
			if got := !w.payment("pay_1").CancelRequestedAt.IsZero(); got != c.wanted {
				t.Errorf("wanted is %t, want %t", got, c.wanted)
			}
			w.run(start.Add(day))
		})
	}
}

func TestCancelPayment_succeeded_isLaterThanTheProvidersClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", manual)
	w.authorized("pay_1") // five minutes ahead of our clock
	w.do(CancelEnded{Payment: "pay_1", Result: contract.OperationResult{Status: contract.OperationSucceeded}, At: w.now})
	w.wantPayment("pay_1", PaymentCancelled)
}

func TestCancelPayment_afterTheEnd_changesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.paid("pay_1", 5000)
	w.again(RequestCancelPayment{Payment: "pay_1"})
}

func TestCancelPayment_neverReached_isGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", manual)
	w.authorized("pay_1")
	w.do(RequestCancelPayment{Payment: "pay_1"})
	n := 0
	for _, work := range w.run(start.Add(5 * day)) {
		if work == WorkCancel {
			n++
		}
	}
	if n != maxCancelTries {
		t.Errorf("%d tries, want %d", n, maxCancelTries)
	}
	w.do(RequestCapture{ID: "cap_1", Payment: "pay_1"})
}

func TestExpire_waitsForWhatCanBePaid(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*world){
		"not asked yet": func(w *world) { w.begin("pay_1") },
		"pending":       func(w *world) { w.begin("pay_1"); w.do(w.says("pay_1", contract.UpdatePending, 0, 1)) },
		"authorized":    func(w *world) { w.authorized("pay_1") },
		"unknown": func(w *world) {
			w.reserve("pay_1")
			w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Outcome: OutcomeUnknown})
		},
		"call under way": func(w *world) { w.reserve("pay_1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "EUR", manual)
			prepare(w)
			w.now = w.o.ExpiresAt.Add(time.Minute)
			w.again(Expire{})
			if w.o.Status() == Expired {
				t.Error("expired while it can still be paid")
			}
		})
	}
}

func TestExpire_tooEarly_changesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.again(Expire{})
	w.now = w.o.ExpiresAt
	w.wantTypes(w.do(Expire{}), OrderExpired)
	w.again(Expire{})
}

func TestExpire_byTheHostsWord_losesToAnyOther(t *testing.T) {
	t.Parallel()
	inEach(t, manual, func(_ *testing.T, w *world) {
		w.begin("pay_1")
		w.run(start.Add(2 * time.Hour))
		w.wantStatus(Expired)
		w.do(w.says("pay_1", contract.UpdateAuthorized, 5000, 30)) // it had happened before the expiry
		w.wantPayment("pay_1", PaymentAuthorized)
		w.wantStatus(Authorized)
	})
}
