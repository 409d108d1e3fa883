package plugintest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Bench runs a call of a plugin to its end and then measures each of its
// rounds as a benchmark of its own: in the sandbox and, in turn with it, the
// same code with the same input in this process. It reports the median of each
// in µs, the median of their ratios, and the fuel. The host's functions answer
// from the first run, so that what they cost counts on neither side.
func Bench(b *testing.B, r *Runner, native conformance.Runner, c conformance.Call) {
	m, err := conformance.Describe(b.Context(), r)
	if err != nil {
		b.Fatal(err)
	}
	c.Manifest = &m
	rec := &recorder{runner: r}
	if _, err := conformance.Drive(b.Context(), rec, c); err != nil {
		b.Fatal(err)
	}
	n := 0
	for _, round := range rec.rounds {
		if n++; n%2 == 0 { // each is run twice
			b.Run(fmt.Sprintf("%s/%s/round=%d", m.Name, c.Export, n/2), func(b *testing.B) { round.bench(b, r, native) })
		}
	}
}

// recorder notes the rounds that a runner runs.
type recorder struct {
	runner conformance.Runner
	rounds []*recorded
}

// recorded is a round with what the host's functions answered.
type recorded struct {
	export contract.Export
	input  []byte
	sums   map[string][]byte
}

// Round implements [conformance.Runner].
func (rec *recorder) Round(ctx context.Context, export contract.Export, input []byte, host conformance.Host) ([]byte, error) {
	round := &recorded{export, input, map[string][]byte{}}
	rec.rounds = append(rec.rounds, round)
	call := host.Call
	host.Call = func(name contract.HostFunction, in []byte) ([]byte, error) {
		out, err := call(name, in)
		round.sums[sumKey(name, in)] = out
		return out, err
	}
	return rec.runner.Round(ctx, export, input, host)
}

func (round *recorded) bench(b *testing.B, r *Runner, native conformance.Runner) {
	host := conformance.Host{
		Call: func(name contract.HostFunction, in []byte) ([]byte, error) {
			return round.sums[sumKey(name, in)], nil
		},
		Log: func(string, string) {},
	}
	var inside, outside, ratios []float64
	var fuel int64
	for b.Loop() {
		got, s, err := r.timed(b.Context(), round.export, round.input, host)
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		want, err := native.Round(b.Context(), round.export, round.input, host)
		took := time.Since(began)
		if err != nil || !bytes.Equal(got, want) {
			b.Fatalf("in the sandbox %s, natively %s, %v", got, want, err)
		}
		inside, outside = append(inside, micros(s.took)), append(outside, micros(took))
		ratios, fuel = append(ratios, float64(s.took)/float64(took)), s.fuel
	}
	b.ReportMetric(0, "ns/op") // that of a pair says nothing
	b.ReportMetric(median(inside), "sandbox-µs")
	b.ReportMetric(median(outside), "native-µs")
	b.ReportMetric(median(ratios), "x-native")
	b.ReportMetric(float64(fuel), "fuel")
}

// sumKey tells calls of the host's functions apart; a module pads its input.
func sumKey(name contract.HostFunction, in []byte) string {
	return string(name) + string(bytes.TrimSpace(in))
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func median[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

var _ conformance.Runner = (*recorder)(nil)
