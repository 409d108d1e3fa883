package host_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

const shopCanary = "canary-of-an-added-account"

// added is a shop that was added, with what was shown of it once.
type added struct {
	op           operator
	ID           string
	Key          string
	NoticeSecret string
}

// addShop adds a shop whose notices the house's shop takes.
func (h *house) addShop(op operator, id string, more map[string]any) added {
	h.t.Helper()
	ask := map[string]any{"id": id, "name": "Wafels", "origins": []string{h.shop.URL}, "allow_private": true, "allow_http": true, "keys": []any{}}
	for name, v := range more {
		ask[name] = v
	}
	status, v := op.answer("POST", "/admin/v1/shops", ask)
	keys, _ := v["keys"].([]any)
	if status != http.StatusCreated || len(keys) != 1 {
		h.t.Fatalf("add shop: %d %v", status, v)
	}
	return added{op, id, keys[0].(map[string]any)["key"].(string), v["notice_secret"].(string)}
}

// addAccount gives it an account at the house's bank.
func (h *house) addAccount(a added, id string) {
	h.t.Helper()
	host := strings.TrimPrefix(h.bankURL, "http://")
	status, v := a.op.answer("POST", "/admin/v1/shops/"+a.ID+"/accounts", map[string]any{
		"id": id, "provider": "omnikassa", "settings": map[string]any{"environment": "test", "base_url": h.bankURL + "/omnikassa"},
		"secrets": map[string]any{"refresh_token": omnikassa.DemoRefreshToken, "signing_key": omnikassa.DemoSigningKey},
		"hosts":   map[string]any{host: map[string]any{"allow_private": true, "allow_http": true}},
	})
	if status != http.StatusCreated {
		h.t.Fatalf("add account: %d %v", status, v)
	}
}

// works says whether a key opens the gateway's door.
func (h *house) works(key string) bool {
	h.t.Helper()
	switch a := h.send("GET", "/v1/orders", "", "Authorization", "Bearer "+key); a.Status {
	case http.StatusOK:
		return true
	case http.StatusUnauthorized:
		return false
	default:
		h.t.Fatalf("list orders: %d %s", a.Status, a.Raw)
		return false
	}
}

// within waits two seconds for it: as long as nodes may differ.
func (h *house) within(what string, is func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(2 * time.Second); !is(); time.Sleep(20 * time.Millisecond) { // between two looks
		if time.Now().After(deadline) {
			h.t.Errorf("after two seconds still not: %s", what)
			return
		}
	}
}

// A shop is added on one node, pays on the other, is told of it with its own
// secret; keys are rotated on one and used on the other.
func TestTwoNodes_shopAddedOnOneServesOnTheOther(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.openBank(options{bank: func(c *omnikassa.Config) { c.WebhookURL = p.gateway + "/webhooks/wafelbank" }})
	first, other := p.first(), freeAddr(t)
	_, one := p.process(first, p.dir, p.redis.URL())
	_, two := p.process(other, p.dir, p.redis.URL())
	at := func(addr string) *house { h := *p.house; h.gateway = "http://" + addr; return &h }
	shop := p.addShop(one, "wafels", nil)
	if !at(first).works(shop.Key) {
		t.Error("it is not there at once where it was added")
	}
	p.within("the other node knows the shop", func() bool { return at(other).works(shop.Key) })
	p.addAccount(shop, "wafelbank")
	var o answer
	p.within("the other node knows the account", func() bool {
		o = at(other).send("POST", "/v1/orders", encode(t, p.spec("w-1")), "Authorization", "Bearer "+shop.Key)
		m := at(other).send("GET", "/v1/methods?amount=4999&currency=EUR", "", "Authorization", "Bearer "+shop.Key)
		return o.Status/100 == 2 && strings.Contains(string(m.Raw), `"ideal"`)
	})
	newBrowser(t).open(o.text("checkout_url")).press("method", "ideal").press("outcome", "success")
	p.until("the shop is told", func() bool { return slices.Contains(p.shop.types(), "order.paid") })
	p.shop.mu.Lock()
	n := p.shop.notices[0]
	p.shop.mu.Unlock()
	if wh, err := standardwebhooks.NewWebhook(shop.NoticeSecret); err != nil || wh.Verify(n.Body, n.Header) != nil {
		t.Errorf("the notice is not signed with the shop's secret: %v", err)
	}

	status, v := two.answer("POST", "/admin/v1/shops/wafels/keys/test/rotate", map[string]any{"overlap": "3s"})
	fresh, _ := v["key"].(string)
	if status != http.StatusOK || fresh == "" || v["old_until"] == nil {
		t.Fatalf("rotate: %d %v", status, v)
	}
	p.within("the first node knows the new key", func() bool { return at(first).works(fresh) })
	if !at(first).works(shop.Key) || !at(other).works(shop.Key) {
		t.Error("the old key was cut short")
	}
	p.until("the overlap is over on both", func() bool { return !at(first).works(shop.Key) && !at(other).works(shop.Key) })
	if status, v = one.answer("POST", "/admin/v1/shops/wafels/keys/test/rotate", map[string]any{"now": true}); status != http.StatusOK {
		t.Fatalf("rotate: %d %v", status, v)
	}
	if at(first).works(fresh) {
		t.Error("a key that was ended at once works where that was done")
	}
	p.within("the other node refuses the key", func() bool { return !at(other).works(fresh) })

	late := freeAddr(t)
	p.process(late, p.dir, p.redis.URL())
	if !at(late).works(v["key"].(string)) {
		t.Error("a node that comes later does not know the shop")
	}
}

// What operators bring and what the gateway makes stands in no log and no answer
// but the first.
func TestCanary_shopsSecretsStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t, "--rdbcompression", "no")
	h := newHouse(t, options{redis: redis.URL(), stateKey: seal.NewKey().Secret()})
	op := h.operator()
	shop := h.addShop(op, "wafels", nil)
	status, v := op.answer("POST", "/admin/v1/shops/wafels/keys/test/rotate", nil)
	if status != http.StatusOK {
		t.Fatalf("rotate: %d %v", status, v)
	}
	secrets := []string{shop.Key, shop.NoticeSecret, v["key"].(string), shopCanary}
	for name, body := range map[string]string{
		"a secret of a wrong kind":    `{"id":"a","provider":"omnikassa","secrets":{"signing_key":["` + shopCanary + `"]}}`,
		"a setting that is a secret":  `{"id":"a","provider":"omnikassa","settings":{"environment":"test","signing_key":"` + shopCanary + `"},"secrets":{"refresh_token":"` + shopCanary + `x"}}`,
		"a secret of no name":         `{"id":"a","provider":"omnikassa","settings":{"environment":"test"},"secrets":{"signin_key":"` + shopCanary + `"}}`,
		"a secret as the name":        `{"id":"a","provider":"omnikassa","settings":{"environment":1},"secrets":{"refresh_token":"` + shopCanary + `"}}`,
		"no JSON after a secret":      `{"id":"a","provider":"omnikassa","secrets":{"refresh_token":"` + shopCanary + `"`,
		"a secret where a number is":  `{"id":"a","provider":"omnikassa","number_start":"` + shopCanary + `"}`,
		"a secret in the wrong place": `{"id":"a","provider":"omnikassa","methods":["` + shopCanary + `"],"secrets":{"refresh_token":"` + shopCanary + `"}}`,
	} {
		status, b := op.do("POST", "/admin/v1/shops/wafels/accounts", "application/json", strings.NewReader(body))
		if status/100 == 2 && name != "a setting that is a secret" {
			t.Errorf("%s: %d %s", name, status, b)
		}
		if strings.Contains(string(b), shopCanary) && name != "a secret in the wrong place" { // what is no secret is quoted
			t.Errorf("%s: the answer tells it: %s", name, b)
		}
	}
	h.send("GET", "/v1/orders", "", "Authorization", "Bearer "+shop.Key)
	places := map[string]string{"the log": h.logs.String(), "the list": h.operators("/admin/v1/shops"), "the shop": h.operators("/admin/v1/shops/wafels"), "metrics": h.operators("/metrics")}
	keys, err := redis.Client().Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		dump, err := redis.Client().Dump(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		places["the state, "+key] = dump
	}
	for place, text := range places {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%s tells %.16s…", place, s)
			}
		}
	}
	if !strings.Contains(h.logs.String(), `"what":"rotate_key","shop":"wafels"`) || !strings.Contains(h.logs.String(), "operator at 127.0.0.1") {
		t.Error("the log does not say who did what")
	}
}

// kassette check looks at the orders of shops that were added too.
func TestCheck_ordersOfAddedShops(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	opt := options{redis: redis.URL(), stateKey: seal.NewKey().Secret()}
	h := newHouse(t, opt)
	shop := h.addShop(h.operator(), "wafels", nil)
	if a := h.send("POST", "/v1/orders", encode(t, h.spec("w-1")), "Authorization", "Bearer "+shop.Key); a.Status != http.StatusCreated {
		t.Fatalf("create: %d %s", a.Status, a.Raw)
	}
	path := filepath.Join(t.TempDir(), "kassette.yaml")
	if err := os.WriteFile(path, []byte(h.config("127.0.0.1:1", t.TempDir(), opt)), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := host.LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := host.Check(t.Context(), cfg, io.Discard); err != nil || found.Orders != 1 || len(found.Broken) > 0 {
		t.Errorf("got %+v, %v, want one order, well", found, err)
	}
}

// Redis goes while a shop is added: the operator is told that it is not known
// whether it was done, the shops that were known go on, and the same request
// later says what is.
func TestRedisDown_shopIsAdded_sameRequestLater(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	h := newHouse(t, options{redis: redis.URL(), stateKey: seal.NewKey().Secret()})
	op := h.operator()
	shop := h.addShop(op, "wafels", nil)
	redis.Kill()
	ask := map[string]any{"id": "taarten", "name": "Taarten", "origins": []string{"https://taarten.example"}, "keys": []any{map[string]any{"id": "test", "scopes": []string{}, "hash": strings.Repeat("ab", 32)}}}
	status, v := op.answer("POST", "/admin/v1/shops", ask)
	if status != http.StatusServiceUnavailable || v["code"] != "not_confirmed" {
		t.Errorf("add: %d %v", status, v)
	}
	if a := h.send("GET", "/v1/methods?amount=4999&currency=EUR", "", "Authorization", "Bearer "+shop.Key); a.Status != http.StatusOK {
		t.Errorf("a shop that was known: %d %s", a.Status, a.Raw)
	}
	redis.Restart()
	h.until("it is added", func() bool { status, v = op.answer("POST", "/admin/v1/shops", ask); return status/100 == 2 })
	if status, v = op.answer("POST", "/admin/v1/shops", ask); status != http.StatusOK || v["created"] != false {
		t.Errorf("once more: %d %v", status, v)
	}
}

// A record that a later version wrote is served by nobody who cannot read it,
// and changed by nobody.
func TestNewerRecord_ofShops_isLeftAlone(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	key := seal.NewKey()
	h := newHouse(t, options{redis: redis.URL(), stateKey: key.Secret()})
	op := h.operator()
	shop := h.addShop(op, "wafels", nil)
	ring, err := seal.NewRing(key)
	if err != nil {
		t.Fatal(err)
	}
	places, err := redis.Client().Keys(t.Context(), "*:shops").Result()
	if err != nil || len(places) != 1 {
		t.Fatalf("%v, %v", places, err)
	}
	doc := ring.Seal(places[0]+"/all", append([]byte{1, 0}, `{"schema":9,"shops":{}}`...))
	if err := redis.Client().HSet(t.Context(), places[0], "v:all", 9, "d:all", doc).Err(); err != nil {
		t.Fatal(err)
	}
	h.until("it is refused", func() bool { return strings.Contains(h.logs.String(), "schema 9") })
	if !h.works(shop.Key) {
		t.Error("what was known is gone")
	}
	status, v := op.answer("POST", "/admin/v1/shops", map[string]any{"id": "b", "name": "B", "origins": []string{"https://b.example"}, "keys": []any{}})
	if status != http.StatusConflict || v["code"] != "newer_record" || !strings.Contains(v["detail"].(string), "run the version that wrote it") {
		t.Errorf("add: %d %v", status, v)
	}
	if n := redis.Client().HGet(t.Context(), places[0], "v:all").Val(); n != "9" {
		t.Errorf("it is version %s now", n)
	}
}

// Test tries the file's shop and one that was added, and says what is wrong.
func TestShopTest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	op := h.operator()
	try := func(shop string, spec map[string]any) map[string]string {
		t.Helper()
		status, v := op.answer("POST", "/admin/v1/shops/"+shop+"/test", spec)
		if status != http.StatusOK {
			t.Fatalf("test %s: %d %v", shop, status, v)
		}
		states := map[string]string{}
		for _, c := range v["checks"].([]any) {
			c := c.(map[string]any)
			name := c["name"].(string)
			states[name] = strings.TrimSpace(states[name] + " " + c["state"].(string))
			if c["state"] != "ok" {
				b, _ := json.Marshal(c)
				t.Logf("%s: %s", shop, b)
			}
		}
		return states
	}
	got := try("demo", map[string]any{"notice_url": h.shop.URL + "/notices"})
	for name, want := range map[string]string{"key demo": "ok", "key reader": "warning", "methods test": "ok", "account rabo": "ok", "notices": "ok", "shop's clock": "ok"} {
		if !strings.HasPrefix(got[name], want) {
			t.Errorf("the file's shop, %s: %q, want %s", name, got[name], want)
		}
	}
	if types := h.shop.types(); !slices.Equal(types, []string{"ping"}) {
		t.Errorf("the shop heard %v", types)
	}
	h.addShop(op, "wafels", nil)
	got = try("wafels", map[string]any{"platform": "magento"})
	for name, want := range map[string]string{"key test": "ok", "methods test": "failed", "notices": "ok"} {
		if !strings.HasPrefix(got[name], want) {
			t.Errorf("a shop without an account, %s: %q, want %s", name, got[name], want)
		}
	}
	if got = try("other", nil); got["notices"] != "failed" || !strings.HasPrefix(got["methods test"], "failed") {
		t.Errorf("a shop that has nothing: %v", got)
	}
	if status, v := op.answer("POST", "/admin/v1/shops/none/test", nil); status != http.StatusNotFound {
		t.Errorf("no shop: %d %v", status, v)
	}
	if status, v := op.answer("POST", "/admin/v1/shops/demo/test", map[string]any{"notice_url": "http://169.254.169.254/latest"}); status != http.StatusOK || !strings.Contains(encode(t, v), "the address must be on the shop's origins") {
		t.Errorf("a foreign address: %d %v", status, v)
	}
}
