package order

import (
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// requestCapture reserves a capture before the plugin runs.
func (s *step) requestCapture(c RequestCapture) error {
	if s.o.holds(c.ID) {
		return nil
	}
	p, err := s.o.held(c, s.now)
	if err != nil {
		return err
	}
	rest, refused := s.o.capturable(*p, s.now)
	if refused == nil {
		refused = p.checkCapture(&c, rest)
	}
	if refused != nil {
		return refused
	}
	if err := checkOperation(c.Reason, c.Lines, c.Amount); err != nil {
		return err
	}
	final := c.Final || !p.Rules.Capture.Multiple
	p.Captures = append(p.Captures, Operation{
		ID: c.ID, Amount: c.Amount, Final: final, Reason: c.Reason, Lines: slices.Clone(c.Lines), IdempotencyKey: c.IdempotencyKey,
		Status: contract.OperationPending, Outcome: OutcomeNotAttempted, Origin: OriginShop, CreatedAt: s.now,
	})
	s.happened(Event{Type: CaptureRequested, Payment: p.ID, Operation: c.ID, Amount: c.Amount, Detail: c.Reason})
	return nil
}

// held finds the payment that a capture is taken from: the one named, or the
// first that can bear it, or the one that comes nearest so that the refusal
// says why.
func (o *Order) held(c RequestCapture, now time.Time) (*Payment, error) {
	if c.Payment != "" {
		i := o.index(c.Payment)
		if i < 0 {
			return nil, fmt.Errorf("payment %q: %w", c.Payment, ErrUnknownPayment)
		}
		return &o.Payments[i], nil
	}
	var nearest *Payment
	var most int64 = -1
	for i := range o.Payments {
		p := &o.Payments[i]
		rest, refused := o.capturable(*p, now)
		if ask := c; refused == nil && p.checkCapture(&ask, rest) == nil {
			return p, nil
		}
		if (refused == nil || refused.Reason != notAuthorized) && rest.Value > most {
			nearest, most = p, rest.Value
		}
	}
	if nearest == nil {
		return nil, refuse(notAuthorized, "No payment of the order is authorized, so there is nothing to capture.")
	}
	return nearest, nil
}

// notAuthorized is the reason where there is no authorisation to capture.
const notAuthorized = "not_authorized"

// holds says whether an operation of this id is there, of whatever payment.
func (o Order) holds(operation string) bool {
	return slices.ContainsFunc(o.Payments, func(p Payment) bool {
		return find(p.Captures, operation) >= 0 || find(p.Refunds, operation) >= 0
	})
}

// capturable says how much of a payment can be captured now, or why nothing.
func (o Order) capturable(p Payment, now time.Time) (Money, *RefusedError) {
	none := Money{Currency: p.Amount.Currency}
	rule := p.Rules.Capture
	switch {
	case !o.CancelledAt.IsZero():
		return none, refuse("order_closed", "The order is cancelled; make a new one.")
	case p.Status() != PaymentAuthorized && (p.Status() != PaymentCaptured || p.Capture != contract.CaptureManual):
		return none, refuse(notAuthorized, "The payment is %s; only an authorized one can be captured.", p.Status())
	case rule == nil || !rule.Manual || !p.can(contract.CapturePayment):
		return none, refuse("not_supported", "The method has no capture on demand; capture it in the provider's back office.")
	case !p.CancelRequestedAt.IsZero():
		return none, refuse("cancel_requested", "A cancellation of the payment is under way; wait for its end.")
	case p.Unsure():
		return none, refuse("unknown_outcome", "It is not known yet how an earlier request ended; the provider is being asked. Try again later.")
	}
	if end := p.windowEnd(); !end.IsZero() && !now.Before(end) {
		return none, refuse("window_over", "The authorisation could be captured until %s; ask for a new payment.", end.Format(time.RFC3339))
	}
	earlier := slices.ContainsFunc(p.Captures, func(c Operation) bool { return c.Status != contract.OperationFailed })
	if !rule.Multiple && (earlier || p.News.amount(contract.UpdateCaptured) > 0) {
		return none, refuse("multiple_not_supported", "The provider takes one capture of a payment, and there is one.")
	}
	rest := Money{Value: p.uncaptured(), Currency: p.Amount.Currency}
	if rest.Value == 0 {
		return none, refuse("amount_exceeds_rest", "Nothing is left to capture.")
	}
	return rest, nil
}

// checkCapture holds a request against the rest, and fills in a zero amount.
func (p Payment) checkCapture(c *RequestCapture, rest Money) *RefusedError {
	if c.Amount.IsZero() {
		c.Amount = rest
	}
	if refused := checkAmount(c.Amount, rest); refused != nil {
		return refused
	}
	if c.Amount.Value < rest.Value && !p.Rules.Capture.Partial {
		return refuse("partial_not_supported", "The provider captures the whole amount or nothing: %s.", rest)
	}
	return nil
}

// checkAmount holds the amount of an operation against what is left.
func checkAmount(amount, rest Money) *RefusedError {
	switch {
	case amount.Currency != rest.Currency:
		return refuse("currency_differs", "The payment is in %s; give the amount in it.", rest.Currency)
	case amount.Value <= 0:
		return refuse("amount_invalid", "Give an amount above zero, or none for all that remains.")
	case amount.Value > rest.Value:
		return refuse("amount_exceeds_rest", "At most %s is left.", rest)
	}
	return nil
}

func unknownOutcome(op Operation) bool { return isPending(op) && op.Outcome == OutcomeUnknown }

func refuse(reason, format string, args ...any) *RefusedError {
	return &RefusedError{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// operationEnded books the result of capture_payment, refund_payment or
// get_refund.
func (s *step) operationEnded(p *Payment, c OperationEnded) error {
	if c.At.IsZero() {
		c.At = s.now
	}
	op, failed, err := p.operation(c.Export, c.Operation)
	if err != nil {
		return err
	}
	r := c.Result
	if r.ProviderReference != "" && op.ProviderReference == "" {
		op.ProviderReference = r.ProviderReference
	}
	switch r.Status {
	case contract.OperationSucceeded:
		p.done(op, failed, r, c.At)
	case contract.OperationPending:
		op.Outcome, op.NotFound = OutcomeKnown, nil
	case contract.OperationFailed:
		if err := s.resultFailed(p, op, failed, c); err != nil {
			return err
		}
	default:
		return fmt.Errorf("result of %s has status %q: %w", c.Export, r.Status, ErrUnknownChange)
	}
	p.keepState(r.State)
	return s.book(p, r.Updates, true, c.Export, c.At)
}

// done books a success as an update of the operation, tied to it by id.
func (p *Payment) done(op *Operation, failed contract.UpdateType, r contract.OperationResult, at time.Time) {
	t := contract.UpdateRefunded
	if failed == contract.UpdateCaptureFailed {
		t = contract.UpdateCaptured
	}
	u := contract.Update{Type: t, Amount: r.Amount, Item: &contract.Item{ID: op.ID, ProviderReference: r.ProviderReference}}
	if !p.News.book(u, utc(at), p.Amount, op) {
		// The type was reported before, or the amount does not count; the success stands either way.
		p.News.keep(&p.News.Own, t, op.ID, Item{ID: op.ID, At: utc(at)})
	}
}

// resultFailed books a failure that the provider stated. For a refund whose
// outcome is unknown, "not found" is not a failure until it was heard twice.
func (s *step) resultFailed(p *Payment, op *Operation, failed contract.UpdateType, c OperationEnded) error {
	f := contract.Failure{Code: contract.Declined, Message: "the provider refused it"}
	if c.Result.Failure != nil {
		f = *c.Result.Failure
	}
	if c.Export == contract.GetRefund && f.Code == contract.NotFound && op.Outcome == OutcomeUnknown {
		return s.operationPolled(p, Polled{Payment: p.ID, Operation: op.ID, NotFound: true})
	}
	p.fail(op, failed, f, OutcomeKnown, c.At)
	return nil
}
