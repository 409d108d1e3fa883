package main

import (
	"cmp"
	"slices"
	"time"
)

// percentile is that of values, which it sorts; p is 0 to 1.
func percentile[T cmp.Ordered](values []T, p float64) T {
	slices.Sort(values)
	return values[min(int(p*float64(len(values))), len(values)-1)]
}

func median[T cmp.Ordered](values []T) T { return percentile(slices.Clone(values), 0.5) }

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func mib(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
