package checkout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
)

// step is what one commit does to an order.
type step struct {
	changes   []order.Change
	setBusy   *Busy
	clearBusy string
	claim     *Claim
	// answer makes the claim's answer from the order after the changes.
	answer  func(order.Order) Answer
	journal *JournalEnd
	alarm   *Alarm
}

// stepped is an order after a step.
type stepped struct {
	Record
	// claimed is what is known of the step's claim; where it was known nothing was written.
	claimed Claimed
}

// step reads an order, lets decide say what to do, applies it and commits. A
// lost race reads again and decides again. A record that was read just now
// may be given; nil reads it. With an error of decide or of the domain
// nothing is written.
func (s *Service) step(ctx context.Context, id string, rec *Record, decide func(Record) (step, error)) (stepped, error) {
	for range maxTries {
		if rec == nil {
			r, err := s.o.Store.Load(ctx, id)
			if err != nil {
				return stepped{}, fmt.Errorf("read order %s: %w", id, err)
			}
			rec = &r
		}
		todo, err := decide(*rec)
		if err != nil {
			return stepped{Record: *rec}, err
		}
		after, err := s.commit(ctx, *rec, todo)
		if !errors.Is(err, ErrMoved) {
			return after, err
		}
		rec = nil
	}
	return stepped{}, fmt.Errorf("order %s: %w", id, ErrBusy)
}

func (s *Service) commit(ctx context.Context, rec Record, todo step) (stepped, error) {
	now := s.now()
	o := rec.Order
	var events []order.Event
	for _, c := range todo.changes {
		next, happened, err := order.Apply(o, c, now)
		if err != nil {
			return stepped{Record: rec}, err
		}
		o, events = next, append(events, happened...)
	}
	busy := rec.Busy
	if busy != nil && busy.Call == todo.clearBusy {
		busy = nil
	}
	if todo.setBusy != nil {
		busy = todo.setBusy
	}
	c := Commit{
		Order: o, Version: rec.Version, Events: events,
		SetBusy: todo.setBusy, ClearBusy: todo.clearBusy,
		Claim: todo.claim, Journal: todo.journal, Alarm: todo.alarm,
		Next: alarmAt(o, busy),
	}
	if todo.answer != nil {
		a := todo.answer(o)
		c.Answer = &a
	}
	claimed, err := s.o.Store.Commit(ctx, c)
	if err != nil {
		return stepped{Record: rec}, fmt.Errorf("commit order %s: %w", o.ID, err)
	}
	if claimed.Known { // nothing was written
		return stepped{rec, claimed}, nil
	}
	s.waiters.wake(o.ID)
	s.committed(o.ID, events...)
	s.release(ctx, rec.Order, o)
	return stepped{Record{Order: o, Version: rec.Version + 1, Told: rec.Told, Tries: rec.Tries, Busy: busy, Healing: rec.Healing}, claimed}, nil
}

// release gives back what payments held exclusively that are final now: a
// terminal, for its next customer.
func (s *Service) release(ctx context.Context, before, after order.Order) {
	for _, p := range after.Payments {
		if p.Exclusive == "" || !p.Final() {
			continue
		}
		if was, ok := before.Payment(p.ID); ok && was.Final() {
			continue
		}
		if err := s.o.Caller.Release(context.WithoutCancel(ctx), p.Account, p.Exclusive, p.ID); err != nil { // it ends by itself
			s.o.Logger.Warn("lease not given back", "order", after.ID, "payment", p.ID, "error", err)
		}
	}
}

// committed tells those who listen of a commit.
func (s *Service) committed(id string, events ...order.Event) {
	if s.o.Committed != nil {
		s.o.Committed(id)
	}
	if s.o.Happened == nil {
		return
	}
	for _, e := range events {
		s.o.Happened(e)
	}
}

// alarmAt is when an order's alarm rings: when work is due, or when a call
// that has not ended is to be taken over.
func alarmAt(o order.Order, busy *Busy) time.Time {
	var at time.Time
	if due, ok := order.Next(o); ok {
		at = due.At
	}
	if busy != nil && (at.IsZero() || busy.Until.Before(at)) {
		at = busy.Until
	}
	return at
}

// idle waits until no call runs on the order, up to waitBusy. A call whose
// time is over is left to the alarm that takes it over.
func (s *Service) idle(ctx context.Context, rec Record, beside bool) (Record, error) {
	deadline := time.Now().Add(waitBusy)
	for rec.Busy != nil && !(beside && rec.Busy.Interim) {
		if !time.Now().Before(deadline) {
			return rec, fmt.Errorf("order %s: %s %s: %w", rec.Order.ID, rec.Busy.Export, rec.Busy.Payment, ErrBusy)
		}
		if err := s.pause(ctx, rec.Order.ID, 100*time.Millisecond); err != nil {
			return rec, err
		}
		next, err := s.o.Store.Load(ctx, rec.Order.ID)
		if err != nil {
			return rec, fmt.Errorf("read order %s: %w", rec.Order.ID, err)
		}
		rec = next
	}
	return rec, nil
}
