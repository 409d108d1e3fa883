package checkout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// learn ties the provider's references to a call's payment, before the step
// that books them. One that belongs to another payment is left with it and
// raised for an operator.
func (s *Service) learn(ctx context.Context, c Call, references []string) {
	for _, ref := range references {
		ok, err := s.o.Store.Learn(ctx, c.Account, ref, PaymentAddress{c.Order, c.Payment})
		switch {
		case err != nil: // found by the payment's own reference all the same
			s.o.Logger.Error("provider reference not kept", "order", c.Order, "payment", c.Payment, "error", err)
		case !ok:
			s.raise(ctx, c.Order, order.Attention{Code: order.AttentionOrphan, Payment: c.Payment, Message: "the provider's reference " + ref + " belongs to another payment"})
		}
	}
}

func (s *Service) raise(ctx context.Context, id string, a order.Attention) {
	_, err := s.step(ctx, id, nil, func(Record) (step, error) {
		return step{changes: []order.Change{order.Raise{Attention: a}}}, nil
	})
	if err != nil {
		s.o.Logger.Error("attention not kept", "order", id, "code", a.Code, "error", err)
	}
}

// adopt books the orphans of the account that the payment's references match.
func (s *Service) adopt(ctx context.Context, rec Record, payment string) Record {
	p, _ := rec.Order.Payment(payment)
	orphans, err := s.o.Store.Orphans(ctx, p.Account)
	if err != nil {
		s.o.Logger.Error("orphans not read", "account", p.Account, "error", err)
		return rec
	}
	for _, o := range orphans {
		if !matches(p, o.Update.Payment) {
			continue
		}
		after, err := s.step(ctx, rec.Order.ID, &rec, func(Record) (step, error) {
			return step{changes: []order.Change{order.Reported{Payment: p.ID, Updates: []contract.Update{o.Update}, Source: o.Source, At: o.At}}}, nil
		})
		if err == nil {
			err = s.o.Store.DropOrphan(ctx, o.Account, o.ID)
			rec = after.Record
		}
		if err != nil {
			s.o.Logger.Error("orphan not booked", "account", o.Account, "orphan", o.ID, "order", rec.Order.ID, "error", err)
		}
	}
	return rec
}

func matches(p order.Payment, k contract.PaymentKey) bool {
	return k.ID == p.ID && k.ID != "" || k.Reference == p.Reference && k.Reference != "" ||
		k.Number == p.Number && k.Number != 0 || slices.Contains(p.ProviderReferences, k.ProviderReference)
}

// bookUpdate books one update of an account's news on the payment that it
// names. What matches none is kept as an orphan; the order is "" then.
func (s *Service) bookUpdate(ctx context.Context, c Call, e Ended, u contract.Update) (string, error) {
	id, err := s.find(ctx, c.Account, u.Payment)
	if errors.Is(err, ErrNotFound) {
		return "", s.keepOrphan(ctx, c, e, u)
	}
	if err != nil {
		return "", err
	}
	var payment order.Payment
	after, err := s.step(ctx, id, nil, func(rec Record) (step, error) {
		i := slices.IndexFunc(rec.Order.Payments, func(p order.Payment) bool { return p.Account == c.Account && matches(p, u.Payment) })
		if i < 0 {
			return step{}, ErrNotFound
		}
		payment = rec.Order.Payments[i]
		mine := payment.Plugin.Digest == c.Plugin.Digest
		if c.own && !mine {
			return step{}, errNotOwn
		}
		return step{changes: []order.Change{order.Reported{Payment: payment.ID, Updates: []contract.Update{u}, State: mine, Source: c.Export, At: e.At}}}, nil
	})
	switch {
	case errors.Is(err, ErrNotFound):
		return "", s.keepOrphan(ctx, c, e, u)
	case errors.Is(err, errNotOwn):
		s.o.Logger.Warn("update refused: older bytes speak for their own payments alone", "plugin", c.Plugin.Name, "version", c.Plugin.Version, "call", c.ID, "order", id)
		return id, nil
	case err != nil:
		return "", fmt.Errorf("book news of account %s: %w", c.Account, err)
	}
	if s.o.Booked != nil {
		s.o.Booked(c.ID, id)
	}
	if u.NewProviderReference != "" {
		s.learn(ctx, Call{Account: c.Account, Order: id, Payment: payment.ID}, []string{u.NewProviderReference})
		s.adopt(ctx, after.Record, payment.ID)
	}
	if u.Type == contract.UpdateApproved {
		if _, err := s.complete(ctx, after.Record, asking{payment: payment.ID}); err != nil && !booked(err) {
			return id, err
		}
	}
	return id, nil
}

// errNotOwn: the payment was made with other bytes than those that speak.
var errNotOwn = errors.New("news of other bytes")

// find gives the order of a payment; an empty key finds none.
func (s *Service) find(ctx context.Context, account string, k contract.PaymentKey) (string, error) {
	id, err := s.o.Store.FindPayment(ctx, account, k)
	if err != nil {
		return "", fmt.Errorf("find payment of account %s: %w", account, err)
	}
	return id, nil
}

func (s *Service) keepOrphan(ctx context.Context, c Call, e Ended, u contract.Update) error {
	sum := sha256.Sum256(encode(u))
	err := s.o.Store.AddOrphan(ctx, Orphan{ID: hex.EncodeToString(sum[:16]), Account: c.Account, Update: u, Source: c.Export, At: e.At, Plugin: c.Plugin})
	if err != nil {
		return fmt.Errorf("keep orphan of account %s: %w", c.Account, err)
	}
	s.o.Logger.Warn("news matches no payment: kept as an orphan for 30 days", "account", c.Account, "type", u.Type, "plugin", c.Plugin.Name)
	return nil
}

// booked says that an operation failed but its end is booked: nothing is left
// to be done about it here.
func booked(err error) bool {
	var call *CallError
	return errors.As(err, &call) || errors.Is(err, errUnsupported)
}
