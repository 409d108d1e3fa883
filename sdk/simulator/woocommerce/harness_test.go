package woocommerce

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// start is when the tests' clock begins.
var start = time.Date(2026, 11, 22, 8, 5, 0, 0, time.UTC)

// client is a test's client of the shop: it calls it without a network, and takes
// its webhooks.
type client struct {
	*testing.T
	sim  *Simulator
	hook *receiver
}

// receiver takes webhooks.
type receiver struct {
	mu     sync.Mutex
	status int
	got    []delivered
}

type delivered struct {
	url    string
	header http.Header
	body   string
}

// RoundTrip implements [http.RoundTripper].
func (h *receiver) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, _ := io.ReadAll(r.Body)
	h.got = append(h.got, delivered{r.URL.String(), r.Header, string(b)})
	w := httptest.NewRecorder()
	w.WriteHeader(h.status)
	return w.Result(), nil
}

func (h *receiver) seen() []delivered {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.got
	h.got = nil
	return list
}

func newClient(t *testing.T, change ...func(*Config)) *client {
	t.Helper()
	h := &receiver{status: http.StatusOK}
	c := Config{Client: &http.Client{Transport: h}, Now: func() time.Time { return start }}
	for _, f := range change {
		f(&c)
	}
	sim, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return &client{t, sim, h}
}

// answer is what the shop answered.
type answer struct {
	status int
	header http.Header
	text   string
}

// get reads a member by its path; a number is an index. It is "" where there is none.
func (a answer) get(path string) string {
	var v any
	d := json.NewDecoder(strings.NewReader(a.text))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return ""
	}
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				return ""
			}
			v = x[i]
		default:
			return ""
		}
	}
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return x
	}
	b, _ := json.Marshal(v)
	return string(b)
}

func (c *client) send(r *http.Request) answer {
	c.Helper()
	r.TLS = nil
	w := httptest.NewRecorder()
	c.sim.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// api calls with the key, by Basic.
func (c *client) api(method, path, body string) answer {
	c.Helper()
	r := httptest.NewRequest(method, DemoURL+base+path, strings.NewReader(body))
	r.SetBasicAuth(DemoKey, DemoSecret)
	return c.send(r)
}

// place makes an order and gives its path and id.
func (c *client) place(in Cart) (path string, id int) {
	c.Helper()
	o, err := c.sim.Place(in)
	if err != nil {
		c.Fatal(err)
	}
	return "/orders/" + strconv.Itoa(o.ID), o.ID
}

func (c *client) order(id int) OrderRecord {
	c.Helper()
	o, ok := c.sim.Books().Order(id)
	if !ok {
		c.Fatalf("the books have no order %d", id)
	}
	return o
}

// want holds status and members of an answer, given as "path=value".
func (a answer) want(t testing.TB, status int, members ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("got %d %s, want %d", a.status, a.text, status)
	}
	for _, m := range members {
		path, value, _ := strings.Cut(m, "=")
		if got := a.get(path); got != value {
			t.Errorf("%s is %q, want %q", path, got, value)
		}
	}
}

// signed gives a path with OAuth parameters by an implementation of its own.
func signed(method, address, key, secret, algorithm, nonce string, at time.Time) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	for name, v := range map[string]string{
		"oauth_consumer_key": key, "oauth_nonce": nonce, "oauth_timestamp": strconv.FormatInt(at.Unix(), 10), "oauth_signature_method": algorithm,
	} {
		q.Set(name, v)
	}
	esc := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	var list []string
	for name, values := range q {
		for _, v := range values {
			list = append(list, esc(name)+"="+esc(v))
		}
	}
	slices.Sort(list)
	where := *u
	where.RawQuery = ""
	h := map[string]func() hash.Hash{"HMAC-SHA1": sha1.New, "HMAC-SHA256": sha256.New}[algorithm]
	m := hmac.New(h, []byte(secret+"&"))
	m.Write([]byte(method + "&" + esc(where.String()) + "&" + esc(strings.Join(list, "&"))))
	q.Set("oauth_signature", base64.StdEncoding.EncodeToString(m.Sum(nil)))
	u.RawQuery = q.Encode()
	return u.String()
}
