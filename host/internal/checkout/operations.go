package checkout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Capture takes money that is authorised.
func (s *Service) Capture(ctx context.Context, r Request, id string, o OperationSpec) (Reply, error) {
	return s.operate(ctx, r, id, contract.CapturePayment, prefixCapture, o.Payment, func(opID, payment string) order.Change {
		return order.RequestCapture{ID: opID, Payment: payment, Amount: o.Amount, Final: o.Final, Reason: o.Reason, Lines: o.Lines, IdempotencyKey: idempotencyKey(opID)}
	})
}

// Refund gives money back.
func (s *Service) Refund(ctx context.Context, r Request, id string, o OperationSpec) (Reply, error) {
	return s.operate(ctx, r, id, contract.RefundPayment, prefixRefund, o.Payment, func(opID, payment string) order.Change {
		return order.RequestRefund{ID: opID, Payment: payment, Amount: o.Amount, Reason: o.Reason, Lines: o.Lines, IdempotencyKey: idempotencyKey(opID)}
	})
}

// operate reserves a capture or refund by commit, runs it, and books its end.
// Its id is derived from the order, the key and the operation, so that a
// repeat asks for the same one. Where no payment is named the domain's choice
// is made once: the call and what it reserves are of the same payment.
func (s *Service) operate(ctx context.Context, r Request, id string, export contract.Export, prefix, payment string, change func(opID, payment string) order.Change) (Reply, error) {
	if r.Idempotency == nil {
		return Reply{}, fmt.Errorf("%s: an idempotency key is needed", export)
	}
	rec, err := s.load(ctx, r.Key, id)
	if err != nil {
		return Reply{}, err
	}
	opID := derivedID(prefix, id, string(export), r.Idempotency.Key)
	claim := claimOf(r, rec.Order, opID)
	known, err := s.o.Store.Answered(ctx, id, mustPartition(id), *claim)
	if err != nil {
		return Reply{}, fmt.Errorf("read answer of order %s: %w", id, err)
	}
	if known.Known {
		return s.repeatOperation(ctx, r, id, *claim, known)
	}
	planned, _, err := order.Apply(rec.Order, change(opID, payment), s.now())
	if err != nil {
		return Reply{}, err
	}
	payment, ok := holder(planned, opID)
	if !ok {
		return Reply{}, fmt.Errorf("%s %s of order %s: %w", export, opID, id, ErrNotFound)
	}
	after, err := s.ask(ctx, rec, asking{
		export: export, payment: payment, operation: opID, first: []order.Change{change(opID, payment)}, claim: claim,
		end: &claimEnd{claim: *claim, idempotency: *r.Idempotency, subject: opID},
	})
	var there *knownError
	switch {
	case errors.As(err, &there):
		return s.repeatOperation(ctx, r, id, *claim, there.Claimed)
	case errors.Is(err, errUnsupported):
		return Reply{}, &order.RefusedError{Reason: "not_supported", Detail: "the plugin of this payment cannot do it"}
	}
	return Reply{Order: after.Order, Subject: opID}, err
}

// holder is the payment that holds a capture or refund.
func holder(o order.Order, opID string) (string, bool) {
	for _, p := range o.Payments {
		if _, ok := operationOf(p, opID); ok {
			return p.ID, true
		}
	}
	return "", false
}

// mustPartition is the partition of an id that was looked up before.
func mustPartition(id string) Partition {
	p, _ := PartitionOfID(id)
	return p
}

// Sync asks the providers of all that is open or unknown, as far as they may
// be asked.
func (s *Service) Sync(ctx context.Context, r Request, id string) (Reply, error) {
	rec, err := s.load(ctx, r.Key, id)
	if err != nil {
		return Reply{}, err
	}
	claim := claimOf(r, rec.Order, id)
	if claim != nil {
		known, err := s.o.Store.Answered(ctx, id, mustPartition(id), *claim)
		if err != nil {
			return Reply{}, fmt.Errorf("read answer of order %s: %w", id, err)
		}
		if known.Known {
			return s.repeatOperation(ctx, r, id, *claim, known)
		}
	}
	for _, a := range open(rec.Order, s.now()) {
		after, err := s.ask(ctx, rec, a)
		if err != nil && !booked(err) {
			return Reply{Order: after.Order}, err
		}
		if after.Order.ID != "" {
			rec = after
		}
	}
	if claim == nil {
		return Reply{Order: rec.Order, Subject: id}, nil
	}
	return s.settleClaim(ctx, r, rec, *claim, id)
}

// open lists the questions about what is open or unknown, as far as the
// providers may be asked now.
func open(o order.Order, now time.Time) []asking {
	var list []asking
	for _, p := range o.Payments {
		r := p.Rules.Polling
		early := r == nil || r.OnlyAfterExpiry && now.Before(p.ExpiresAt)
		if undecided(p) && !early {
			list = append(list, asking{export: contract.GetPayment, payment: p.ID})
		}
		for _, op := range p.Refunds {
			if op.Status == contract.OperationPending {
				list = append(list, asking{export: contract.GetRefund, payment: p.ID, operation: op.ID})
			}
		}
	}
	return list
}

// undecided says whether get_payment can bring news: refunds have a question
// of their own.
func undecided(p order.Payment) bool {
	return p.Live() || p.Outcome == order.OutcomeUnknown ||
		slices.ContainsFunc(p.Captures, func(c order.Operation) bool { return c.Status == contract.OperationPending })
}

// SetControlReference notes a fiscal control unit's reference.
func (s *Service) SetControlReference(ctx context.Context, r Request, id, reference string) (Reply, error) {
	rec, err := s.load(ctx, r.Key, id)
	if err != nil {
		return Reply{}, err
	}
	claim := claimOf(r, rec.Order, id)
	after, err := s.step(ctx, id, &rec, func(Record) (step, error) {
		todo := step{changes: []order.Change{order.SetControlReference{Reference: reference}}, claim: claim}
		if claim != nil {
			todo.answer = func(o order.Order) Answer { return r.Idempotency.Render(o, id) }
		}
		return todo, nil
	})
	if reply, done, err := s.known(ctx, r, id, claim, after, err); done || err != nil {
		return reply, err
	}
	return Reply{Order: after.Order, Subject: id}, nil
}
