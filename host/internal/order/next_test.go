package order

import (
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"pgregory.net/rapid"
)

// run lets the alarm work with useless answers until the order is final or the
// time is over, and fails if time stands still.
func (w *world) run(until time.Time) []Work {
	w.t.Helper()
	var done []Work
	stuck, last := 0, w.now
	for {
		due, ok := Next(w.o)
		if !ok || due.At.After(until) {
			return done
		}
		done = append(done, due.Work)
		w.alarm()
		if stuck++; w.now.After(last.Add(time.Minute)) {
			stuck, last = 0, w.now
		}
		if stuck > 30 || len(done) > 5000 {
			w.t.Fatalf("%d alarms, the last %d within a minute: %+v", len(done), stuck, due)
		}
	}
}

func TestNext_uselessAnswers_moveOnAndEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &walker{world: newWorld(t, "EUR", func(s *Spec) {
			s.Capture = rapid.SampledFrom([]contract.CaptureMode{contract.CaptureAutomatic, contract.CaptureManual}).Draw(t, "mode")
		})}
		rules := generous()
		if rapid.Bool().Draw(t, "never asked") {
			rules.Polling = nil
		} else {
			rules.Polling.AtMost = rapid.SampledFrom([]int{0, 0, 3}).Draw(t, "at most")
			rules.Polling.Factor = rapid.Int64Range(2, 3).Draw(t, "factor")
			rules.Polling.FirstAfterS = rapid.SampledFrom([]int64{600, 3600, 1 << 60, -1}).Draw(t, "first")
			rules.Polling.MaxIntervalS = 3600
			rules.Polling.OnlyAfterExpiry = rapid.Bool().Draw(t, "after expiry")
		}
		if rapid.Bool().Draw(t, "no window") {
			rules.Capture.WindowDays = 0
		}
		w.reserveWith("pay_first", rules, contract.CreatePayment, contract.GetPayment, contract.CapturePayment, contract.RefundPayment, contract.CancelPayment)
		actions := w.actions()
		for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"created", "reported", "reported", "failed", "capture", "refund", "operation failed", "cancel"}), 0, 8).Draw(t, "steps") {
			if _, _, _, ok := w.anyOperation(t); ok || name != "operation failed" {
				actions[name](t)
			}
		}
		w.t = t
		// After a quarter nothing comes more often than once in 30 days, for each thing that waits.
		w.run(w.now.Add(100 * day))
		if late := w.run(w.now.Add(100 * day)); len(late) > 4*20 {
			t.Fatalf("%d alarms in 100 days long after: %v", len(late), late)
		}
	})
}

func TestNext_abandonedAttempt_asksOnceMoreAndExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.begin("pay_1")
	done := w.run(start.Add(day))
	if last := done[len(done)-2:]; last[0] != WorkPoll || last[1] != WorkExpire {
		t.Fatalf("work %v, want a question at the end and then expire", done)
	}
	if w.now.Sub(w.o.ExpiresAt) > time.Minute {
		t.Errorf("expired %s late", w.now.Sub(w.o.ExpiresAt))
	}
	w.wantStatus(Expired)
	w.wantPayment("pay_1", PaymentExpired)
	w.wantAttention()
}

func TestNext_neverAskedProvider_expiresInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	r := generous()
	r.Polling = nil
	w.reserveWith("pay_1", r)
	w.started("pay_1")
	due, _ := Next(w.o)
	if due.Work != WorkExpire || !due.At.Equal(w.o.ExpiresAt) {
		t.Fatalf("due %+v, want expire at %s", due, w.o.ExpiresAt)
	}
	w.run(start.Add(day))
	w.wantStatus(Expired)
}

func TestNext_pendingAndSilent_dailyThenAttentionThenOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.begin("pay_1")
	w.do(w.says("pay_1", contract.UpdatePending, 0, 1))
	w.run(w.o.ExpiresAt.Add(day).Add(-time.Second))
	w.wantAttention()
	w.run(w.o.ExpiresAt.Add(day))
	w.wantAttention(AttentionProviderSilent)
	if n := len(w.run(w.o.ExpiresAt.Add(30 * day))); n < 28 || n > 31 {
		t.Errorf("%d questions in 29 days, want one a day", n)
	}
	w.wantStatus(Pending)
	w.run(w.o.ExpiresAt.Add(32 * day))
	w.wantStatus(Expired)
	w.wantAttention()
}

func TestNext_unknownOutcome_neverEndsByTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	r := generous()
	r.Polling = nil
	w.reserveWith("pay_1", r)
	w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Failure: unavailable, Outcome: OutcomeUnknown})
	w.run(start.Add(400 * day))
	w.wantStatus(Open)
	w.wantAttention(AttentionProviderSilent, AttentionUnknownOutcome)
}

func TestNext_unknownOutcome_asksBeforeItCancels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Failure: unavailable, Outcome: OutcomeUnknown})
	w.do(Cancel{})
	due, _ := Next(w.o)
	if due.Work != WorkPoll || due.At.Sub(w.now) > 2*time.Minute {
		t.Fatalf("due %+v, want a question first", due)
	}
	w.do(Polled{Payment: "pay_1"})
	if due, _ = Next(w.o); due.Work != WorkCancel {
		t.Fatalf("due %+v, want the cancellation once known", due)
	}
}

func TestNext_authorized_isNotPolledAndAlarmsBeforeItsWindowEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", manual)
	w.authorized("pay_1")
	authorized := start.Add(5 * time.Minute)
	for i, want := range []time.Time{authorized.Add(5 * day), authorized.Add(7 * day)} {
		due, _ := Next(w.o)
		if due.Work != WorkRemind || !due.At.Equal(want) {
			t.Fatalf("alarm %d: due %+v, want remind at %s", i, due, want)
		}
		w.alarm()
		w.wantAttention(AttentionCaptureWindowEnds)
	}
	w.refused(RequestCapture{ID: "cap_1", Payment: "pay_1"}, "window_over")
	if due, _ := Next(w.o); due.Work != WorkPoll {
		t.Fatalf("due %+v, want a question once the window is over", due)
	}
	w.do(w.says("pay_1", contract.UpdateExpired, 0, 60*24*7))
	w.wantAttention()
	w.run(w.now.Add(day))
	w.wantStatus(Expired)
}

func TestNext_approved_completesUntilItEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.begin("pay_1")
	w.do(w.says("pay_1", contract.UpdateApproved, 0, 1))
	if due, _ := Next(w.o); due.Work != WorkComplete {
		t.Fatalf("due %+v, want complete", due)
	}
	w.do(CallFailed{Payment: "pay_1", Export: contract.CompletePayment, Failure: unavailable, Outcome: OutcomeNotAttempted})
	w.alarm() // a question comes first
	if due, _ := Next(w.o); due.Work != WorkComplete || !due.At.After(w.now) {
		t.Fatalf("due %+v, want complete again later", due)
	}
	w.do(Reported{Payment: "pay_1", Source: contract.CompletePayment, At: w.now})
	if due, _ := Next(w.o); due.Work != WorkPoll {
		t.Fatalf("due %+v, want a question, since complete has ended", due)
	}
	cancelled := newWorld(t, "EUR", nil)
	cancelled.begin("pay_1")
	cancelled.do(Cancel{})
	cancelled.do(cancelled.says("pay_1", contract.UpdateApproved, 0, 1))
	if due, _ := Next(cancelled.o); due.Work != WorkCancel {
		t.Fatalf("due %+v, never complete what is cancelled", due)
	}
}

func TestNext_reservedAndLost_resumes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserve("pay_1")
	due, _ := Next(w.o)
	if due.Work != WorkResume || due.Payment != "pay_1" {
		t.Fatalf("due %+v, want resume", due)
	}
	w.do(CallFailed{Payment: "pay_1", Export: contract.CreatePayment, Failure: unavailable, Outcome: OutcomeNotAttempted})
	w.wantPayment("pay_1", PaymentFailed)
	if due, _ = Next(w.o); due.Work != WorkExpire {
		t.Fatalf("due %+v, want expire, the order is open again", due)
	}
}

func TestPause_staysWithinItsBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule  contract.PollingRule
		asked int
		want  time.Duration
	}{
		{contract.PollingRule{}, 0, shortestPause},
		{contract.PollingRule{FirstAfterS: -5}, 9, shortestPause},
		{contract.PollingRule{FirstAfterS: 30}, 9, 30 * time.Second},
		{contract.PollingRule{FirstAfterS: 30, Factor: 2}, 3, 4 * time.Minute},
		{contract.PollingRule{FirstAfterS: 30, Factor: 2, MaxIntervalS: 60}, 3, time.Minute},
		{contract.PollingRule{FirstAfterS: 30, Factor: 1 << 62}, 1 << 40, day},
		{contract.PollingRule{FirstAfterS: 1 << 62, Factor: 1 << 62}, 1, day},
	} {
		if got := pause(&c.rule, c.asked); got != c.want {
			t.Errorf("pause(%+v, %d) = %s, want %s", c.rule, c.asked, got, c.want)
		}
	}
}

func TestNext_cancelledOrder_neverCompletes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "EUR", nil)
	w.reserveWith("pay_1", generous(), contract.CreatePayment, contract.GetPayment, contract.CompletePayment)
	w.started("pay_1")
	w.do(Cancel{}) // its plugin cannot cancel
	w.do(w.says("pay_1", contract.UpdateApproved, 0, 1))
	for _, work := range w.run(start.Add(2 * day)) {
		if work == WorkComplete {
			t.Fatal("it completes a payment of a cancelled order")
		}
	}
}
