package terminal

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Many tills at two terminals at once, and a customer at each: every payment
// that a till heard of is in the books once, and no terminal had two.
func TestHammer(t *testing.T) {
	t.Parallel()
	s := newTillOf(t, Config{Unattended: Never})
	s.control("PUT", "/sandbox/terminals/"+DemoOtherPOIID, `{"login":"none"}`)
	post := func(service, poi string) answer {
		return s.post(t.Context(), "/nexo", "application/json", envelope("Payment", service, poi, payment("100", "SEK", "Normal")))
	}
	const tills, each = 6, 15
	var mu sync.Mutex
	paid := map[string]bool{}
	var working, customers sync.WaitGroup
	for i := range tills {
		working.Go(func() {
			poi := []string{DemoPOIID, DemoOtherPOIID}[i%2]
			for j := range each {
				service := fmt.Sprintf("P%dx%d", i, j)
				switch got := post(service, poi); got.result() {
				case "Success":
					mu.Lock()
					paid[service] = true
					mu.Unlock()
				case "FailureBusy", "FailureCancel":
				default:
					t.Errorf("got %s", got.body)
				}
			}
		})
	}
	over := make(chan struct{})
	for _, poi := range []string{DemoPOIID, DemoOtherPOIID} {
		customers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
				}
				w := httptest.NewRecorder()
				s.sim.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "http://sim.test/?result&terminal="+poi, nil))
				if page := (answer{w.Code, w.Header(), w.Body.Bytes()}); strings.Contains(w.Body.String(), `name="service"`) {
					s.press(page, []string{"success", "success", "cancelled"}[n%3], "")
				}
				if n%20 == 0 {
					s.sim.Books()
					if err := s.sim.MoveClock(t.Context(), time.Millisecond); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	working.Wait()
	close(over)
	customers.Wait()
	charged := 0
	for _, b := range s.sim.Books().Transactions {
		if b.Charged > 0 {
			charged++
			if !paid[b.ServiceID] {
				t.Errorf("%s is charged and its till does not know", b.ServiceID)
			}
		}
	}
	if charged != len(paid) || charged == 0 {
		t.Errorf("%d charged, %d heard of", charged, len(paid))
	}
}
