package woocommerce

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func plain(c *Config) { c.PublicURL = "http://shop.example" }

func Test11_keys_areShapedAsWooCommerces(t *testing.T) {
	t.Parallel()
	for prefix, key := range map[string]string{"ck_": DemoKey, "cs_": DemoSecret} {
		if rest, ok := strings.CutPrefix(key, prefix); !ok || len(rest) != 40 {
			t.Errorf("%s is not %s and 40 characters", key, prefix)
		}
	}
}

func Test11_basicOverTLS(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.api("GET", "/orders", "").want(t, 200)
	for name, pair := range map[string][2]string{"wrong secret": {DemoKey, "cs_x"}, "unknown key": {"ck_x", DemoSecret}, "none": {"", ""}} {
		r := httptest.NewRequest("GET", DemoURL+base+"/orders", nil)
		r.SetBasicAuth(pair[0], pair[1])
		if a := c.send(r); a.status != 401 {
			t.Errorf("%s: got %d %s", name, a.status, a.text)
		}
	}
}

func Test11_queryFormOverTLS_isLookedAtFirst(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(c *Config) { c.DropsAuthorization = true })
	c.api("GET", "/orders", "").want(t, 401, "code=woocommerce_rest_cannot_view") // the header is dropped
	form := "?consumer_key=" + DemoKey + "&consumer_secret=" + DemoSecret
	c.send(httptest.NewRequest("GET", DemoURL+base+"/orders"+form, nil)).want(t, 200)
}

func Test11_basicOverPlainHTTP_isNotLookedAt(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){"plain": plain, "TLS that ends before it": func(c *Config) { c.Unaware = true }} {
		c := newClient(t, change)
		a := c.api("GET", "/orders", "")
		a.want(t, 401, "code=woocommerce_rest_cannot_view", "message=Sorry, you cannot list resources.", "data.status=401")
		if t.Failed() {
			t.Fatal(name)
		}
		form := "?consumer_key=" + DemoKey + "&consumer_secret=" + DemoSecret
		c.send(httptest.NewRequest("GET", "http://shop.example"+base+"/orders"+form, nil)).want(t, 401)
	}
}

func Test11_permission(t *testing.T) {
	t.Parallel()
	for permission, want := range map[string][2]int{Reads: {200, 401}, Writes: {401, 200}, Both: {200, 200}} {
		c := newClient(t, func(c *Config) { c.Permission = permission })
		path, _ := c.place(Cart{})
		if got := [2]int{c.api("GET", path, "").status, c.api("PUT", path, "{}").status}; got != want {
			t.Errorf("%s: got %v, want %v", permission, got, want)
		}
	}
}

func Test11_oauthOverPlainHTTP(t *testing.T) {
	t.Parallel()
	const at = "http://shop.example/wp-json/wc/v3/orders?status=pending&search=de%20Vries"
	for name, c := range map[string]struct {
		url    string
		status int
		says   string
	}{
		"SHA-256":          {signed("GET", at, DemoKey, DemoSecret, "HMAC-SHA256", "n1", start), 200, ""},
		"SHA-1":            {signed("GET", at, DemoKey, DemoSecret, "HMAC-SHA1", "n1", start), 200, ""},
		"14 minutes early": {signed("GET", at, DemoKey, DemoSecret, "HMAC-SHA256", "n1", start.Add(-14*time.Minute)), 200, ""},
		"16 minutes early": {signed("GET", at, DemoKey, DemoSecret, "HMAC-SHA256", "n1", start.Add(-16*time.Minute)), 401, "timestamp"},
		"16 minutes late":  {signed("GET", at, DemoKey, DemoSecret, "HMAC-SHA256", "n1", start.Add(16*time.Minute)), 401, "timestamp"},
		"another secret":   {signed("GET", at, DemoKey, "cs_x", "HMAC-SHA256", "n1", start), 401, "signature"},
		"another key":      {signed("GET", at, "ck_x", DemoSecret, "HMAC-SHA256", "n1", start), 401, "Consumer key"},
		"another method":   {signed("PUT", at, DemoKey, DemoSecret, "HMAC-SHA256", "n1", start), 401, "signature"},
		"another query":    {signed("GET", at, DemoKey, DemoSecret, "HMAC-SHA256", "n1", start) + "&page=2", 401, "signature"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newClient(t, plain).send(httptest.NewRequest("GET", c.url, nil))
			if a.status != c.status || !strings.Contains(a.get("message"), c.says) && c.says != "" {
				t.Errorf("got %d %s, want %d and %q", a.status, a.text, c.status, c.says)
			}
		})
	}
}

func Test11_oauthNonce_isUsedOnceInFifteenMinutes(t *testing.T) {
	t.Parallel()
	c := newClient(t, plain)
	ask := func(at time.Time) answer {
		return c.send(httptest.NewRequest("GET", signed("GET", "http://shop.example"+base+"/orders", DemoKey, DemoSecret, "HMAC-SHA256", "same", at), nil))
	}
	ask(start).want(t, 200)
	ask(start.Add(time.Minute)).want(t, 401, "message=Invalid nonce - nonce has already been used.")
	if err := c.sim.MoveClock(16 * time.Minute); err != nil {
		t.Fatal(err)
	}
	ask(start.Add(16*time.Minute)).want(t, 200)
}

func Test1_plainPermalinks_answerAtRestRoute(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	r := httptest.NewRequest("GET", DemoURL+"/?rest_route=/wc/v3/orders", nil)
	r.SetBasicAuth(DemoKey, DemoSecret)
	c.send(r).want(t, 200)
	c.api("GET", "/nothing", "").want(t, 404, "code=rest_no_route")
}
