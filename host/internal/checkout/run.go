package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// runOrder runs a call that the order's last commit started, and books its
// end. It goes on when the caller leaves: once a request may have left, the
// end must be booked. Where the plugin gives an interim answer the record
// with it is returned at once and the call goes on in the background.
func (s *Service) runOrder(ctx context.Context, rec Record, c Call, end *claimEnd) (Record, error) {
	type result struct {
		rec Record
		err error
	}
	detached := context.WithoutCancel(ctx)
	input, err := s.input(rec.Order, c)
	if err != nil {
		return rec, err
	}
	c.Input = input
	done, interim := make(chan result, 1), make(chan result, 1)
	var once sync.Once
	c.OnInterim = func(ctx context.Context, i contract.Interim) error {
		r, err := s.bookInterim(ctx, c, i, end)
		if err == nil {
			once.Do(func() { interim <- result{r, nil} })
		}
		return err
	}
	s.background.run(func() {
		defer func() { // nobody else is there to catch it, and the gateway has other orders
			if p := recover(); p != nil {
				s.o.Logger.Error("call panicked; its alarm takes it over", "order", c.Order, "call", c.ID, "export", c.Export, "panic", p, "stack", string(debug.Stack()))
				done <- result{rec, fmt.Errorf("%s of order %s: panic: %v", c.Export, c.Order, p)}
			}
		}()
		ended, err := s.o.Caller.Run(detached, c)
		if err != nil {
			done <- result{rec, fmt.Errorf("%s of order %s: %w", c.Export, c.Order, err)}
			return
		}
		r, err := s.finish(detached, &rec, c, ended, end, nil)
		done <- result{r, err}
	})
	select {
	case r := <-done:
		return r.rec, r.err
	case r := <-interim:
		return r.rec, nil
	case <-ctx.Done():
		return rec, ctx.Err()
	}
}

// input is the operation's input from the order as it stands.
func (s *Service) input(o order.Order, c Call) (json.RawMessage, error) {
	p, ok := o.Payment(c.Payment)
	if !ok {
		return nil, fmt.Errorf("%s of order %s: payment %s: %w", c.Export, o.ID, c.Payment, order.ErrUnknownPayment)
	}
	view := s.view(o, p)
	switch c.Export {
	case contract.CompletePayment:
		return encode(contract.CompleteInput{Payment: view, Message: c.message}), nil
	case contract.CapturePayment:
		op, ok := operationOf(p, c.Operation)
		if !ok {
			return nil, fmt.Errorf("capture %s: %w", c.Operation, ErrNotFound)
		}
		return encode(contract.CaptureInput{Payment: view, Capture: op}), nil
	case contract.RefundPayment, contract.GetRefund:
		op, ok := operationOf(p, c.Operation)
		if !ok {
			return nil, fmt.Errorf("refund %s: %w", c.Operation, ErrNotFound)
		}
		return encode(contract.RefundInput{Payment: view, Refund: op}), nil
	}
	return encode(contract.PaymentInput{Payment: view}), nil
}

// operationOf is a capture or refund of a payment as its plugin sees it.
func operationOf(p order.Payment, id string) (contract.Operation, bool) {
	for _, list := range [][]order.Operation{p.Captures, p.Refunds} {
		for _, op := range list {
			if op.ID == id {
				return order.OperationView(op), true
			}
		}
	}
	return contract.Operation{}, false
}

// bookInterim books an interim answer. It is what the request is answered
// with, so it ends the request's claim, unless something has already.
func (s *Service) bookInterim(ctx context.Context, c Call, i contract.Interim, end *claimEnd) (Record, error) {
	after, err := s.step(ctx, c.Order, nil, func(rec Record) (step, error) {
		if rec.Busy == nil || rec.Busy.Call != c.ID {
			return step{}, fmt.Errorf("call %s was taken over: %w", c.ID, ErrBusy)
		}
		busy := *rec.Busy
		busy.Interim, busy.Until = true, s.now().Add(busyInterim)
		todo := step{changes: []order.Change{order.InterimGiven{Payment: c.Payment, Interim: i}}, setBusy: &busy}
		if end != nil {
			todo.claim, todo.answer = &end.claim, end.answer(nil)
		}
		return todo, nil
	})
	if err == nil && after.claimed.Known { // nothing was written
		return s.bookInterim(ctx, c, i, nil)
	}
	return after.Record, err
}

// finish books how a call of an order ended, learns the provider's references
// first, and goes on with what follows from it. The record may be the one
// that started the call, or nil.
func (s *Service) finish(ctx context.Context, rec *Record, c Call, e Ended, end *claimEnd, alarm *Alarm) (Record, error) {
	b := s.read(c, e)
	s.learn(ctx, c, b.references())
	failed := b.failed(c, e)
	after, err := s.step(ctx, c.Order, rec, func(rec Record) (step, error) {
		if rec.Busy != nil && rec.Busy.Call != c.ID && !besides(c.Export) {
			return step{}, fmt.Errorf("call %s was taken over: %w", c.ID, ErrBusy)
		}
		if rec.Busy != nil && rec.Busy.Call != c.ID {
			b.beside()
		}
		todo := step{changes: b.changes(c, e, rec.Order), clearBusy: c.ID, journal: e.Journal, alarm: alarm}
		if end != nil {
			if todo.answer = end.answer(failed); todo.answer != nil {
				todo.claim = &end.claim
			}
		}
		return todo, nil
	})
	if err != nil {
		return after.Record, fmt.Errorf("book %s of order %s: %w", c.Export, c.Order, err)
	}
	out := after.Record
	if c.Payment != "" && len(b.references()) > 0 {
		out = s.adopt(ctx, out, c.Payment)
	}
	for _, u := range b.elsewhere {
		if _, err := s.bookUpdate(ctx, c, e, u); err != nil {
			return out, err
		}
	}
	if b.approved(c) {
		return s.complete(ctx, out, asking{payment: c.Payment})
	}
	c.lead(out.Order, b.action)
	if failed != nil {
		failed.Order = out.Order
		return out, failed
	}
	return out, nil
}

// besides are the operations that may run beside a call which has committed
// an interim.
func besides(e contract.Export) bool {
	return e == contract.CancelPayment || e == contract.GetPayment
}

// lead tells the consumer who waits for complete_payment where to go next, if
// the payment, as it is now, still needs them.
func (c Call) lead(o order.Order, a *contract.Action) {
	p, ok := o.Payment(c.Payment)
	if a == nil || a.Type == contract.ActionNone || c.onward == nil || !ok || !p.AwaitsConsumer() {
		return
	}
	select {
	case c.onward <- *a:
	default:
	}
}

// complete runs complete_payment, with what the consumer's browser brought or
// no message; never for a payment that the host has cancelled, or whose plugin
// has no such operation.
func (s *Service) complete(ctx context.Context, rec Record, a asking) (Record, error) {
	p, ok := rec.Order.Payment(a.payment)
	if !ok || !p.CancelRequestedAt.IsZero() || !rec.Order.CancelledAt.IsZero() {
		return rec, nil
	}
	a.export = contract.CompletePayment
	return s.ask(ctx, rec, a)
}

// asking is an operation on a payment that is there.
type asking struct {
	export    contract.Export
	payment   string
	operation string
	message   *contract.Message
	onward    chan<- contract.Action
	end       *claimEnd
	// first are changes that go with the commit which starts the call, claim what it claims.
	first []order.Change
	claim *Claim
	alarm *Alarm
}

// ask starts an operation on a payment by commit, runs it, and books its end.
// A payment stays with the bytes that made it.
func (s *Service) ask(ctx context.Context, rec Record, a asking) (Record, error) {
	p, ok := rec.Order.Payment(a.payment)
	if !ok {
		return rec, fmt.Errorf("payment %s: %w", a.payment, ErrNotFound)
	}
	v, err := s.o.Registry.Version(ctx, p.Plugin.Digest)
	if err != nil {
		return rec, fmt.Errorf("plugin %s@%s: %w", p.Plugin.Name, p.Plugin.Version, err)
	}
	if !has(v.Manifest, a.export) {
		return rec, errUnsupported
	}
	var c Call
	after, err := s.step(ctx, rec.Order.ID, &rec, func(rec Record) (step, error) {
		rec, err := s.idle(ctx, rec, besides(a.export))
		if err != nil {
			return step{}, err
		}
		part, err := PartitionOfID(rec.Order.ID)
		if err != nil {
			return step{}, err
		}
		now := s.now()
		c = Call{ID: NewCallID(part, now), Export: a.export, Plugin: p.Plugin, Account: p.Account, Order: rec.Order.ID, Payment: p.ID, Operation: a.operation, Now: now, message: a.message, onward: a.onward}
		todo := step{changes: a.first, claim: a.claim, alarm: a.alarm}
		if rec.Busy == nil {
			todo.setBusy = &Busy{Payment: p.ID, Call: c.ID, Export: a.export, Operation: a.operation, Until: now.Add(busyLease)}
		}
		return todo, nil
	})
	if err != nil {
		return after.Record, err
	}
	if after.claimed.Known {
		return after.Record, &knownError{after.claimed}
	}
	return s.runOrder(ctx, after.Record, c, a.end)
}

// knownError carries what is known of a claim out of a step that found it.
type knownError struct{ Claimed }

func (*knownError) Error() string { return "the request is known" }

// errUnsupported: the plugin has no such operation.
var errUnsupported = errors.New("the plugin has no such operation")

func has(m contract.Manifest, e contract.Export) bool {
	for _, o := range m.Operations {
		if o == e {
			return true
		}
	}
	return false
}
