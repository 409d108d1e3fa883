package checkout

import (
	"context"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Cancel ends an order that is not paid: payments that are under way or
// authorized are cancelled at their providers where these can.
func (s *Service) Cancel(ctx context.Context, r Request, id string) (Reply, error) {
	rec, err := s.load(ctx, r.Key, id)
	if err != nil {
		return Reply{}, err
	}
	claim, whole := claimOf(r, rec.Order, id), false
	after, err := s.step(ctx, id, &rec, func(rec Record) (step, error) {
		todo := step{changes: []order.Change{order.Cancel{}}, claim: claim}
		next, _, err := order.Apply(rec.Order, order.Cancel{}, s.now())
		if whole = len(toCancel(next)) == 0; whole && claim != nil {
			todo.answer = func(o order.Order) Answer { return r.Idempotency.Render(o, id) }
		}
		return todo, err
	})
	if reply, done, err := s.known(ctx, r, id, claim, after, err); done || err != nil {
		return reply, err
	}
	out := after.Record
	for _, p := range toCancel(out.Order) {
		next, err := s.cancelPayment(ctx, out, p)
		if err != nil && !booked(err) {
			s.o.Logger.Warn("payment not cancelled yet; its alarm tries again", "order", id, "payment", p, "error", err)
			continue
		}
		out = next
	}
	if claim == nil || whole {
		return Reply{Order: out.Order, Subject: id}, nil
	}
	return s.settleClaim(ctx, r, out, *claim, id)
}

// toCancel lists the payments that cancel_payment is to be run for.
func toCancel(o order.Order) []string {
	var list []string
	for _, p := range o.Payments {
		if !p.CancelRequestedAt.IsZero() && !p.CancelAccepted && !p.Final() {
			list = append(list, p.ID)
		}
	}
	return list
}

// cancelPayment cancels one payment at its provider. A plugin that cannot
// leaves it to expire. Where the outcome of an earlier request is unknown the
// provider is asked before anything else is sent: the alarm sees to both.
func (s *Service) cancelPayment(ctx context.Context, rec Record, payment string) (Record, error) {
	request := []order.Change{order.RequestCancelPayment{Payment: payment}}
	if p, _ := rec.Order.Payment(payment); p.Unsure() {
		after, err := s.step(ctx, rec.Order.ID, &rec, func(Record) (step, error) { return step{changes: request}, nil })
		return after.Record, err
	}
	return s.ask(ctx, rec, asking{export: contract.CancelPayment, payment: payment, first: request})
}
