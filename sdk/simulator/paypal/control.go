package paypal

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

// nextRequest is the body of POST /next; its parts go together or alone.
type nextRequest struct {
	Outcome       Outcome `json:"outcome"`
	Order         string  `json:"order"`          // act on this order instead of a page to come
	Count         int     `json:"count"`          // so many pages or refunds; 1 unless given
	RefundOutcome string  `json:"refund_outcome"` // what the next refunds become
	Refund        string  `json:"refund"`         // end this pending refund so instead
	RefundCapture string  `json:"refund_capture"` // refund what is left of this capture at PayPal
	// ReverseCapture takes the money of this capture back.
	ReverseCapture string           `json:"reverse_capture"`
	Answers        []control.Answer `json:"answers"` // scripted answers
}

// nextAnswer is what still waits.
type nextAnswer struct {
	Pages   int `json:"pages"`
	Refunds int `json:"refunds"`
	Answers int `json:"answers"`
}

var refundOutcomes = map[string]string{"completed": statusCompleted, "pending": statusPending, "failed": statusFailed}

func (s *Simulator) controlNext(_ context.Context, body []byte) (any, error) {
	in := nextRequest{Count: 1}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	if in.Count < 1 || in.Count > maxCount {
		return nil, control.Bad("count %d is not between 1 and %d", in.Count, maxCount)
	}
	if in.RefundOutcome != "" && refundOutcomes[in.RefundOutcome] == "" {
		return nil, control.Bad("unknown refund_outcome %q; known are completed, pending, failed", in.RefundOutcome)
	}
	if err := s.script.Add(in.Answers...); err != nil {
		return nil, err
	}
	if err := s.next(in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return nextAnswer{len(s.plans), len(s.refundPlans), s.script.Left()}, nil
}

func (s *Simulator) next(in nextRequest) error {
	if in.RefundCapture != "" {
		if _, err := s.RefundAtPayPal(in.RefundCapture, 0); err != nil {
			return err
		}
	}
	if in.ReverseCapture != "" {
		if _, err := s.ReverseAtPayPal(in.ReverseCapture); err != nil {
			return err
		}
	}
	switch {
	case in.Refund != "":
		if err := s.SettleRefund(in.Refund, in.RefundOutcome == "completed"); err != nil {
			return err
		}
	case in.RefundOutcome != "":
		s.mu.Lock()
		s.refundPlans = append(s.refundPlans, slices.Repeat([]string{refundOutcomes[in.RefundOutcome]}, in.Count)...)
		s.mu.Unlock()
	}
	switch {
	case in.Order != "":
		return s.Settle(in.Order, in.Outcome)
	case in.Outcome != "":
		return s.Next(slices.Repeat([]Outcome{in.Outcome}, in.Count)...)
	}
	return nil
}

// MoveClock puts the provider's clock ahead by d, which is not negative, and
// waits until what fell due has happened: orders expired, webhooks sent and
// answered, one by one. It must not be called from within the webhook.
func (s *Simulator) MoveClock(ctx context.Context, d time.Duration) error {
	s.post.Hold() // first what happened, then the news of it
	err := s.clock.Move(d)
	if err == nil {
		err = s.due.Settle(ctx)
	}
	s.post.Release()
	if err != nil {
		return err
	}
	return s.post.Settle(ctx)
}

// controlClock moves the clock by advance or to set.
func (s *Simulator) controlClock(ctx context.Context, body []byte) (any, error) {
	var in struct {
		Advance control.Duration `json:"advance"`
		Set     *time.Time       `json:"set"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	ahead := time.Duration(in.Advance)
	if in.Set != nil {
		if ahead = in.Set.Sub(s.clock.Now()); ahead < 0 {
			return nil, control.Bad("the clock cannot go back to %s; it only moves ahead", in.Set.Format(time.RFC3339))
		}
	}
	if err := s.MoveClock(ctx, ahead); err != nil {
		return nil, err
	}
	return struct {
		Now time.Time `json:"now"`
	}{s.clock.Now().UTC()}, nil
}

// Resend delivers the events about an order once more, to all listeners: the
// same bodies, in new transmissions. The order is named as in [Simulator.Settle].
// It must not be called from within the webhook.
func (s *Simulator) Resend(ctx context.Context, id string) error {
	s.mu.Lock()
	o := s.find(id)
	if o == nil {
		s.mu.Unlock()
		return &control.Problem{Status: http.StatusNotFound, Message: "there is no order " + id}
	}
	for _, e := range s.events {
		if e.about != o {
			continue
		}
		for _, h := range s.hooks {
			s.deliverAt(e, h, maxDeliveries, s.clock.Now())
		}
	}
	s.mu.Unlock()
	return s.post.Settle(ctx)
}

func (s *Simulator) controlNotify(ctx context.Context, body []byte) (any, error) {
	var in struct {
		Order   string  `json:"order"`
		Webhook *string `json:"webhook_url"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	if in.Webhook != nil {
		if err := s.SetWebhookURL(*in.Webhook); err != nil {
			return nil, control.Bad("%v", err)
		}
	}
	before := len(s.Books().Deliveries)
	if in.Order != "" {
		if err := s.Resend(ctx, in.Order); err != nil {
			return nil, err
		}
	}
	return struct {
		Sent []DeliveryRecord `json:"sent"`
	}{s.Books().Deliveries[before:]}, nil
}

// SetWebhookURL changes the address of the configured listener; "" takes it away.
func (s *Simulator) SetWebhookURL(url string) error {
	if err := checkURL(url); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.hooks, func(h *hook) bool { return h.ID == s.cfg.WebhookID })
	switch {
	case i >= 0 && url == "":
		s.hooks = slices.Delete(s.hooks, i, i+1)
	case i >= 0:
		changed := *s.hooks[i]
		changed.URL = url
		s.hooks[i] = &changed
	case url != "":
		s.hooks = append(s.hooks, &hook{ID: s.cfg.WebhookID, URL: url, Types: []eventType{{Name: "*"}}})
	}
	return nil
}
