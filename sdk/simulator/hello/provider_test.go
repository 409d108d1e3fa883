package hello_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/hello"
)

// desk is a provider with its address, and what the shop was told.
type desk struct {
	*testing.T
	*hello.Provider
	base    string
	notices chan *http.Request
	// taken is what the shop answers to a notice.
	taken int
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, notices: make(chan *http.Request, 4), taken: http.StatusOK}
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		d.notices <- r
		w.WriteHeader(d.taken)
	}))
	t.Cleanup(shop.Close)
	server := httptest.NewUnstartedServer(nil)
	d.base = "http://" + server.Listener.Addr().String()
	d.Provider = hello.New(d.base, shop.Client(), func() time.Time { return time.Unix(1_790_000_000, 0).UTC() })
	server.Config.Handler = d
	server.Start()
	t.Cleanup(server.Close)
	if status, _ := d.ask("POST", "/payments", hello.DemoAPIKey,
		`{"reference":"R1","amount":"49.99","currency":"EUR","return_url":"https://shop.example/back?a=1","notify_url":"`+shop.URL+`/hook"}`); status != 201 {
		t.Fatalf("create: %d", status)
	}
	return d
}

// ask sends a request and gives status and answer.
func (d *desk) ask(method, path, key, body string) (int, map[string]string) {
	d.Helper()
	r, err := http.NewRequestWithContext(d.Context(), method, d.base+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		d.Fatal(err)
	}
	defer resp.Body.Close()
	var v map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		d.Fatal(err)
	}
	return resp.StatusCode, v
}

func TestRequests(t *testing.T) {
	t.Parallel()
	const money = `{"amount":"49.99","currency":"EUR"}`
	const again = `{"reference":"R1","amount":"1.00","currency":"EUR","return_url":"https://x.example","notify_url":"https://x.example"}`
	order := func(old, other string) string {
		return strings.Replace(strings.Replace(again, `"R1"`, `"R2"`, 1), old, other, 1)
	}
	for name, c := range map[string]struct {
		method, path, key, body string
		want                    int
	}{
		"wrong key":                {"GET", "/payments/R1", "wrong", "", 401},
		"no JSON":                  {"POST", "/payments", hello.DemoAPIKey, "{", 400},
		"no decimals":              {"POST", "/payments", hello.DemoAPIKey, order("1.00", "1"), 400},
		"nothing":                  {"POST", "/payments", hello.DemoAPIKey, order("1.00", "0.00"), 400},
		"less than nothing":        {"POST", "/payments", hello.DemoAPIKey, order("1.00", "-1.00"), 400},
		"three decimals":           {"POST", "/payments", hello.DemoAPIKey, order("1.00", "1.000"), 400},
		"other currency":           {"POST", "/payments", hello.DemoAPIKey, order("EUR", "USD"), 400},
		"nowhere to return to":     {"POST", "/payments", hello.DemoAPIKey, order("return_url", "other_url"), 400},
		"a new one":                {"POST", "/payments", hello.DemoAPIKey, order("x", "x"), 201},
		"unknown":                  {"GET", "/payments/R9", hello.DemoAPIKey, "", 404},
		"known":                    {"GET", "/payments/R1", hello.DemoAPIKey, "", 200},
		"refund of unknown":        {"PUT", "/payments/R9/refunds/k", hello.DemoAPIKey, money, 404},
		"refund of what is unpaid": {"PUT", "/payments/R1/refunds/k", hello.DemoAPIKey, money, 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, v := open(t).ask(c.method, c.path, c.key, c.body); got != c.want {
				t.Errorf("got %d %v, want %d", got, v, c.want)
			}
		})
	}
	t.Run("the same reference", func(t *testing.T) {
		t.Parallel()
		if _, v := open(t).ask("POST", "/payments", hello.DemoAPIKey, again); v["id"] != "hello-1" {
			t.Errorf("got %v, want the payment that there is", v)
		}
	})
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	d := open(t)
	if err := d.End(t.Context(), "R1", hello.Paid); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key, amount string
		want        int
	}{
		{"a", "50.00", 422}, {"a", "30.00", 200}, {"a", "30.00", 200}, {"b", "20.00", 422}, {"b", "19.99", 200}, {"c", "0.01", 422},
	} {
		if got, v := d.ask("PUT", "/payments/R1/refunds/"+c.key, hello.DemoAPIKey, `{"amount":"`+c.amount+`","currency":"EUR"}`); got != c.want {
			t.Errorf("refund %s of %s: got %d %v, want %d", c.key, c.amount, got, v, c.want)
		}
	}
	if _, refunds, _ := d.Find("R1"); len(refunds) != 2 {
		t.Errorf("got refunds %v, want two", refunds)
	}
}

// A consumer presses a button: the shop is told, and the browser led back.
func TestPage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome string
		taken   int
		status  int
		want    hello.Status
	}{
		"paid":             {"success", 200, 303, hello.Paid},
		"cancelled":        {"cancelled", 200, 303, hello.Cancelled},
		"the shop is down": {"success", 503, 303, hello.Paid},
		"anything":         {"expired", 200, 400, hello.Open},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.taken = c.taken
			client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			resp, err := client.PostForm(d.base+"/pay/hello-1", url.Values{"outcome": {c.outcome}})
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != c.status || c.status == 303 && resp.Header.Get("Location") != "https://shop.example/back?a=1" {
				t.Errorf("got %d to %q, want %d", resp.StatusCode, resp.Header.Get("Location"), c.status)
			}
			if p, _, _ := d.Find("R1"); p.Status != c.want {
				t.Errorf("the payment is %s, want %s", p.Status, c.want)
			}
			if c.status != 303 {
				return
			}
			r := <-d.notices
			body, _ := io.ReadAll(r.Body)
			var p hello.Payment
			if err := json.Unmarshal(body, &p); err != nil || p.Status != c.want || r.URL.Path != "/hook" {
				t.Errorf("%s was told %s, %v", r.URL, body, err)
			}
			if got, want := r.Header.Get("Hello-Signature"), hello.Sign(hello.DemoSigningKey, body); got != want {
				t.Errorf("got signature %q, want %q", got, want)
			}
		})
	}
}

func TestPage_shows(t *testing.T) {
	t.Parallel()
	d := open(t)
	for path, want := range map[string]string{"/pay/hello-1": "Pay 49.99 EUR", "/pay/hello-2": "404"} {
		resp, err := http.Get(d.base + path)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		if !strings.Contains(resp.Status+string(text), want) {
			t.Errorf("%s shows %s, want %q", path, text, want)
		}
	}
}

func TestEnd_twice(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, c := range []struct {
		reference string
		to        hello.Status
		want      error
	}{
		{"R9", hello.Paid, hello.ErrUnknown}, {"R1", hello.Open, nil}, {"R1", hello.Expired, nil}, {"R1", hello.Paid, hello.ErrOver},
	} {
		if err := d.End(t.Context(), c.reference, c.to); !errors.Is(err, c.want) {
			t.Errorf("%s becomes %s: got %v, want %v", c.reference, c.to, err, c.want)
		}
	}
	if p, _, _ := d.Find("R1"); p.Paid != "0.00" {
		t.Errorf("got %+v, want nothing paid", p)
	}
	if err := d.Notify(t.Context(), "R9"); !errors.Is(err, hello.ErrUnknown) {
		t.Errorf("got %v, want %v", err, hello.ErrUnknown)
	}
}

func TestSign_vector(t *testing.T) {
	t.Parallel()
	const want = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8" // of HMAC-SHA256, as it is widely published
	if got := hello.Sign("key", []byte("The quick brown fox jumps over the lazy dog")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
