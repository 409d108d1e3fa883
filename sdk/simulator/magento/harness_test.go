package magento

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// start is when the tests' clock begins.
var start = time.Date(2026, 11, 22, 8, 5, 0, 0, time.UTC)

// client is a test's gateway: it calls the shop without a network.
type client struct {
	*testing.T
	sim  *Simulator
	door *door
	n    int // nonces
}

// door is the gateway's, for the module's messages.
type door struct {
	mu     sync.Mutex
	status int
	got    []message
}

type message struct {
	header http.Header
	body   string
}

// RoundTrip implements [http.RoundTripper].
func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.got = append(d.got, message{r.Header, string(body)})
	w := httptest.NewRecorder()
	w.WriteHeader(d.status)
	return w.Result(), nil
}

func (d *door) seen() []message {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.got)
}

func (d *door) answer(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status = status
}

func newClient(t *testing.T, change ...func(*Config)) *client {
	t.Helper()
	d := &door{status: http.StatusOK}
	c := Config{PublicURL: "https://shop.example", WebhookURL: "https://gw.example/v1/shops/demo/orders", Client: &http.Client{Transport: d}, Now: func() time.Time { return start }}
	for _, f := range change {
		f(&c)
	}
	sim, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return &client{T: t, sim: sim, door: d}
}

func (c *client) place(d Draft) OrderRecord {
	c.Helper()
	o, err := c.sim.Place(d)
	if err != nil {
		c.Fatal(err)
	}
	return o
}

func (c *client) order(increment string) OrderRecord {
	c.Helper()
	o, ok := c.sim.Books().Order(increment)
	if !ok {
		c.Fatalf("there is no order %s", increment)
	}
	return o
}

// reply is an answer of the shop.
type reply struct {
	status int
	text   string
}

// get reads a member by its path; a number steps into a list.
func (r reply) get(path string) any {
	var v any
	if json.Unmarshal([]byte(r.text), &v) != nil {
		return nil
	}
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			n := 0
			if _, err := fmt.Sscan(step, &n); err != nil || n >= len(in) {
				return nil
			}
			v = in[n]
		default:
			return nil
		}
	}
	return v
}

// is checks status and body to the byte.
func (c *client) is(r reply, status int, text string) {
	c.Helper()
	if r.status != status || r.text != text {
		c.Errorf("got %d %s, want %d %s", r.status, r.text, status, text)
	}
}

// refused checks status and a part of the message.
func (c *client) refused(r reply, status int, part string) {
	c.Helper()
	if text, _ := r.get("message").(string); r.status != status || !strings.Contains(text, part) {
		c.Errorf("got %d %s, want %d with %q", r.status, r.text, status, part)
	}
}

func (c *client) send(r *http.Request) reply {
	c.Helper()
	w := httptest.NewRecorder()
	c.sim.ServeHTTP(w, r)
	return reply{w.Code, w.Body.String()}
}

// api calls with the integration's four values.
func (c *client) api(method, path, body string) reply {
	c.Helper()
	r := request(method, path, body)
	c.sign(r, nil)
	return c.send(r)
}

func request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, "https://shop.example"+path, strings.NewReader(body))
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// sign signs a request as RFC 5849 says, with changes to what is signed.
func (c *client) sign(r *http.Request, change map[string]string) {
	c.n++
	given := map[string]string{
		"oauth_consumer_key": DemoConsumerKey, "oauth_token": DemoAccessToken, "oauth_signature_method": "HMAC-SHA256",
		"oauth_timestamp": fmt.Sprint(c.sim.Now().Unix()), "oauth_nonce": fmt.Sprint("nonce-", c.n), "oauth_version": "1.0",
	}
	secret := DemoConsumerSecret + "&" + DemoTokenSecret
	for name, value := range change {
		if name == "secret" {
			secret = value
			continue
		}
		given[name] = value
	}
	var pairs []string
	for name, value := range given {
		pairs = append(pairs, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	for name, values := range r.URL.Query() {
		pairs = append(pairs, url.PathEscape(name)+"="+url.PathEscape(values[0]))
	}
	for i, p := range pairs {
		pairs[i] = strings.NewReplacer("[", "%5B", "]", "%5D", ",", "%2C", ":", "%3A", "+", "%20").Replace(p)
	}
	slices.Sort(pairs)
	text := r.Method + "&" + url.QueryEscape("https://shop.example"+r.URL.Path) + "&" + url.QueryEscape(strings.Join(pairs, "&"))
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	given["oauth_signature"] = base64.StdEncoding.EncodeToString(h.Sum(nil))
	var header []string
	for name, value := range given {
		if value != "" {
			header = append(header, name+`="`+url.QueryEscape(value)+`"`)
		}
	}
	r.Header.Set("Authorization", "OAuth "+strings.Join(header, ", "))
}
