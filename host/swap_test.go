package host_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// swapsVariable is how many activations TestSwap makes; 50 where it is not set.
const swapsVariable = "KASSETTE_SWAPS"

// Two versions serve in turn while 200 requests a second arrive, one in ten of
// which begins a payment: none fails, and all rounds of a call are of the
// version that the payment names.
func TestSwap_underLoad_nothingFailsNoCallIsSplit(t *testing.T) {
	t.Parallel()
	swaps := 50
	if n, err := strconv.Atoi(os.Getenv(swapsVariable)); err == nil {
		swaps = n
	}
	redis := redistest.Server(t)
	h := newHouse(t, options{redis: redis.URL(), stateKey: seal.NewKey().Secret()})
	o := h.operator()
	second := o.install(trappingPlugin(t))["digest"].(string)
	digests := []string{o.plugin()["active"].(string), second}

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	load := &load{house: h}
	var ended sync.WaitGroup
	ended.Go(func() { load.run(ctx) })
	pace := time.NewTicker(100 * time.Millisecond) // some 20 requests between two activations
	defer pace.Stop()
	for i := range swaps {
		<-pace.C
		if v := o.activate(digests[(i+1)%2]); v["version"].(map[string]any)["digest"] != digests[(i+1)%2] {
			t.Fatalf("activation %d: %v", i, v)
		}
	}
	stop()
	ended.Wait()
	if load.failed.Load() > 0 || load.sent.Load() < int64(swaps) {
		t.Errorf("%d of %d requests failed, the first: %v", load.failed.Load(), load.sent.Load(), load.first.Load())
	}
	by := map[string]int{}
	for _, id := range load.orders {
		by[h.unsplit(id)]++
	}
	if len(by) != 2 {
		t.Errorf("payments by version: %v, want some by each", by)
	}
	t.Logf("%d activations, %d requests, payments by version %v", swaps, load.sent.Load(), by)
}

// unsplit holds the calls of an order's payment to one version, and gives it.
func (h *house) unsplit(id string) string {
	h.t.Helper()
	_, order := h.api("GET", "/v1/orders/"+id, nil)
	want := "ideal@" + made(order)
	_, v := h.operator().answer("GET", "/admin/v1/orders/"+id, nil)
	rounds := 0
	for _, e := range v["story"].([]any) {
		e := e.(map[string]any)
		if e["export"] != "create_payment" {
			continue
		}
		if rounds++; e["plugin"] != want {
			h.t.Errorf("order %s was paid by %s, and %s ran: %v", id, want, e["plugin"], e["title"])
		}
	}
	if rounds < 2 {
		h.t.Errorf("order %s: its story has %d entries of create_payment", id, rounds)
	}
	return want
}

// load sends 200 requests a second, whether the ones before are answered or not.
type load struct {
	house        *house
	sent, failed atomic.Int64
	first        atomic.Value

	mu     sync.Mutex
	orders []string
}

func (l *load) run(ctx context.Context) {
	var open sync.WaitGroup
	defer open.Wait()
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		l.sent.Add(1)
		open.Go(func() {
			if err := l.request(i); err != nil {
				l.failed.Add(1)
				l.first.CompareAndSwap(nil, err.Error())
			}
		})
	}
}

// request is one of the load: every tenth begins a payment.
func (l *load) request(i int) error {
	if i%10 != 0 {
		return l.expect("GET", "/v1/methods?amount=4999&currency=EUR", "", http.StatusOK, nil)
	}
	spec, err := json.Marshal(l.house.spec(fmt.Sprintf("r-%d", i)))
	if err != nil {
		return err
	}
	var order struct{ ID string }
	if err := l.expect("POST", "/v1/orders", string(spec), http.StatusCreated, &order); err != nil {
		return err
	}
	if err := l.expect("POST", "/v1/orders/"+order.ID+"/payments", `{"method":"ideal"}`, http.StatusCreated, nil); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.orders = append(l.orders, order.ID)
	l.orders = l.orders[max(0, len(l.orders)-150):] // the story remembers the last 200
	return nil
}

func (l *load) expect(method, path, body string, want int, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, l.house.gateway+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer demo-key-of-the-shop")
	req.Header.Set("Content-Type", "application/json")
	resp, err := l.house.client().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != want {
		return fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, b)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(b, into)
}
