package bambora

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// maxCount bounds how many windows one request can script.
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

// controlNext scripts windows to come, settles a named order, and scripts
// answers; its parts go together or alone.
func (s *Simulator) controlNext(_ context.Context, body []byte) (any, error) {
	var in struct {
		Plan
		Order   string           `json:"order"` // settle this order instead of a window to come
		Count   int              `json:"count"` // so many windows; 1 unless given
		Answers []control.Answer `json:"answers"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	if in.Count == 0 {
		in.Count = 1
	}
	switch {
	case in.Count < 0 || in.Count > maxCount:
		return nil, control.Bad("count %d is not between 1 and %d", in.Count, maxCount)
	case in.Outcome == "" && (in.Order != "" || in.Card != ""):
		return nil, control.Bad("order and card need an outcome")
	case in.Outcome == "" && len(in.Answers) == 0:
		return nil, control.Bad("nothing to do: give outcome or answers")
	}
	if err := s.script.Check(in.Answers...); err != nil { // before anything is done
		return nil, err
	}
	var err error
	switch {
	case in.Order != "":
		err = s.Settle(in.Order, in.Plan)
	case in.Outcome != "":
		err = s.Next(slices.Repeat([]Plan{in.Plan}, in.Count)...)
	}
	if err == nil {
		err = s.script.Add(in.Answers...)
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return struct {
		Pages   int `json:"pages"`
		Answers int `json:"answers"`
	}{len(s.plans), s.script.Left()}, nil
}

// controlClock moves the clock by advance or to set, and changes hour, the time
// between two tries of a callback.
func (s *Simulator) controlClock(ctx context.Context, body []byte) (any, error) {
	var in struct {
		Advance control.Duration `json:"advance"`
		Set     *time.Time       `json:"set"`
		Hour    control.Duration `json:"hour"`
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
	s.mu.Lock()
	if in.Hour > 0 {
		s.hour = time.Duration(in.Hour)
	}
	hour := s.hour
	s.mu.Unlock()
	if err := s.MoveClock(ctx, ahead); err != nil {
		return nil, err
	}
	return struct {
		Now  time.Time        `json:"now"`
		Hour control.Duration `json:"hour"`
	}{s.clock.Now().UTC(), control.Duration(hour)}, nil
}

// Notify calls the callbacks of a paid order once more, and gives what the shop
// answered.
func (s *Simulator) Notify(ctx context.Context, order string) ([]CallbackRecord, error) {
	var t *transaction
	var addresses []string
	s.mu.Lock()
	if o := s.find(order); o != nil {
		t, addresses = o.tx, s.addresses(o)
	}
	s.mu.Unlock()
	if t == nil {
		return nil, &control.Problem{Status: http.StatusNotFound, Message: "order " + order + " is not paid here"}
	}
	sent := []CallbackRecord{}
	for _, a := range addresses {
		sent = append(sent, s.call(ctx, s.clock.Now(), a, t, 1))
	}
	return sent, nil
}

// controlNotify sends the callbacks of an order once more: {"order": "A1001"}.
func (s *Simulator) controlNotify(ctx context.Context, body []byte) (any, error) {
	var in struct {
		Order string `json:"order"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	sent, err := s.Notify(ctx, in.Order)
	if err != nil {
		return nil, err
	}
	return struct {
		Sent []CallbackRecord `json:"sent"`
	}{sent}, nil
}
