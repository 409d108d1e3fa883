package host_test

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/simulator"
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
	"github.com/kassette-pay/kassette/sdk/simulator/terminal"
)

// street is a house with an account at each simulated provider, as the demo
// configures them.
type street struct {
	*house
	address   string // of the simulators
	paypal    *paypal.Simulator
	robokassa *robokassa.Simulator
	bambora   *bambora.Simulator
	terminal  *terminal.Simulator
	bank      *omnikassa.Simulator
}

// accounts are the demo's, by the provider that notifies them.
var accounts = map[string]string{
	omnikassa.Name: "rabo", paypal.Name: "paypal", robokassa.Name: "robokassa", bambora.Name: "bambora", terminal.Name: "till",
}

// newStreet opens one with the plugins named. With opt.street it shares that
// one's simulators.
func newStreet(t *testing.T, opt options, plugins ...string) *street {
	t.Helper()
	s := &street{}
	opt.addr = cmp.Or(opt.addr, freeAddr(t))
	if other := opt.street; other != nil {
		*s = *other
	} else {
		s.openSimulators(t, opt)
	}
	opt.dir, opt.street = pluginsDir(t, plugins...), s
	s.house = newHouse(t, opt)
	return s
}

func (s *street) openSimulators(t *testing.T, opt options) {
	t.Helper()
	var handler http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	s.address = strings.TrimPrefix(srv.URL, "http://")
	var all []simulator.Provider
	for _, name := range simulator.All() {
		p, err := simulator.New(name, simulator.Options{PublicURL: srv.URL + "/" + name, WebhookURL: "http://" + opt.addr + "/webhooks/" + accounts[name]})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		all = append(all, p)
		switch p := p.(type) {
		case *paypal.Simulator:
			s.paypal = p
		case *robokassa.Simulator:
			s.robokassa = p
		case *bambora.Simulator:
			s.bambora = p
		case *terminal.Simulator:
			s.terminal = p
			takeTips(t, p)
		case *omnikassa.Simulator:
			s.bank = p
		}
	}
	handler = simulator.Mount(all...)
}

// takeTips sets a terminal up for tips, which are off as it comes.
func takeTips(t *testing.T, p *terminal.Simulator) {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/sandbox/terminals/"+terminal.DemoPOIID, strings.NewReader(`{"tip":{"enabled":true,"max_percent":100}}`)))
	if w.Code != http.StatusOK {
		t.Fatalf("the terminal was not set up for tips: %d %s", w.Code, w.Body)
	}
}

var (
	builtMu sync.Mutex
	built   = map[string][]byte{}
)

// pluginsDir is a folder with these plugins, each built once.
func pluginsDir(t *testing.T, names ...string) string {
	t.Helper()
	builtMu.Lock()
	defer builtMu.Unlock()
	dir := t.TempDir()
	for _, name := range names {
		if built[name] == nil {
			built[name] = plugintest.Build(t, "github.com/kassette-pay/kassette/plugins/"+name)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".wasm"), built[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// config is the demo's configuration, with the keys of a house.
func (s *street) config(h *house, addr, dir, redis string, edit func(string) string) string {
	h.t.Helper()
	t, err := template.ParseFiles(filepath.Join("..", "examples", "demo", "kassette.yaml.tmpl"))
	if err != nil {
		h.t.Fatal(err)
	}
	type fields map[string]string
	var text strings.Builder
	err = t.Execute(&text, map[string]any{
		"Gateway": addr, "Admin": "127.0.0.1:1", "Simulator": s.address, "Shop": strings.TrimPrefix(h.shop.URL, "http://"),
		"Plugins": dir, "AdminKey": "operators", "NoticeSecret": noticeSecret,
		"Rabo":      fields{"RefreshToken": omnikassa.DemoRefreshToken, "SigningKey": omnikassa.DemoSigningKey},
		"PayPal":    fields{"ClientID": paypal.DemoClientID, "ClientSecret": paypal.DemoClientSecret, "WebhookID": paypal.DemoWebhookID, "Root": paypal.DemoRoot},
		"Robokassa": fields{"Login": robokassa.DemoLogin, "Hash": robokassa.DemoHash, "ResultKey": robokassa.DemoResultKey, "Password1": robokassa.DemoPassword1, "Password2": robokassa.DemoPassword2, "Password3": robokassa.DemoPassword3},
		"Bambora":   fields{"MerchantNumber": bambora.DemoMerchantNumber, "AccessToken": bambora.DemoAccessToken, "SecretToken": bambora.DemoSecretToken, "MD5Key": bambora.DemoMD5Key},
		"Terminal":  fields{"POIID": terminal.DemoPOIID, "SaleID": terminal.DemoSaleID},
		"Woo":       fields{"Key": "ck_none", "Secret": "cs_none", "WebhookSecret": "none"}, // no such shop is in the street
		"Magento":   fields{"ConsumerKey": "none", "ConsumerSecret": "none", "AccessToken": "none", "TokenSecret": "none", "EnvelopeSecret": "bm9uZW5vbmVub25lbm9uZW5vbmVub25lbm9uZW5vbmU="},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	whole := strings.Replace(text.String(), "{id: demo, key: demo,", "{id: demo, key: demo-key-of-the-shop,", 1) + redis
	if edit != nil {
		whole = edit(whole)
	}
	return whole
}

// run is a subtest in the same street.
func (s *street) run(t *testing.T, name string, f func(*street, *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		own, house := *s, *s.house
		house.t, own.house = t, &house
		f(&own, t)
	})
}

// order makes an order; change alters what is sent.
func (s *street) order(reference string, change func(spec map[string]any)) map[string]any {
	s.t.Helper()
	spec := s.spec(reference)
	if change != nil {
		change(spec)
	}
	status, o := s.api("POST", "/v1/orders", spec)
	if status != http.StatusCreated {
		s.t.Fatalf("create %s: %d %v", reference, status, o)
	}
	return o
}

// chosen opens an order's page and chooses a method. The consumer stays at redirects.
func (s *street) chosen(o map[string]any, method string) *browser {
	s.t.Helper()
	return newBrowser(s.t).open(o["checkout_url"].(string)).stays().press("method", method)
}

// heard waits until an order is paid by its provider's word alone. A word that
// was not taken in time is said again, as providers do.
func (s *street) heard(o map[string]any) map[string]any {
	s.t.Helper()
	id, repeated := o["id"].(string), 0
	s.until("order "+id+" paid", func() bool {
		if o = s.get(id); o["status"] == "paid" {
			return true
		}
		if n := s.unheard(); n > repeated {
			repeated = n
			s.hourLater()
		}
		return false
	})
	return o
}

// unheard counts the providers' news that were not taken.
func (s *street) unheard() (n int) {
	note := func(taken bool) {
		if !taken {
			n++
		}
	}
	for _, d := range s.paypal.Books().Deliveries {
		note(d.Taken)
	}
	for _, d := range s.robokassa.Books().Notifications {
		note(d.Accepted)
	}
	for _, d := range s.bambora.Books().Callbacks {
		note(d.Status == http.StatusOK)
	}
	for _, d := range s.bank.Books().Notifications {
		note(d.Processed)
	}
	return n
}

// hourLater moves the providers' clocks.
func (s *street) hourLater() {
	s.t.Helper()
	for _, p := range []interface {
		MoveClock(context.Context, time.Duration) error
	}{s.paypal, s.robokassa, s.bambora, s.bank} {
		if err := p.MoveClock(s.t.Context(), time.Hour); err != nil {
			s.t.Fatal(err)
		}
	}
}

// follow goes where the last answer leads, step by step, until it leads on no
// more or to what begins with stop.
func (b *browser) follow(stop string) *browser {
	b.t.Helper()
	for range 10 {
		if b.location == "" || stop != "" && strings.HasPrefix(b.location, stop) {
			return b
		}
		to, err := b.at.Parse(b.location)
		if err != nil {
			b.t.Fatal(err)
		}
		b.open(to.String())
	}
	b.t.Fatalf("it leads on and on, now to %s", b.location)
	return b
}

// operate asks for a capture or refund; no body means all that remains.
func (s *street) operate(o map[string]any, what, key string, body map[string]any) answer {
	s.t.Helper()
	text := "{}"
	if body != nil {
		text = encode(s.t, body)
	}
	return s.send("POST", "/v1/orders/"+o["id"].(string)+"/"+what, text, "Idempotency-Key", key)
}

// eur is so much in the currency of most tests.
func eur(value int64) map[string]any { return map[string]any{"value": value, "currency": "EUR"} }
