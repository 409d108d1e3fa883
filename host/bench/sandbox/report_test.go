package main

import (
	"math"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

func measured() *report {
	r := &report{
		machine: "2026-11-27, on a test.", loaded: 100,
		memory:  []memoryRow{{ours, "Go", []float64{18, 130, 1250, 1100}}, {script, "JavaScript", []float64{1, 2, 20, 20}}},
		loads:   []loadRow{{"Go", 2 << 20, 1000, 100, 10, 900, 50, 2}},
		meter:   meterRow{110, 100, 1.1},
		hostile: hostileRow{quiet: 100, beside: 120, shift: 0.2, slowest: 90, worst: 140, pause: 50, longest: 60, returned: 0.5, calls: 150},
	}
	for _, callers := range []int{1, most} {
		for i, name := range []string{ours, extismPooled, extismTimeout, extismInstance, processRPC, native} {
			r.calls = append(r.calls, callRow{name: name, guest: "Go", callers: callers, p50: 100, p99: 1234.5, ratio: float64(i+1) / float64(callers), allocs: 12, bytes: 2048})
		}
		r.calls = append(r.calls, callRow{name: extismPooled, guest: "C", callers: callers, ratio: 1.5})
	}
	return r
}

func TestReport_lines(t *testing.T) {
	t.Parallel()
	r := measured()
	if got, want := r.ratios(), "ratios: extism-pooled=2.00 extism-timeout=3.00 extism-instance=4.000 hashicorp-go-plugin=5.00 fuel=1.100 native=6.0"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := r.others(), "others: c-extism-pooled=1.50 assemblyscript-extism-pooled=0.00 load-cold-by-cached=10.0 go-plugins-mib=1250 go-plugins-idle-mib=1100 hostile-p50-shift=+0.20 hostile-slowest-ms=90 hostile-pause-ms=50 hostile-memory-mib=+0.5"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReport_tables(t *testing.T) {
	t.Parallel()
	text := measured().tables()
	for _, want := range []string{
		"2026-11-27, on a test.", "### Calls, 1 at once", "### Calls, 4 at once",
		"| Extism, pooled, unsafe | Go | 100 | 1,234 | 2 | 12.0 | 2.00 |",
		"| Kassette, Go | 110 | 100 | 1.100 |",
		"| Kassette, Go | 100 | 120 | +20 % | 90 (140) | 50 (60) | +0.5 | 150 | 0 |",
		"| Go | 2,048 | 1,000 | 100 | 10.0 | 900 | 50.0 | 2.00 |",
		"| side | guest | 1 loaded | 10 loaded | 100 loaded | after a minute |", "| Kassette | Go | 18.0 | 130 | 1,250 | 1,100 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant %s in it", text, want)
		}
	}
	columns := 0
	for line := range strings.Lines(text) {
		switch n := strings.Count(line, "|"); {
		case n == 0:
			columns = 0
		case columns == 0:
			columns = n
		case n != columns:
			t.Errorf("%s: got %d bars, want %d", line, n, columns)
		}
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	got, err := replace([]byte("a\n"+begin+"old\n"+end+"b\n"), "new\n")
	if want := "a\n" + begin + "new\n" + end + "b\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, page := range []string{"", begin, end, end + begin} {
		if _, err := replace([]byte(page), "x"); err == nil {
			t.Errorf("%q: no error", page)
		}
	}
}

// TestSeries_row: a ratio is the median of the rounds' own, not one of medians.
func TestSeries_row(t *testing.T) {
	t.Parallel()
	us := time.Microsecond
	our := &series{side: &side{name: ours, guest: "Go"}, callers: 1, p50: []time.Duration{10 * us, 40 * us, 30 * us}}
	x := &series{side: &side{name: script, guest: "JavaScript"}, callers: 1, p50: []time.Duration{20 * us, 20 * us, 60 * us}, all: []time.Duration{us, 2 * us}, calls: 2, mallocs: 10, bytes: 300}
	if got := base([]*series{{side: &side{name: ours, guest: "C"}, callers: 1}, {side: our.side, callers: most}, our, x}, x); got != our {
		t.Errorf("compared with %s, %s, %d callers", got.side.name, got.side.guest, got.callers)
	}
	if got := x.row(our); got.ratio != 0.5 || got.p50 != 20 || got.p99 != 2 || got.allocs != 5 || got.bytes != 150 {
		t.Errorf("got %+v", got)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	values := []int{5, 1, 4, 2, 3}
	for p, want := range map[float64]int{0: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := percentile(values, p); got != want {
			t.Errorf("%v: got %d, want %d", p, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[float64]string{0: "0.00", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 1234567: "1,234,567"} {
		if got := number(in); got != want {
			t.Errorf("%v: got %s, want %s", in, got, want)
		}
	}
}

func TestLongest(t *testing.T) {
	t.Parallel()
	before := &metrics.Float64Histogram{Counts: []uint64{4, 2, 0, 1}, Buckets: []float64{0, 0.001, 0.01, 0.1, math.Inf(1)}}
	for want, counts := range map[time.Duration][]uint64{
		0: {4, 2, 0, 1}, time.Millisecond: {5, 2, 0, 1}, 10 * time.Millisecond: {5, 3, 0, 1}, 100 * time.Millisecond: {4, 2, 0, 2},
	} {
		if got := longest(before, &metrics.Float64Histogram{Counts: counts, Buckets: before.Buckets}); got != want {
			t.Errorf("%v: got %v, want %v", counts, got, want)
		}
	}
}
