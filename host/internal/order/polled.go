package order

import (
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// asked notes a question that ended, answered or not.
func (s *step) asked(p *Payment, operation string) error {
	if operation != "" {
		op, failed, err := p.any(operation)
		if err != nil {
			return err
		}
		op.Polls++
		op.PolledAt = s.now
		if failed == contract.UpdateCaptureFailed || !p.can(contract.GetRefund) {
			p.Polls++ // it was get_payment
			p.PolledAt = s.now
		}
		return nil
	}
	p.Polls++
	p.PolledAt = s.now
	// get_payment speaks of everything that has no question of its own.
	for i := range p.Captures {
		s.touch(&p.Captures[i])
	}
	if !p.can(contract.GetRefund) {
		for i := range p.Refunds {
			s.touch(&p.Refunds[i])
		}
	}
	return nil
}

func (s *step) touch(op *Operation) {
	if isPending(*op) {
		op.Polls++
		op.PolledAt = s.now
	}
}

// polled notes an answer. "Not found" ends an unknown outcome only when it
// was heard twice and far enough apart; any other answer ends it at once.
func (s *step) polled(p *Payment, c Polled) error {
	if err := s.asked(p, c.Operation); err != nil {
		return err
	}
	if c.Operation != "" {
		return s.operationPolled(p, c)
	}
	if !p.Started {
		return nil
	}
	p.AnsweredAt = s.now
	if p.Outcome != OutcomeUnknown {
		return nil
	}
	if !c.NotFound {
		p.know()
		return nil
	}
	p.NotFound = append(p.NotFound, s.now)
	if lacking(p.NotFound) {
		p.Failure = &contract.Failure{Code: contract.NotFound, Message: "the provider does not know the payment"}
		p.News.fall(contract.UpdateFailed)
		p.know()
	}
	return nil
}

// operationPolled does the same for one capture or refund. Any other answer
// has told by what it reported how the operation stands.
func (s *step) operationPolled(p *Payment, c Polled) error {
	op, failed, err := p.any(c.Operation)
	if err != nil || !c.NotFound || !isPending(*op) || op.Outcome != OutcomeUnknown {
		return err
	}
	op.NotFound = append(op.NotFound, s.now)
	if lacking(op.NotFound) {
		f := contract.Failure{Code: contract.NotFound, Message: "the provider does not know the operation"}
		p.fail(op, failed, f, OutcomeKnown, s.now)
	}
	return nil
}

// lacking says whether "not found" was heard twice, far enough apart.
func lacking(times []time.Time) bool {
	return len(times) > 1 && !slices.MaxFunc(times, time.Time.Compare).Before(times[0].Add(notFoundApart))
}
