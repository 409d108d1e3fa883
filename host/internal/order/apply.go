package order

import (
	"fmt"
	"reflect"
	"time"
)

// Apply gives the order and the events that follow from a change at a time. It
// never changes its argument. On an error the order is as it was and there are
// no events; a change that is known already gives neither error nor events.
// The order's version moves whenever the result differs, with or without
// events: a question that was answered leaves no event.
//
// Errors: [ErrUnknownPayment], [ErrUnknownOperation], [ErrUnknownChange],
// [ErrClosed], [ErrTooManyAttempts], [ErrPaid], [*LiveAttemptError],
// [*RefusedError].
func Apply(o Order, c Change, now time.Time) (Order, []Event, error) {
	s := &step{o: o.clone(), now: utc(now)}
	if err := s.run(c); err != nil {
		return o, nil, err
	}
	for i := range s.o.Payments {
		s.o.Payments[i].conclude(s.now)
	}
	s.watchOverpayment()
	s.compare(o)
	if len(s.events) == 0 && reflect.DeepEqual(o, s.o) {
		return o, nil, nil
	}
	s.o.UpdatedAt = s.now
	s.number()
	return s.o, s.events, nil
}

// step is one change under way.
type step struct {
	o      Order
	now    time.Time
	events []Event
}

func (s *step) run(c Change) error {
	switch c := c.(type) {
	case Reserve:
		return s.reserve(c)
	case Created:
		return s.with(c.Payment, func(p *Payment) error { return s.created(p, c) })
	case InterimGiven:
		return s.with(c.Payment, func(p *Payment) error { return s.interim(p, c) })
	case Reported:
		return s.with(c.Payment, func(p *Payment) error { return s.reported(p, c) })
	case CallFailed:
		return s.with(c.Payment, func(p *Payment) error { return s.callFailed(p, c) })
	case RequestCapture:
		return s.requestCapture(c)
	case RequestRefund:
		return s.requestRefund(c)
	case OperationEnded:
		return s.with(c.Payment, func(p *Payment) error { return s.operationEnded(p, c) })
	case RequestCancelPayment:
		return s.with(c.Payment, s.requestCancel)
	case CancelEnded:
		return s.with(c.Payment, func(p *Payment) error { return s.cancelEnded(p, c) })
	case Polled:
		return s.with(c.Payment, func(p *Payment) error { return s.polled(p, c) })
	case Remind:
		return s.with(c.Payment, func(p *Payment) error { p.RemindedAt = s.now; return nil })
	case Settled:
		return s.with(c.Payment, func(p *Payment) error { p.SettleTries++; p.SettleTriedAt = s.now; return nil })
	case Cancel:
		return s.cancel(c)
	case Expire:
		return s.expire()
	case Raise:
		return s.raise(c)
	case SetControlReference:
		return s.setControlReference(c)
	}
	return fmt.Errorf("apply %T: %w", c, ErrUnknownChange)
}

// with runs a change of one payment.
func (s *step) with(payment string, f func(*Payment) error) error {
	i := s.o.index(payment)
	if i < 0 {
		return fmt.Errorf("payment %q: %w", payment, ErrUnknownPayment)
	}
	return f(&s.o.Payments[i])
}

// happened adds an event; its number and snapshots come at the end.
func (s *step) happened(e Event) { s.events = append(s.events, e) }

// number gives the events their numbers, time and snapshots: those after the
// whole change.
func (s *step) number() {
	snapshot := s.o.snapshot()
	for i := range s.events {
		e := &s.events[i]
		s.o.LastEvent++
		e.Number, e.At, e.Order = s.o.LastEvent, s.now, snapshot
		if p, ok := s.o.Payment(e.Payment); ok {
			of := p.snapshot()
			e.Of = &of
		}
	}
}
