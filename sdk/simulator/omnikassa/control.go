package omnikassa

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// maxCount bounds how many pages or refunds one request can script.
const maxCount = 10_000

// Control serves the control API of this simulator: POST /next, /faults, /clock
// and /notify, GET /books.
func (s *Simulator) Control() http.Handler {
	return control.Handler(control.API{
		Next:   s.controlNext,
		Faults: func(_ context.Context, body []byte) (any, error) { return s.faults.Apply(body) },
		Clock:  s.controlClock,
		Notify: s.controlNotify,
		Books:  func() any { return s.Books() },
	})
}

// nextRequest is the body of POST /next; its parts go together or alone.
type nextRequest struct {
	Plan
	Order           string           `json:"order"`             // settle this order instead of a page to come
	Count           int              `json:"count"`             // so many pages or refunds; 1 unless given
	RefundOutcome   string           `json:"refund_outcome"`    // what the next refunds become
	OutcomeByAmount *bool            `json:"outcome_by_amount"` // switch Config.OutcomeByAmount
	Answers         []control.Answer `json:"answers"`           // scripted answers
}

// nextAnswer is what still waits.
type nextAnswer struct {
	Pages           int  `json:"pages"`
	Refunds         int  `json:"refunds"`
	Answers         int  `json:"answers"`
	OutcomeByAmount bool `json:"outcome_by_amount"`
}

var refundOutcomes = map[string]string{"succeeded": refundSucceeded, "failed": refundFailed, "unknown": "UNKNOWN"}

func (s *Simulator) controlNext(_ context.Context, body []byte) (any, error) {
	var in nextRequest
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := s.script.Check(in.Answers...); err != nil { // before anything is done
		return nil, err
	}
	switch {
	case in.Order != "" && in.After > 0:
		s.mu.Lock()
		o := s.find(in.Order)
		if o != nil {
			s.settleLater(o, in.Outcome, s.clock.Now().Add(time.Duration(in.After)))
		}
		s.mu.Unlock()
		if o == nil {
			return nil, &control.Problem{Status: http.StatusNotFound, Message: "no order " + in.Order + " was announced here"}
		}
	case in.Order != "":
		if err := s.Settle(in.Order, in.Outcome); err != nil {
			return nil, err
		}
	case in.Outcome != "":
		if err := s.Next(slices.Repeat([]Plan{in.Plan}, in.Count)...); err != nil {
			return nil, err
		}
	}
	if err := s.script.Add(in.Answers...); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.RefundOutcome != "" {
		s.refundPlans = append(s.refundPlans, slices.Repeat([]string{refundOutcomes[in.RefundOutcome]}, in.Count)...)
	}
	if in.OutcomeByAmount != nil {
		s.byAmount = *in.OutcomeByAmount
	}
	return nextAnswer{len(s.plans), len(s.refundPlans), s.script.Left(), s.byAmount}, nil
}

func (in *nextRequest) check() error {
	if in.Count == 0 {
		in.Count = 1
	}
	if in.Count < 0 || in.Count > maxCount {
		return control.Bad("count %d is not between 1 and %d", in.Count, maxCount)
	}
	if in.Outcome != "" {
		if err := checkOutcome(in.Outcome); err != nil {
			return err
		}
	}
	if in.RefundOutcome != "" && refundOutcomes[in.RefundOutcome] == "" {
		return control.Bad("unknown refund_outcome %q; known are succeeded, failed, unknown", in.RefundOutcome)
	}
	switch {
	case in.Outcome == "" && (in.Order != "" || in.Brand != "" || in.Then != "" || in.After > 0):
		return control.Bad("order, brand, then and after need an outcome")
	case in.Order != "" && (in.Brand != "" || in.Then != ""):
		return control.Bad("brand and then are for pages to come, not for an order that is named")
	case in.Order == "" && in.After > 0 && in.Then == "":
		return control.Bad("after needs then, the outcome that comes later, or an order to settle later")
	case in.Outcome == "" && in.RefundOutcome == "" && in.OutcomeByAmount == nil && len(in.Answers) == 0:
		return control.Bad("nothing to do: give outcome, refund_outcome, outcome_by_amount or answers")
	}
	return nil
}

// controlClock moves the clock by advance or to set, and changes minute, the
// time between two notifications.
func (s *Simulator) controlClock(ctx context.Context, body []byte) (any, error) {
	var in struct {
		Advance control.Duration `json:"advance"`
		Set     *time.Time       `json:"set"`
		Minute  control.Duration `json:"minute"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	ahead := time.Duration(in.Advance)
	if in.Set != nil {
		if in.Advance > 0 {
			return nil, control.Bad("give advance or set, not both")
		}
		if ahead = in.Set.Sub(s.clock.Now()); ahead < 0 {
			return nil, control.Bad("the clock cannot go back to %s; it only moves ahead", in.Set.Format(time.RFC3339))
		}
	}
	if in.Minute > 0 {
		s.mu.Lock()
		s.minute = time.Duration(in.Minute)
		s.mu.Unlock()
	}
	if err := s.MoveClock(ctx, ahead); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return struct {
		Now    time.Time        `json:"now"`
		Minute control.Duration `json:"minute"`
	}{s.clock.Now().UTC(), control.Duration(s.minute)}, nil
}

func (s *Simulator) controlNotify(ctx context.Context, body []byte) (any, error) {
	in := struct {
		Kind    NotifyKind `json:"kind"`
		Requeue []string   `json:"requeue"`
		Webhook *string    `json:"webhook_url"`
	}{Kind: NotifyAgain}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	if in.Webhook != nil {
		if err := s.SetWebhookURL(strings.TrimSpace(*in.Webhook)); err != nil {
			return nil, control.Bad("%v", err)
		}
	}
	if err := s.Requeue(in.Requeue...); err != nil {
		return nil, err
	}
	sent, err := s.Notify(ctx, in.Kind)
	if err != nil {
		return nil, err
	}
	return struct {
		Sent []NotificationRecord `json:"sent"`
	}{sent}, nil
}
