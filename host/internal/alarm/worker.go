// Package alarm claims what is due and runs it: telling the shop, asking a
// provider, ending what has expired, taking over calls whose node is gone.
//
// Alarms are written by the commit that makes them, so nothing is due that
// the state does not know of, and any node may run any of them. A node reads
// the heads of all partitions once a second, and a partition at once after
// its own commit there.
package alarm

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// Options are what a Worker is made of.
type Options struct {
	Store checkout.AlarmStore
	// Work runs an order's or a call's alarm, Tell an order's delivery. They
	// finish the alarm, put it back or drop it; where they return an error and
	// did not, the worker puts it back.
	Work, Tell func(context.Context, checkout.Alarm) error
	Logger     *slog.Logger
	// Every is the pause between two looks at all partitions; 0 means 1 s.
	Every time.Duration
	// Concurrent bounds the alarms that run at once; 0 means 64.
	Concurrent int
	// Observe hears of each alarm that was run; nil: nobody.
	Observe func(kind string, took time.Duration, err error)
}

const (
	batch = 25
	// renewEvery is well below the 60 s for which a claim holds.
	renewEvery = 20 * time.Second
)

// Worker runs alarms until its context ends. Make one with [New].
type Worker struct {
	o     Options
	slots chan struct{}
	nudge chan checkout.Partition
	ran   sync.WaitGroup
	mu    sync.Mutex
	// failed are alarms that this node still holds, to be put back.
	failed []failed
}

// New makes a Worker.
func New(o Options) *Worker {
	if o.Every == 0 {
		o.Every = time.Second
	}
	if o.Concurrent == 0 {
		o.Concurrent = 64
	}
	return &Worker{o: o, slots: make(chan struct{}, o.Concurrent), nudge: make(chan checkout.Partition, 256)}
}

// Nudge says that this node has committed to a partition: it is looked at now.
// It never blocks; what it loses, the next look finds.
func (w *Worker) Nudge(p checkout.Partition) {
	select {
	case w.nudge <- p:
	default:
	}
}

// Run works until the context ends, and returns when what it started has
// ended too. What it still holds is due again at once, for the next node.
func (w *Worker) Run(ctx context.Context) error {
	tick := time.NewTicker(w.o.Every)
	defer tick.Stop()
	defer func() {
		w.ran.Wait()
		w.putBack(context.WithoutCancel(ctx), time.Time{})
	}()
	w.look(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case p := <-w.nudge:
			w.claim(ctx, p)
		case <-tick.C:
			w.look(ctx)
		}
	}
}

func (w *Worker) look(ctx context.Context) {
	w.putBack(ctx, time.Now())
	due, err := w.o.Store.DuePartitions(ctx)
	if err != nil {
		if ctx.Err() == nil {
			w.o.Logger.Error("alarms not read; trying again", "error", err)
		}
		return
	}
	for _, p := range due {
		w.claim(ctx, p)
	}
}

// claim takes what is due in a partition, as far as slots are free.
func (w *Worker) claim(ctx context.Context, p checkout.Partition) {
	for ctx.Err() == nil {
		free := min(batch, cap(w.slots)-len(w.slots))
		if free <= 0 {
			return // the next look finds the rest
		}
		// A claim whose reply nobody reads would be held for nothing.
		alarms, err := w.o.Store.ClaimDue(context.WithoutCancel(ctx), p, free)
		if err != nil {
			if ctx.Err() == nil {
				w.o.Logger.Error("alarms not claimed; trying again", "partition", p.String(), "error", err)
			}
			return
		}
		for _, a := range alarms {
			w.slots <- struct{}{} // free: claim runs on one goroutine alone
			w.ran.Go(func() {
				defer func() { <-w.slots }()
				w.run(ctx, a)
			})
		}
		if len(alarms) < free {
			return
		}
	}
}

func (w *Worker) run(ctx context.Context, a checkout.Alarm) {
	kind, work := "work", w.o.Work
	if strings.HasSuffix(a.Member, checkout.TellSuffix) {
		kind, work = "tell", w.o.Tell
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := w.hold(ctx, cancel, a)
	start := time.Now()
	err := safely(ctx, work, a)
	stop()
	if err != nil {
		w.fail(a, err)
		if ctx.Err() == nil {
			w.o.Logger.Error("alarm not done; it rings again", "member", a.Member, "error", err)
		}
	}
	if w.o.Observe != nil {
		w.o.Observe(kind, time.Since(start), err)
	}
}

// safely makes an error of a panic: one alarm must not end every node that
// claims it, again and again.
func safely(ctx context.Context, work func(context.Context, checkout.Alarm) error, a checkout.Alarm) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return work(ctx, a)
}

// hold renews the claim while the work runs. A claim that is lost ends the
// work's context: another node has it.
func (w *Worker) hold(ctx context.Context, lost context.CancelFunc, a checkout.Alarm) (stop func()) {
	done := make(chan struct{})
	var g sync.WaitGroup
	g.Go(func() {
		t := time.NewTicker(renewEvery)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-t.C:
				if ok, err := w.o.Store.Renew(ctx, a); err == nil && !ok {
					lost()
					return
				}
			}
		}
	})
	return func() { close(done); g.Wait() }
}
