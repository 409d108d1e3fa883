package sandbox

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// processorTime is what this thread has used. The caller is locked to it.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCall is a call of a Go guest, putting it back included.
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

// BenchmarkMetering holds a call that pays against the same call of the module
// as it was: x-metered is what fuel costs. Neither is put back to an image.
func BenchmarkMetering(b *testing.B) {
	input := []byte(`{"contract":"1","call":"call_1","now":"2026-11-22T11:25:09.145Z","input":{"payment":{"id":"pay_1","amount":{"value":4999,"currency":"EUR"}}}}`)
	l := load(b, opened(b, Limits{CacheDir: cacheDir}, New), guestBytes(b)).(*loaded)
	startAgain(b, l, guestBytes(b))
	metered, err := l.start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer l.discard(metered)
	raw := startRaw(b, guestBytes(b))
	call := &Call{Export: "work", Input: input, Fuel: contract.RoundFuel}
	with := func() error {
		if err := metered.turn(b.Context(), call); err != nil {
			return err
		}
		return metered.enter(call.Export)
	}
	without := func() error {
		raw.state = state{ctx: b.Context(), call: call, input: input, next: firstHandle, blocks: raw.blocks[:0]}
		raw.empty(false)
		_, err := raw.instance.enter(withRun(raw), call.Export)
		raw.keep()
		return err
	}
	var ratios []float64
	timed := func(f func() error) float64 {
		began := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		return time.Since(began).Seconds()
	}
	for b.Loop() {
		a, c := timed(with), timed(without)
		ratios = append(ratios, a/c)
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x-metered")
}

// startRaw starts a module up that was not rewritten, with the same services
// under the names that it imports.
func startRaw(b *testing.B, wasm []byte) *run {
	rt := wazero.NewRuntimeWithConfig(b.Context(), runtimeConfig(nil))
	b.Cleanup(func() { rt.Close(context.Background()) })
	modules := map[string]wazero.HostModuleBuilder{}
	for _, h := range hostImports {
		if modules[h.module] == nil {
			modules[h.module] = rt.NewHostModuleBuilder(h.module)
		}
		serve := services[h.name]
		if h.absent {
			serve = answers(notSupported)
		}
		f := api.GoFunc(func(ctx context.Context, s []uint64) { serve(runOf(ctx), s) })
		modules[h.module] = modules[h.module].NewFunctionBuilder().WithGoFunction(f, h.signature.paramTypes(), h.signature.resultTypes()).Export(h.name)
	}
	for _, m := range modules {
		if _, err := m.Instantiate(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	compiled, err := rt.CompileModule(b.Context(), wasm)
	if err != nil {
		b.Fatal(err)
	}
	i, err := (&directProgram{rt, compiled}).instance(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	r := newRun(b.Context(), i, [32]byte{}, 0)
	if _, err := r.instance.enter(withRun(r), "_initialize"); err != nil {
		b.Fatal(err)
	}
	return r
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
