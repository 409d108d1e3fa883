package shoptest

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
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// What the shop of a house has of it.
const (
	APIKey       = "key-of-the-test-shop"
	NoticeSecret = "whsec_bW9sZW4tZW4tbWFhbi1kZW1vLXNlY3JldC0wMQ=="
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
    bambora:
      hosts: ["api.v1.checkout.bambora.com", "v1.checkout.bambora.com", "*.api-eu.bambora.com"]
      secrets: [access_token, secret_token, md5_key]
      operations: [create_payment, complete_payment, get_payment, receive_webhook, capture_payment, cancel_payment, refund_payment, get_refund, check_settings]
shops:
  - id: test
    name: Test shop
    origins: ["%[3]s"]
    notice_secrets: [` + NoticeSecret + `]
    allow_private: true
    allow_http: true
    keys: [{id: test, key: ` + APIKey + `, scopes: ["orders:write", "orders:read", "refunds:write"]}]
accounts:
  - id: rabo
    shop: test
    provider: omnikassa
    webhook_plugin: ideal
    settings: {environment: test, base_url: "%[4]s/omnikassa"}
    secrets: {refresh_token: "` + omnikassa.DemoRefreshToken + `", signing_key: "` + omnikassa.DemoSigningKey + `"}
    hosts: {"%[5]s": {allow_private: true, allow_http: true}}
  - id: bambora
    shop: test
    provider: bambora
    webhook_plugin: bambora
    settings:
      environment: test
      merchant_number: ` + bambora.DemoMerchantNumber + `
      checkout_url: %[4]s/bambora
      window_url: %[4]s/bambora
      transaction_url: %[4]s/bambora
      merchant_url: %[4]s/bambora
      login_url: %[4]s/bambora
    secrets: {access_token: "` + bambora.DemoAccessToken + `", secret_token: "` + bambora.DemoSecretToken + `", md5_key: "` + bambora.DemoMD5Key + `"}
    hosts: {"%[5]s": {allow_private: true, allow_http: true}}
`

// House starts a gateway for a shop, and gives its address: with the plugins
// of iDEAL and of Bambora's cards, and their simulated providers.
func House(t *testing.T, shopURL string) string {
	t.Helper()
	front, serve := late(t)
	bank, serveBank := late(t)
	providers := http.NewServeMux()
	for name, account := range map[string]string{omnikassa.Name: "rabo", bambora.Name: "bambora"} {
		p, err := simulator.New(name, simulator.Options{PublicURL: bank + "/" + name, WebhookURL: front + "/webhooks/" + account, Client: http.DefaultClient})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		providers.Handle("/"+name+"/", http.StripPrefix("/"+name, p))
	}
	serveBank(providers)

	folder := t.TempDir()
	file := filepath.Join(folder, "kassette.yaml")
	config := fmt.Sprintf(houseConfig, front, folder, shopURL, bank, strings.TrimPrefix(bank, "http://"))
	files := map[string][]byte{file: []byte(config)}
	for _, plugin := range []string{"ideal", "bambora"} {
		files[filepath.Join(folder, plugin+".wasm")] = plugintest.Build(t, "github.com/kassette-pay/kassette/plugins/"+plugin)
	}
	for name, content := range files {
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
	run(t, h)
	return front
}

// late is a server whose address is known before what it serves.
func late(t *testing.T) (address string, serve func(http.Handler)) {
	t.Helper()
	var handler atomic.Pointer[http.Handler]
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	return srv.URL, func(h http.Handler) { handler.Store(&h) }
}

// run runs a gateway until the test ends.
func run(t *testing.T, h *host.Host) {
	t.Helper()
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
}
