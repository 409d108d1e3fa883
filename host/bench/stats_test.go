package bench

import (
	"slices"
	"testing"
	"time"
)

// quantile is the value below which a part q of the values lies; it sorts them.
func quantile[T float64 | time.Duration](values []T, q float64) T {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(int(q*float64(len(values))), len(values)-1)]
}

func median(values []float64) float64 { return quantile(values, 0.5) }

func TestQuantile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []float64
		q      float64
		want   float64
	}{
		{nil, 0.5, 0},
		{[]float64{3}, 0.99, 3},
		{[]float64{9, 1, 5}, 0.5, 5},
		{[]float64{4, 3, 2, 1}, 1, 4},
		{[]float64{4, 3, 2, 1}, 0, 1},
	} {
		if got := quantile(tt.values, tt.q); got != tt.want {
			t.Errorf("%v at %v: got %v, want %v", tt.values, tt.q, got, tt.want)
		}
	}
}
