package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

func (g *till) shop(args ...string) result {
	g.t.Helper()
	return runIn(g.t, g.dir, g.env, append([]string{"shop"}, args...)...)
}

// woo is a shop that answers notices as the extension for WooCommerce does.
type woo struct {
	*httptest.Server
	mu      sync.Mutex
	secrets []string
	paths   []string
}

func newWoo(t *testing.T) *woo {
	t.Helper()
	s := &woo{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.paths = append(s.paths, r.URL.Path)
		for _, secret := range s.secrets {
			if wh, err := standardwebhooks.NewWebhook(secret); err == nil && wh.Verify(body, r.Header) == nil {
				_, _ = io.WriteString(w, "The signature fits.")
				return
			}
		}
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "The signature does not fit.")
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *woo) paste(secrets ...string) { s.mu.Lock(); s.secrets = secrets; s.mu.Unlock() }

// field is what stands behind a name in what a command says.
func (r result) field(t *testing.T, name string) string {
	t.Helper()
	for line := range strings.Lines(r.out) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatalf("no %s in:\n%s%s", name, r.out, r.err)
	return ""
}

// A shop from nothing: it is added, gets an account, is tried, and its key and
// notice secret are rotated.
func TestShop(t *testing.T) {
	t.Parallel()
	g, shop := openTill(t), newWoo(t)
	write(t, g.dir, "sample.wasm", sample(t))
	write(t, g.dir, "key.txt", secret+"\n")
	g.plugin("install", "sample.wasm", "--yes")
	flags := []string{"--origin", shop.URL, "--platform", "woocommerce", "--allow-private", "--allow-http"}

	g.shop(append([]string{"add", "wafels", "--dry-run"}, flags...)...).says(t, 0, []string{"could be added; nothing was"}, nil)
	r := g.shop(append([]string{"add", "wafels"}, flags...)...)
	r.says(t, 0, []string{
		"gateway        " + g.gateway, "API key, test  kas_test_", "notice secret  whsec_", "Next:\n1. In WordPress: Plugins, Add New", "kassette-woocommerce.zip",
		"2. In WordPress: WooCommerce, Kassette. Paste the gateway's address, the API key for tests and the notice secret.", "3. Give it something to pay with: kassette shop add-account wafels", "4. See whether all is well: kassette shop test wafels",
	}, []string{"Shop wafels is added. What follows is shown this once"})
	key, notice := r.field(t, "API key, test"), r.field(t, "notice secret")
	shop.paste(notice)
	g.shop(append([]string{"add", "wafels"}, flags...)...).says(t, 1, nil, []string{"add shop wafels: ", "there is one of this id", "kassette shop show wafels", "kassette shop rotate-key"})
	g.shop("list").says(t, 0, []string{"SHOP ", "demo ", "file ", "wafels  wafels  state  test "}, nil)

	g.shop("test", "demo").says(t, 1, []string{"ok       gateway", "FAILED   keys", "FAILED   methods test", "FAILED   account hello", "no plugin of its provider, hello, is active", "FAILED   notices", "put one among its notice_secrets in the configuration"}, []string{"shop demo: 4 of "})
	g.shop("test", "wafels").says(t, 1, []string{"FAILED   methods test", "no method is offered in test mode. Do: kassette shop add-account wafels", "ok       notices", "skipped  API key"}, []string{"shop wafels: 1 of "})
	account := []string{"add-account", "wafels", "acc", "--provider", "sample", "--setting", "shop=s-1"}
	g.shop(append(account, "--secret", "key=@key.txt", "--dry-run")...).says(t, 0, []string{"could be added; nothing was"}, nil)
	g.shop(append(account, "--secret", "key=@key.txt")...).says(t, 0, []string{"Account acc is added.", "kassette shop test wafels"}, nil)
	g.shop(append(account, "--secret", "key=@key.txt")...).says(t, 0, []string{"Account acc was there, the same."}, nil)

	env := append(slices.Clone(g.env), "KASSETTE_API_KEY="+key)
	r = runIn(t, g.dir, env, "shop", "test", "wafels")
	r.says(t, 0, []string{
		"ok       gateway", g.gateway + " answers in", "ok       TLS", "none, which does on this machine", "ok       gateway's clock", "ok       API key", "it is key test, test, orders:write orders:read refunds:write",
		"ok       key test", "ok       methods test     sample (acc)", "skipped  account acc", "ok       notices", shop.URL + "/wc-api/kassette/: the shop's extension took the signature", "ok       shop's clock",
	}, nil)
	if strings.Contains(r.out, "FAILED") || strings.Contains(r.out, key) || strings.Contains(r.out, notice) {
		t.Errorf("got %s", r.out)
	}
	done := answer[adminclient.ShopTest](t, runIn(t, g.dir, env, "shop", "test", "wafels", "--json"))
	if len(done.Checks) != strings.Count(r.out, "\n") || done.Shop.ID != "wafels" {
		t.Errorf("got %+v", done)
	}
	g.rotates(shop, key, notice)
}

func (g *till) rotates(shop *woo, key, notice string) {
	t := g.t
	r := g.shop("rotate-key", "wafels")
	r.says(t, 0, []string{"API key, test  kas_test_", "1. In WordPress: WooCommerce, Kassette. Paste the gateway's address and the API key for tests."}, []string{"The one before works until 20"})
	fresh := r.field(t, "API key, test")
	write(t, g.dir, "old", key)
	write(t, g.dir, "new", fresh+"\n")
	for _, file := range []string{"old", "new"} {
		g.shop("test", "wafels", "--key-file", file).says(t, 0, []string{"it is key test, test"}, nil)
	}
	g.shop("rotate-key", "wafels", "--end-old").says(t, 0, []string{"The old ones work no more."}, nil)
	g.shop("rotate-key", "wafels", "--end-old").says(t, 0, []string{"There was no old one that still worked."}, nil)
	g.shop("test", "wafels", "--key-file", "old").says(t, 1, []string{"FAILED   API key", "the gateway does not know the key (fingerprint " + adminclient.HashOf(key)[:12]}, []string{"1 of "})

	r = g.shop("rotate-key", "wafels", "--notice-secret", "--overlap", "1h")
	r.says(t, 0, []string{"notice secret  whsec_", "Paste the gateway's address and the notice secret."}, []string{"The one before works until 20"})
	for _, pasted := range []string{notice, r.field(t, "notice secret")} { // notices are signed with both
		shop.paste(pasted)
		g.shop("test", "wafels", "--key-file", "new").says(t, 0, []string{"ok       notices"}, nil)
	}
	g.shop("rotate-key", "wafels", "--notice-secret", "--now").says(t, 0, []string{"notice secret  whsec_"}, []string{"The one before works no more."})
	g.shop("test", "wafels", "--key-file", "new").says(t, 1, []string{"FAILED   notices", "it answers 401: the signature was not taken. Do: compare the shop's notice secret"}, []string{"1 of "})

	r = g.shop("show", "wafels")
	r.says(t, 0, []string{
		`shop           wafels, "wafels", added by an operator`, "platform       woocommerce", "key            test, test, orders:write orders:read refunds:write, fingerprint " + adminclient.HashOf(fresh)[:12],
		"account        acc, sample, test, secrets: key", "add shop, by operator at 127.0.0.1", "rotate key test, by", "end old keys test", "rotate notice secret",
	}, nil)
	if strings.Contains(r.out, fresh) || strings.Contains(r.out, "whsec_") {
		t.Errorf("a secret is shown again: %s", r.out)
	}
}

// Real money is asked about, and a shop that tests gets its live key later.
func TestShop_live(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	add := []string{"add", "wafels", "--origin", "https://wafels.example", "--live"}
	g.shop(add...).says(t, 1, nil, []string{"this is about real money, and there is no terminal to ask on: say --yes"})
	g.shop("list", "--json").says(t, 0, []string{`"id": "demo"`}, nil)
	r := answer[given](t, g.shop(append(add, "--yes", "--json")...))
	if len(r.Keys) != 2 || !strings.HasPrefix(r.Keys[0].Key, "kas_test_") || !strings.HasPrefix(r.Keys[1].Key, "kas_live_") || r.Keys[1].ID != "live" || r.Gateway != g.gateway || len(r.Next) != 3 {
		t.Errorf("got %+v", r)
	}
	if !strings.Contains(r.Next[0], r.Gateway+"/v1/orders") || !strings.Contains(r.Next[0], "the API key for tests, the API key for real money and the notice secret") {
		t.Errorf("next: %q", r.Next)
	}
	g.shop("test", "wafels").says(t, 1, []string{"FAILED   TLS", "a shop with a live key speaks to http://127.0.0.1", "FAILED   methods live"}, []string{" checks failed"})
	g.shop("rotate-key", "wafels", "--key", "live", "--now").says(t, 1, nil, []string{"real money", "say --yes"})
	g.shop("rotate-key", "wafels", "--key", "live").says(t, 0, []string{"API key, live  kas_live_"}, []string{"until 20"})
	g.shop("add-account", "wafels", "acc", "--provider", "hello", "--live").says(t, 1, nil, []string{"real money", "say --yes"})

	g.shop("add", "taarten", "--origin", "https://taarten.example", "--title", "Taarten & Zo").says(t, 0, []string{"kas_test_"}, []string{"shown this once"})
	g.shop("add-key", "taarten", "--live").says(t, 1, nil, []string{"real money"})
	g.shop("add-key", "taarten", "--live", "--yes").says(t, 0, []string{"API key, live  kas_live_"}, []string{"Key live is added"})
	g.shop("add-key", "taarten", "--id", "accountant", "--scope", "statement:read", "--network", "192.0.2.0/24").says(t, 0, []string{"API key, test  kas_test_"}, []string{"Key accountant is added"})
	g.shop("rotate-key", "taarten").says(t, 1, nil, []string{"shop taarten has test, live, accountant keys: name one of them with --key"})
	g.shop("add-form-key", "taarten", "donate", "--live").says(t, 1, nil, []string{"real money"})
	form := g.shop("add-form-key", "taarten", "donate", "--live", "--yes")
	form.says(t, 0, []string{"form_"}, []string{"Form key donate is added. Its secret is shown this once"})
	g.shop("show", "taarten").says(t, 0, []string{"form key       donate, live, fingerprint " + adminclient.HashOf(strings.TrimSpace(form.out))[:12]}, nil)
	g.shop("end-form-key", "taarten", "donate").says(t, 1, nil, []string{"real money"})
	g.shop("end-form-key", "taarten", "donate", "--yes").says(t, 0, []string{"Forms of key donate are taken no more."}, nil)
	g.shop("end-form-key", "taarten", "rose", "--yes").says(t, 1, nil, []string{"end form key rose of shop taarten: ", "not found"})
	g.shop("show", "taarten").says(t, 0, []string{`taarten, "Taarten & Zo"`, "accountant, test, statement:read"}, nil)
}

// Whatever is refused changes nothing, and is said with what to do.
func TestShop_bad(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	nobody := freeAddr(t)
	for args, want := range map[string][]string{
		"add demo --origin https://demo.example":                        {"add shop demo: ", "it stands in the configuration file, which wins"},
		"add Wafels --origin https://w.example":                         {`id: "Wafels" is no id`},
		"add ../x --origin https://w.example":                           {"is no id"},
		"add w --origin http://w.example":                               {"origins[0]: ", "is without TLS"},
		"add w --origin https://w.example/x":                            {"origins[0]: ", "holds more than it should"},
		"add w --origin https://w.example --network nowhere":            {"keys[0].networks[0]: "},
		"add w --origin https://w.example --terms-url ftp://x":          {"terms_url: "},
		"add w --origin https://w.example --admin-url http://" + nobody: {"reach the gateway's operators", "is it running"},
		"show none":                                         {"show shop none: ", "kassette shop list shows what there is"},
		"test none":                                         {"test shop none: ", "kassette shop list shows what there is"},
		"test demo --key-file none":                         {"none", "no such file"},
		"rotate-key none":                                   {"rotate a key of shop none: ", "kassette shop list"},
		"rotate-key demo":                                   {"keys: name one of them"},
		"rotate-key demo --notice-secret":                   {"shop demo: it stands in the configuration file"},
		"rotate-key demo --key x --notice-secret":           {"one at a time"},
		"rotate-key demo --key x":                           {`shop demo has no key "x": it has -`},
		"add-key none":                                      {"add a key to shop none: ", "kassette shop list"},
		"add-form-key demo donate":                          {"it stands in the configuration file"},
		"end-form-key none donate":                          {"kassette shop list"},
		"add-key demo":                                      {"it stands in the configuration file"},
		"add-account demo acc --provider hello":             {"shop demo: it stands in the configuration file"},
		"add-account demo acc --provider hello --setting x": {"--setting x: write NAME=TEXT"},
		"add-account demo acc --provider hello --setting x=1 --setting x=2":       {"--setting x is there twice"},
		"add-account demo acc --provider hello --setting x:={":                    {"--setting x:= is followed by JSON"},
		"add-account demo acc --provider hello --secret key=" + secret:            {"--secret key: others read what stands on a command line"},
		"add-account demo acc --provider hello --secret " + secret:                {"--secret: write NAME=@FILE"},
		"add-account demo acc --provider hello --secret key=env:NOT_SET_ANYWHERE": {"--secret key: there is nothing at env:NOT_SET_ANYWHERE"},
		"add-account demo acc --provider hello --secret key=@none":                {"--secret key: ", "no such file"},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			runIn(t, g.dir, g.env, append([]string{"shop"}, strings.Fields(args)...)...).says(t, 1, nil, append(want, "kassette: "))
		})
	}
	t.Cleanup(func() {
		if all := answer[struct{ Shops []adminclient.Shop }](t, g.shop("list", "--json")); len(all.Shops) != 1 {
			t.Errorf("got %d shops, want the file's", len(all.Shops))
		}
	})
}

// The gateway is met as a shop meets it: by name, certificate and clock.
func TestFront(t *testing.T) {
	t.Parallel()
	status, kind := 200, "application/json"
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
	}))
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	const key = "key-of-the-front"
	shop := adminclient.Shop{ID: "s", Gateway: srv.URL, Keys: []adminclient.Key{{ID: "k", Secret: adminclient.Secret{Fingerprint: adminclient.HashOf(key)[:12]}}}}
	other := shop
	other.Keys = nil
	plainly := shop
	plainly.Gateway = "http://" + freeAddr(t)
	for _, c := range []struct {
		name   string
		f      front
		status int
		kind   string
		want   string
	}{
		{"nobody", front{shop: plainly}, 200, kind, "failed gateway: " + plainly.Gateway + " does not answer: "},
		{"no address", front{shop: adminclient.Shop{Gateway: ":"}}, 200, kind, "failed gateway: \":\" is no address"},
		{"not trusted", front{shop: shop, client: &http.Client{}}, 200, kind, "failed gateway: " + srv.URL + " does not answer: tls: failed to verify certificate"},
		{"another server", front{shop: shop}, 200, "text/html", "something answers 200 at " + srv.URL + " that is no gateway"},
		{"a redirect", front{shop: shop}, 301, "application/json", "something answers 301"},
		{"no key", front{shop: shop}, 401, "application/problem+json", "skipped API key: not tried at the front door: KASSETTE_API_KEY=…"},
		{"a key that is unknown", front{shop: shop, key: key}, 401, "application/problem+json", "failed API key: the gateway does not know the key"},
		{"a key of another shop", front{shop: other, key: key}, 200, kind, "failed API key: it is no key of shop s"},
		{"a key for elsewhere", front{shop: shop, key: key}, 403, "application/problem+json", "warning API key: key k of test mode may not be used from here"},
		{"trouble", front{shop: shop, key: key}, 503, "application/problem+json", "failed API key: the gateway answers 503 to key k"},
		{"well", front{shop: shop, key: key}, 200, kind, "ok API key: it is key k, test"},
		{"TLS", front{shop: shop, key: key}, 200, kind, "ok TLS: TLS 1.3, certificate until 20"},
		{"a certificate that ends", front{shop: shop, now: func() time.Time { return srv.Certificate().NotAfter.Add(-50 * time.Hour) }}, 200, kind, "warning TLS: "},
		{"a clock that is off", front{shop: shop, now: func() time.Time { return time.Now().Add(-10 * time.Minute) }}, 200, kind, " ahead of this machine's, and signatures are taken up to 5m0s off"},
		{"a clock that drifts", front{shop: shop, now: func() time.Time { return time.Now().Add(time.Minute) }}, 200, kind, " behind this machine's"},
	} {
		if c.f.client == nil {
			c.f.client = trusting
		}
		status, kind = c.status, c.kind
		var got []string
		for _, check := range c.f.try(t.Context()) {
			got = append(got, check.State+" "+check.Name+": "+check.Text)
			if (check.Fix == "") != (check.State == "ok" || check.State == "skipped") {
				t.Errorf("%s: %+v", c.name, check)
			}
		}
		if all := strings.Join(got, "\n"); !strings.Contains(all, c.want) || strings.Contains(all, key) {
			t.Errorf("%s: got\n%s\nwant %s", c.name, all, c.want)
		}
	}
}

func TestSettingsOf(t *testing.T) {
	t.Parallel()
	got, err := settingsOf([]string{"a=1", "b:=1", "c=x=y", "d:=[\"x\"]", "e=", "f:=12345678901234567890"})
	if b, _ := json.Marshal(got); err != nil || string(b) != `{"a":"1","b":1,"c":"x=y","d":["x"],"e":"","f":12345678901234567890}` {
		t.Errorf("got %s, %v", b, err)
	}
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("of a file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secrets, err := secretsOf([]string{"a=@" + file, "b=env:X"}, func(string) string { return "of the environment" })
	if err != nil || secrets["a"] != "of a file" || secrets["b"] != "of the environment" {
		t.Errorf("got %v, %v", secrets, err)
	}
}

// Help is an answer, and a bad command line ends with status 2.
func TestShop_usage(t *testing.T) {
	t.Parallel()
	for args, words := range map[string][]string{
		"--help":              {"add", "list", "show", "test", "add-account", "add-key", "rotate-key"},
		"add --help":          {"Example", "kassette shop add wafels --origin https://wafels.example --platform woocommerce", "--live", "--json", "KASSETTE_ADMIN_URL"},
		"list --help":         {"Example", "kassette shop list"},
		"show --help":         {"Example", "kassette shop show wafels", "sha256sum"},
		"test --help":         {"Example", "kassette shop test wafels", "KASSETTE_API_KEY", "--notice-url"},
		"add-account --help":  {"Example", "kassette shop add-account wafels acme --provider acme", "NAME=@FILE"},
		"add-form-key --help": {"Example", "kassette shop add-form-key wafels donate"},
		"end-form-key --help": {"Example", "kassette shop end-form-key wafels donate"},
		"add-key --help":      {"Example", "kassette shop add-key wafels --live"},
		"rotate-key --help":   {"Example", "kassette shop rotate-key wafels --key live --overlap 72h", "--now", "--end-old"},
	} {
		kassette(t, append([]string{"shop"}, strings.Fields(args)...)...).says(t, 0, words, nil)
	}
	for args, words := range map[string][]string{
		"add wafels": {"--origin", "See: kassette shop add --help"},
		"add wafels --origin https://w.example --platform wix": {"woocommerce", "See: kassette shop add --help"},
		"add-key wafels --scope orders":                        {"orders:write", "See: kassette shop add-key --help"},
		"rotate-key wafels --overlap day":                      {"--overlap", "See: kassette shop rotate-key --help"},
	} {
		kassette(t, append([]string{"shop"}, strings.Fields(args)...)...).says(t, 2, nil, words)
	}
}

// The accounts that documents add have the settings that their plugins require.
func TestAddAccount_examplesAreWhole(t *testing.T) {
	t.Parallel()
	schemas := map[string]string{
		"omnikassa": "plugins/internal/omnikassa", "robokassa": "plugins/robokassa", "woocommerce": "platforms/woocommerce/adapter", "magento": "platforms/magento/adapter",
	}
	text := ""
	for _, file := range []string{"shops.md", "install-woocommerce.md", "install-magento.md"} {
		b, err := os.ReadFile("../../../docs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		text += strings.ReplaceAll(string(b), "\\\n", "")
	}
	found := 0
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		i := slices.Index(words, "--provider")
		if !strings.Contains(line, "kassette shop add-account wafels ") || i < 0 {
			continue
		}
		found++
		b, err := os.ReadFile("../../../" + schemas[words[i+1]] + "/settings.json")
		if err != nil {
			t.Fatal(err)
		}
		var schema struct {
			Required   []string
			Properties map[string]any
		}
		if err := json.Unmarshal(b, &schema); err != nil {
			t.Fatal(err)
		}
		given := map[string]bool{}
		for j, w := range words {
			if w == "--setting" || w == "--secret" {
				name, _, _ := strings.Cut(words[j+1], "=")
				given[strings.TrimSuffix(name, ":")] = true
			}
		}
		for _, name := range schema.Required {
			if !given[name] {
				t.Errorf("%s lacks %s", line, name)
			}
		}
		for name := range given {
			if schema.Properties[name] == nil {
				t.Errorf("%s: there is no setting %s", line, name)
			}
		}
	}
	if found < 3 {
		t.Errorf("%d examples were found", found)
	}
}
