package host_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// operators reads a page of the operators' listener.
func (h *house) operators(path string) string {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.admin+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer operators")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %d %v", path, resp.StatusCode, err)
	}
	return string(b)
}

// After a payment, a refund and what strangers send, no secret stands anywhere
// that it does not belong: not in logs, metrics, timeline, answers and notices,
// and nothing of a person or a pay link in Redis in clear.
func TestCanary_secretsStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t, "--rdbcompression", "no") // what is dumped is what is there
	stateKey := seal.NewKey().Secret()
	h := newHouse(t, options{redis: redis.URL(), stateKey: stateKey})
	o := h.paid("r-1")
	id, page := o["id"].(string), o["checkout_url"].(string)
	if a := h.send("POST", "/v1/orders/"+id+"/refunds", `{"amount": {"value": 1000, "currency": "EUR"}}`, "Idempotency-Key", "k-1"); a.Status != http.StatusCreated {
		t.Fatalf("refund: %d %s", a.Status, a.Raw)
	}
	h.until("the shop is told", func() bool { return count(h.shop.types(), "order.paid") == 1 })
	const wrong = "wrong-key-of-a-stranger"
	h.send("GET", "/v1/orders/"+id, "", "Authorization", "Bearer "+wrong)
	h.send("POST", "/webhooks/rabo", `{"signature":"`+wrong+`"}`, "Authorization", "")
	newBrowser(t).open(page + "x")

	anywhere := []string{bankSecrets[0], bankSecrets[1], noticeSecret, "demo-key-of-the-shop", "key-of-another-shop", stateKey, wrong, "Bearer eyJhbGci"}
	inside := slices.Concat(anywhere, []string{page[strings.LastIndex(page, ".")+1:], "J. Jansen", "j@example.org", "eyJhbGci"})
	holds := func(place, text string, secrets ...string) {
		t.Helper()
		if text == "" {
			t.Errorf("%s: nothing to look at", place)
		}
		for _, s := range secrets {
			if i := strings.Index(text, s); i >= 0 {
				t.Errorf("%s tells %q: …%q", place, s, text[max(0, i-60):i])
			}
		}
	}
	holds("the log", h.logs.String(), inside...)
	holds("metrics", h.operators("/metrics"), inside...)
	holds("the list of stories", h.operators("/admin/v1/stories"), anywhere...)
	holds("the timeline", h.operators("/admin/v1/orders/"+id), anywhere...)
	holds("the order", string(h.send("GET", "/v1/orders/"+id, "").Raw), anywhere...)
	holds("its events", string(h.send("GET", "/v1/orders/"+id+"/events", "").Raw), inside...)
	h.shop.mu.Lock()
	for _, n := range h.shop.notices {
		holds("a notice", string(n.Body), anywhere...)
	}
	h.shop.mu.Unlock()
	client := redis.Client()
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) < 10 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for _, k := range keys {
		v, err := client.Dump(t.Context(), k).Result()
		if err != nil {
			t.Fatal(err)
		}
		holds("Redis at "+k, k+v, inside...)
	}
}
