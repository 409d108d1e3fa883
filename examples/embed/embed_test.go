package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
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

const (
	key          = "key-of-our-shop"
	noticeSecret = "whsec_bW9sZW4tZW4tbWFhbi1kZW1vLXNlY3JldC0wMQ=="
)

const configText = `
public_url: %[1]s
admin_key: operators
plugins:
  folder: %[2]s
  allow_unsigned: true
  grants:
    ideal:
      hosts: ["api.pay.rabobank.nl", "api.pay-sandbox.rabobank.nl", "*.rabobank.nl", "*.pay.rabobank.nl", "*.pay-sandbox.rabobank.nl"]
      secrets: [refresh_token, signing_key]
      operations: [create_payment, complete_payment, get_payment, receive_webhook, refund_payment, get_refund, list_options, check_settings]
shops:
  - id: demo
    name: Molen & Maan
    terms_url: https://molenenmaan.example/terms
    accent: "#1f5f5b"
    origins: ["%[3]s"]
    notice_secrets: [` + noticeSecret + `]
    allow_private: true
    allow_http: true
    keys: [{id: demo, key: ` + key + `, scopes: ["orders:write", "orders:read", "refunds:write", "statement:read"]}]
accounts:
  - id: rabo
    shop: demo
    provider: omnikassa
    webhook_plugin: ideal
    settings: {environment: test, base_url: "%[4]s/omnikassa"}
    secrets: {refresh_token: "` + omnikassa.DemoRefreshToken + `", signing_key: "` + omnikassa.DemoSigningKey + `"}
    hosts: {"%[5]s": {allow_private: true}}
`

// world is the program as it runs, a shop on another host, and a bank whose
// certificate only the program trusts.
type world struct {
	t         *testing.T
	base      string // the gateway's, with its path
	origin    string // the program's
	shopURL   string
	operators string
	bank      *omnikassa.Simulator
	log       *lines
	transport *http.Transport
	stop      func() error // ends the program and waits for it
	asked     int          // requests of the shop, each with a key of its own

	mu     sync.Mutex
	told   []answered // notices
	agents []string   // who asked the bank
}

// lines is the program's own log.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *lines) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(m.Run())
}

// newWorld starts everything. Once the program has ended nothing of it is left,
// the connections included that bank and shop would still keep open.
func newWorld(t *testing.T, path string) *world {
	t.Helper()
	wasm := plugintest.Build(t, "github.com/kassette-pay/kassette/plugins/ideal")
	w := &world{t: t, log: &lines{}, transport: &http.Transport{}}
	t.Cleanup(w.transport.CloseIdleConnections)
	shop := httptest.NewServer(http.HandlerFunc(w.shop))
	t.Cleanup(shop.Close)
	w.shopURL = shop.URL
	public, operators := listen(t), listen(t)
	w.origin, w.operators = "http://"+public.Addr().String(), "http://"+operators.Addr().String()
	w.base = w.origin + path
	roots, bankURL := w.openBank()

	folder := t.TempDir()
	write(t, filepath.Join(folder, "ideal.wasm"), string(wasm))
	file := filepath.Join(folder, "kassette.yaml")
	write(t, file, fmt.Sprintf(configText, w.base, folder, shop.URL, bankURL, strings.TrimPrefix(bankURL, "https://")))
	cfg, err := host.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	before := goleak.IgnoreCurrent()
	go func() {
		ended <- serve(ctx, host.Options{
			Config: cfg, Logger: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})).With("program", "embed"),
			Roots: roots, UserAgent: "OurShop/1.0", CacheDir: filepath.Join(cache, "kassette-plugintest"),
		}, public, operators)
	}()
	w.stop = sync.OnceValue(func() error {
		w.transport.CloseIdleConnections()
		cancel()
		err := <-ended
		goleak.VerifyNone(t, before)
		return err
	})
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Errorf("the program ended: %v", err)
		}
		if t.Failed() {
			t.Logf("the program's log:\n%s", w.log)
		}
	})
	return w
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// openBank opens a bank with TLS and gives who vouches for it.
func (w *world) openBank() (*x509.CertPool, string) {
	w.t.Helper()
	mux := http.NewServeMux()
	srv := httptest.NewTLSServer(mux)
	w.t.Cleanup(srv.Close)
	client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
	w.t.Cleanup(client.CloseIdleConnections)
	var err error
	w.bank, err = omnikassa.New(omnikassa.Config{PublicURL: srv.URL + "/omnikassa", WebhookURL: w.base + "/webhooks/rabo", Client: client})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = w.bank.Close() })
	bank := http.StripPrefix("/omnikassa", w.bank)
	mux.HandleFunc("/omnikassa/", func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.agents = append(w.agents, r.UserAgent())
		w.mu.Unlock()
		bank.ServeHTTP(rw, r)
	})
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	w.transport.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	return roots, srv.URL
}

// shop takes notices, and has a page to come back to.
func (w *world) shop(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	if r.URL.Path != "/notices" {
		fmt.Fprint(rw, "Thank you.")
		return
	}
	u := *r.URL
	u.Scheme, u.Host = "http", r.Host
	w.mu.Lock()
	w.told = append(w.told, answered{&u, http.StatusOK, r.Header.Clone(), string(body)})
	w.mu.Unlock()
	rw.WriteHeader(http.StatusNoContent)
}

// seen are the notices that came, and who asked the bank so far.
func (w *world) seen() (notices []answered, agents []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.told), slices.Compact(slices.Sorted(slices.Values(w.agents)))
}

// until waits for a condition, at most 30 s.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("still not: %s", what)
		}
	}
}

// api asks the REST interface as the shop.
func (w *world) api(v *visitor, method, path, body string, status int) map[string]any {
	w.t.Helper()
	w.asked++
	a := v.send(method, w.base+path, body, "Authorization", "Bearer "+key, "Content-Type", "application/json", "Idempotency-Key", fmt.Sprintf("k-%d", w.asked))
	out := map[string]any{}
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.status != status {
		w.t.Fatalf("%s %s: %d %s, want %d", method, path, a.status, a.body, status)
	}
	return out
}
