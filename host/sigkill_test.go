package host_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// takeover is how long a test waits for another node to take a call over: its
// intent's life, its longest request, and the margin.
const takeover = 3 * time.Minute

// A SIGKILL between the provider's answer and the commit, with a bank that
// hands its results out once and stays silent: after the restart the order
// ends paid, once, by the journal alone.
func TestSIGKILL_betweenAnswerAndCommit_journalAlonePays(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	h := &house{t: t}
	addr := freeAddr(t)
	h.gateway = "http://" + addr
	h.openShop()
	h.openBank(options{bank: func(c *omnikassa.Config) { c.Silent = true }})
	key := seal.NewKey().Secret()
	dir := pluginDir(t)

	var pulled, killed atomic.Bool
	var gateway *child
	p := newProxy(t, redis.Addr(), func(command []byte) bool {
		if pulled.Load() && commits(command) && killed.CompareAndSwap(false, true) {
			gateway.kill()
		}
		return !killed.Load()
	})
	gateway = startChild(t, addr, h.config(addr, dir, options{redis: "redis://" + p.addr(), stateKey: key}))

	o := h.create("r-1")
	b := newBrowser(t).open(o["checkout_url"].(string)).press("method", "ideal")
	h.watchPulls(&pulled)
	b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // never returns
	b.press("outcome", "success")
	select {
	case <-gateway.dead:
	case <-time.After(time.Minute):
		t.Fatal("the gateway was not killed between answer and commit")
	}
	if n := len(h.bank.Books().Pulls); n != 1 {
		t.Fatalf("%d pulls before the kill, want 1", n)
	}

	startChild(t, addr, h.config(addr, dir, options{redis: redis.URL(), stateKey: key}))
	h.waitFor(takeover, o["id"].(string), "paid")
	_, o = h.api("GET", "/v1/orders/"+o["id"].(string), nil)
	if !same(o["captured"], 4999, "EUR") || len(o["payments"].([]any)) != 1 {
		t.Errorf("captured %v in %d payments", o["captured"], len(o["payments"].([]any)))
	}
	if n := len(h.bank.Books().Pulls); n != 1 {
		t.Errorf("%d pulls, want the one before the kill: the journal alone pays", n)
	}
	h.until("the shop is told once", func() bool { return count(h.shop.types(), "order.paid") == 1 })
}

func count(list []string, s string) int {
	n := 0
	for _, v := range list {
		if v == s {
			n++
		}
	}
	return n
}

// watchPulls sets the flag once the bank has handed results out.
func (h *house) watchPulls(pulled *atomic.Bool) {
	go func() {
		for len(h.bank.Books().Pulls) == 0 {
			time.Sleep(time.Millisecond) // between two looks
		}
		pulled.Store(true)
	}()
}

// waitFor polls an order until it has the status, at most d.
func (h *house) waitFor(d time.Duration, id, want string) {
	h.t.Helper()
	deadline := time.Now().Add(d)
	for {
		_, o := h.api("GET", "/v1/orders/"+id, nil)
		if o["status"] == want {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("order %s is %v, want %s: %v", id, o["status"], want, o)
		}
		time.Sleep(200 * time.Millisecond) // between two looks
	}
}

// Two gateways on one Redis, the same key sent to both, the one that works
// killed between the bank's answer and its commit: one payment and one answer.
func TestSIGKILL_sameKeyToTwoGateways_onePaymentOneAnswer(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	h := &house{t: t}
	addrs := [2]string{freeAddr(t), freeAddr(t)}
	h.gateway = "http://" + addrs[0]
	h.openShop()
	h.openBank(options{})
	key := seal.NewKey().Secret()
	dir := pluginDir(t)

	var killed atomic.Int32 // 1 + the gateway that was killed
	var gateways [2]*child
	for i := range gateways {
		p := newProxy(t, redis.Addr(), func(command []byte) bool {
			if len(h.bank.Books().Orders) > 0 && commits(command) && killed.CompareAndSwap(0, int32(i+1)) {
				gateways[i].kill()
			}
			return killed.Load() != int32(i+1)
		})
		gateways[i] = startChild(t, addrs[i], h.config(addrs[i], dir, options{redis: "redis://" + p.addr(), stateKey: key}))
	}
	spec := h.spec("r-1")
	spec["method"] = "ideal"
	body, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	var g sync.WaitGroup
	for _, a := range addrs {
		g.Go(func() { _, _ = post(a, string(body)) })
	}
	g.Wait()
	if killed.Load() == 0 {
		t.Fatal("neither gateway was killed between answer and commit")
	}

	survivor := addrs[2-killed.Load()]
	h.gateway = "http://" + survivor
	var first string
	deadline := time.Now().Add(takeover)
	for first == "" {
		status, answer := post(survivor, string(body))
		switch {
		case status == http.StatusCreated:
			first = answer
		case status != http.StatusConflict && status != http.StatusServiceUnavailable:
			t.Fatalf("the survivor answers %d %s", status, answer)
		case time.Now().After(deadline):
			t.Fatalf("the survivor still answers %d %s", status, answer)
		}
	}
	if status, again := post(survivor, string(body)); status != http.StatusCreated || again != first {
		t.Errorf("a repeat gives %d\n%s\nwant the same bytes\n%s", status, again, first)
	}
	var o map[string]any
	if err := json.Unmarshal([]byte(first), &o); err != nil {
		t.Fatal(err)
	}
	payments := o["payments"].([]any)
	if len(payments) != 1 || payments[0].(map[string]any)["action"] == nil {
		t.Errorf("payments: %v", payments)
	}
	if n := len(h.bank.Books().Orders); n != 1 {
		t.Errorf("the bank has %d orders, want 1", n)
	}
	// The bank's webhook leads to the gateway that was killed: the survivor is asked to be told.
	if err := h.bank.SetWebhookURL(h.gateway + "/webhooks/rabo"); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t).open(payments[0].(map[string]any)["action"].(map[string]any)["url"].(string))
	b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.press("outcome", "success")
	h.wait(o["id"].(string), "paid")
}

// post creates the order with the test's one key. Status 0: the gateway is gone.
func post(addr, body string) (int, string) {
	req, err := http.NewRequest(http.MethodPost, "http://"+addr+"/v1/orders", strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Authorization", "Bearer demo-key-of-the-shop")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "the-one-key")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(b)
}
