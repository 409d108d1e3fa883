package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(m.Run())
}

const pluginPackage = "github.com/kassette-pay/kassette/plugins/ideal"

const apiKey = "demo-key-of-the-shop"

const configText = `
listen: {gateway: "127.0.0.1:1", admin: "127.0.0.1:2", simulator: "127.0.0.1:3", shop: "127.0.0.1:4"}
public_url: "%[1]s"
admin_key: operators
redis: {url: "redis://%[2]s"}
state_keys: ["%[3]s"]
plugins:
  folder: "%[4]s"
  allow_unsigned: true
  grants:
    ideal:
      hosts: ["api.pay.rabobank.nl", "api.pay-sandbox.rabobank.nl", "*.rabobank.nl", "*.pay.rabobank.nl", "*.pay-sandbox.rabobank.nl"]
      secrets: [refresh_token, signing_key]
      operations: [create_payment, complete_payment, get_payment, receive_webhook, refund_payment, get_refund, list_options, check_settings]
shops:
  - id: demo
    name: Molen & Maan
    origins: ["https://shop.example"]
    keys:
      - {id: demo, key: ` + apiKey + `, scopes: ["orders:write", "orders:read"]}
accounts:
  - id: rabo
    shop: demo
    provider: omnikassa
    webhook_plugin: ideal
    settings: {environment: test, base_url: "%[5]s"}
    secrets: {refresh_token: "` + omnikassa.DemoRefreshToken + `", signing_key: "` + omnikassa.DemoSigningKey + `"}
    hosts:
      "%[6]s": {allow_private: true, allow_http: true}
`

// bank is a simulated bank that answers at once.
type bank struct {
	*omnikassa.Simulator
	url string
}

func newBank(b testing.TB) bank {
	b.Helper()
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	b.Cleanup(srv.Close)
	sim, err := omnikassa.New(omnikassa.Config{PublicURL: srv.URL + "/omnikassa", Silent: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = sim.Close() })
	mux.Handle("/omnikassa/", http.StripPrefix("/omnikassa", sim))
	return bank{sim, srv.URL + "/omnikassa"}
}

// gateway is a whole one; what it logs is written and thrown away.
type gateway struct {
	*host.Host
	url string
}

// newGateway opens one over a Redis. Its alarms run only with run.
func newGateway(b testing.TB, redis string, at bank) gateway {
	b.Helper()
	dir, cache := b.TempDir(), ""
	if err := os.WriteFile(filepath.Join(dir, "ideal.wasm"), plugintest.Build(b, pluginPackage), 0o600); err != nil {
		b.Fatal(err)
	}
	if base, err := os.UserCacheDir(); err == nil {
		cache = filepath.Join(base, "kassette-plugintest")
	}
	srv := httptest.NewUnstartedServer(nil)
	url := "http://" + srv.Listener.Addr().String()
	hostport := strings.TrimSuffix(strings.TrimPrefix(at.url, "http://"), "/omnikassa")
	text := fmt.Sprintf(configText, url, redis, seal.NewKey().Secret(), dir, at.url, hostport)
	path := filepath.Join(b.TempDir(), "kassette.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	cfg, err := host.LoadConfig(path)
	if err != nil {
		b.Fatal(err)
	}
	h, err := host.New(b.Context(), host.Options{Config: cfg, Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), CacheDir: cache})
	if err != nil {
		b.Fatal(err)
	}
	srv.Config.Handler = h.Handler()
	srv.Start()
	b.Cleanup(func() {
		srv.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			b.Errorf("close the gateway: %v", err)
		}
	})
	return gateway{h, url}
}

// run has the gateway do what is due, as it does in service.
func (g gateway) run(b *testing.B) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Errorf("run: %v", err)
		}
	})
}
