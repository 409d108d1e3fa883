package robokassa

import (
	"context"
	"net/http"
	"slices"
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

// Next scripts the outcomes of pages to come: each page that is opened while one
// waits acts at once as if the buyer had pressed that button.
func (s *Simulator) Next(plans ...Outcome) error {
	for _, o := range plans {
		if err := checkOutcome(o); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append(s.plans, plans...)
	return nil
}

// nextRequest is the body of POST /next; its parts go together or alone.
type nextRequest struct {
	Outcome         Outcome          `json:"outcome"`
	InvID           int64            `json:"inv_id"`            // settle this payment instead of a page to come
	State           *int             `json:"state"`             // or put it into this state
	Count           int              `json:"count"`             // so many pages or refunds; 1 unless given
	RefundOutcome   string           `json:"refund_outcome"`    // finished or canceled: what the next refunds become
	OutcomeByAmount *bool            `json:"outcome_by_amount"` // switch Config.OutcomeByAmount
	Answers         []control.Answer `json:"answers"`           // scripted answers
}

func (in *nextRequest) check() error {
	if in.Count == 0 {
		in.Count = 1
	}
	switch {
	case in.Count < 0 || in.Count > maxCount:
		return control.Bad("count %d is not between 1 and %d", in.Count, maxCount)
	case in.Outcome != "" && checkOutcome(in.Outcome) != nil:
		return checkOutcome(in.Outcome)
	case in.RefundOutcome != "" && in.RefundOutcome != refundFinished && in.RefundOutcome != refundCanceled:
		return control.Bad("unknown refund_outcome %q; known are finished, canceled", in.RefundOutcome)
	case in.State != nil && (in.InvID == 0 || in.Outcome != ""):
		return control.Bad("state goes with inv_id and without outcome")
	case in.InvID != 0 && in.State == nil && in.Outcome == "":
		return control.Bad("inv_id needs an outcome or a state")
	case in.Outcome == "" && in.State == nil && in.RefundOutcome == "" && in.OutcomeByAmount == nil && len(in.Answers) == 0:
		return control.Bad("nothing to do: give outcome, inv_id with state, refund_outcome, outcome_by_amount or answers")
	}
	return nil
}

func (s *Simulator) controlNext(ctx context.Context, body []byte) (any, error) {
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
	var err error
	switch {
	case in.State != nil:
		err = s.SetState(in.InvID, *in.State)
	case in.InvID != 0:
		if err = s.Settle(in.InvID, in.Outcome); err == nil {
			err = s.post.Settle(ctx)
		}
	case in.Outcome != "":
		err = s.Next(slices.Repeat([]Outcome{in.Outcome}, in.Count)...)
	}
	if err != nil {
		return nil, err
	}
	if err := s.script.Add(in.Answers...); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.RefundOutcome != "" {
		s.refundPlans = append(s.refundPlans, slices.Repeat([]string{in.RefundOutcome}, in.Count)...)
	}
	if in.OutcomeByAmount != nil {
		s.cfg.OutcomeByAmount = *in.OutcomeByAmount
	}
	return struct {
		Pages           int  `json:"pages"`
		Refunds         int  `json:"refunds"`
		Answers         int  `json:"answers"`
		OutcomeByAmount bool `json:"outcome_by_amount"`
	}{len(s.plans), len(s.refundPlans), s.script.Left(), s.cfg.OutcomeByAmount}, nil
}

// controlClock moves the clock by advance or to set, and changes minute, the
// time between two tries of a notification.
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
		s.cfg.Minute = time.Duration(in.Minute)
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
	}{s.clock.Now().UTC(), control.Duration(s.cfg.Minute)}, nil
}

// controlNotify sends the news of a payment once more, and changes the shop's
// addresses.
func (s *Simulator) controlNotify(ctx context.Context, body []byte) (any, error) {
	var in struct {
		InvID   int64   `json:"inv_id"`
		Result  *string `json:"result_url"`
		Success *string `json:"success_url"`
		Fail    *string `json:"fail_url"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	for _, text := range []*string{in.Result, in.Success, in.Fail} {
		if text != nil && checkURL(*text) != nil {
			return nil, control.Bad("%q is not an http or https address", *text)
		}
	}
	s.mu.Lock()
	for _, one := range []struct{ from, to *string }{{in.Result, &s.cfg.ResultURL}, {in.Success, &s.cfg.SuccessURL}, {in.Fail, &s.cfg.FailURL}} {
		if one.from != nil {
			*one.to = *one.from
		}
	}
	s.mu.Unlock()
	sent := []NotificationRecord{}
	if in.InvID != 0 {
		var err error
		if sent, err = s.Notify(ctx, in.InvID); err != nil {
			return nil, err
		}
	}
	return struct {
		Sent []NotificationRecord `json:"sent"`
	}{sent}, nil
}
