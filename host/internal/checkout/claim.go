package checkout

import (
	"context"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// claimEnd ends an idempotent request: its answer goes with the commit.
type claimEnd struct {
	claim       Claim
	idempotency Idempotency
	subject     string
}

// answer is the kept answer for how the operation ended. It is nil where the
// failure's answer is not kept.
func (c *claimEnd) answer(failed *CallError) func(order.Order) Answer {
	switch {
	case c == nil:
		return nil
	case failed == nil:
		return func(o order.Order) Answer { return c.idempotency.Render(o, c.subject) }
	case c.idempotency.Refuse == nil:
		return nil
	}
	return func(o order.Order) Answer {
		f := *failed
		f.Order = o
		return c.idempotency.Refuse(&f)
	}
}

// repeatOperation answers a request whose key is known: with its answer, or
// by waiting for the first to end.
func (s *Service) repeatOperation(ctx context.Context, r Request, id string, claim Claim, known Claimed) (Reply, error) {
	p, err := PartitionOfID(id)
	if err != nil {
		return Reply{}, err
	}
	deadline := time.Now().Add(waitBusy)
	for {
		switch {
		case known.Mismatch:
			return Reply{}, ErrKeyReused
		case known.Answer != nil:
			return Reply{Answer: known.Answer}, nil
		}
		rec, err := s.o.Store.Load(ctx, id)
		if err != nil {
			return Reply{}, fmt.Errorf("read order %s: %w", id, err)
		}
		if rec.Busy == nil || rec.Busy.Interim {
			claim.Operation = known.Operation
			return s.settleClaim(ctx, r, rec, claim, known.Operation)
		}
		if !time.Now().Before(deadline) {
			return Reply{}, ErrRunning
		}
		if err := s.pause(ctx, id, 100*time.Millisecond); err != nil {
			return Reply{}, err
		}
		if known, err = s.o.Store.Answered(ctx, claim.Subject, p, claim); err != nil {
			return Reply{}, fmt.Errorf("read answer of order %s: %w", id, err)
		}
	}
}

// known answers a request from what its step found about the claim. The key
// decides before the domain does: a refusal of what the key never asked for is
// ErrKeyReused. Not done: the step was written.
func (s *Service) known(ctx context.Context, r Request, id string, claim *Claim, after stepped, err error) (Reply, bool, error) {
	switch {
	case err == nil && after.claimed.Known:
		reply, err := s.repeatOperation(ctx, r, id, *claim, after.claimed)
		return reply, true, err
	case err == nil || claim == nil:
		return Reply{}, false, err
	}
	if earlier, failed := s.o.Store.Answered(ctx, id, mustPartition(id), *claim); failed == nil && earlier.Mismatch {
		return Reply{}, true, ErrKeyReused
	}
	return Reply{}, true, err
}

// settleClaim gives a claim its answer from what the order has come to, where
// the node that was to give it is gone.
func (s *Service) settleClaim(ctx context.Context, r Request, rec Record, claim Claim, subject string) (Reply, error) {
	end := &claimEnd{claim: claim, idempotency: *r.Idempotency, subject: subject}
	failed := failureOf(rec.Order, subject)
	answer := end.answer(failed)
	if answer != nil {
		after, err := s.step(ctx, rec.Order.ID, &rec, func(Record) (step, error) {
			return step{claim: &claim, answer: answer}, nil
		})
		if err != nil {
			return Reply{}, err
		}
		switch {
		case after.claimed.Mismatch:
			return Reply{}, ErrKeyReused
		case after.claimed.Answer != nil:
			return Reply{Answer: after.claimed.Answer}, nil
		}
		rec = after.Record
	}
	reply := Reply{Order: rec.Order, Subject: subject}
	if failed != nil {
		return reply, failed
	}
	return reply, nil
}

// failureOf says how a payment, capture or refund of the order failed; nil if it did not.
func failureOf(o order.Order, subject string) *CallError {
	failed := func(e contract.Export, f *contract.Failure, out order.Outcome) *CallError {
		if f == nil {
			return nil
		}
		return &CallError{Export: e, Failure: *f, Outcome: out, Order: o, Subject: subject}
	}
	for _, p := range o.Payments {
		if p.ID == subject && p.Started && p.Action == nil && p.Failure != nil {
			return failed(contract.CreatePayment, p.Failure, p.Outcome)
		}
		for _, c := range p.Captures {
			if c.ID == subject && c.Status == contract.OperationFailed {
				return failed(contract.CapturePayment, c.Failure, c.Outcome)
			}
		}
		for _, r := range p.Refunds {
			if r.ID == subject && r.Status == contract.OperationFailed {
				return failed(contract.RefundPayment, r.Failure, r.Outcome)
			}
		}
	}
	return nil
}
