package paypal

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Outcome is what the buyer, or what stands behind the buyer, does.
type Outcome string

// The outcomes, as the buttons of the page send them.
const (
	Success   Outcome = "success"   // approved: a capture or authorization succeeds
	Cancelled Outcome = "cancelled" // the buyer leaves for cancel_url; the order stays as it is
	Expired   Outcome = "expired"   // approved, and not carried out in time: the order is gone
	Open      Outcome = "open"      // approved: what is captured or authorized stays PENDING
	Failed    Outcome = "failed"    // approved: the next try is refused as INSTRUMENT_DECLINED
)

var outcomes = []Outcome{Success, Cancelled, Expired, Open, Failed}

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

// Next scripts pages to come, in order: each page that is opened while an
// outcome waits acts at once as if the buyer had pressed its button.
func (s *Simulator) Next(list ...Outcome) error {
	for _, o := range list {
		if err := checkOutcome(o); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append(s.plans, list...)
	return nil
}

// Settle acts on an order without a browser. The order is named by its id or,
// the latest of that name, by the custom_id of its first unit. What is PENDING
// ends: by Success well, by Failed badly. Else the buyer acts as on the page.
func (s *Simulator) Settle(id string, outcome Outcome) error {
	if err := checkOutcome(outcome); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(id)
	now := s.clock.Now()
	if o == nil || o.gone(now) {
		return &control.Problem{Status: http.StatusNotFound, Message: "there is no order " + id + ", or it has expired"}
	}
	if o.status != statusCompleted {
		s.act(o, outcome, now)
		return nil
	}
	if !o.pending || (outcome != Success && outcome != Failed) {
		return &control.Problem{Status: http.StatusConflict, Message: "order " + id + " is carried out; only what is pending can still succeed or fail"}
	}
	o.pending = false
	s.settlePending(o, outcome == Success, now)
	return nil
}

// settlePending ends what is PENDING. The caller holds s.mu.
func (s *Simulator) settlePending(o *order, well bool, now time.Time) {
	for _, u := range o.units {
		for _, a := range u.authorizations {
			if a.status != statusPending {
				continue
			}
			a.status, a.updated = statusCreated, now
			if !well {
				a.status = statusDenied
			}
			if well {
				s.tell("PAYMENT.AUTHORIZATION.CREATED", a, now)
			}
		}
		for _, c := range u.captures {
			if c.status != statusPending {
				continue
			}
			c.status, c.reason, c.updated = statusCompleted, "", now
			event := "PAYMENT.CAPTURE.COMPLETED"
			if !well {
				c.status, event = statusDeclined, "PAYMENT.CAPTURE.DENIED"
			}
			s.tell(event, c, now)
		}
	}
}

// find looks an order up by its id or its custom_id. The caller holds s.mu.
func (s *Simulator) find(id string) *order {
	if o, ok := s.orders[id]; ok {
		return o
	}
	for _, o := range slices.Backward(s.list) {
		if o.units[0].CustomID == id {
			return o
		}
	}
	return nil
}

// act is the buyer's doing on an order that is not carried out. The caller
// holds s.mu.
func (s *Simulator) act(o *order, outcome Outcome, now time.Time) {
	if outcome == Cancelled {
		return
	}
	if o.status != statusApproved {
		o.status, o.approved, o.declined, o.updated = statusApproved, buyer(), false, now
	}
	o.pending, o.declines = outcome == Open, 0
	switch outcome {
	case Failed:
		o.declines = 1
	case Expired:
		o.expires = now
		s.expireAt(o, now)
		return
	}
	s.tell("CHECKOUT.ORDER.APPROVED", o, now)
}

// RefundAtPayPal is a refund that the merchant makes in PayPal's own pages: of
// what is left of a capture, or so many of the currency's smallest unit.
func (s *Simulator) RefundAtPayPal(captureID string, part int64) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.captures[captureID]
	if !ok {
		return "", &control.Problem{Status: http.StatusNotFound, Message: "there is no capture " + captureID}
	}
	var in refundRequest
	if part > 0 {
		in.Amount = amount(part, c.order.currency())
	}
	r, e := s.makeRefund(c, in, s.clock.Now())
	if e != nil {
		return "", &control.Problem{Status: http.StatusConflict, Message: "PayPal refuses the refund: " + e.Details[0].Issue}
	}
	return r.id, nil
}

// ReverseAtPayPal takes the money of a capture back, as after a dispute that the
// buyer has won, and gives the reversal's id. The event is all that tells of it:
// the capture stays as it is, and the reversal is none of the order's refunds
// (the simulator's choice: no document says).
func (s *Simulator) ReverseAtPayPal(captureID string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.captures[captureID]
	if !ok || !c.paid() || c.refunded == c.total {
		return "", &control.Problem{Status: http.StatusConflict, Message: "there is no capture " + captureID + " with money on it"}
	}
	now := s.clock.Now()
	r := &refund{id: newID(17), status: statusCompleted, capture: c, total: c.total - c.refunded, totalRefunded: c.total,
		refundRequest: refundRequest{CustomID: c.unit.CustomID}, created: now, updated: now}
	s.refunds[r.id] = r
	s.tell("PAYMENT.CAPTURE.REVERSED", r, now)
	return r.id, nil
}

// SettleRefund ends a refund that is PENDING.
func (s *Simulator) SettleRefund(id string, well bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.refunds[id]
	if !ok || r.status != statusPending {
		return &control.Problem{Status: http.StatusConflict, Message: "there is no refund " + id + " that is pending"}
	}
	now := s.clock.Now()
	r.status, r.updated = statusCompleted, now
	event := "PAYMENT.CAPTURE.REFUNDED"
	if !well {
		r.status, event = statusFailed, "PAYMENT.REFUND.FAILED"
		r.capture.giveBack(-r.total, now)
	}
	s.tell(event, r, now)
	return nil
}
