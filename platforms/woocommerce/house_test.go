package woocommerce

import (
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/simulator"
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

const (
	apiKey       = "key-of-the-woocommerce-shop"
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
    bambora:
      hosts: ["api.v1.checkout.bambora.com", "v1.checkout.bambora.com", "*.api-eu.bambora.com"]
      secrets: [access_token, secret_token, md5_key]
      operations: [create_payment, complete_payment, get_payment, receive_webhook, capture_payment, cancel_payment, refund_payment, get_refund, check_settings]
shops:
  - id: woo
    name: Test shop
    origins: ["%[3]s"]
    notice_secrets: [` + noticeSecret + `]
    allow_private: true
    allow_http: true
    keys: [{id: woo, key: ` + apiKey + `, scopes: ["orders:write", "orders:read", "refunds:write"]}]
accounts:
  - id: rabo
    shop: woo
    provider: omnikassa
    webhook_plugin: ideal
    settings: {environment: test, base_url: "%[4]s/omnikassa"}
    secrets: {refresh_token: "` + omnikassa.DemoRefreshToken + `", signing_key: "` + omnikassa.DemoSigningKey + `"}
    hosts: {"%[5]s": {allow_private: true, allow_http: true}}
  - id: bambora
    shop: woo
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

// house is a gateway with the plugins of iDEAL and of Bambora's cards, and
// their simulated providers.
type house struct{ url string }

// newHouse starts a gateway for a shop.
func newHouse(t *testing.T, shopURL string) house {
	t.Helper()
	var gateway, bank atomic.Pointer[http.Handler]
	late := func(p *atomic.Pointer[http.Handler]) *httptest.Server { // its address is known before it is
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*p.Load()).ServeHTTP(w, r) }))
		t.Cleanup(srv.Close)
		return srv
	}
	front, bankFront := late(&gateway), late(&bank)
	providers := http.NewServeMux()
	for name, account := range map[string]string{omnikassa.Name: "rabo", bambora.Name: "bambora"} {
		p, err := simulator.New(name, simulator.Options{PublicURL: bankFront.URL + "/" + name, WebhookURL: front.URL + "/webhooks/" + account, Client: http.DefaultClient})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		providers.Handle("/"+name+"/", http.StripPrefix("/"+name, p))
	}
	pages := http.Handler(providers)
	bank.Store(&pages)

	folder := t.TempDir()
	file := filepath.Join(folder, "kassette.yaml")
	config := fmt.Sprintf(houseConfig, front.URL, folder, shopURL, bankFront.URL, strings.TrimPrefix(bankFront.URL, "http://"))
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
	handler := h.Handler()
	gateway.Store(&handler)
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
	return house{front.URL}
}

// shopper is a browser without script.
type shopper struct {
	t      *testing.T
	client *http.Client
	at     *url.URL
	page   string
}

func newShopper(t *testing.T) *shopper {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &shopper{t: t, client: &http.Client{Jar: jar}}
}

// open goes to an address, wherever that leads.
func (s *shopper) open(address string) {
	s.t.Helper()
	s.went(s.client.Get(address))
}

func (s *shopper) went(resp *http.Response, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.at, s.page = resp.Request.URL, string(page)
}

var (
	forms  = regexp.MustCompile(`(?s)<form[^>]* action="([^"]*)"[^>]*>(.*?)</form>`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// press presses the button of this name and value.
func (s *shopper) press(name, value string) {
	s.t.Helper()
	for _, f := range forms.FindAllStringSubmatch(s.page, -1) {
		if !strings.Contains(f[2], `name="`+name+`" value="`+value+`"`) {
			continue
		}
		to, err := s.at.Parse(html.UnescapeString(f[1]))
		if err != nil {
			s.t.Fatal(err)
		}
		data := url.Values{name: {value}}
		for _, h := range hidden.FindAllStringSubmatch(f[2], -1) {
			data.Set(h[1], html.UnescapeString(h[2]))
		}
		s.went(s.client.PostForm(to.String(), data))
		return
	}
	s.t.Fatalf("no button %s=%s at %s:\n%s", name, value, s.at, s.page)
}
