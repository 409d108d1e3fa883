package order

import (
	"sync"
	"testing"
)

// TestRefund_manyAtOnce_neverExceedTheRest runs what a compare-and-set does: of
// many that read the same order one commits, the others read again.
func TestRefund_manyAtOnce_neverExceedTheRest(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(_ *testing.T, w *world) {
		w.paid("pay_1", 5000)
		var mu sync.Mutex
		var wg sync.WaitGroup
		current, now := w.o, w.now
		for i := range 8 {
			wg.Go(func() {
				for {
					mu.Lock()
					read := current
					mu.Unlock()
					o, _, err := Apply(read, RequestRefund{ID: "ref_" + string(rune('a'+i)), Amount: w.money(2000)}, now)
					if err != nil {
						return
					}
					mu.Lock()
					won := current.LastEvent == read.LastEvent
					if won {
						current = o
					}
					mu.Unlock()
					if won {
						return
					}
				}
			})
		}
		wg.Wait()
		w.o = current
		w.wantAmounts(5000, 0, 4000, 0)
	})
}
