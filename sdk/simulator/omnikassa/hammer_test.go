package omnikassa

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Many orders at once, each result pulled exactly once, whoever pulls.
func TestHammer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var mu sync.Mutex
	seen := map[string]int{}
	s.webhook.hear = func(n notification) {
		for more := true; more; {
			p := s.verifiedPull(resultsPath, n.Authentication)
			mu.Lock()
			for _, r := range p.Results {
				seen[r.OmnikassaOrderID]++
			}
			mu.Unlock()
			more = p.More
		}
	}
	const workers, each = 16, 20
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			<-start
			for j := range each {
				got := s.call("POST", apiBase+"/order/server/api/v2/order", s.access, draft(with(forced, object{"merchantOrderId": fmt.Sprintf("o%dx%d", i, j)})))
				if got.status != http.StatusCreated {
					t.Errorf("announce: got %d %s", got.status, got.body)
					return
				}
				if err := s.sim.Settle(s.member(got, "omnikassaOrderId"), Success); err != nil {
					t.Error(err)
				}
				if j%7 == 0 {
					s.sim.Books()
					if err := s.sim.MoveClock(t.Context(), time.Second); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	close(start)
	wg.Wait()
	s.settled()
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != workers*each {
		t.Errorf("got %d results, want %d", len(seen), workers*each)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("result of %s: got it %d times, want once", id, n)
		}
	}
}
