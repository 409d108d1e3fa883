package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"go.uber.org/goleak"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	if path := os.Getenv(childVariable); path != "" {
		if err := runChild(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// house is a gateway with the real plugin, a simulated bank and a shop that
// takes notices.
type house struct {
	t       *testing.T
	gateway string
	admin   string
	bank    *omnikassa.Simulator
	bankURL string
	shop    *shop
	host    *host.Host
	logs    *lockedBuffer
	stop    func() // ends the gateway; the test's end does so by itself
}

type shop struct {
	*httptest.Server
	mu      sync.Mutex
	notices []notice
	status  int // what it answers; 0 means 204
}

type notice struct {
	Type   string
	ID     string
	Header http.Header
	Body   []byte
}

func (s *shop) types() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, n := range s.notices {
		list = append(list, n.Type)
	}
	return list
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

const noticeSecret = "whsec_bW9sZW4tZW4tbWFhbi1kZW1vLXNlY3JldC0wMQ=="

const configText = `
listen: {gateway: "%[1]s", admin: "127.0.0.1:1", simulator: "127.0.0.1:1", shop: "127.0.0.1:1"}
public_url: "http://%[1]s%[7]s"
admin_key: operators
%[6]s
plugins:
  folder: "%[2]s"
  allow_unsigned: true
  grants:
    ideal:
      hosts: ["api.pay.rabobank.nl", "api.pay-sandbox.rabobank.nl", "*.rabobank.nl", "*.pay.rabobank.nl", "*.pay-sandbox.rabobank.nl"]
      secrets: [refresh_token, signing_key]
      operations: [create_payment, complete_payment, get_payment, receive_webhook, refund_payment, get_refund, list_options, check_settings]
shops:
  - id: demo
    name: Molen & Maan
    contact: {email: hallo@molenenmaan.example}
    origins: ["%[3]s"]
    notice_secrets: ["` + noticeSecret + `"]
    allow_private: true
    allow_http: true
    keys:
      - {id: demo, key: demo-key-of-the-shop, scopes: ["orders:write", "orders:read", "refunds:write", "statement:read"]}
      - {id: reader, key: reader-key-of-the-shop, scopes: ["orders:read"]}
  - id: other
    name: Other
    origins: ["https://other.example"]
    keys:
      - {id: other, key: key-of-another-shop, scopes: ["orders:write", "orders:read"]}
accounts:
  - id: rabo
    shop: demo
    provider: omnikassa
    webhook_plugin: ideal
    settings: {environment: test, base_url: "%[4]s/omnikassa"}
    secrets: {refresh_token: "` + omnikassa.DemoRefreshToken + `", signing_key: "` + omnikassa.DemoSigningKey + `"}
    hosts:
      "%[5]s": {allow_private: true, allow_http: true}
`

// options of a house.
type options struct {
	redis    string
	stateKey string
	prefix   string
	bank     func(*omnikassa.Config)
	bankAs   *house  // share this house's bank and shop
	street   *street // use its simulators, and the demo's configuration
	before   func(http.Handler) http.Handler
	addr     string                   // of the gateway; "" for a free one
	dir      string                   // of the plugins; "" for one with the ideal plugin
	edit     func(yaml string) string // changes the configuration
}

var (
	wasmOnce sync.Once
	wasm     []byte
)

// pluginDir is a folder with the ideal plugin, built once.
func pluginDir(t *testing.T) string {
	t.Helper()
	wasmOnce.Do(func() { wasm = plugintest.Build(t, "github.com/kassette-pay/kassette/plugins/ideal") })
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ideal.wasm"), wasm, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func newHouse(t *testing.T, opt options) *house {
	t.Helper()
	h := &house{t: t, logs: &lockedBuffer{}}
	if opt.addr == "" {
		opt.addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", opt.addr)
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	h.gateway = "http://" + addr + opt.prefix
	switch {
	case opt.bankAs != nil:
		h.bank, h.bankURL, h.shop = opt.bankAs.bank, opt.bankAs.bankURL, opt.bankAs.shop
	case opt.street != nil:
		h.bank = opt.street.bank
		h.openShop()
	default:
		h.openShop()
		h.openBank(opt)
	}
	if opt.dir == "" {
		opt.dir = pluginDir(t)
	}
	h.host = h.start(addr, opt.dir, opt)
	handler := h.host.Handler()
	if opt.before != nil {
		handler = opt.before(handler)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go srv.Serve(l)
	admin := httptest.NewServer(h.host.AdminHandler())
	h.admin = admin.URL
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = h.host.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		_ = srv.Close()
		admin.Close()
		stop()
		<-done
		closing, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := h.host.Close(closing); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	t.Cleanup(func() {
		h.stop()
		if t.Failed() {
			t.Logf("the gateway's log:\n%s", h.logs.String())
		}
	})
	return h
}

// config is the text of a configuration file.
func (h *house) config(addr, dir string, opt options) string {
	redis := ""
	if opt.redis != "" {
		redis = fmt.Sprintf("redis: {url: %q}\nstate_keys: [%q]", opt.redis, opt.stateKey)
	}
	if opt.street != nil {
		return opt.street.config(h, addr, dir, redis, opt.edit)
	}
	text := fmt.Sprintf(configText, addr, dir, h.shop.URL, h.bankURL, strings.TrimPrefix(h.bankURL, "http://"), redis, opt.prefix)
	if opt.edit != nil {
		text = opt.edit(text)
	}
	return text
}

// start makes the host from a configuration file.
func (h *house) start(addr, dir string, opt options) *host.Host {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), "kassette.yaml")
	if err := os.WriteFile(path, []byte(h.config(addr, dir, opt)), 0o600); err != nil {
		h.t.Fatal(err)
	}
	cfg, err := host.LoadConfig(path)
	if err != nil {
		h.t.Fatal(err)
	}
	made, err := host.New(h.t.Context(), host.Options{Config: cfg, Logger: slog.New(slog.NewJSONHandler(h.logs, nil)), CacheDir: testCache()})
	if err != nil {
		h.t.Fatal(err)
	}
	return made
}

func (h *house) openShop() {
	h.shop = &shop{}
	h.shop.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/notices" {
			fmt.Fprintf(w, "<h1>shop %s</h1>", r.URL.RawQuery)
			return
		}
		var n struct{ Type string }
		_ = json.Unmarshal(body, &n)
		h.shop.mu.Lock()
		defer h.shop.mu.Unlock()
		if h.shop.status != 0 {
			w.WriteHeader(h.shop.status)
			return
		}
		h.shop.notices = append(h.shop.notices, notice{n.Type, r.Header.Get("webhook-id"), r.Header.Clone(), body})
		w.WriteHeader(http.StatusNoContent)
	}))
	h.t.Cleanup(h.shop.Close)
}

func (h *house) openBank(opt options) {
	h.t.Helper()
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	h.t.Cleanup(srv.Close)
	h.bankURL = srv.URL
	cfg := omnikassa.Config{PublicURL: srv.URL + "/omnikassa", WebhookURL: h.gateway + "/webhooks/rabo"}
	if opt.bank != nil {
		opt.bank(&cfg)
	}
	bank, err := omnikassa.New(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	h.bank = bank
	h.t.Cleanup(func() { _ = bank.Close() })
	mux.Handle("/omnikassa/", http.StripPrefix("/omnikassa", bank))
}

// api sends a request to the REST interface as the shop.
func (h *house) api(method, path string, body any, headers ...string) (int, map[string]any) {
	h.t.Helper()
	status, raw := h.raw(method, path, body, headers...)
	out := map[string]any{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			h.t.Fatalf("%s %s: %d %s", method, path, status, raw)
		}
	}
	return status, out
}

func (h *house) raw(method, path string, body any, headers ...string) (int, []byte) {
	h.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		enc, err := json.Marshal(b)
		if err != nil {
			h.t.Fatal(err)
		}
		r = bytes.NewReader(enc)
	}
	req, err := http.NewRequest(method, h.gateway+path, r)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer demo-key-of-the-shop")
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := h.client().Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp.StatusCode, out
}

// spec is an order that is well.
func (h *house) spec(reference string) map[string]any {
	return map[string]any{
		"reference": reference, "amount": map[string]any{"value": 4999, "currency": "EUR"}, "description": "drie wafels",
		"return_url": h.shop.URL + "/thanks", "cancel_url": h.shop.URL + "/basket", "notify_url": h.shop.URL + "/notices",
		"locale": "nl-NL", "country": "NL", "customer": map[string]any{"name": "J. Jansen", "email": "j@example.org"},
	}
}

func (h *house) create(reference string) map[string]any {
	h.t.Helper()
	status, o := h.api("POST", "/v1/orders", h.spec(reference))
	if status != http.StatusCreated {
		h.t.Fatalf("create: %d %v", status, o)
	}
	return o
}

// wait polls an order until it has one of the statuses.
func (h *house) wait(id string, want ...string) map[string]any {
	h.t.Helper()
	var o map[string]any
	h.until("order "+id+" "+strings.Join(want, " or "), func() bool {
		_, o = h.api("GET", "/v1/orders/"+id, nil)
		for _, w := range want {
			if o["status"] == w {
				return true
			}
		}
		return false
	})
	return o
}

// until waits for a condition, at most two minutes.
func (h *house) until(what string, ok func() bool) {
	h.t.Helper()
	deadline := time.Now().Add(2 * time.Minute) // what was under way when a gateway or Redis went is held for one
	for !ok() {
		if time.Now().After(deadline) {
			h.t.Fatalf("still not: %s", what)
		}
		time.Sleep(20 * time.Millisecond) // between two looks
	}
}
