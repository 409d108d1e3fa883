package paypal

import (
	"net/http"
	"time"
)

func (s *Simulator) findCapture(q *request) (*capture, *apiError) {
	if c, ok := s.captures[q.id]; ok {
		return c, nil
	}
	return nil, missing("capture_id", q.id)
}

// getCapture answers GET /v2/payments/captures/{id}.
func (s *Simulator) getCapture(q *request) (answer, *apiError) {
	c, e := s.findCapture(q)
	if e != nil {
		return answer{}, e
	}
	return answer{status: http.StatusOK, full: s.capture(c, q.base)}, nil
}

// refundRequest is the body of a refund: all optional.
type refundRequest struct {
	Amount    *money `json:"amount"`
	InvoiceID string `json:"invoice_id"`
	CustomID  string `json:"custom_id"`
	Note      string `json:"note_to_payer"`
}

// refundCapture answers POST /v2/payments/captures/{id}/refund: what is left,
// or a part.
func (s *Simulator) refundCapture(q *request) (answer, *apiError) {
	c, e := s.findCapture(q)
	if e != nil {
		return answer{}, e
	}
	var in refundRequest
	if e := q.decode(&in); e != nil {
		return answer{}, e
	}
	for _, f := range []struct {
		name, value string
		most        int
	}{{"invoice_id", in.InvoiceID, 127}, {"custom_id", in.CustomID, 127}, {"note_to_payer", in.Note, 255}} {
		if e := tooLong("/"+f.name, f.value, f.most); e != nil {
			return answer{}, e
		}
	}
	r, e := s.makeRefund(c, in, q.now)
	if e != nil {
		return answer{}, e
	}
	v := s.refund(r, q.base)
	return answer{status: http.StatusCreated, full: v, minimal: short{v.ID, v.Status, v.Links}}, nil
}

func (s *Simulator) makeRefund(c *capture, in refundRequest, now time.Time) (*refund, *apiError) {
	total := c.total - c.refunded
	if in.Amount != nil {
		var e *apiError
		if total, e = cents(in.Amount, "/amount", "DECIMALS_NOT_SUPPORTED", false); e != nil {
			return nil, e
		}
		if in.Amount.CurrencyCode != c.order.currency() {
			return nil, refuseField("REFUND_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", in.Amount.CurrencyCode)
		}
	}
	switch {
	case c.status == statusPending:
		return nil, refuse("PENDING_CAPTURE")
	case c.status == statusRefunded:
		return nil, refuse("CAPTURE_FULLY_REFUNDED")
	case !c.paid():
		return nil, refuse("REFUND_NOT_ALLOWED")
	case now.After(c.created.Add(s.cfg.RefundWindow)):
		return nil, refuse("REFUND_TIME_LIMIT_EXCEEDED")
	case c.refunded+total > c.total:
		return nil, refuseField("REFUND_AMOUNT_EXCEEDED", "/amount/value", amount(total, c.order.currency()).Value)
	}
	r := &refund{id: newID(17), status: statusCompleted, capture: c, total: total, refundRequest: in, created: now, updated: now}
	if r.refundRequest.CustomID == "" { // recorded events of refunds carry the capture's
		r.refundRequest.CustomID = c.unit.CustomID
	}
	if len(s.refundPlans) > 0 {
		r.status, s.refundPlans = s.refundPlans[0], s.refundPlans[1:]
	}
	s.refunds[r.id] = r
	c.unit.refunds = append(c.unit.refunds, r)
	event := map[string]string{statusCompleted: "PAYMENT.CAPTURE.REFUNDED", statusPending: "PAYMENT.REFUND.PENDING", statusFailed: "PAYMENT.REFUND.FAILED"}[r.status]
	if r.status != statusFailed {
		c.giveBack(total, now)
	}
	r.totalRefunded = c.refunded
	s.tell(event, r, now)
	return r, nil
}

// giveBack books a refund on its capture; a negative one takes a failed refund off again.
func (c *capture) giveBack(total int64, now time.Time) {
	c.refunded += total
	c.updated = now
	switch c.refunded {
	case 0:
		c.status = statusCompleted
	case c.total:
		c.status = statusRefunded
	default:
		c.status = statusPartiallyRefunded
	}
}

// getRefund answers GET /v2/payments/refunds/{id}.
func (s *Simulator) getRefund(q *request) (answer, *apiError) {
	r, ok := s.refunds[q.id]
	if !ok {
		return answer{}, missing("refund_id", q.id)
	}
	return answer{status: http.StatusOK, full: s.refund(r, q.base)}, nil
}
