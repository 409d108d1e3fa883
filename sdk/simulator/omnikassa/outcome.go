package omnikassa

import (
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Outcome is how a try to pay ends.
type Outcome string

// The outcomes, as the buttons of the payment page send them.
const (
	Success   Outcome = "success"   // transaction SUCCESS, order COMPLETED
	Cancelled Outcome = "cancelled" // both CANCELLED
	Expired   Outcome = "expired"   // both EXPIRED
	Open      Outcome = "open"      // transaction OPEN, order IN_PROGRESS: not known yet
	Failed    Outcome = "failed"    // transaction FAILURE, order IN_PROGRESS: the consumer may try again
)

var outcomes = []Outcome{Success, Cancelled, Expired, Open, Failed}

// OutcomeOf is the outcome that the bank's sandbox derives from the order amount
// ("Testen in de testomgeving"): 100, 200, 300, 400 and 500 cents are success,
// cancelled, expired, open and failed. For cards 1000 to 5000 are the same with
// 3-D Secure. known is false for any other amount (the sandbox has those
// succeed; the simulator leaves them to the consumer).
func OutcomeOf(cents int64, card bool) (o Outcome, known bool) {
	table := map[int64]Outcome{100: Success, 200: Cancelled, 300: Expired, 400: Open, 500: Failed}
	o, known = table[cents]
	if !known && card && cents%10 == 0 {
		o, known = table[cents/10]
	}
	return o, known
}

// checkOutcome refuses what is none of the five.
func checkOutcome(o Outcome) error {
	if slices.Contains(outcomes, o) {
		return nil
	}
	var names []string
	for _, o := range outcomes {
		names = append(names, string(o))
	}
	return control.Bad("unknown outcome %q; known outcomes are %s", o, strings.Join(names, ", "))
}

// apply ends the running try of an order. The caller holds s.mu, and has checked
// that the order is in progress and the transaction runs.
//
// A failed try leaves the order open whatever the force: the transaction's
// FAILURE is not the order's. The page offers the same brand again under
// FORCE_ALWAYS, every brand otherwise; the order ends when a later try is paid,
// by the consumer's cancelling, or at the end of its life.
func (s *Simulator) apply(t *transaction, outcome Outcome, at time.Time) {
	switch outcome {
	case Success:
		s.conclude(t.order, orderCompleted, at)
	case Cancelled:
		s.conclude(t.order, orderCancelled, at)
	case Expired:
		s.conclude(t.order, orderExpired, at)
	case Open:
		t.set(txOpen, at)
	case Failed:
		t.set(txFailure, at)
		t.order.tried = true
	}
}
