package sandbox

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// processorTime is what this thread has used. The caller is locked to it.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCall is a call of a Go guest, sandbox and start-up included.
func BenchmarkCall(b *testing.B) {
	input := []byte(`{"contract":"1","call":"call_1","now":"2026-11-22T11:25:09.145Z","input":{"payment":{"id":"pay_1","amount":{"value":4999,"currency":"EUR"}}}}`)
	for engine, start := range engines {
		m := load(b, opened(b, Limits{CacheDir: cacheDir}, start), guestBytes(b))
		for _, export := range []string{"describe", "echo", "work"} {
			b.Run(engine+"/"+export, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := m.Call(b.Context(), Call{Export: export, Input: input}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkRewrite is what metering a Go guest costs once.
func BenchmarkRewrite(b *testing.B) {
	wasm := guestBytes(b)
	b.SetBytes(int64(len(wasm)))
	for b.Loop() {
		out, _, err := rewrite(wasm)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(100*float64(len(out))/float64(len(wasm))-100, "%growth")
	}
}

// BenchmarkFuel tells how long contract.RoundFuel lasts at most: the longest
// that a guest can hold up the host's garbage collector. Making the sandbox is
// in it.
func BenchmarkFuel(b *testing.B) {
	e := opened(b, Limits{}, New)
	guests := spenders()
	for _, name := range slices.Sorted(maps.Keys(guests)) {
		b.Run(name, func(b *testing.B) {
			m := load(b, e, guests[name].bytes())
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			calls := 0
			var spent, most time.Duration
			for b.Loop() {
				began := processorTime(b)
				_, err := m.Call(b.Context(), Call{Export: "run", Input: []byte("12345678")})
				took := processorTime(b) - began
				spent, most, calls = spent+took, max(most, took), calls+1
				if !errors.Is(err, ErrFuel) {
					b.Fatalf("got %v, want %v", err, ErrFuel)
				}
			}
			b.ReportMetric(spent.Seconds()*1e3/float64(calls), "cpu-ms/op")
			b.ReportMetric(most.Seconds()*1e3, "cpu-ms/max")
		})
	}
}
