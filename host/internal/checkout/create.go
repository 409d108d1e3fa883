package checkout

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Create makes an order, or finds the open one of the same reference.
func (s *Service) Create(ctx context.Context, r Request, spec CreateSpec) (Reply, error) {
	o, events, err := s.prepare(r, spec)
	if err != nil {
		return Reply{}, err
	}
	if spec.Method != "" {
		if _, err := s.offer(ctx, o, spec.Method); err != nil {
			return Reply{}, err
		}
	}
	claim, err := s.claimCreate(ctx, r, o)
	if err != nil {
		return Reply{}, err
	}
	c := Creation{Order: o, Events: events, Claim: claim, Next: alarmAt(o, nil)}
	if claim != nil && spec.Method == "" {
		a := r.Idempotency.Render(o, "")
		c.Answer = &a
	}
	for range maxTries {
		made, err := s.o.Store.Create(ctx, c)
		switch {
		case err != nil:
			return Reply{}, fmt.Errorf("create order %s: %w", o.ID, err)
		case made.Mismatch:
			return Reply{}, ErrKeyReused
		case made.Known:
			return s.repeatCreate(ctx, r, made.Claimed, *claim, spec)
		case made.Taken == nil:
			s.committed(o.ID, events...)
			return s.created(ctx, r, claim, Record{Order: o, Version: 1}, spec)
		}
		reply, done, err := s.taken(ctx, r, c, *made.Taken, spec)
		if done || err != nil {
			return reply, err
		}
	}
	return Reply{}, fmt.Errorf("create order of reference %q: %w", o.Reference, ErrBusy)
}

// prepare makes the order of a request and checks what the domain cannot:
// that URLs are on the shop's origins.
func (s *Service) prepare(r Request, spec CreateSpec) (order.Order, []order.Event, error) {
	shop, err := s.o.Directory.Shop(r.Key.Shop)
	if err != nil {
		return order.Order{}, nil, fmt.Errorf("shop %s: %w", r.Key.Shop, err)
	}
	now := s.now()
	spec.Spec.ID = NewOrderID(PartitionOf(shop.ID, spec.Reference), now)
	spec.Spec.Secret = NewSecret()
	spec.Spec.Shop, spec.Spec.Live = shop.ID, r.Key.Live
	o, events, err := order.New(spec.Spec, now)
	if err == nil {
		err = order.CheckMethodOptions(spec.MethodOptions)
	}
	if err != nil {
		return order.Order{}, nil, err
	}
	for _, u := range []struct {
		pointer, url string
	}{{"/return_url", o.ReturnURL}, {"/cancel_url", o.CancelURL}, {"/notify_url", o.NotifyURL}} {
		if u.url != "" && !onOrigin(u.url, shop.Origins) {
			return order.Order{}, nil, &URLError{u.pointer, u.url}
		}
	}
	return o, events, nil
}

func onOrigin(raw string, origins []string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	for _, o := range origins {
		if strings.EqualFold(u.Scheme+"://"+u.Host, strings.TrimSuffix(o, "/")) {
			return true
		}
	}
	return false
}

func (s *Service) claimCreate(ctx context.Context, r Request, o order.Order) (*Claim, error) {
	if r.Idempotency == nil {
		return nil, nil
	}
	ok, err := s.o.Store.ClaimKey(ctx, o.Shop, r.Idempotency.Key, r.Idempotency.Fingerprint)
	if err != nil {
		return nil, fmt.Errorf("claim idempotency key: %w", err)
	}
	if !ok {
		return nil, ErrKeyReused
	}
	return &Claim{Scope: o.Shop, Subject: o.Reference, Key: r.Idempotency.Key, Fingerprint: r.Idempotency.Fingerprint, Operation: o.ID}, nil
}

// created goes on with an order that was just made: with a method, its
// payment starts at once. Its id follows from the order, so that a repeat
// starts the same payment.
func (s *Service) created(ctx context.Context, r Request, claim *Claim, rec Record, spec CreateSpec) (Reply, error) {
	if spec.Method == "" {
		return Reply{Order: rec.Order}, nil
	}
	return s.start(ctx, starting{
		rec: &rec, order: rec.Order.ID, request: r, claim: claim, claimed: true,
		payment: derivedID(prefixPayment, rec.Order.ID, "create"),
		choice:  Choice{Method: spec.Method, MethodOptions: spec.MethodOptions, Seen: -1},
	})
}

// repeatCreate answers a create whose key is known: with its answer, or by
// waiting for it, or by going on where another node stopped.
func (s *Service) repeatCreate(ctx context.Context, r Request, known Claimed, claim Claim, spec CreateSpec) (Reply, error) {
	if known.Answer != nil {
		return Reply{Answer: known.Answer}, nil
	}
	rec, err := s.o.Store.Load(ctx, known.Operation)
	if err != nil {
		return Reply{}, fmt.Errorf("read order %s: %w", known.Operation, err)
	}
	claim.Operation = known.Operation
	if _, ok := rec.Order.Payment(s.paymentID(r, rec.Order.ID)); ok { // it had found the order there
		r = r.found()
		reply, err := s.start(ctx, starting{
			rec: &rec, order: rec.Order.ID, request: r, claim: &claim, claimed: true,
			payment: s.paymentID(r, rec.Order.ID), choice: Choice{Method: spec.Method, MethodOptions: spec.MethodOptions, Seen: -1},
		})
		reply.Existing = true
		return reply, err
	}
	return s.created(ctx, r, &claim, rec, spec)
}

// taken decides what a create means whose reference another order has. It is
// not done where the world moved: try again.
func (s *Service) taken(ctx context.Context, r Request, c Creation, ref Reference, spec CreateSpec) (Reply, bool, error) {
	rec, err := s.o.Store.Load(ctx, ref.Order)
	if err != nil {
		return Reply{}, true, fmt.Errorf("read order %s: %w", ref.Order, err)
	}
	verdict := order.Repeat(rec.Order, c.Order.Amount, s.now())
	if rec.Order.Live != c.Order.Live && verdict != order.RepeatNew { // a test takes no live order's place, nor the reverse
		verdict = order.RepeatConflict
	}
	if verdict == order.RepeatSame && wantsNotices(rec.Order, c.Order) {
		verdict = order.RepeatSupersede
	}
	switch verdict {
	case order.RepeatNew: // it ended meanwhile
		return Reply{}, false, nil
	case order.RepeatSame:
		return s.same(ctx, r.found(), c, rec, spec)
	case order.RepeatSupersede:
		return s.supersede(ctx, r, c, rec, spec)
	default:
		return Reply{}, true, &ReferenceError{Reason: string(verdict), Order: rec.Order}
	}
}

// wantsNotices says whether a shop's extension asks for what its adapter has
// asked for: the order is the extension's from then on, which wants to hear of it
// itself. One whose payment is under way stays with who began it.
func wantsNotices(has, wants order.Order) bool {
	return has.Metadata[contract.MetadataAccount] != "" && has.NotifyURL == "" && wants.NotifyURL != "" &&
		len(has.LiveAttempts()) == 0 && has.Amounts().Captured.Value == 0
}

// same answers a create with the open order that is there. With a key the
// answer is kept, whatever becomes of the order.
func (s *Service) same(ctx context.Context, r Request, c Creation, rec Record, spec CreateSpec) (Reply, bool, error) {
	var claim *Claim
	if c.Claim != nil {
		own := *c.Claim
		own.Operation, claim = rec.Order.ID, &own
	}
	if spec.Method != "" {
		reply, err := s.start(ctx, starting{
			rec: &rec, order: rec.Order.ID, request: r, claim: claim,
			payment: s.paymentID(r, rec.Order.ID), choice: Choice{Method: spec.Method, MethodOptions: spec.MethodOptions, Seen: -1},
		})
		reply.Existing = true
		return reply, true, err
	}
	if claim == nil {
		return Reply{Order: rec.Order, Existing: true}, true, nil
	}
	after, err := s.step(ctx, rec.Order.ID, &rec, func(rec Record) (step, error) {
		if order.Repeat(rec.Order, c.Order.Amount, s.now()) != order.RepeatSame {
			return step{}, ErrMoved
		}
		return step{claim: claim, answer: func(o order.Order) Answer { return r.Idempotency.Render(o, "") }}, nil
	})
	switch {
	case errors.Is(err, ErrMoved):
		return Reply{}, false, nil
	case err != nil:
		return Reply{}, true, err
	case after.claimed.Mismatch:
		return Reply{}, true, ErrKeyReused
	case after.claimed.Answer != nil:
		return Reply{Answer: after.claimed.Answer}, true, nil
	}
	return Reply{Order: after.Order, Existing: true}, true, nil
}

func (s *Service) supersede(ctx context.Context, r Request, c Creation, old Record, spec CreateSpec) (Reply, bool, error) {
	after, events, err := order.Apply(old.Order, order.Cancel{SupersededBy: c.Order.ID}, s.now())
	if err != nil {
		return Reply{}, true, err
	}
	err = s.o.Store.Supersede(ctx, c, Commit{Order: after, Version: old.Version, Events: events, Next: alarmAt(after, old.Busy)})
	if errors.Is(err, ErrMoved) {
		return Reply{}, false, nil
	}
	if err != nil {
		return Reply{}, true, fmt.Errorf("supersede order %s: %w", old.Order.ID, err)
	}
	s.waiters.wake(old.Order.ID)
	s.committed(old.Order.ID)
	reply, err := s.created(ctx, r, c.Claim, Record{Order: c.Order, Version: 1}, spec)
	return reply, true, err
}
