package bambora

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Outcome is how a visit of the payment window ends.
type Outcome string

// The outcomes, as the buttons of the payment window send them.
const (
	Success   Outcome = "success"   // approved: a transaction, callbacks, the way back
	Cancelled Outcome = "cancelled" // back to the shop with nothing; the window stays open
	Failed    Outcome = "failed"    // declined by the issuer; the window stays open for another try
	Expired   Outcome = "expired"   // the window is over
	Open      Outcome = "open"      // nothing yet: the window stays open, and nobody hears of it
)

var outcomes = []Outcome{Success, Cancelled, Failed, Expired, Open}

// Plan scripts the next payment windows: each window that is opened while a plan
// waits acts at once as if the consumer had pressed a button.
type Plan struct {
	Outcome Outcome `json:"outcome"`
	Card    string  `json:"card"` // the card that pays; 4002 6200 0000 0005 unless given
}

func (p Plan) check() error {
	if !slices.Contains(outcomes, p.Outcome) {
		return control.Bad("unknown outcome %q; known outcomes are success, cancelled, failed, expired, open", p.Outcome)
	}
	c, ok := p.card()
	if !ok {
		return control.Bad("card %q is no card number", p.Card)
	}
	if c.declined && p.Outcome == Success {
		return control.Bad("card %q is declined; use the outcome failed", p.Card)
	}
	return nil
}

func (p Plan) card() (card, bool) {
	if p.Card == "" {
		return readCard(cardApproved)
	}
	return readCard(p.Card)
}

// Next scripts windows to come, in order.
func (s *Simulator) Next(plans ...Plan) error {
	for _, p := range plans {
		if err := p.check(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append(s.plans, plans...)
	return nil
}

// Settle ends the session of an order with no browser, as a consumer would. It
// is named by its token or, the latest of that name, by its order number.
func (s *Simulator) Settle(name string, p Plan) error {
	if err := p.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(name)
	switch {
	case o == nil:
		return &control.Problem{Status: http.StatusNotFound, Message: "there is no session of order " + name}
	case o.tx != nil:
		return &control.Problem{Status: http.StatusConflict, Message: "order " + name + " is paid"}
	case s.over(o):
		return &control.Problem{Status: http.StatusConflict, Message: "the session of order " + name + " has expired"}
	}
	c, _ := p.card()
	s.apply(o, p.Outcome, c)
	return nil
}

// find looks a session up. The caller holds s.mu.
func (s *Simulator) find(name string) *session {
	if o, ok := s.sessions[name]; ok {
		return o
	}
	for _, o := range slices.Backward(s.list) {
		if o.orderID == name {
			return o
		}
	}
	return nil
}

// over says whether a window is closed. A payment request's stands until it is
// paid. The caller holds s.mu.
func (s *Simulator) over(o *session) bool {
	return o.ended || o.payment == nil && !s.clock.Now().Before(o.createdAt.Add(s.cfg.SessionLife))
}

// apply is what an outcome does to an open session. The caller holds s.mu.
func (s *Simulator) apply(o *session, outcome Outcome, c card) {
	switch outcome {
	case Success:
		o.late = c.late
		s.approve(o, c)
		s.announce(o)
	case Cancelled:
		o.cancelled = true
	case Failed:
		o.declines++
	case Expired:
		o.ended = true
	}
}

// back is where the consumer goes after an outcome, or "" where it stays.
func (s *Simulator) back(o *session) string {
	if o.accept == "" || s.faults.On(faultLostReturn, callReturn) {
		return ""
	}
	return s.sign(o.accept, o.tx, callReturn)
}

// future says whether a card's expiry, two digits and two or four, has not passed.
func future(month, year string, now time.Time) bool {
	if len(year) == 2 {
		year = "20" + year
	}
	at, err := time.Parse("1 2006", strings.TrimPrefix(month, "0")+" "+year)
	return err == nil && now.Before(at.AddDate(0, 1, 0))
}
