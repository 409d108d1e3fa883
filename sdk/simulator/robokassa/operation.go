package robokassa

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Codes of states of an operation, as OpStateExt tells them.
const (
	StateNone      = 0 // the buyer has not chosen a way to pay: OpStateExt does not know it
	StateStarted   = 5
	StateCancelled = 10
	StateHold      = 20
	StateCrediting = 50
	StateReturned  = 60
	StateChecks    = 80
	StatePaid      = 100
)

var stateCodes = []int{StateNone, StateStarted, StateCancelled, StateHold, StateCrediting, StateReturned, StateChecks, StatePaid}

// holdLife is how long money is reserved; then it is released by itself.
const holdLife = 7 * 24 * time.Hour

// firstAssigned is the first InvId that the provider assigns by itself.
const firstAssigned = 1_000_000_000

// operation is a payment from its start on.
type operation struct {
	start
	page      string // token of its page
	state     int
	at        time.Time // of the state
	startedAt time.Time
	method    way
	opKey     string
	charged   int64 // of what was asked, in minor units of its currency
	refunded  int64
	tried     bool   // a try has failed
	previous  int64  // InvId of the first payment of a series
	invoice   string // id of the invoice that led here
	over      bool   // its time is over: the buyer cannot come back
}

// set moves the operation to a state. The caller holds s.mu.
func (o *operation) set(state int, at time.Time) { o.state, o.at = state, at }

// shopRates are what a unit of a foreign currency is worth to a shop, in
// thousandths of its own (ours).
var shopRates = map[string]int64{"": 1000, currencyKZT: 190, "USD": 90_000, "EUR": 100_000}

// paid is what the buyer paid, in minor units of the shop's currency, with the
// fee that he bears.
func (s *Simulator) paid(o *operation) int64 {
	sum := o.charged * shopRates[o.currency] / 1000
	return sum + sum*s.cfg.BuyerFee/100
}

// open says whether the buyer can still pay.
func (o *operation) open() bool { return o.state == StateNone || o.state == StateStarted }

// register puts a started payment into the books, in place of an earlier start
// of the same number. The caller holds s.mu.
func (s *Simulator) register(st start) *operation {
	now := s.clock.Now()
	if st.invID == 0 {
		s.serial++
		st.invID = s.serial
	}
	o := &operation{start: st, page: rand.Text(), at: now, startedAt: now, opKey: newOpKey(), charged: st.sum}
	kept := s.kept(st.test)
	if old := kept[st.invID]; old != nil {
		delete(s.pages, old.page)
		s.list = slices.DeleteFunc(s.list, func(one *operation) bool { return one == old })
	}
	kept[st.invID] = o
	s.pages[o.page] = o
	s.list = append(s.list, o)
	if !st.expires.IsZero() {
		s.due.At(st.expires, func(_ context.Context, due time.Time) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if o.open() {
				o.set(StateCancelled, due)
			}
		})
	}
	return o
}

// kept are the payments of a mode.
func (s *Simulator) kept(test bool) map[int64]*operation {
	if test {
		return s.tests
	}
	return s.operations
}

// find is a live payment by its number. The caller holds s.mu.
func (s *Simulator) find(number string) *operation {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil
	}
	return s.operations[n]
}

// newOpKey is a GUID, a dash and ten characters.
func newOpKey() string { return strings.ToUpper(newGUID()) + "-" + rand.Text()[:10] }

func newGUID() string {
	const hex = "0123456789abcdef"
	var b [36]byte
	var random [36]byte
	_, _ = rand.Read(random[:]) // never fails
	for i, r := range random {
		b[i] = hex[r&15]
	}
	b[8], b[13], b[18], b[23], b[14], b[19] = '-', '-', '-', '-', '4', '8'
	return string(b[:])
}

// Outcome is how a visit to the payment page ends.
type Outcome string

// The outcomes, as the buttons of the payment page send them.
const (
	Success   Outcome = "success"   // paid, or held: state 100 or 20
	Cancelled Outcome = "cancelled" // state 10; the buyer may come back and pay
	Expired   Outcome = "expired"   // state 10 for good
	Open      Outcome = "open"      // state 5: a way to pay is chosen, no money yet
	Failed    Outcome = "failed"    // this try failed, another may follow
)

var outcomes = []Outcome{Success, Cancelled, Expired, Open, Failed}

// OutcomeOf is the outcome that an amount stands for where the configuration
// has the amount decide: 1.00 to 5.00 are the five in their order (ours: the
// provider has no such table).
func OutcomeOf(minor int64) (Outcome, bool) {
	if minor%100 != 0 || minor < 100 || minor > int64(100*len(outcomes)) {
		return "", false
	}
	return outcomes[minor/100-1], true
}

func checkOutcome(o Outcome) error {
	if slices.Contains(outcomes, o) {
		return nil
	}
	return control.Bad("unknown outcome %q; known outcomes are %v", o, outcomes)
}

// apply ends a try, and gives a channel that is closed when the shop has been
// told for the first time; nil where there is nothing to tell. The caller
// holds s.mu.
func (s *Simulator) apply(o *operation, outcome Outcome, w way) <-chan struct{} {
	now := s.clock.Now()
	o.method, o.tried, o.over = w, outcome == Failed, outcome == Expired
	switch outcome {
	case Success:
		if o.hold {
			o.set(StateHold, now)
			s.due.At(now.Add(holdLife), func(_ context.Context, due time.Time) {
				s.mu.Lock()
				defer s.mu.Unlock()
				if o.state == StateHold {
					o.set(StateCancelled, due)
				}
			})
			return s.tellState(o, "HOLD")
		}
		o.set(StatePaid, now)
		return s.tellPaid(o)
	case Cancelled, Expired:
		o.set(StateCancelled, now)
	case Open, Failed:
		o.set(StateStarted, now)
	}
	return nil
}

// Settle ends a try of a started payment with no browser: what happens
// elsewhere.
func (s *Simulator) Settle(invID int64, outcome Outcome) error {
	if err := checkOutcome(outcome); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.either(invID)
	switch {
	case o == nil:
		return notStarted(invID)
	case !o.payable(s.clock.Now()):
		return &control.Problem{Status: http.StatusConflict, Message: "payment " + strconv.FormatInt(invID, 10) + " is in state " + strconv.Itoa(o.state)}
	}
	s.apply(o, outcome, s.wayOf(o.label))
	return nil
}

// SetState puts a started payment into a state, with nobody told.
func (s *Simulator) SetState(invID int64, state int) error {
	if !slices.Contains(stateCodes, state) {
		return control.Bad("unknown state %d; known states are %v", state, stateCodes)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.either(invID)
	if o == nil {
		return notStarted(invID)
	}
	o.set(state, s.clock.Now())
	return nil
}

func notStarted(invID int64) error {
	return &control.Problem{Status: http.StatusNotFound, Message: "no payment " + strconv.FormatInt(invID, 10) + " was started here"}
}

// either is a payment of either mode, live ones first.
func (s *Simulator) either(invID int64) *operation {
	if o := s.operations[invID]; o != nil {
		return o
	}
	return s.tests[invID]
}
