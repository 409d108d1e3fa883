package checkout

import (
	"context"
	"errors"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// starting is an attempt to be started.
type starting struct {
	// rec is the order as it was read just now, or nil.
	rec     *Record
	order   string
	payment string
	choice  Choice
	// request and claim are the API's; a consumer's choice has neither.
	request Request
	claim   *Claim
	// claimed says that the claim was written with the order already.
	claimed bool
}

// StartPayment starts an attempt for the API.
func (s *Service) StartPayment(ctx context.Context, r Request, id string, c Choice) (Reply, error) {
	rec, err := s.load(ctx, r.Key, id)
	if err != nil {
		return Reply{}, err
	}
	c.Seen = -1
	payment := s.paymentID(r, id)
	return s.start(ctx, starting{rec: &rec, order: id, payment: payment, choice: c, request: r, claim: claimOf(r, rec.Order, payment)})
}

// paymentID is derived from the idempotency key where there is one, so that a
// repeat asks for the same payment.
func (s *Service) paymentID(r Request, orderID string) string {
	if r.Idempotency == nil {
		return NewPaymentID(s.now())
	}
	return derivedID(prefixPayment, orderID, "payment", r.Idempotency.Key)
}

func claimOf(r Request, o order.Order, operation string) *Claim {
	if r.Idempotency == nil {
		return nil
	}
	return &Claim{Scope: o.Shop, Subject: o.ID, Key: r.Idempotency.Key, Fingerprint: r.Idempotency.Fingerprint, Operation: operation}
}

// start reserves an attempt by commit, runs create_payment, and books its end.
// An attempt that is there already is waited for.
func (s *Service) start(ctx context.Context, st starting) (Reply, error) {
	after, call, err := s.reserve(ctx, st)
	var live *order.LiveAttemptError
	switch {
	case errors.As(err, &live):
		return s.joinAttempt(ctx, st, live.Payment)
	case err != nil:
		return Reply{}, err
	case after.claimed.Known:
		return s.repeatOperation(ctx, st.request, st.order, *st.claim, after.claimed)
	case call == nil: // the payment was there
		return s.joinAttempt(ctx, st, st.payment)
	}
	rec, err := s.runOrder(ctx, after.Record, *call, st.claimEnd())
	return s.reply(st, rec, err)
}

// reserve commits the attempt with the call that is to make it. The call is
// nil where the attempt was there.
func (s *Service) reserve(ctx context.Context, st starting) (stepped, *Call, error) {
	var call *Call
	rec := st.rec
	if rec == nil {
		r, err := s.o.Store.Load(ctx, st.order)
		if err != nil {
			return stepped{}, nil, fmt.Errorf("read order %s: %w", st.order, err)
		}
		rec = &r
	}
	if _, ok := rec.Order.Payment(st.payment); ok { // whether or not the method can still be had
		return stepped{Record: *rec}, nil, nil
	}
	offer, err := s.offer(ctx, rec.Order, st.choice.Method)
	if err != nil {
		return stepped{}, nil, err
	}
	p := PartitionOf(rec.Order.Shop, rec.Order.Reference)
	to := PaymentAddress{rec.Order.ID, st.payment}
	var number int64
	if ref := offer.rules.Reference; ref != nil && ref.Number {
		account, err := s.o.Directory.Account(offer.Account)
		if err != nil {
			return stepped{}, nil, fmt.Errorf("account %s: %w", offer.Account, err)
		}
		if number, err = s.o.Store.NextNumber(ctx, offer.Account, account.NumberStart, to); err != nil {
			return stepped{}, nil, fmt.Errorf("number of account %s: %w", offer.Account, err)
		}
	}
	change := order.Reserve{
		Payment: st.payment, Reference: NewReference(p), Number: number,
		Method: st.choice.Method, MethodOptions: st.choice.MethodOptions,
		Account: offer.Account, Plugin: offer.version.Plugin, Rules: offer.rules, Operations: offer.version.Manifest.Operations, Settle: offer.settle,
		IdempotencyKey: idempotencyKey(st.payment), Seen: st.choice.Seen,
	}
	after, err := s.step(ctx, st.order, rec, func(rec Record) (step, error) {
		call = nil
		if _, ok := rec.Order.Payment(st.payment); ok {
			return step{}, errPaymentThere
		}
		if _, _, err := order.Apply(rec.Order, change, s.now()); err != nil {
			return step{}, err
		}
		if rec, err = s.idle(ctx, rec, false); err != nil {
			return step{}, err
		}
		now := s.now()
		call = &Call{ID: NewCallID(p, now), Export: contract.CreatePayment, Plugin: change.Plugin, Account: change.Account, Order: st.order, Payment: st.payment, Now: now}
		todo := step{
			changes: []order.Change{change},
			setBusy: &Busy{Payment: st.payment, Call: call.ID, Export: call.Export, Until: now.Add(busyLease)},
		}
		if !st.claimed {
			todo.claim = st.claim
		}
		return todo, nil
	})
	if errors.Is(err, errPaymentThere) {
		return after, nil, nil
	}
	return after, call, err
}

var errPaymentThere = errors.New("the payment is there")

// joinAttempt goes on with an attempt that another request started: with its
// action once that is known, or without one after waitBusy.
func (s *Service) joinAttempt(ctx context.Context, st starting, payment string) (Reply, error) {
	rec, err := s.o.Store.Load(ctx, st.order)
	if err != nil {
		return Reply{}, fmt.Errorf("read order %s: %w", st.order, err)
	}
	rec, err = s.idle(ctx, rec, true)
	if errors.Is(err, ErrBusy) && st.claim == nil {
		err = nil
	}
	if err != nil {
		return Reply{}, err
	}
	if st.claim == nil || rec.Busy != nil && !rec.Busy.Interim {
		return Reply{Order: rec.Order, Subject: payment}, nil
	}
	return s.settleClaim(ctx, st.request, rec, *st.claim, payment)
}

// claimEnd makes the answer that ends the request's claim.
func (st starting) claimEnd() *claimEnd {
	if st.claim == nil || st.request.Idempotency == nil {
		return nil
	}
	return &claimEnd{claim: *st.claim, idempotency: *st.request.Idempotency, subject: st.payment}
}

func (s *Service) reply(st starting, rec Record, err error) (Reply, error) {
	if err != nil {
		return Reply{Order: rec.Order, Subject: st.payment}, err
	}
	return Reply{Order: rec.Order, Subject: st.payment}, nil
}
