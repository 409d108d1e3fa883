package omnikassa

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// refundWindow is how long after the transaction it can be refunded, the last
// moment included.
const refundWindow = 60 * 24 * time.Hour

// Refund statuses.
const (
	refundPending   = "PENDING"
	refundSucceeded = "SUCCEEDED"
	refundFailed    = "FAILED"
)

// The names of refused refunds, taken from a sibling product of the bank: the
// refund calls' own are not published.
const (
	refundUnknown   = "UNKNOWN_TRANSACTION_OR_REFUND_NOT_SUPPORTED"
	refundTooLarge  = "MAXIMUM_REFUNDABLE_AMOUNT_EXCEEDED"
	refundTooLate   = "REFUND_PERIOD_EXPIRED"
	refundRequestID = "REQUEST_ID_INVALID"
	refundReused    = "REQUEST_ID_ALREADY_USED"
	refundInvalid   = "INVALID_REFUND_REQUEST"
)

// refund is a refund of a transaction.
type refund struct {
	id            string
	transactionID string // of the refund itself, once it went through
	tx            *transaction
	requestID     string
	order         refundOrder
	status        string
	createdAt     time.Time
	updatedAt     time.Time
}

// refundOrder is what the shop asked for; two requests with the same request-id
// must be the same in it.
type refundOrder struct {
	cents       int64
	description string
	vatCategory string // HIGH, LOW, ZERO or NONE; empty is NONE
}

// refundDetails answers start and details alike.
type refundDetails struct {
	RefundID            string      `json:"refundId"`
	RefundTransactionID *string     `json:"refundTransactionId"`
	TransactionID       string      `json:"transactionId"`
	CreatedAt           string      `json:"createdAt"`
	UpdatedAt           *string     `json:"updatedAt"`
	Money               moneyNumber `json:"refundMoney"`
	VATCategory         *string     `json:"vatCategory"`
	Brand               string      `json:"paymentBrand"`
	Status              string      `json:"status"`
	Description         *string     `json:"description"`
}

// startRefund starts a refund, or gives back the one that the request-id already
// started.
func (s *Simulator) startRefund(w http.ResponseWriter, r *http.Request) {
	if _, e := s.authorise(r, callRefund, accessToken); e != nil {
		s.refuse(w, e)
		return
	}
	requestID, err := uuid.Parse(r.Header.Get("request-id"))
	if err != nil {
		s.refuse(w, refusedRefund(http.StatusUnprocessableEntity, refundRequestID, "The header request-id should be a UUID"))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnnounce))
	if err != nil {
		status := http.StatusBadRequest
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		s.refuse(w, refusedRefund(status, refundInvalid, "The refund request could not be read"))
		return
	}
	wanted, e := decodeRefund(body)
	if e != nil {
		s.refuse(w, e)
		return
	}
	s.mu.Lock()
	f, e := s.bookRefund(r.PathValue("transaction"), requestID.String(), wanted)
	var d refundDetails
	if e == nil {
		d = s.refundDetails(f, callRefund)
	}
	s.mu.Unlock()
	if e != nil {
		s.refuse(w, e)
		return
	}
	s.write(w, http.StatusCreated, d)
}

func decodeRefund(body []byte) (refundOrder, *apiError) {
	bad := func(title string) *apiError {
		return refusedRefund(http.StatusUnprocessableEntity, refundInvalid, title)
	}
	var o refundOrder
	f, ok := readFields(body)
	if !ok {
		return o, refusedRefund(http.StatusBadRequest, refundInvalid, "The refund request is not a JSON object")
	}
	var e *apiError
	if o.cents, e = f.money("money", "refund amount"); e != nil {
		return o, bad(e.ConsumerMessage)
	}
	if o.cents <= 0 {
		return o, bad("refund amount must be greater than zero")
	}
	if o.description, e = f.text("description"); e != nil {
		return o, bad(e.ConsumerMessage)
	}
	if o.vatCategory, e = f.text("vatCategory"); e != nil || !slices.Contains([]string{"", "HIGH", "LOW", "ZERO", "NONE"}, o.vatCategory) {
		return o, bad("vatCategory should be one of: [HIGH, LOW, ZERO] or null")
	}
	if o.vatCategory == "NONE" {
		o.vatCategory = ""
	}
	return o, nil
}

// bookRefund books a refund and has it go through later. The caller holds s.mu.
func (s *Simulator) bookRefund(txID, requestID string, wanted refundOrder) (*refund, *apiError) {
	t := s.txs[txID]
	if e := refundable(t); e != nil {
		return nil, e
	}
	for _, f := range t.refunds {
		if f.requestID == requestID {
			if f.order == wanted {
				return f, nil
			}
			return nil, refusedRefund(http.StatusUnprocessableEntity, refundReused, "The request-id was used for another refund")
		}
	}
	now := s.clock.Now()
	if now.Sub(t.updatedAt) > refundWindow {
		return nil, refusedRefund(http.StatusUnprocessableEntity, refundTooLate, "The refund period has expired")
	}
	if wanted.cents > s.remaining(t) {
		return nil, refusedRefund(http.StatusUnprocessableEntity, refundTooLarge, "Refund amount is too large")
	}
	f := &refund{id: uuid.NewString(), tx: t, requestID: requestID, order: wanted, status: refundPending, createdAt: now}
	s.refunds, t.refunds = append(s.refunds, f), append(t.refunds, f)
	outcome := s.refundOutcome()
	s.due.At(now.Add(s.cfg.RefundAfter), func(_ context.Context, due time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f.status, f.updatedAt = outcome, due
		if outcome == refundSucceeded {
			f.transactionID = uuid.NewString()
		}
	})
	return f, nil
}

// refundOutcome is what the next refund becomes. The caller holds s.mu.
func (s *Simulator) refundOutcome() string {
	if len(s.refundPlans) == 0 {
		return refundSucceeded
	}
	next := s.refundPlans[0]
	s.refundPlans = s.refundPlans[1:]
	return next
}

// refundable refuses a transaction that this API can never refund.
func refundable(t *transaction) *apiError {
	switch {
	case t == nil:
		return refusedRefund(http.StatusNotFound, refundUnknown, "Unknown transaction")
	case !t.paid() || !t.brand.refundable:
		return refusedRefund(http.StatusUnprocessableEntity, refundUnknown, "Refund is not supported for this transaction")
	}
	return nil
}

// remaining is what can still be refunded in cents: failed refunds free their
// amount again. The caller holds s.mu.
func (s *Simulator) remaining(t *transaction) int64 {
	left := t.order.Amount
	for _, f := range t.refunds {
		if f.status != refundFailed {
			left -= f.order.cents
		}
	}
	return left
}

func (s *Simulator) refundDetails(f *refund, call string) refundDetails {
	d := refundDetails{RefundID: f.id, RefundTransactionID: optional(f.transactionID), TransactionID: f.tx.id,
		CreatedAt: writeRecordTime(f.createdAt), Money: centsNumber(f.order.cents), VATCategory: optional(f.order.vatCategory),
		Brand: f.tx.brand.name, Status: f.status, Description: optional(f.order.description)}
	if !f.updatedAt.IsZero() {
		d.UpdatedAt = optional(writeRecordTime(f.updatedAt))
	}
	if s.faults.On(faultUnknownStatus, call) {
		d.Status = strangeStatus
	}
	if s.faults.On(faultUnknownBrand, call) {
		d.Brand = strangeBrand
	}
	return d
}

// optional is nil for the empty text, which JSON writes as null.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
