package magento

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/simulator"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

const (
	apiKey       = "key-of-the-magento-shop"
	noticeSecret = "whsec_bW9sZW4tZW4tbWFhbi1kZW1vLXNlY3JldC0wMQ=="
)

const houseConfig = `
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
  - id: magento
    name: Test shop
    origins: ["%[3]s"]
    notice_secrets: [` + noticeSecret + `]
    allow_private: true
    allow_http: true
    keys: [{id: magento, key: ` + apiKey + `, scopes: ["orders:write", "orders:read", "refunds:write"]}]
accounts:
  - id: rabo
    shop: magento
    provider: omnikassa
    webhook_plugin: ideal
    settings: {environment: test, base_url: "%[4]s/omnikassa"}
    secrets: {refresh_token: "` + omnikassa.DemoRefreshToken + `", signing_key: "` + omnikassa.DemoSigningKey + `"}
    hosts: {"%[5]s": {allow_private: true, allow_http: true}}
`

// late is a server whose address is known before what it serves.
func late(t *testing.T) (*httptest.Server, func(http.Handler)) {
	t.Helper()
	var handler atomic.Pointer[http.Handler]
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	return srv, func(h http.Handler) { handler.Store(&h) }
}

// newHouse starts a gateway with the plugin of iDEAL and its simulated
// provider, for a shop, and gives its address.
func newHouse(t *testing.T, shopURL string) string {
	t.Helper()
	front, serve := late(t)
	bank, serveBank := late(t)
	provider, err := simulator.New(omnikassa.Name, simulator.Options{PublicURL: bank.URL + "/omnikassa", WebhookURL: front.URL + "/webhooks/rabo", Client: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Close() })
	serveBank(http.StripPrefix("/omnikassa", provider))

	folder := t.TempDir()
	file := filepath.Join(folder, "kassette.yaml")
	config := fmt.Sprintf(houseConfig, front.URL, folder, shopURL, bank.URL, strings.TrimPrefix(bank.URL, "http://"))
	for name, content := range map[string][]byte{file: []byte(config), filepath.Join(folder, "ideal.wasm"): plugintest.Build(t, "github.com/kassette-pay/kassette/plugins/ideal")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := host.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.New(t.Context(), host.Options{Config: cfg, Logger: host.NewLogger(t.Output(), slog.LevelInfo), CacheDir: filepath.Join(cache, "kassette-plugintest")})
	if err != nil {
		t.Fatal(err)
	}
	serve(h.Handler())
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the gateway ended: %v", err)
		}
		if err := h.Close(context.Background()); err != nil {
			t.Errorf("close the gateway: %v", err)
		}
	})
	return front.URL
}
