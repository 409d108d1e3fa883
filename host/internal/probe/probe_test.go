package probe

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/notice"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// world is everything that a prober asks.
type world struct {
	status  checkout.ShopStatus
	shop    checkout.Shop
	methods map[bool][]checkout.MethodTry
	tries   map[string]tried // by plugin
	pinged  notice.Pinged
	pingErr error
	url     string
	kind    contract.Kind
}

type tried struct {
	r   contract.CheckResult
	err error
}

func (w *world) ShopStatus(_ context.Context, id string) (checkout.ShopStatus, error) {
	if id != w.status.ID {
		return checkout.ShopStatus{}, checkout.ErrNotFound
	}
	return w.status, nil
}

func (w *world) Shop(string) (checkout.Shop, error) { return w.shop, nil }

func (w *world) TryMethods(_ string, live bool) []checkout.MethodTry { return w.methods[live] }

func (w *world) TryAccount(_ context.Context, _ string, v checkout.Version) (contract.CheckResult, error) {
	return w.tries[v.Name].r, w.tries[v.Name].err
}

func (w *world) OfProvider(provider string) (list []checkout.Version) {
	for _, name := range []string{"tulip", "rose"} {
		if _, ok := w.tries[name]; ok && provider == "tulipbank" {
			var v checkout.Version
			v.Name, v.Manifest.Kind = name, w.kind
			list = append(list, v)
		}
	}
	return list
}

func (w *world) Ping(_ context.Context, _ checkout.Shop, url string) (notice.Pinged, error) {
	w.url = url
	return w.pinged, w.pingErr
}

// sound is a world in which all is well.
func sound() *world {
	return &world{
		status: checkout.ShopStatus{
			ID: "s", Origins: []string{"https://s.example"}, Platform: checkout.WooCommerce,
			Keys:     []checkout.KeyStatus{{ID: "test", Scopes: usual}},
			Accounts: []checkout.AccountStatus{{ID: "acc", Provider: "tulipbank"}},
		},
		shop:    checkout.Shop{ID: "s", NoticeSecrets: [][]byte{[]byte("x")}},
		methods: map[bool][]checkout.MethodTry{false: {{Method: "tulip", Provider: "tulipbank", Account: "acc", Offered: true}}},
		tries:   map[string]tried{"tulip": {r: contract.CheckResult{OK: true}}},
		pinged:  notice.Pinged{Status: 204, HasClock: true},
	}
}

func (w *world) test(t *testing.T, spec checkout.ShopTestSpec) []checkout.ShopCheck {
	t.Helper()
	done, err := New(Options{Directory: w, Methods: w, Plugins: w, Notices: w, Logger: slog.New(slog.DiscardHandler)}).Test(t.Context(), "s", spec)
	if err != nil {
		t.Fatal(err)
	}
	return done.Checks
}

// line writes a check for comparison.
func line(c checkout.ShopCheck) string { return c.State + " " + c.Name + ": " + c.Text + " / " + c.Fix }

func TestTest_sound(t *testing.T) {
	t.Parallel()
	w := sound()
	var names []string
	for _, c := range w.test(t, checkout.ShopTestSpec{}) {
		if c.State != checkout.CheckOK || c.Fix != "" {
			t.Errorf("got %s", line(c))
		}
		names = append(names, c.Name)
	}
	if got := strings.Join(names, ", "); got != "key test, methods test, account acc, notices, shop's clock" {
		t.Errorf("tried %s", got)
	}
	if w.url != "https://s.example/wc-api/kassette/" {
		t.Errorf("told %s", w.url)
	}
	if _, err := New(Options{Directory: w}).Test(t.Context(), "none", checkout.ShopTestSpec{}); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("no shop: %v", err)
	}
}

// Each thing that can be wrong is found, and said with what to do.
func TestTest_wrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world)
		want   string
	}{
		"no key":     {func(w *world) { w.status.Keys = nil }, "failed keys: the shop has no API key, so that it can ask for nothing / kassette shop add-key s"},
		"few scopes": {func(w *world) { w.status.Keys[0].Scopes = usual[:1] }, "warning key test: test, orders:write, fingerprint ; it may not do orders:read, refunds:write / give"},
		"an old key": {func(w *world) { w.status.Keys[0].Old = make([]checkout.SecretStatus, 2) }, "ok key test: test, orders:write orders:read refunds:write, fingerprint ; 2 before it still work"},
		"no method":  {func(w *world) { w.methods = nil }, "failed methods test: no method is offered in test mode / kassette shop add-account s"},
		"a method that is off": {func(w *world) {
			w.methods[false] = append(w.methods[false], checkout.MethodTry{Method: "rose", Account: "acc", Why: "account acc does not have it among its methods"})
		}, "skipped method rose: not offered in test mode: account acc does not have it"},
		"a method of nobody": {func(w *world) {
			w.methods[false] = append(w.methods[false], checkout.MethodTry{Method: "rose", Provider: "rosebank"})
		}, "skipped methods test: not offered, since the shop has no account there: rose (rosebank)"},
		"a live key and nothing live": {func(w *world) { w.status.Keys[0].Live = true }, "failed methods live: no method is offered in live mode"},
		"no plugin":                   {func(w *world) { w.tries = nil }, "failed account acc: no plugin of its provider, tulipbank, is active / kassette plugin install"},
		"no check":                    {func(w *world) { w.tries["tulip"] = tried{err: checkout.ErrNoCheck} }, "skipped account acc: no plugin of tulipbank can try an account"},
		"a wrong credential": {func(w *world) {
			w.tries["tulip"] = tried{r: contract.CheckResult{Findings: []contract.Finding{{Level: "error", Text: "the token is refused", Fix: "take a new one"}}}}
		}, "failed account acc: the token is refused / take a new one"},
		"a warning": {func(w *world) {
			w.tries["tulip"] = tried{r: contract.CheckResult{OK: true, Findings: []contract.Finding{{Level: "warning", Text: "it ends soon"}}}}
		}, "warning account acc: it ends soon"},
		"not well, and no word": {func(w *world) { w.tries["tulip"] = tried{} }, "failed account acc: its plugin says that the settings do not do"},
		"a provider that is away": {func(w *world) {
			w.tries["tulip"] = tried{err: &checkout.CallError{Failure: contract.Failure{Message: "no answer"}}}
		}, "failed account acc: its provider could not be asked: no answer"},
		"no grant to try": {func(w *world) {
			w.tries["tulip"] = tried{err: &checkout.CallError{Failure: contract.Failure{Code: contract.Unsupported, Message: "check_settings is not granted to tulip"}}}
		}, "warning account acc: not tried: check_settings is not granted to tulip / grant check_settings"},
		"trouble of our own": {func(w *world) { w.tries["tulip"] = tried{err: errors.New("inside")} }, "failed account acc: it could not be tried / the gateway's log"},
		"no notice secret":   {func(w *world) { w.shop.NoticeSecrets = nil }, "failed notices: the shop has no notice secret, so that it is told nothing / kassette shop rotate-key s --notice-secret"},
		"none in the file":   {func(w *world) { w.shop.NoticeSecrets, w.status.Source = nil, checkout.SourceFile }, "put one among its notice_secrets"},
		"no address":         {func(w *world) { w.status.Platform = "" }, "skipped notices: not tried"},
		"not sent":           {func(w *world) { w.pingErr = errors.New("inside") }, "failed notices: a test notice to https://s.example/wc-api/kassette/ could not be sent"},
		"a clock ahead":      {func(w *world) { w.pinged.Ahead = 5 * time.Minute }, "failed shop's clock: it is 5m0s ahead of the gateway's, and a signature is taken up to 5m0s off / set the clock"},
		"a clock behind":     {func(w *world) { w.pinged.Ahead = -40 * time.Second }, "warning shop's clock: it is 40s behind the gateway's"},
	} {
		w := sound()
		c.change(w)
		var got []string
		for _, check := range w.test(t, checkout.ShopTestSpec{}) {
			got = append(got, line(check))
		}
		if all := strings.Join(got, "\n"); !strings.Contains(all, c.want) {
			t.Errorf("%s: got\n%s\nwant %s", name, all, c.want)
		}
		if strings.Contains(strings.Join(got, ""), "inside") {
			t.Errorf("%s: it tells what is for the log: %v", name, got)
		}
	}
}

// Two plugins of one provider find the same: it is told once.
func TestTest_sameFindingOfTwoPlugins_onceTold(t *testing.T) {
	t.Parallel()
	w := sound()
	found := tried{r: contract.CheckResult{Findings: []contract.Finding{{Level: "error", Text: "the token is refused"}}}}
	w.tries = map[string]tried{"tulip": found, "rose": found}
	n := 0
	for _, c := range w.test(t, checkout.ShopTestSpec{Platform: checkout.Magento}) {
		if c.Name == "account acc" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("told %d times", n)
	}
	if w.url != "https://s.example/kassette/notify" {
		t.Errorf("told %s", w.url)
	}
}

// What a shop answers to a notice that tells nothing: the first two are what
// the extensions say.
func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p          notice.Pinged
		state, fix string
	}{
		{notice.Pinged{Status: 200, Body: "The signature fits."}, "ok", ""},
		{notice.Pinged{Status: 503, Body: "The shop has no notice secret."}, "failed", "put the notice secret into the extension's settings"},
		{notice.Pinged{Status: 200}, "ok", ""},
		{notice.Pinged{Status: 204}, "ok", ""},
		{notice.Pinged{Status: 400, Body: "what?"}, "warning", "answer 2xx"},
		{notice.Pinged{Status: 401}, "failed", "compare the shop's notice secret"},
		{notice.Pinged{Status: 403}, "failed", "firewall"},
		{notice.Pinged{Status: 404}, "failed", "is the extension installed"},
		{notice.Pinged{Status: 405}, "failed", "is the extension installed"},
		{notice.Pinged{Status: 301, Location: "https://www.s.example/"}, "failed", "register its origin"},
		{notice.Pinged{Status: 500, Body: "fatal"}, "failed", "the shop's own log"},
		{notice.Pinged{Status: 100}, "failed", "the shop's own log"},
		{notice.Pinged{Kind: "dns"}, "failed", "its DNS"},
		{notice.Pinged{Kind: "refused"}, "failed", "is the shop running"},
		{notice.Pinged{Kind: "tls"}, "failed", "its certificate is not trusted"},
		{notice.Pinged{Kind: "timeout"}, "failed", "too slow"},
		{notice.Pinged{Kind: "blocked"}, "failed", "must be on the shop's origins"},
		{notice.Pinged{Kind: "reset"}, "failed", "try again"},
	} {
		if got := judge(c.p, "s"); got.State != c.state || !strings.Contains(got.Fix, c.fix) || got.Text == "" || (got.Fix == "") != (got.State == "ok") {
			t.Errorf("%+v: got %s", c.p, line(got))
		}
	}
}

// What is known of the extensions is what they do.
func TestExtensions_sayWhatIsKnownOfThem(t *testing.T) {
	t.Parallel()
	for file, words := range map[string][]string{
		"woocommerce/plugin/includes/class-notices.php":       {saysWell, saysNoSecret, "/wc-api/kassette/"},
		"woocommerce/plugin/includes/class-order-request.php": {"api_request_url( 'kassette' )"},
		"woocommerce/plugin/includes/class-signature.php":     {"const TOLERANCE = 300;"},
		"magento/module/Model/Notices.php":                    {saysWell, saysNoSecret},
		"magento/module/Model/OrderRequest.php":               {"'kassette/notify'"},
	} {
		b, err := os.ReadFile("../../../platforms/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if !strings.Contains(string(b), w) {
				t.Errorf("%s does not say %q", file, w)
			}
		}
	}
}
