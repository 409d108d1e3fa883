package alarm_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kassette-pay/kassette/host/internal/alarm"
	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// store is an AlarmStore in memory: what is due, by partition.
type store struct {
	checkout.AlarmStore
	mu      sync.Mutex
	due     map[checkout.Partition][]string
	renewed map[string]int
	lost    map[string]bool
	down    bool
	back    []string
}

var errDown = fmt.Errorf("the test's: %w", checkout.ErrUnavailable)

func (s *store) add(p checkout.Partition, members ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due[p] = append(s.due[p], members...)
}

func (s *store) DuePartitions(context.Context) ([]checkout.Partition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errDown
	}
	var list []checkout.Partition
	for p, members := range s.due {
		if len(members) > 0 {
			list = append(list, p)
		}
	}
	return list, nil
}

func (s *store) ClaimDue(_ context.Context, p checkout.Partition, limit int) ([]checkout.Alarm, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(limit, len(s.due[p]))
	var list []checkout.Alarm
	for _, m := range s.due[p][:n] {
		list = append(list, checkout.Alarm{Partition: p, Member: m})
	}
	s.due[p] = s.due[p][n:]
	return list, nil
}

func (s *store) Renew(_ context.Context, a checkout.Alarm) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewed[a.Member]++
	return !s.lost[a.Member], nil
}

func (s *store) PutBack(ctx context.Context, a checkout.Alarm, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.down:
		return errDown
	case !at.IsZero():
		return errors.New("not put back for now")
	}
	s.back = append(s.back, a.Member)
	s.due[a.Partition] = append(s.due[a.Partition], a.Member)
	return nil
}

type ran struct {
	mu   sync.Mutex
	list []string
	now  int
	peak int
}

func (r *ran) run(d time.Duration) func(context.Context, checkout.Alarm) error {
	return func(ctx context.Context, a checkout.Alarm) error {
		r.mu.Lock()
		r.list = append(r.list, a.Member)
		r.now++
		r.peak = max(r.peak, r.now)
		r.mu.Unlock()
		defer func() { r.mu.Lock(); r.now--; r.mu.Unlock() }()
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *ran) count() int { r.mu.Lock(); defer r.mu.Unlock(); return len(r.list) }

// start runs a worker in a bubble of synthetic time.
func start(t *testing.T, s *store, work, tell *ran, took time.Duration, concurrent int) *alarm.Worker {
	t.Helper()
	w := alarm.New(alarm.Options{Store: s, Work: work.run(took), Tell: tell.run(took), Logger: slog.New(slog.DiscardHandler), Concurrent: concurrent})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return w
}

func newStore() *store {
	return &store{due: map[checkout.Partition][]string{}, renewed: map[string]int{}, lost: map[string]bool{}}
}

func TestWorker_runsWhatIsDue_eachKindByItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, work, tell := newStore(), &ran{}, &ran{}
		s.add(1, "ord_1", "ord_1/tell")
		s.add(200, "call_1")
		start(t, s, work, tell, time.Millisecond, 0)
		time.Sleep(time.Second)
		if work.count() != 2 || tell.count() != 1 {
			t.Errorf("work %v, tell %v", work.list, tell.list)
		}
	})
}

func TestWorker_nudge_doesNotWaitForTheNextLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, work := newStore(), &ran{}
		w := start(t, s, work, &ran{}, time.Millisecond, 0)
		time.Sleep(100 * time.Millisecond)
		s.add(7, "ord_7")
		w.Nudge(7)
		time.Sleep(10 * time.Millisecond)
		if work.count() != 1 {
			t.Error("the nudge was not heard")
		}
		for range 10_000 {
			w.Nudge(9) // never blocks
		}
	})
}

func TestWorker_neverMoreAtOnceThanItsSlots_loses_none(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, work := newStore(), &ran{}
		for i := range 100 {
			s.add(checkout.Partition(i%3), "ord_"+string(rune('A'+i)))
		}
		start(t, s, work, &ran{}, 100*time.Millisecond, 4)
		time.Sleep(2 * time.Minute)
		if work.count() != 100 || work.peak > 4 {
			t.Errorf("ran %d, at most %d at once", work.count(), work.peak)
		}
	})
}

func TestWorker_longWork_isRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, work := newStore(), &ran{}
		s.add(1, "ord_1")
		start(t, s, work, &ran{}, 2*time.Minute, 0)
		time.Sleep(130 * time.Second)
		s.mu.Lock()
		defer s.mu.Unlock()
		if n := s.renewed["ord_1"]; n < 5 {
			t.Errorf("renewed %d times in two minutes", n)
		}
	})
}

func TestWorker_lostClaim_endsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, work := newStore(), &ran{}
		s.lost["ord_1"] = true
		s.add(1, "ord_1")
		start(t, s, work, &ran{}, time.Hour, 0)
		time.Sleep(30 * time.Second)
		work.mu.Lock()
		defer work.mu.Unlock()
		if work.now != 0 {
			t.Error("the work goes on without its claim")
		}
	})
}

func TestWorker_stateDown_recoversByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, work := newStore(), &ran{}
		s.down = true
		s.add(1, "ord_1")
		start(t, s, work, &ran{}, time.Millisecond, 0)
		time.Sleep(10 * time.Second)
		if work.count() != 0 {
			t.Fatal("work without a state")
		}
		s.mu.Lock()
		s.down = false
		s.mu.Unlock()
		time.Sleep(2 * time.Second)
		if work.count() != 1 {
			t.Error("it did not recover")
		}
	})
}

// An alarm that panics is one that failed: the others are run, and the node lives.
func TestWorker_panic_endsNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		s.add(1, "ord_poison", "ord_good")
		var mu sync.Mutex
		failed := map[bool]int{}
		w := alarm.New(alarm.Options{
			Store: s, Logger: slog.New(slog.DiscardHandler),
			Work: func(_ context.Context, a checkout.Alarm) error {
				if a.Member == "ord_poison" {
					panic("nobody thought of this")
				}
				return nil
			},
			Observe: func(_ string, _ time.Duration, err error) { mu.Lock(); failed[err != nil]++; mu.Unlock() },
		})
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		if err := w.Run(ctx); err != nil || failed[true] != 1 || failed[false] != 1 {
			t.Errorf("got %v and %v failed, want one of two", err, failed)
		}
	})
}

// A gateway that ends leaves nothing held: the next one goes on at once.
func TestWorker_ends_putsBackWhatItHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, work, tell := newStore(), &ran{}, &ran{}
		s.add(1, "ord_1", "ord_1/tell", "ord_done")
		w := alarm.New(alarm.Options{Store: s, Tell: tell.run(time.Hour), Logger: slog.New(slog.DiscardHandler), Work: func(ctx context.Context, a checkout.Alarm) error {
			if a.Member == "ord_done" {
				return nil
			}
			return work.run(time.Hour)(ctx, a)
		}})
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		slices.Sort(s.back)
		if want := []string{"ord_1", "ord_1/tell"}; !slices.Equal(s.back, want) {
			t.Errorf("put back %v, want %v", s.back, want)
		}
	})
}

func TestWorker_failedAlarm_ringsAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		down  time.Duration
		after time.Duration // from the failure
	}{
		"the state was away for a moment": {errDown, 0, 5 * time.Second},
		"the state was away for long":     {errDown, 40 * time.Second, 40 * time.Second},
		"something else":                  {errors.New("nobody thought of this"), 0, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore()
				s.add(1, "ord_1/tell")
				var times []time.Time
				w := alarm.New(alarm.Options{Store: s, Logger: slog.New(slog.DiscardHandler), Tell: func(context.Context, checkout.Alarm) error {
					s.mu.Lock()
					defer s.mu.Unlock()
					if times = append(times, time.Now()); len(times) > 1 {
						return nil
					}
					s.down = c.down > 0
					time.AfterFunc(c.down, func() { s.mu.Lock(); s.down = false; s.mu.Unlock() })
					return c.err
				}})
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				if err := w.Run(ctx); err != nil || len(times) != 2 {
					t.Fatalf("got %v, told %d times, want twice", err, len(times))
				}
				if took := times[1].Sub(times[0]); took < c.after || took > c.after+2*time.Second {
					t.Errorf("it rang again after %s, want %s", took, c.after)
				}
			})
		})
	}
}
