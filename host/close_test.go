package host_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// A bank that takes its time does not keep the gateway from closing: its
// request is broken off when the time to close is over.
func TestClose_slowBank_endsInTime(t *testing.T) {
	t.Parallel()
	h := plainHouse(t)
	if err := h.bank.Faults().Set(control.Fault{Name: control.SlowAnswer, Call: "announce", Delay: control.Duration(6 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	gateway := h.start("127.0.0.1:1", pluginDir(t), options{})
	srv := httptest.NewServer(gateway.Handler())
	t.Cleanup(srv.Close)
	spec := h.spec("r-1")
	spec["method"] = "ideal"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/v1/orders", strings.NewReader(encode(t, spec)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer demo-key-of-the-shop")
	req.Header.Set("Content-Type", "application/json")
	answered := make(chan int, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			answered <- 0
			return
		}
		_ = resp.Body.Close()
		answered <- resp.StatusCode
	}()
	h.until("the bank is asked", func() bool { return h.bank.Books().AccessTokens > 0 })
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if err := gateway.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
	took := time.Since(began)
	if t.Logf("closed in %s", took); took > 4*time.Second {
		t.Errorf("closing took %s: the bank's answer was waited for", took)
	}
	if status := <-answered; status != http.StatusBadGateway {
		t.Errorf("the shop was answered %d, want 502: nothing was attempted", status)
	}
}
