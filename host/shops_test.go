package host_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// market is a gateway in a process of its own, with a bank and a WooCommerce
// shop that an adapter serves.
type market struct {
	*house
	woo     *woocommerce.Simulator
	addr    string
	text    string // of the configuration
	gateway *child
	// after, if set, is asked of each request that the shop has served; true kills the
	// gateway there, and the answer is lost.
	after atomic.Pointer[func(r *http.Request, body []byte) bool]
}

func newMarket(t *testing.T) *market {
	t.Helper()
	m := &market{house: &house{t: t}, addr: freeAddr(t)}
	m.house.gateway = "http://" + m.addr
	m.openShop()
	m.openBank(options{})
	srv := httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(srv.Close)
	var err error
	if m.woo, err = woocommerce.New(woocommerce.Config{PublicURL: srv.URL, Loose: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.woo.Close() })
	dir := pluginDir(t)
	wasm := plugintest.Build(t, "github.com/kassette-pay/kassette/platforms/woocommerce/adapter")
	if err := os.WriteFile(filepath.Join(dir, "woocommerce.wasm"), wasm, 0o600); err != nil {
		t.Fatal(err)
	}
	m.text = m.config(m.addr, dir, options{redis: redistest.Server(t).URL(), stateKey: seal.NewKey().Secret(), edit: func(yaml string) string {
		yaml = strings.Replace(yaml, "  grants:\n", "  grants:\n    woocommerce: {hosts: [], secrets: [consumer_key, consumer_secret, webhook_secret], operations: [read_order, tell_shop, sync_shop, check_settings]}\n", 1)
		yaml = strings.Replace(yaml, `origins: ["`+m.shop.URL, `origins: ["`+srv.URL+`", "`+m.shop.URL, 1)
		return yaml + fmt.Sprintf(`  - id: woo
    shop: demo
    provider: woocommerce
    webhook_plugin: woocommerce
    settings: {environment: test, url: %q, payment_methods: [bacs]}
    secrets: {consumer_key: %q, consumer_secret: %q, webhook_secret: %q}
    hosts: {%q: {allow_private: true, allow_http: true}}
`, srv.URL, woocommerce.DemoKey, woocommerce.DemoSecret, woocommerce.DemoWebhookSecret, strings.TrimPrefix(srv.URL, "http://"))
	}})
	m.gateway = startChild(t, m.addr, m.text)
	for _, topic := range []string{"order.created", "order.updated"} {
		if _, err := m.woo.AddHook(t.Context(), woocommerce.Hook{Topic: topic, URL: m.house.gateway + "/v1/shops/demo/orders", Secret: woocommerce.DemoWebhookSecret}); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func (m *market) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	m.woo.ServeHTTP(answer, r)
	if kills := m.after.Load(); kills != nil && (*kills)(r, body) {
		m.gateway.kill()
		return
	}
	for name, v := range answer.Header() {
		w.Header()[name] = v
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// ordered is an order of the shop that has its pay link.
func (m *market) ordered() (order woocommerce.OrderRecord, payLink string) {
	m.t.Helper()
	o, err := m.woo.Place(woocommerce.Cart{})
	if err != nil {
		m.t.Fatal(err)
	}
	m.woo.RunQueue(m.t.Context())
	m.until("the order has its pay link", func() bool {
		o, _ = m.woo.Books().Order(o.ID)
		for _, n := range o.Notes {
			if i := strings.Index(n.Text, m.house.gateway+"/pay/"); i >= 0 {
				payLink, _, _ = strings.Cut(n.Text[i:], " ")
				payLink = strings.TrimRight(strings.TrimSpace(payLink), ".")
			}
		}
		return payLink != ""
	})
	return o, payLink
}

// id is the gateway's of the order whose pay link this is.
func orderOf(payLink string) string {
	_, token, _ := strings.Cut(payLink, "/pay/")
	id, _, _ := strings.Cut(token, ".")
	return id
}

// reads counts how often the gateway read an order of the shop.
func (m *market) reads(id int) (n int) {
	for _, r := range m.woo.Books().Requests {
		if r.Method == http.MethodGet && strings.HasSuffix(r.Path, fmt.Sprintf("/orders/%d", id)) {
			n++
		}
	}
	return n
}

// eventually waits for what another node takes over.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(takeover)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, takeover)
		}
		time.Sleep(100 * time.Millisecond) // between two looks
	}
}

// A SIGKILL while the shop is told that its order is paid, between what the shop
// did and its answer: another gateway takes over, and the shop has one payment and
// no note twice.
func TestShops_killedWhileTelling(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	order, link := m.ordered()
	var killed atomic.Bool
	kills := func(r *http.Request, body []byte) bool {
		return r.Method == http.MethodPut && bytes.Contains(body, []byte("transaction_id")) && killed.CompareAndSwap(false, true)
	}
	m.after.Store(&kills)
	b := newBrowser(t).open(link).press("method", "ideal")
	b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // never returns
	b.press("outcome", "success")
	select {
	case <-m.gateway.dead:
	case <-time.After(time.Minute):
		t.Fatal("the gateway was not killed while it told the shop")
	}
	before := m.reads(order.ID)
	startChild(t, m.addr, m.text)
	eventually(t, "another gateway looks at the order before it tells of it", func() bool { return m.reads(order.ID) > before })
	o, _ := m.woo.Books().Order(order.ID)
	_, whole := m.api("GET", "/v1/orders/"+orderOf(link), nil)
	code, _ := m.raw("POST", "/v1/orders/"+orderOf(link)+"/sync", nil) // and what comes after
	if whole["status"] != "paid" || code != http.StatusOK {
		t.Errorf("the gateway's order is %v, asked: %d", whole["status"], code)
	}
	seen := map[string]bool{}
	for _, n := range o.Notes {
		if seen[n.Text] {
			t.Errorf("the note %q stands there twice", n.Text)
		}
		seen[n.Text] = true
	}
	if o.Payments != 1 || o.TransactionID == "" {
		t.Errorf("the shop has %d payments, transaction %q, want one", o.Payments, o.TransactionID)
	}
}
