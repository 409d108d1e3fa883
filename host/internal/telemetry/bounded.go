package telemetry

import (
	"strings"
	"sync"
)

// other stands for every value of a label beyond its bound.
const other = "other"

// bounded keeps the number of a label's values finite: each is a time series
// that is kept for ever.
type bounded struct {
	mu   sync.Mutex
	max  int
	seen map[string]bool
}

func newBounded(n int) *bounded { return &bounded{max: n, seen: map[string]bool{}} }

// label is the value, or other if there are too many.
func (b *bounded) label(value string) string {
	value = strings.ToValidUTF8(value, "?")
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen[value] {
		return value
	}
	if len(b.seen) >= b.max {
		return other
	}
	b.seen[value] = true
	return value
}
