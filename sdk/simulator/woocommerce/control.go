package woocommerce

import (
	"context"
	"net/http"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

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

// controlNext has shopper or merchant act, and scripts answers: {"place": {…}},
// {"order": 101, "status": "cancelled"}, {"order": 101, "refund": "2.50"}.
func (s *Simulator) controlNext(_ context.Context, body []byte) (any, error) {
	var in struct {
		Place   *Cart            `json:"place"`
		Order   int              `json:"order"`
		Status  string           `json:"status"`
		Refund  string           `json:"refund"`
		Answers []control.Answer `json:"answers"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	if in.Place == nil && in.Order == 0 && len(in.Answers) == 0 {
		return nil, control.Bad("nothing to do: give place, order or answers")
	}
	if err := s.script.Add(in.Answers...); err != nil {
		return nil, err
	}
	var out struct {
		Order   *OrderRecord `json:"order,omitempty"`
		Answers int          `json:"answers"`
	}
	var err error
	if in.Place != nil {
		var placed OrderRecord
		if placed, err = s.Place(*in.Place); err == nil {
			out.Order = &placed
		}
	}
	if err == nil && in.Status != "" {
		err = s.SetStatus(in.Order, in.Status)
	}
	if err == nil && in.Refund != "" {
		err = s.Refund(in.Order, in.Refund, "", false)
	}
	if err != nil {
		return nil, control.Bad("%v", err)
	}
	out.Answers = s.script.Left()
	return out, nil
}

// controlClock moves the clock by advance.
func (s *Simulator) controlClock(_ context.Context, body []byte) (any, error) {
	var in struct {
		Advance control.Duration `json:"advance"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	if err := s.MoveClock(time.Duration(in.Advance)); err != nil {
		return nil, err
	}
	return struct {
		Now time.Time `json:"now"`
	}{s.Now().UTC()}, nil
}

// controlNotify runs the queue.
func (s *Simulator) controlNotify(ctx context.Context, body []byte) (any, error) {
	if err := control.Decode(body, &struct{}{}); err != nil {
		return nil, err
	}
	return struct {
		Sent []DeliveryRecord `json:"sent"`
	}{s.RunQueue(ctx)}, nil
}
