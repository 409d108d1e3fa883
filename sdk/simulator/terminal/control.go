package terminal

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Control serves the control API of this simulator: POST /next, /faults, /clock
// and /notify, GET /books. A terminal notifies nobody but by X-Callback-Url.
func (s *Simulator) Control() http.Handler {
	return control.Handler(control.API{
		Next:   s.controlNext,
		Faults: func(_ context.Context, body []byte) (any, error) { return s.faults.Apply(body) },
		Clock:  s.controlClock,
		Notify: func(context.Context, []byte) (any, error) {
			return nil, &control.Problem{Status: http.StatusConflict, Message: "a terminal has no notifications; tills ask"}
		},
		Books: func() any { return s.Books() },
	})
}

// controlNext says what the next customers do, or settles a payment that runs.
func (s *Simulator) controlNext(_ context.Context, body []byte) (any, error) {
	var in struct {
		plan
		POIID           string           `json:"poi_id"`            // the first terminal unless given
		Payment         string           `json:"payment"`           // settle the one with this reference instead
		OutcomeByAmount *bool            `json:"outcome_by_amount"` // let the last two digits decide, as at the start
		Answers         []control.Answer `json:"answers"`           // scripted answers
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	if in.Outcome == "" && in.OutcomeByAmount == nil && len(in.Answers) == 0 {
		return nil, control.Bad("nothing to do: give outcome, outcome_by_amount or answers")
	}
	planned := in.Outcome != ""
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := s.script.Check(in.Answers...); err != nil { // before anything is done
		return nil, err
	}
	switch {
	case planned && in.Payment != "":
		if err := s.Settle(in.Payment, in.Outcome, in.EnterTotal); err != nil {
			return nil, err
		}
	case planned:
		if in.POIID == "" {
			in.POIID = s.cfg.POIIDs[0]
		}
		if err := s.next(in.POIID, in.plan); err != nil {
			return nil, err
		}
	}
	if err := s.script.Add(in.Answers...); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.OutcomeByAmount != nil {
		s.byAmount = *in.OutcomeByAmount
	}
	return struct {
		Answers         int  `json:"answers"`
		OutcomeByAmount bool `json:"outcome_by_amount"`
	}{s.script.Left(), s.byAmount}, nil
}

// next queues what the customer of a terminal's next payment does.
func (s *Simulator) next(poi string, p plan) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[poi]
	if d == nil {
		return &control.Problem{Status: http.StatusNotFound, Message: "there is no terminal " + poi + "; there are " + strings.Join(s.ids(), ", ")}
	}
	d.plans = append(d.plans, p)
	return nil
}

// controlClock moves the clock by advance.
func (s *Simulator) controlClock(ctx context.Context, body []byte) (any, error) {
	var in struct {
		Advance control.Duration `json:"advance"`
	}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	if err := s.MoveClock(ctx, time.Duration(in.Advance)); err != nil {
		return nil, err
	}
	return struct {
		Now time.Time `json:"now"`
	}{s.clock.Now().UTC()}, nil
}

// sandbox serves a path below /sandbox/terminals/{poi} (section 10).
func (s *Simulator) sandbox(f func(poi string, body []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
		var v any
		if err == nil {
			v, err = f(r.PathValue("poi"), body)
		}
		status := http.StatusOK
		if err != nil {
			status = http.StatusBadRequest
			var p *control.Problem
			if errors.As(err, &p) {
				status = p.Status
			}
			v = object{"error": err.Error()}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v) // the client may have gone; nothing is left to do then
	}
}

func (s *Simulator) scriptNext(poi string, body []byte) (any, error) {
	var p plan
	if err := control.Decode(body, &p); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := s.next(poi, p); err != nil {
		return nil, err
	}
	return s.deviceState(poi, nil)
}

func (s *Simulator) deviceState(poi string, _ []byte) (any, error) {
	return s.configure(poi, nil)
}

// configure sets a terminal up, as its maker would, and gives how it stands.
func (s *Simulator) configure(poi string, body []byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[poi]
	if d == nil {
		return nil, &control.Problem{Status: http.StatusNotFound, Message: "there is no terminal " + poi + "; there are " + strings.Join(s.ids(), ", ")}
	}
	in := struct {
		Tip        tipRule  `json:"tip"`
		Login      string   `json:"login"`
		Currencies []string `json:"currencies"`
		Shape      string   `json:"receipt_shape"`
	}{d.tip, d.record().Login, slices.Clone(d.currencies), d.shape}
	if err := control.Decode(body, &in); err != nil {
		return nil, err
	}
	unknown := slices.IndexFunc(in.Currencies, func(c string) bool { _, ok := exponents[c]; return !ok })
	switch {
	case in.Login != "required" && in.Login != "none":
		return nil, control.Bad("login %q is neither required nor none", in.Login)
	case unknown >= 0:
		return nil, control.Bad("currency %q is not known here", in.Currencies[unknown])
	case !slices.Contains(shapes, in.Shape):
		return nil, control.Bad("receipt_shape %q is none of %s", in.Shape, strings.Join(shapes, ", "))
	case in.Tip.MaxPercent < 0 || in.Tip.MaxPercent > 1000:
		return nil, control.Bad("tip.max_percent %d is not 0 to 1000", in.Tip.MaxPercent)
	}
	d.tip, d.login, d.currencies, d.shape = in.Tip, in.Login == "required", in.Currencies, in.Shape
	return d.record(), nil
}
