package checkout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// TellSuffix marks the alarm of an order whose shop is to be told.
const TellSuffix = "/tell"

// retryWork is the pause before work that failed on the host's own account is
// tried again.
const retryWork = 30 * time.Second

// Work does what a claimed alarm is for: it takes over a call whose node is
// gone, asks a provider, ends what has expired. The alarm is finished by the
// commit that does it, or put back.
func (s *Service) Work(ctx context.Context, a Alarm) error {
	if strings.HasPrefix(a.Member, prefixCall) {
		return s.resumeAccount(ctx, a)
	}
	rec, err := s.o.Store.Load(ctx, a.Member)
	if errors.Is(err, ErrNotFound) {
		return s.o.Store.Drop(ctx, a)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("read order %s: %w", a.Member, err), s.putBack(ctx, a))
	}
	now := s.now()
	if rec.Busy != nil {
		if rec.Busy.Until.After(now) {
			return s.o.Store.PutBack(ctx, a, rec.Busy.Until)
		}
		return s.resumeOrder(ctx, rec, a)
	}
	due, ok := next(rec, now)
	switch {
	case !ok:
		return s.o.Store.Drop(ctx, a)
	case due.At.After(now):
		return s.o.Store.PutBack(ctx, a, due.At)
	}
	err = s.do(ctx, rec, due, a)
	var failed *CallError // booked with the failure
	if err != nil && !errors.As(err, &failed) {
		return errors.Join(fmt.Errorf("%s of order %s: %w", due.Work, a.Member, err), s.putBack(ctx, a))
	}
	return nil
}

// next says what is due for an order. While its partition heals, what ends by
// itself is put off, and looked at again shortly.
func next(rec Record, now time.Time) (order.Due, bool) {
	if !rec.Healing {
		return order.Next(rec.Order)
	}
	due, ok := order.NextHealing(rec.Order)
	if look := now.Add(retryWork); !rec.Order.Final() && (!ok || due.At.After(look)) {
		return order.Due{At: look}, true
	}
	return due, ok
}

func (s *Service) putBack(ctx context.Context, a Alarm) error {
	return s.o.Store.PutBack(ctx, a, s.now().Add(retryWork))
}

// questions are the operations behind the work that asks or tries.
var questions = map[order.Work]contract.Export{
	order.WorkPoll:       contract.GetPayment,
	order.WorkPollRefund: contract.GetRefund,
	order.WorkComplete:   contract.CompletePayment,
	order.WorkCancel:     contract.CancelPayment,
}

// do does what is due for an order.
func (s *Service) do(ctx context.Context, rec Record, due order.Due, a Alarm) error {
	if export, ok := questions[due.Work]; ok {
		_, err := s.ask(ctx, rec, asking{export: export, payment: due.Payment, operation: due.Operation, alarm: &a})
		return err
	}
	switch due.Work {
	case order.WorkExpire:
		return s.apply(ctx, rec, a, order.Expire{})
	case order.WorkRemind:
		return s.apply(ctx, rec, a, order.Remind{Payment: due.Payment})
	case order.WorkResume: // reserved, and no call runs: nothing was sent
		return s.apply(ctx, rec, a, neverSent(rec.Order, due, s.now()))
	}
	// Giving back a second payment by itself is the operator's to decide: it is listed.
	return s.apply(ctx, rec, a, order.Settled{Payment: due.Payment})
}

func neverSent(o order.Order, due order.Due, now time.Time) order.Change {
	export := contract.CreatePayment
	if p, _ := o.Payment(due.Payment); due.Operation != "" {
		export = contract.RefundPayment
		for _, c := range p.Captures {
			if c.ID == due.Operation {
				export = contract.CapturePayment
			}
		}
	}
	return order.CallFailed{Payment: due.Payment, Export: export, Operation: due.Operation, Failure: notSent, Outcome: order.OutcomeNotAttempted, At: now}
}

var notSent = contract.Failure{Code: contract.Internal, Message: "the host went down before anything was sent; nothing was charged"}

var journalLost = contract.Failure{Code: contract.Internal, Message: "the host went down, and what it sent is not known: the provider is asked"}

func (s *Service) apply(ctx context.Context, rec Record, a Alarm, c order.Change) error {
	_, err := s.step(ctx, rec.Order.ID, &rec, func(Record) (step, error) {
		return step{changes: []order.Change{c}, alarm: &a}, nil
	})
	return err
}

// resumeOrder takes over the call of an order whose node is gone. Without a
// journal nothing that matters left the host, unless the journal was lost.
func (s *Service) resumeOrder(ctx context.Context, rec Record, a Alarm) error {
	busy := *rec.Busy
	c, e, err := s.o.Caller.Resume(ctx, busy.Call, func(ctx context.Context, i contract.Interim) error {
		_, err := s.bookInterim(ctx, Call{ID: busy.Call, Order: rec.Order.ID, Payment: busy.Payment}, i, nil)
		return err
	})
	if errors.Is(err, ErrNoJournal) {
		p, _ := rec.Order.Payment(busy.Payment)
		f, outcome := notSent, order.OutcomeNotAttempted
		if rec.Healing {
			f, outcome = journalLost, order.OutcomeUnknown
		}
		c = Call{ID: busy.Call, Export: busy.Export, Plugin: p.Plugin, Account: p.Account, Order: rec.Order.ID, Payment: busy.Payment, Operation: busy.Operation}
		e, err = Ended{Outcome: outcome, At: s.now(), Failure: &f}, nil
	}
	if err != nil {
		return errors.Join(fmt.Errorf("resume %s of order %s: %w", busy.Export, rec.Order.ID, err), s.putBack(ctx, a))
	}
	s.o.Logger.Info("call taken over", "order", rec.Order.ID, "payment", busy.Payment, "call", busy.Call, "export", busy.Export, "outcome", e.Outcome)
	if _, err := s.finish(ctx, nil, c, e, nil, &a); err != nil && !booked(err) {
		return errors.Join(err, s.putBack(ctx, a))
	}
	return nil
}

// resumeAccount takes over a call of an account whose node is gone.
func (s *Service) resumeAccount(ctx context.Context, a Alarm) error {
	c, e, err := s.o.Caller.Resume(ctx, a.Member, nil)
	if errors.Is(err, ErrNoJournal) {
		return s.o.Store.Drop(ctx, a)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("resume call %s: %w", a.Member, err), s.putBack(ctx, a))
	}
	s.o.Logger.Info("call taken over", "account", c.Account, "call", c.ID, "export", c.Export)
	if err = s.takeOver(ctx, c, e); err != nil {
		return errors.Join(fmt.Errorf("resume call %s: %w", a.Member, err), s.putBack(ctx, a))
	}
	return s.o.Store.Drop(ctx, a)
}

// takeOver does with the end of an account's call what its node would have done.
func (s *Service) takeOver(ctx context.Context, c Call, e Ended) error {
	switch c.Export {
	case contract.ReceiveWebhook:
		if s.revoked(c.Plugin) { // nobody was answered: the provider sends it again, to another version
			s.o.Logger.Warn("a message is not booked: the bytes that took it are revoked", "account", c.Account, "call", c.ID, "plugin", c.Plugin.Name, "version", c.Plugin.Version)
			return s.endCall(ctx, c, e)
		}
		var in contract.WebhookInput
		if err := decode(c.Input, &in); err != nil {
			return err
		}
		return s.take(ctx, &incoming{message: in.Message}, c, e)
	case contract.TellShop: // its alarm asks the shop's plugin again, which sees what was done
		var in contract.TellInput
		if err := decode(c.Input, &in); err != nil {
			return err
		}
		return s.endTelling(ctx, in.Order.ID, c, e)
	case contract.ReadOrder, contract.SyncShop:
		a, err := s.o.Directory.Account(c.Account)
		if err != nil {
			return fmt.Errorf("account %q: %w", c.Account, err)
		}
		if c.Export == contract.ReadOrder {
			_, err = s.takeOrder(ctx, adapter{a, c.Plugin}, c, e)
			return err
		}
		var in contract.SyncInput
		if err := decode(c.Input, &in); err != nil {
			return err
		}
		_, _, err = s.takeSync(ctx, adapter{a, c.Plugin}, Synced{Cursor: in.Cursor}, c, e)
		return err
	}
	return s.endCall(ctx, c, e)
}
