package control

import (
	"container/heap"
	"context"
	"fmt"
	"sync"
	"time"
)

// Agenda runs what falls due by a [Clock], in order of time and one after the
// other, on a goroutine of its own that ends with [Agenda.Close]. When the clock
// is moved over several entries they run one by one, each with its own due time,
// so an entry that puts in its successor (a repeat each minute) is run as often
// as it would have been.
type Agenda struct {
	clock  *Clock
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{}
	done   chan struct{}

	mu      sync.Mutex
	entries entries
	serial  int // breaks ties: what was put in first runs first
	held    bool
	idle    []chan struct{} // closed as soon as nothing is due
}

// NewAgenda starts an agenda; its owner must Close it.
func NewAgenda(clock *Clock) *Agenda {
	ctx, cancel := context.WithCancel(context.Background())
	a := &Agenda{clock: clock, ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go a.loop()
	return a
}

// At has f run at t, or at once if t has passed. f gets a context that ends
// when the agenda is closed, and the time at which it was due. After Close
// nothing runs any more.
func (a *Agenda) At(t time.Time, f func(ctx context.Context, due time.Time)) {
	a.mu.Lock()
	a.serial++
	heap.Push(&a.entries, entry{at: t, serial: a.serial, run: f})
	a.mu.Unlock()
	a.nudge()
}

// Hold stops the agenda from beginning further entries until Release.
func (a *Agenda) Hold() {
	a.mu.Lock()
	a.held = true
	a.mu.Unlock()
}

// Release ends Hold.
func (a *Agenda) Release() {
	a.mu.Lock()
	a.held = false
	a.mu.Unlock()
	a.nudge()
}

// Settle waits until all that is due by now has run. It must not be called from
// within an entry.
func (a *Agenda) Settle(ctx context.Context) error {
	ch := make(chan struct{})
	a.mu.Lock()
	a.idle = append(a.idle, ch)
	a.mu.Unlock()
	a.nudge()
	select {
	case <-ch:
		return nil
	case <-a.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for what is due: %w", ctx.Err())
	}
}

// Close ends the agenda: a running entry's context ends, and Close waits for it.
func (a *Agenda) Close() {
	a.cancel()
	<-a.done
}

func (a *Agenda) nudge() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

func (a *Agenda) loop() {
	defer close(a.done)
	for a.ctx.Err() == nil {
		e, wait, due := a.take()
		if due {
			e.run(a.ctx, e.at)
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-a.ctx.Done():
		case <-a.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// take returns the next entry if it is due, else how long to wait for one, and
// tells those who wait for quiet.
func (a *Agenda) take() (e entry, wait time.Duration, due bool) {
	const idle = time.Hour // At and Release wake the loop earlier
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held {
		return entry{}, idle, false
	}
	wait = idle
	if len(a.entries) > 0 {
		if left := a.entries[0].at.Sub(a.clock.Now()); left > 0 {
			wait = min(wait, max(left, time.Millisecond)) // a base clock that stands still must not make this loop spin
		} else {
			return heap.Pop(&a.entries).(entry), 0, true
		}
	}
	for _, ch := range a.idle {
		close(ch)
	}
	a.idle = nil
	return entry{}, wait, false
}

type entry struct {
	at     time.Time
	serial int
	run    func(context.Context, time.Time)
}

type entries []entry

func (e entries) Len() int { return len(e) }
func (e entries) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].serial < e[j].serial
	}
	return e[i].at.Before(e[j].at)
}
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *entries) Push(x any)   { *e = append(*e, x.(entry)) }
func (e *entries) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

var _ heap.Interface = (*entries)(nil)
