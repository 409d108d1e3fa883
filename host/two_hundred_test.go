package host_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/simulator/control"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// queue stands between a gateway and its bank: it can hold announcements of
// orders until all have come.
type queue struct {
	*httptest.Server
	came chan struct{} // has one for each that came
	open chan struct{} // closed to let them pass

	held atomic.Bool // whether any are held at all
}

// newQueue passes everything on to a bank, for now at once.
func newQueue(t *testing.T, bank string) *queue {
	t.Helper()
	to, err := url.Parse(bank)
	if err != nil {
		t.Fatal(err)
	}
	q := &queue{came: make(chan struct{}, 256), open: make(chan struct{})}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	q.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/v2/order") && q.held.Load() {
			q.came <- struct{}{}
			select {
			case <-q.open:
			case <-r.Context().Done():
				return
			}
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(q.Close)
	return q
}

// gauge reads a number from the gateway's metrics.
func (h *house) gauge(name string) int {
	h.t.Helper()
	resp, err := http.Get(h.admin + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + ` (\d+)$`).FindSubmatch(text)
	if m == nil {
		h.t.Fatalf("no %s among the metrics", name)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// A provider that takes five seconds holds no sandbox: while 200 payments wait
// for it none is in use, and on the way there and back never more than there
// are cores. All 200 lead on to the bank in the end.
func TestTwoHundredPayments_slowBank_sandboxesNeverExceedTheCores(t *testing.T) {
	t.Parallel()
	const payments, slow, patience = 200, 5 * time.Second, 7 * time.Second // an announcement may take 15 s
	var q *queue
	bank := ""
	redis := redistest.Server(t)
	h := newHouse(t, options{
		redis: redis.URL(), stateKey: seal.NewKey().Secret(),
		bank: func(c *omnikassa.Config) {
			bank = strings.TrimSuffix(c.PublicURL, "/omnikassa")
			q = newQueue(t, bank)
			c.PublicURL = q.URL + "/omnikassa"
		},
		edit: func(text string) string {
			return strings.ReplaceAll(text, strings.TrimPrefix(bank, "http://"), strings.TrimPrefix(q.URL, "http://"))
		},
	})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: payments}, Timeout: 2 * time.Minute}
	defer client.CloseIdleConnections()
	if err := h.startPayment(client, "first"); err != nil { // fetches the token that all go on with
		t.Fatal(err)
	}
	q.held.Store(true)
	if err := h.bank.Faults().Set(control.Fault{Name: control.SlowAnswer, Call: "announce", Delay: control.Duration(slow)}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var coming, waiting int
	pass := sync.OnceFunc(func() { close(q.open) })
	broken, fail := context.WithCancel(t.Context())
	defer fail()
	late := time.After(patience)
	arrive := func(left int) { // until at most so many are still on their way to the bank
		for coming > left && broken.Err() == nil {
			select {
			case <-q.came:
				coming--
			case <-late: // the first have waited long enough
				t.Logf("this machine is too busy to hold all %d at the bank at once", payments)
				pass()
			case <-broken.Done():
			}
		}
	}
	for i := range payments {
		wg.Go(func() {
			began := time.Now()
			if err := h.startPayment(client, fmt.Sprintf("r-%d", i)); err != nil {
				t.Errorf("payment %d: %v", i, err)
				fail()
			} else if took := time.Since(began); took < slow {
				t.Errorf("payment %d was answered in %s: the bank takes %s", i, took, slow)
			}
		})
		coming++
		arrive(8)
	}
	arrive(0)
	select {
	case <-q.open:
	default:
		waiting = h.gauge("kassette_sandboxes_in_use")
	}
	pass()
	wg.Wait()
	if peak, cores := h.gauge("kassette_sandboxes_in_use_peak"), runtime.GOMAXPROCS(0); waiting != 0 || peak < 1 || peak > cores {
		t.Errorf("sandboxes in use: %d while all waited, %d at most; want 0 and at most %d", waiting, peak, cores)
	}
	if n := len(h.bank.Books().Orders); n != payments+1 {
		t.Errorf("orders in the bank's books: got %d, want %d", n, payments+1)
	}
}

// startPayment makes an order with a payment that leads to the bank. As shops
// do, it asks again under its key while the gateway cannot reach its state.
func (h *house) startPayment(client *http.Client, reference string) error {
	var err error
	for range 20 {
		var again bool
		if again, err = h.tryPayment(client, reference); !again {
			return err
		}
	}
	return err
}

func (h *house) tryPayment(client *http.Client, reference string) (again bool, err error) {
	spec := h.spec(reference)
	spec["method"] = "ideal"
	req, err := http.NewRequest(http.MethodPost, h.gateway+"/v1/orders", strings.NewReader(encode(h.t, spec)))
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer demo-key-of-the-shop")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "first-"+reference)
	resp, err := client.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return false, err
	}
	if resp.StatusCode != http.StatusCreated || !strings.Contains(string(text), `"type":"redirect"`) {
		return resp.StatusCode == http.StatusServiceUnavailable, fmt.Errorf("%d %.300s", resp.StatusCode, text)
	}
	return false, nil
}
