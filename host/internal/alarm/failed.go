package alarm

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// The pause before an alarm that failed rings again: againSoon where the state
// was away.
const (
	againAfter = 30 * time.Second
	againSoon  = 5 * time.Second
)

// failed is an alarm that failed, to be put back at a time.
type failed struct {
	alarm checkout.Alarm
	at    time.Time
}

// fail keeps an alarm that failed until it is put back. Where it was finished
// all the same, or lost, putting back does nothing.
func (w *Worker) fail(a checkout.Alarm, err error) {
	pause := againAfter
	if errors.Is(err, checkout.ErrUnavailable) {
		pause = againSoon
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = append(w.failed, failed{a, time.Now().Add(pause)})
}

// putBack makes due again what failed and whose pause is over by now; the zero
// time: all of it. It ends with the first error: the state is away, and the
// next look tries again.
func (w *Worker) putBack(ctx context.Context, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := 0; i < len(w.failed); {
		f := w.failed[i]
		if !now.IsZero() && f.at.After(now) {
			i++
			continue
		}
		if err := w.o.Store.PutBack(ctx, f.alarm, time.Time{}); err != nil {
			return
		}
		w.failed = slices.Delete(w.failed, i, i+1)
	}
}
