package order

import (
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// notFoundApart is how far apart two "not found" must be for a payment or an
// operation to be believed not to exist.
const notFoundApart = 2 * time.Minute

// callFailed books the end of a call without a result.
func (s *step) callFailed(p *Payment, c CallFailed) error {
	if c.At.IsZero() {
		c.At = s.now
	}
	switch c.Export {
	case contract.CreatePayment:
		s.createFailed(p, c)
	case contract.CompletePayment:
		s.completeFailed(p, c)
	case contract.CancelPayment:
		s.cancelFailed(p, c)
	case contract.CapturePayment, contract.RefundPayment:
		return s.operationFailed(p, c)
	case contract.GetPayment:
		if c.Failure.Code == contract.NotFound {
			return s.polled(p, Polled{Payment: p.ID, Operation: c.Operation, NotFound: true})
		}
		return s.asked(p, c.Operation)
	case contract.GetRefund:
		if c.Failure.Code == contract.NotFound {
			return s.polled(p, Polled{Payment: p.ID, Operation: c.Operation, NotFound: true})
		}
		return s.asked(p, c.Operation)
	default:
		return fmt.Errorf("call %s failed: %w", c.Export, ErrUnknownChange)
	}
	return nil
}

// createFailed ends an attempt, or leaves it unknown until the provider was
// asked. What came of it later is booked all the same.
func (s *step) createFailed(p *Payment, c CallFailed) {
	if p.Started {
		return
	}
	p.begin()
	p.Failure = &c.Failure
	switch c.Outcome {
	case OutcomeUnknown:
		s.unknown(p, c)
	case OutcomeNotAttempted:
		p.Outcome = OutcomeNotAttempted
		p.News.fall(contract.UpdateFailed)
	default:
		p.Outcome = OutcomeKnown
		p.News.note(contract.UpdateFailed, utc(c.At))
	}
}

// completeFailed ends the attempt where the provider declined; otherwise
// complete_payment is tried again, or asked about first.
func (s *step) completeFailed(p *Payment, c CallFailed) {
	p.Completes++
	p.CompletedAt = s.now
	switch {
	case c.Outcome == OutcomeUnknown:
		s.unknown(p, c)
	case c.Outcome == OutcomeKnown && c.Failure.Code == contract.Declined:
		p.Failure = &c.Failure
		p.News.note(contract.UpdateFailed, utc(c.At))
	}
}

// unknown notes that a write left and got no answer, unless the news have told
// already how the payment stands.
func (s *step) unknown(p *Payment, c CallFailed) {
	if p.moot(c.Export) {
		p.Outcome = OutcomeKnown
		return
	}
	p.Outcome, p.UnknownCall, p.NotFound = OutcomeUnknown, c.Export, nil
	s.happened(Event{Type: PaymentUnknown, Payment: p.ID, Detail: c.Failure.Message})
}

// operationFailed ends a capture or a refund that the provider refused or that
// never left; an unknown outcome keeps what it reserved.
func (s *step) operationFailed(p *Payment, c CallFailed) error {
	op, failed, err := p.operation(c.Export, c.Operation)
	if err != nil {
		return err
	}
	if c.Outcome != OutcomeUnknown {
		p.fail(op, failed, c.Failure, c.Outcome, c.At)
		return nil
	}
	if isPending(*op) && op.Outcome != OutcomeUnknown {
		op.Outcome, op.NotFound = OutcomeUnknown, nil
		s.happened(Event{Type: PaymentUnknown, Payment: p.ID, Operation: op.ID, Amount: op.Amount, Detail: c.Failure.Message})
	}
	return nil
}

// fail joins a verified failure of an operation.
func (p *Payment) fail(op *Operation, failed contract.UpdateType, f contract.Failure, outcome Outcome, at time.Time) {
	if op.Status != contract.OperationSucceeded {
		op.Failure, op.Outcome = &f, outcome
	}
	p.News.keep(&p.News.Own, failed, op.ID, Item{ID: op.ID, At: utc(at)})
}

// operation finds the capture or refund that a call was for.
func (p *Payment) operation(e contract.Export, id string) (*Operation, contract.UpdateType, error) {
	ops, failed := p.Refunds, contract.UpdateRefundFailed
	if e == contract.CapturePayment {
		ops, failed = p.Captures, contract.UpdateCaptureFailed
	}
	i := find(ops, id)
	if i < 0 || ops[i].Origin != OriginShop {
		return nil, "", fmt.Errorf("%s of %q: %w", e, id, ErrUnknownOperation)
	}
	return &ops[i], failed, nil
}

// any finds a capture or a refund by its id.
func (p *Payment) any(id string) (*Operation, contract.UpdateType, error) {
	if op, failed, err := p.operation(contract.CapturePayment, id); err == nil {
		return op, failed, nil
	}
	return p.operation(contract.RefundPayment, id)
}
