package magento

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

// controlNext does what a shopper or an administrator does, and scripts answers:
// {"place": {…}}, {"order": "000000001", "do": "cancel"}, {"answers": […]}.
func (s *Simulator) controlNext(_ context.Context, body []byte) (any, error) {
	var in struct {
		Place   *Draft           `json:"place"`
		Order   string           `json:"order"`
		Do      string           `json:"do"`     // cancel, ship, hold, unhold, review, invoice, capture, refund or refund_offline
		Amount  string           `json:"amount"` // of a refund, in the base currency
		Answers []control.Answer `json:"answers"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	acts := map[string]func() (OrderRecord, error){
		"cancel": func() (OrderRecord, error) { return s.Cancel(in.Order) }, "ship": func() (OrderRecord, error) { return s.Ship(in.Order) },
		"hold": func() (OrderRecord, error) { return s.Hold(in.Order) }, "unhold": func() (OrderRecord, error) { return s.Unhold(in.Order) },
		"review":         func() (OrderRecord, error) { return s.Review(in.Order) },
		"invoice":        func() (OrderRecord, error) { return s.Invoice(in.Order, false) },
		"capture":        func() (OrderRecord, error) { return s.Invoice(in.Order, true) },
		"refund":         func() (OrderRecord, error) { return s.CreditMemo(in.Order, in.Amount, true) },
		"refund_offline": func() (OrderRecord, error) { return s.CreditMemo(in.Order, in.Amount, false) },
	}
	act, known := acts[in.Do]
	switch {
	case in.Do != "" && !known:
		return nil, control.Bad("do %q: use cancel, ship, hold, unhold, review, invoice, capture, refund or refund_offline", in.Do)
	case in.Place != nil && in.Do != "":
		return nil, control.Bad("give place or do, not both")
	case in.Place == nil && in.Do == "" && len(in.Answers) == 0:
		return nil, control.Bad("nothing to do: give place, do or answers")
	}
	if err := s.script.Check(in.Answers...); err != nil { // before anything is done
		return nil, err
	}
	if in.Place != nil {
		act = func() (OrderRecord, error) { return s.Place(*in.Place) }
	}
	var out struct {
		Order   *OrderRecord `json:"order,omitempty"`
		Answers int          `json:"answers"`
	}
	if act != nil {
		o, err := act()
		if err != nil {
			return nil, err
		}
		out.Order = &o
	}
	if err := s.script.Add(in.Answers...); err != nil {
		return nil, err
	}
	out.Answers = s.script.Left()
	return out, nil
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
		if in.Advance > 0 {
			return nil, control.Bad("give advance or set, not both")
		}
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

// controlNotify has the module send a ping, an order whole, or an order's messages
// once more: {"kind": "ping"}, {"kind": "placed", "order": …}, {"order": …}.
func (s *Simulator) controlNotify(ctx context.Context, body []byte) (any, error) {
	var in struct {
		Kind  string `json:"kind"`
		Order string `json:"order"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	send := map[string]func() (int, error){
		"": func() (int, error) { return s.Resend(ctx, in.Order) }, kindPing: func() (int, error) { return s.Ping(ctx) },
		kindPlaced: func() (int, error) { return s.SendOrder(ctx, in.Order) },
	}[in.Kind]
	if send == nil {
		return nil, control.Bad("kind %q: use ping, placed or none", in.Kind)
	}
	status, err := send()
	if err != nil {
		return nil, err
	}
	return struct {
		Status int `json:"status"`
	}{status}, nil
}
