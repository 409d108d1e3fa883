package paypal

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// overage is how much of an authorization may be captured, in percent (openapi,
// MAX_CAPTURE_AMOUNT_EXCEEDED).
const overage = 115

// open says whether an authorization can still be captured.
func (a *authorization) open() bool {
	return a.status == statusCreated || a.status == statusPartiallyCaptured
}

// paid says whether the money of a capture is there, or was.
func (c *capture) paid() bool {
	return slices.Contains([]string{statusCompleted, statusPartiallyRefunded, statusRefunded}, c.status)
}

// authorize makes an authorization of an order.
func (s *Simulator) authorize(o *order, u *unit, total int64, pending bool, now, expires time.Time) *authorization {
	a := &authorization{id: newID(17), status: statusCreated, order: o, unit: u, total: total, created: now, updated: now, expires: expires}
	if pending {
		a.status = statusPending
	}
	s.authorizations[a.id] = a
	u.authorizations = append(u.authorizations, a)
	s.tell("PAYMENT.AUTHORIZATION.CREATED", a, now)
	s.due.At(expires, func(_ context.Context, due time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.release(a, due)
	})
	return a
}

// release ends an authorization that is open or pending: what was not captured
// is given back. PayPal has no status for its expiry: it is voided.
func (s *Simulator) release(a *authorization, now time.Time) {
	if !a.open() && a.status != statusPending {
		return
	}
	a.status, a.updated = statusVoided, now
	s.tell("PAYMENT.AUTHORIZATION.VOIDED", a, now)
}

// take books a capture and tells of it.
func (s *Simulator) take(c *capture, pending bool, now time.Time) {
	c.id, c.created, c.updated, c.status = newID(17), now, now, statusCompleted
	event := "PAYMENT.CAPTURE.COMPLETED"
	if pending {
		c.status, c.reason, event = statusPending, "PENDING_REVIEW", "PAYMENT.CAPTURE.PENDING"
	}
	s.captures[c.id] = c
	c.unit.captures = append(c.unit.captures, c)
	s.tell(event, c, now)
}

func (s *Simulator) findAuthorization(q *request) (*authorization, *apiError) {
	if a, ok := s.authorizations[q.id]; ok {
		return a, nil
	}
	return nil, missing("authorization_id", q.id)
}

// getAuthorization answers GET /v2/payments/authorizations/{id}.
func (s *Simulator) getAuthorization(q *request) (answer, *apiError) {
	a, e := s.findAuthorization(q)
	if e != nil {
		return answer{}, e
	}
	return answer{status: http.StatusOK, full: s.authorization(a, q.base)}, nil
}

// captureRequest is the body of a capture of an authorization.
type captureRequest struct {
	Amount    *money `json:"amount"`
	Final     bool   `json:"final_capture"`
	InvoiceID string `json:"invoice_id"`
	Note      string `json:"note_to_payer"`
	Soft      string `json:"soft_descriptor"`
}

func (in captureRequest) check() *apiError {
	for _, f := range []struct {
		name, value string
		most        int
	}{{"invoice_id", in.InvoiceID, 127}, {"note_to_payer", in.Note, 255}, {"soft_descriptor", in.Soft, 22}} {
		if e := tooLong("/"+f.name, f.value, f.most); e != nil {
			return e
		}
	}
	return nil
}

// captureAuthorization answers POST /v2/payments/authorizations/{id}/capture.
func (s *Simulator) captureAuthorization(q *request) (answer, *apiError) {
	a, e := s.findAuthorization(q)
	if e != nil {
		return answer{}, e
	}
	var in captureRequest
	if e := q.decode(&in); e != nil {
		return answer{}, e
	}
	if e := in.check(); e != nil {
		return answer{}, e
	}
	if e := a.closed(q.now); e != nil {
		return answer{}, e
	}
	total := a.total - a.taken
	if in.Amount != nil {
		if total, e = cents(in.Amount, "/amount", "DECIMALS_NOT_SUPPORTED", false); e != nil {
			return answer{}, e
		}
		if in.Amount.CurrencyCode != a.order.currency() {
			return answer{}, refuseField("AUTH_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", in.Amount.CurrencyCode)
		}
	}
	if a.taken+total > a.total*overage/100 {
		return answer{}, refuseField("MAX_CAPTURE_AMOUNT_EXCEEDED", "/amount/value", amount(total, a.order.currency()).Value)
	}
	c := &capture{order: a.order, unit: a.unit, from: a, total: total, final: in.Final, invoice: in.InvoiceID, note: in.Note}
	if c.invoice == "" {
		c.invoice = a.unit.InvoiceID
	}
	if s.cfg.UniqueInvoices && c.invoice != "" && s.paidInvoice(c.invoice) {
		return answer{}, refuseField("DUPLICATE_INVOICE_ID", "/invoice_id", c.invoice)
	}
	a.taken += total
	a.status, a.updated = statusPartiallyCaptured, q.now
	if in.Final || a.taken >= a.total {
		a.status = statusCaptured
	}
	s.take(c, a.order.pending, q.now)
	return s.captureAnswer(http.StatusCreated, c, q.base), nil
}

func (s *Simulator) captureAnswer(status int, c *capture, base string) answer {
	v := s.capture(c, base)
	return answer{status: status, full: v, minimal: short{v.ID, v.Status, v.Links}}
}

// closed says why an authorization cannot be captured.
func (a *authorization) closed(now time.Time) *apiError {
	switch {
	case a.status == statusVoided && !now.Before(a.expires):
		return refuse("AUTHORIZATION_EXPIRED")
	case a.status == statusVoided:
		return refuse("AUTHORIZATION_VOIDED")
	case a.status == statusCaptured:
		return refuse("AUTHORIZATION_ALREADY_CAPTURED")
	case a.status == statusDenied, a.status == statusPending:
		return refuse("AUTHORIZATION_DENIED")
	}
	return nil
}

// reauthorize answers POST /v2/payments/authorizations/{id}/reauthorize: a new
// authorization takes the place of one that was not captured yet. It ends when
// the first one would have.
func (s *Simulator) reauthorize(q *request) (answer, *apiError) {
	a, e := s.findAuthorization(q)
	if e != nil {
		return answer{}, e
	}
	var in struct {
		Amount *money `json:"amount"`
	}
	if e := q.decode(&in); e != nil {
		return answer{}, e
	}
	if e := a.closed(q.now); e != nil {
		return answer{}, e
	}
	total := a.total
	if in.Amount != nil {
		if total, e = cents(in.Amount, "/amount", "DECIMALS_NOT_SUPPORTED", false); e != nil {
			return answer{}, e
		}
		if in.Amount.CurrencyCode != a.order.currency() {
			return answer{}, refuseField("AUTH_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", in.Amount.CurrencyCode)
		}
	}
	switch {
	case q.now.Before(a.created.Add(s.cfg.HonorPeriod)):
		return answer{}, refuse("REAUTHORIZATION_TOO_SOON")
	case a.taken > 0:
		return answer{}, refuse("AUTHORIZATION_ALREADY_CAPTURED")
	case total > a.unit.total*overage/100:
		return answer{}, refuseField("MAX_CAPTURE_AMOUNT_EXCEEDED", "/amount/value", in.Amount.Value)
	}
	a.status, a.updated = statusVoided, q.now
	v := s.authorization(s.authorize(a.order, a.unit, total, false, q.now, a.expires), q.base)
	return answer{status: http.StatusCreated, full: v, minimal: short{v.ID, v.Status, v.Links}}, nil
}

// void answers POST /v2/payments/authorizations/{id}/void. A partly captured
// one gives the rest back: the simulator's reading of the documents.
func (s *Simulator) void(q *request) (answer, *apiError) {
	a, e := s.findAuthorization(q)
	if e != nil {
		return answer{}, e
	}
	switch a.status {
	case statusVoided:
		return answer{}, refuse("PREVIOUSLY_VOIDED")
	case statusCaptured:
		return answer{}, refuse("PREVIOUSLY_CAPTURED")
	case statusDenied:
		return answer{}, refuse("CANNOT_BE_VOIDED")
	}
	s.release(a, q.now)
	return answer{status: http.StatusOK, full: s.authorization(a, q.base), empty: true}, nil
}
