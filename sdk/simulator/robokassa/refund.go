package robokassa

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"
)

// Labels of refunds.
const (
	refundProcessing = "processing"
	refundFinished   = "finished"
	refundCanceled   = "canceled"
)

// refund of a part of a payment or all of it.
type refund struct {
	id     string
	of     *operation
	amount int64
	label  string
	at     time.Time
}

// refundAnswer is what Create answers.
type refundAnswer struct {
	Success   bool    `json:"success"`
	Message   *string `json:"message"`
	RequestID *string `json:"requestId"`
}

func refusal(message string) refundAnswer { return refundAnswer{Message: &message} }

// Texts of refusals; but for the first and the last they are unverified.
const (
	noFunds   = "NotEnoughOperationFunds"
	noPayment = "OperationNotFound"
	badToken  = "Invalid JWT"
	noAccess  = "Signature key is not exists or partner have not access to API"
)

// createRefund takes a JWT, raw or as a JSON string, with any content type.
func (s *Simulator) createRefund(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	payload, signed := openJWT(body, s.cfg.Password3, "", "HS256", "HS384", "HS512")
	var in struct {
		OpKey string       `json:"OpKey"`
		Sum   *json.Number `json:"RefundSum"`
	}
	switch {
	case err != nil || payload == nil || json.Unmarshal(payload, &in) != nil || in.OpKey == "":
		s.status(w, http.StatusBadRequest, refusal(badToken))
		return
	case !signed:
		s.status(w, http.StatusUnauthorized, refusal(noAccess))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.list, func(o *operation) bool { return o.opKey == in.OpKey && o.state == StatePaid && !o.test })
	if i < 0 {
		s.json(w, refusal(noPayment))
		return
	}
	o := s.list[i]
	sum, ok := o.charged-o.refunded, true
	if in.Sum != nil {
		sum, ok = parseSum(in.Sum.String())
	}
	if !ok || sum <= 0 || sum > o.charged-o.refunded {
		s.json(w, refusal(noFunds))
		return
	}
	f := s.giveBack(o, sum)
	s.json(w, refundAnswer{Success: true, RequestID: &f.id})
}

// giveBack begins a refund, which ends later as it was scripted. The caller
// holds s.mu.
func (s *Simulator) giveBack(o *operation, sum int64) *refund {
	end := refundFinished
	if len(s.refundPlans) > 0 {
		end, s.refundPlans = s.refundPlans[0], s.refundPlans[1:]
	}
	f := &refund{id: newGUID(), of: o, amount: sum, label: refundProcessing, at: s.clock.Now()}
	s.refunds = append(s.refunds, f)
	o.refunded += sum
	s.due.At(f.at.Add(s.cfg.RefundAfter), func(_ context.Context, due time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if f.label, f.at = end, due; end == refundCanceled {
			o.refunded -= sum
		}
	})
	return f
}

// refundState tells how a refund stands.
func (s *Simulator) refundState(w http.ResponseWriter, r *http.Request) {
	p, _ := readParams(w, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.refunds, func(f *refund) bool { return f.id == p.get("id") })
	if i < 0 {
		s.json(w, struct {
			Message string `json:"message"`
		}{"Id is invalid or request id does not exist"})
		return
	}
	f := s.refunds[i]
	s.json(w, struct {
		ID     string      `json:"requestId"`
		Amount json.Number `json:"amount"`
		Label  string      `json:"label"`
	}{f.id, json.Number(six(f.amount)), f.label})
}

func (s *Simulator) json(w http.ResponseWriter, v any) { s.status(w, http.StatusOK, v) }

func (s *Simulator) status(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.cfg.Logger.Error("encode an answer", "error", err)
		status, b = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	s.write(w, b)
}

func (s *Simulator) write(w http.ResponseWriter, b []byte) {
	if _, err := w.Write(b); err != nil {
		s.cfg.Logger.Debug("write an answer", "error", err)
	}
}
