package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/bench/sandbox/work"
)

// callRow is what calls of one side took, by so many callers at once.
type callRow struct {
	name, guest string
	callers     int
	p50, p99    float64 // µs: the median of the rounds' medians, and of all calls
	ratio       float64 // ours by this one's, the median of the rounds'
	allocs      float64 // a call
	bytes       float64
}

// leastCalls is how often a side is called in a round that is too slow for its slot.
const leastCalls = 3

// series is what was measured of a side, round by round.
type series struct {
	side    *side
	callers int
	p50     []time.Duration
	all     []time.Duration
	calls   int
	mallocs uint64
	bytes   uint64
}

// measureCalls calls every side in each round, one after the other.
func measureCalls(ctx context.Context, s settings, g *guests, out io.Writer) ([]callRow, error) {
	var all []*series
	for _, o := range openers() {
		opened, err := o.start(ctx, g)
		if err != nil {
			return nil, err
		}
		defer opened.close(context.WithoutCancel(ctx)) //nolint:errcheck // the process ends
		for _, callers := range []int{1, most} {
			all = append(all, &series{side: opened, callers: callers})
		}
	}
	for round := range s.rounds {
		for _, x := range all {
			if err := x.round(ctx, s.slot); err != nil {
				return nil, fmt.Errorf("%s, %s: %w", x.side.name, x.side.guest, err)
			}
			fmt.Fprintf(out, "call side=%q guest=%s callers=%d round=%d p50-us=%.1f\n", x.side.name, x.side.guest, x.callers, round, micros(x.p50[round]))
		}
	}
	rows := make([]callRow, len(all))
	for i, x := range all {
		rows[i] = x.row(base(all, x))
	}
	return rows, nil
}

// base is our own side that another is compared with: of the same guest, or of
// the Go guest where there is none.
func base(all []*series, x *series) (found *series) {
	for _, o := range all {
		if o.side.name == ours && o.callers == x.callers && (o.side.guest == x.side.guest || o.side.guest == "Go" && found == nil) {
			found = o
		}
	}
	return found
}

func (x *series) row(our *series) callRow {
	ratios := make([]float64, len(x.p50))
	for i := range x.p50 {
		ratios[i] = float64(our.p50[i]) / float64(x.p50[i])
	}
	return callRow{
		name: x.side.name, guest: x.side.guest, callers: x.callers,
		p50: micros(median(x.p50)), p99: micros(percentile(x.all, 0.99)), ratio: median(ratios),
		allocs: float64(x.mallocs) / float64(x.calls), bytes: float64(x.bytes) / float64(x.calls),
	}
}

// round calls the side for a slot, and a little before to warm it up.
func (x *series) round(ctx context.Context, slot time.Duration) error {
	runtime.GC()
	in := work.Input()
	for warm := time.Now(); time.Since(warm) < slot/4; {
		if _, err := x.side.call(ctx, in); err != nil {
			return err
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	times := make([][]time.Duration, x.callers)
	failed := make([]error, x.callers)
	end := time.Now().Add(slot)
	var group sync.WaitGroup
	for c := range x.callers {
		group.Go(func() {
			for time.Now().Before(end) || len(times[c]) < leastCalls {
				began := time.Now()
				out, err := x.side.call(ctx, in)
				times[c] = append(times[c], time.Since(began))
				if err != nil || len(out) == 0 {
					failed[c] = fmt.Errorf("got %q: %w", out, err)
					return
				}
			}
		})
	}
	group.Wait()
	runtime.ReadMemStats(&after)
	var all []time.Duration
	for c := range x.callers {
		if failed[c] != nil {
			return failed[c]
		}
		all = append(all, times[c]...)
	}
	x.calls += len(all)
	x.mallocs += after.Mallocs - before.Mallocs
	x.bytes += after.TotalAlloc - before.TotalAlloc
	x.all = append(x.all, all...)
	x.p50 = append(x.p50, percentile(all, 0.5))
	return nil
}
