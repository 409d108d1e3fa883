package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/bench/sandbox/work"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
)

// hostileRow is what a good plugin sees of hostile ones beside it: medians of
// the pairs, and the worst in brackets.
type hostileRow struct {
	quiet, beside   float64 // µs: p50 of the good plugin's calls
	shift           float64 // by what part p50 moves, the median of the pairs'
	slowest, worst  float64 // ms: the slowest call beside hostile ones
	pause, longest  float64 // ms: the longest pause of the collector
	returned        float64 // MiB more than before, at the end
	calls, answered int     // hostile calls, and those that were answered: none may be
}

const (
	hostilePairs = 9
	hostileTime  = 1500 * time.Millisecond
	hostileEvery = 100 * time.Millisecond
	collectEvery = 250 * time.Millisecond // the good plugin alone makes too little garbage
)

var hostileExports = []string{
	"loop", "nested_calls", "recursion", "memory_bomb", "memory_fill", "kernel_allocations", "kernel_crumbs", "output_30mb", "log_flood", "trap",
}

// stretch is what was seen in one half of a pair.
type stretch struct {
	p50, slowest, pause time.Duration
}

// measureHostile calls a good plugin for a while alone, and for a while beside
// ten hostile calls a second, in turns.
func measureHostile(ctx context.Context, g *guests, out io.Writer) (r hostileRow, err error) {
	e, err := sandbox.New(sandbox.Limits{CacheDir: g.cache})
	if err != nil {
		return r, err
	}
	good, err := e.Load(ctx, "good@1.0.0", g.wasm["Go"])
	if err != nil {
		return r, err
	}
	bad, err := e.Load(ctx, "hostile@1.0.0", guestHostile)
	if err != nil {
		return r, err
	}
	h := &hostility{good: good, bad: bad, row: &r}
	if _, err := h.stretch(ctx, true); err != nil { // what is made once is made
		return r, err
	}
	before, err := resident()
	if err != nil {
		return r, err
	}
	var quiet, beside, shifts, slowest, pauses []float64
	for pair := range hostilePairs {
		alone, err := h.stretch(ctx, false)
		if err != nil {
			return r, err
		}
		with, err := h.stretch(ctx, true)
		if err != nil {
			return r, err
		}
		fmt.Fprintf(out, "hostile pair=%d alone-p50-us=%.1f p50-us=%.1f alone-slowest-ms=%.1f slowest-ms=%.1f alone-pause-ms=%.1f pause-ms=%.1f\n", pair,
			micros(alone.p50), micros(with.p50), millis(alone.slowest), millis(with.slowest), millis(alone.pause), millis(with.pause))
		quiet, beside = append(quiet, micros(alone.p50)), append(beside, micros(with.p50))
		shifts = append(shifts, float64(with.p50)/float64(alone.p50)-1)
		slowest, pauses = append(slowest, millis(with.slowest)), append(pauses, millis(with.pause))
	}
	after, err := resident()
	if err != nil {
		return r, err
	}
	r.quiet, r.beside, r.shift = median(quiet), median(beside), median(shifts)
	r.slowest, r.worst = median(slowest), percentile(slowest, 1)
	r.pause, r.longest = median(pauses), percentile(pauses, 1)
	r.returned = mib(after) - mib(before)
	fmt.Fprintf(out, "hostile calls=%d answered=%d memory-before-mib=%.1f memory-after-mib=%.1f\n", r.calls, r.answered, mib(before), mib(after))
	return r, e.Close(ctx)
}

type hostility struct {
	good, bad sandbox.Module
	row       *hostileRow
	next      int
	mu        sync.Mutex
}

// stretch calls the good plugin again and again.
func (h *hostility) stretch(ctx context.Context, hostile bool) (s stretch, err error) {
	collect()
	before := pauses()
	ctx, stop := context.WithTimeout(ctx, hostileTime)
	defer stop()
	var others sync.WaitGroup
	others.Go(func() { every(ctx, collectEvery, runtime.GC) })
	if hostile {
		others.Go(func() {
			every(ctx, hostileEvery, func() { others.Go(h.hurt) })
		})
	}
	var times []time.Duration
	for ctx.Err() == nil && err == nil {
		began := time.Now()
		_, err = h.good.Call(context.WithoutCancel(ctx), sandbox.Call{Export: export, Input: work.Input(), Now: callTime})
		times = append(times, time.Since(began))
	}
	others.Wait()
	s.slowest, s.p50, s.pause = percentile(times, 1), percentile(times, 0.5), longest(before, pauses())
	return s, err
}

// hurt makes a hostile call, of each kind in turn.
func (h *hostility) hurt() {
	h.mu.Lock()
	name := hostileExports[h.next%len(hostileExports)]
	h.next++
	h.mu.Unlock()
	_, err := h.bad.Call(context.Background(), sandbox.Call{Export: name, Now: callTime})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.row.calls++
	if err == nil {
		h.row.answered++
	}
}

func every(ctx context.Context, d time.Duration, do func()) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			do()
		}
	}
}

// pauses is how often the collector stopped the world, by how long that took,
// the waiting for compiled code included.
func pauses() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(sample)
	h := sample[0].Value.Float64Histogram()
	return &metrics.Float64Histogram{Counts: append([]uint64(nil), h.Counts...), Buckets: append([]float64(nil), h.Buckets...)}
}

// longest is the upper bound of the longest pause since before.
func longest(before, now *metrics.Float64Histogram) time.Duration {
	for i := len(now.Counts) - 1; i >= 0; i-- {
		if now.Counts[i] == before.Counts[i] {
			continue
		}
		bound := now.Buckets[i+1]
		if math.IsInf(bound, 1) {
			bound = now.Buckets[i]
		}
		return time.Duration(bound * float64(time.Second))
	}
	return 0
}
