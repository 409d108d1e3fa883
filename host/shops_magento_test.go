package host_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

// bazaar is a gateway with a bank and a Magento shop that has no module but the
// messages of one: all it is told comes over REST, signed with OAuth.
type bazaar struct {
	*house
	shop *magento.Simulator
}

func newBazaar(t *testing.T) *bazaar {
	t.Helper()
	b := &bazaar{}
	var serve atomic.Pointer[magento.Simulator]
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve.Load().ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	addr := freeAddr(t)
	var err error
	if b.shop, err = magento.New(magento.Config{PublicURL: srv.URL, WebhookURL: "http://" + addr + "/v1/shops/demo/orders"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.shop.Close() })
	serve.Store(b.shop)
	dir := pluginDir(t)
	if err := os.WriteFile(filepath.Join(dir, "magento.wasm"), plugintest.Build(t, "github.com/kassette-pay/kassette/platforms/magento/adapter"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.house = newHouse(t, options{addr: addr, dir: dir, edit: func(yaml string) string {
		yaml = strings.Replace(yaml, "  grants:\n", "  grants:\n    magento: {hosts: [], secrets: [consumer_key, consumer_secret, access_token, access_token_secret, envelope_secret, old_envelope_secret], operations: [read_order, tell_shop, sync_shop, check_settings]}\n", 1)
		yaml = strings.Replace(yaml, `origins: ["`, `origins: ["`+srv.URL+`", "`, 1)
		return yaml + fmt.Sprintf(`  - id: magento
    shop: demo
    provider: magento
    webhook_plugin: magento
    settings: {environment: test, url: %q, take_orders: true}
    secrets: {consumer_key: %q, consumer_secret: %q, access_token: %q, access_token_secret: %q, envelope_secret: %q}
    hosts: {%q: {allow_private: true, allow_http: true}}
`, srv.URL, magento.DemoConsumerKey, magento.DemoConsumerSecret, magento.DemoAccessToken, magento.DemoTokenSecret, strings.TrimPrefix(magento.DemoNoticeSecret, "whsec_"), strings.TrimPrefix(srv.URL, "http://"))
	}})
	return b
}

// ordered is an order of the shop, whose shopper was mailed the pay link.
func (b *bazaar) ordered() (number, payLink string) {
	b.t.Helper()
	o, err := b.shop.Place(magento.Draft{Shipping: "5.00"})
	if err != nil {
		b.t.Fatal(err)
	}
	if status, err := b.shop.SendOrder(b.t.Context(), o.Increment); err != nil || status != http.StatusOK {
		b.t.Fatalf("the gateway answered %d, %v", status, err)
	}
	b.until("the shopper has the pay link", func() bool {
		for _, c := range b.of(o.Increment).Comments {
			if _, link, found := strings.Cut(c.Text, " "+b.gateway+"/pay/"); found && c.Notified {
				payLink = b.gateway + "/pay/" + link
			}
		}
		return payLink != ""
	})
	return o.Increment, payLink
}

func (b *bazaar) of(number string) magento.OrderRecord {
	b.t.Helper()
	o, ok := b.shop.Books().Order(number)
	if !ok {
		b.t.Fatalf("there is no order %s", number)
	}
	return o
}

// A Magento shop is served over REST alone: paid once, refunded once, and cancelled
// by its own word.
func TestShops_magento(t *testing.T) {
	t.Parallel()
	b := newBazaar(t)
	number, link := b.ordered()
	newBrowser(t).open(link).press("method", "ideal").press("outcome", "success")
	b.until("the shop's order is paid", func() bool { return b.of(number).State == magento.StateProcessing })
	o := b.of(number)
	if o.Paid != "54.9900" || len(o.Invoices) != 1 || len(o.Charges) > 0 {
		t.Errorf("the paid order: %+v", o)
	}
	at := "/v1/orders/" + orderOf(link)
	for i, amount := range []int{1_250, 4_249} {
		if status, refund := b.api("POST", at+"/refunds", map[string]any{"amount": map[string]any{"value": amount, "currency": "EUR"}}, "Idempotency-Key", fmt.Sprint("refund-", i)); status > 299 {
			t.Fatalf("refund: %d %v", status, refund)
		}
		b.until("the refund is recorded", func() bool {
			_, _ = b.raw("POST", at+"/sync", nil) // asks the bank, which else is asked a minute later
			return len(b.of(number).CreditMemos) == i+1
		})
	}
	if o = b.of(number); o.State != magento.StateClosed || o.Refunded != "54.9900" || len(o.Payouts) > 0 {
		t.Errorf("the refunded order: %+v", o)
	}

	number, link = b.ordered()
	if _, err := b.shop.Cancel(number); err != nil {
		t.Fatal(err)
	}
	b.until("the gateway's order is cancelled", func() bool {
		_, whole := b.api("GET", "/v1/orders/"+orderOf(link), nil)
		return whole["status"] == "cancelled"
	})
	if status, err := b.shop.Ping(t.Context()); err != nil || status != http.StatusOK {
		t.Errorf("a ping was answered %d, %v", status, err)
	}
	if _, err := b.shop.Faults().Apply([]byte(`{"faults":[{"name":"wrong_signature"}]}`)); err != nil {
		t.Fatal(err)
	}
	if status, err := b.shop.Ping(t.Context()); err != nil || status < 400 || status > 499 {
		t.Errorf("a ping with a wrong signature was answered %d, %v", status, err)
	}
}
