package sandbox

import (
	"context"
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
)

// Of BenchmarkMeter: what it calls, a Go guest of the tests if nothing is said.
var (
	meterGuest  = flag.String("meter.guest", "", "BenchmarkMeter: the file of the guest")
	meterExport = flag.String("meter.export", "work", "BenchmarkMeter: the export to call")
	meterInput  = flag.String("meter.input", "", "BenchmarkMeter: the file of the input")
)

// BenchmarkMeter is what counting costs: the same calls with the charges, and
// with the charges taken out of the rewritten bytes, ten and ten in turns.
func BenchmarkMeter(b *testing.B) {
	wasm, input := guestBytes(b), []byte(`{"a":"b","c":[1,2,3]}`)
	for file, to := range map[string]*[]byte{*meterGuest: &wasm, *meterInput: &input} {
		if file != "" {
			read, err := os.ReadFile(file)
			if err != nil {
				b.Fatal(err)
			}
			*to = read
		}
	}
	_, m, err := rewrite(wasm)
	if err != nil {
		b.Fatal(err)
	}
	fuel := newLayout(m).fuel
	bare := func(l Limits) (Engine, error) {
		return newEngine(l, func(ctx context.Context, wasm []byte, cache wazero.CompilationCache) (program, error) {
			return compileDirect(ctx, uncharged(b, wasm, fuel), cache)
		})
	}
	modules := []Module{load(b, opened(b, Limits{}, New), wasm), load(b, opened(b, Limits{}, bare), wasm)}
	var times [2][]float64
	var ratios []float64
	for b.Loop() {
		var pair [2]float64
		for i, m := range modules {
			var calls []time.Duration
			for range 10 {
				began := time.Now()
				if _, err := m.Call(b.Context(), Call{Export: *meterExport, Input: input}); err != nil {
					b.Fatal(err)
				}
				calls = append(calls, time.Since(began))
			}
			slices.Sort(calls)
			pair[i] = float64(calls[len(calls)/2].Nanoseconds()) / 1e3
			times[i] = append(times[i], pair[i])
		}
		ratios = append(ratios, pair[0]/pair[1])
	}
	for _, v := range []struct {
		values []float64
		unit   string
	}{{times[0], "metered-µs"}, {times[1], "bare-µs"}, {ratios, "x-bare"}} {
		slices.Sort(v.values)
		b.ReportMetric(v.values[len(v.values)/2], v.unit)
	}
}

// uncharged takes the charges of a constant, and the checks behind them, out of
// a rewritten module. What is charged by a length stays.
func uncharged(b *testing.B, wasm []byte, fuel uint32) []byte {
	get, set := appendU32([]byte{opGlobalGet}, fuel), appendU32([]byte{opGlobalSet}, fuel)
	l := &layout{fuel: fuel}
	check := l.check(nil)
	found := 0
	bare := func(code []byte) []byte {
		var out []byte
		for len(code) > 0 {
			at := 0
			if r := (reader{b: code}); prefix(&r, append(get, opI64Const)) {
				r.signed(10)
				if prefix(&r, append([]byte{opI64Sub}, set...)) {
					prefix(&r, check)
					at, found = r.at, found+1
				}
			}
			if at == 0 {
				at, out = 1, append(out, code[0])
			}
			code = code[at:]
		}
		return out
	}
	r := reader{b: wasm}
	out := append([]byte(nil), r.take(8)...)
	for !r.done() && r.err == nil {
		id, body := r.byte(), r.take(r.u32())
		if id == sectionCode {
			code := reader{b: body}
			n := code.u32()
			body = appendU32(nil, n)
			for ; n > 0; n-- {
				body = appendSized(body, bare(code.take(code.u32())))
			}
		}
		out = appendSized(append(out, id), body)
	}
	if r.err != nil || found == 0 {
		b.Fatalf("took %d charges out, %v", found, r.err)
	}
	return out
}

// prefix reads these bytes if they come next.
func prefix(r *reader, p []byte) bool {
	if len(r.b)-r.at < len(p) || !slices.Equal(r.b[r.at:r.at+len(p)], p) {
		return false
	}
	r.at += len(p)
	return true
}
