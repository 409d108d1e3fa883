package host_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/httpapi"
	"github.com/kassette-pay/kassette/host/internal/httpapi/openapitest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

var (
	clientsMu sync.Mutex
	clients   = map[string]*http.Client{}
)

// validating is a client that holds every exchange with a gateway below this
// path against the document of the interface.
func validating(t testing.TB, path string) *http.Client {
	t.Helper()
	clientsMu.Lock()
	defer clientsMu.Unlock()
	if c := clients[path]; c != nil {
		return c
	}
	doc, err := httpapi.Document("http://gateway.test" + path)
	if err != nil {
		t.Fatal(err)
	}
	checker, err := openapitest.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	clients[path] = checker.Client()
	return clients[path]
}

func (h *house) client() *http.Client {
	u, err := url.Parse(h.gateway)
	if err != nil {
		h.t.Fatal(err)
	}
	return validating(h.t, u.Path)
}

// answer is one of the REST interface, read as far as tests look at it.
type answer struct {
	Status int
	Header http.Header
	Body   map[string]any
	Raw    []byte
	Took   time.Duration
}

// kind is the problem that an answer is: the last part of its type.
func (a answer) kind() string {
	text, _ := a.Body["type"].(string)
	_, kind, _ := strings.Cut(text, "#")
	return kind
}

func (a answer) text(name string) string { s, _ := a.Body[name].(string); return s }

// pointers are those of a problem's errors.
func (a answer) pointers() []string {
	list, _ := a.Body["errors"].([]any)
	var all []string
	for _, e := range list {
		p, _ := e.(map[string]any)["pointer"].(string)
		all = append(all, p)
	}
	return all
}

// send is api with everything that came back. A header without a value is left out.
func (h *house) send(method, path, body string, headers ...string) answer {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.gateway+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer demo-key-of-the-shop")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for pair := range slices.Chunk(headers, 2) {
		if req.Header.Set(pair[0], pair[1]); pair[1] == "" {
			req.Header.Del(pair[0])
		}
	}
	began := time.Now()
	resp, err := h.client().Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	a := answer{Status: resp.StatusCode, Header: resp.Header, Raw: raw, Took: time.Since(began), Body: map[string]any{}}
	if strings.HasSuffix(strings.Split(resp.Header.Get("Content-Type"), ";")[0], "json") {
		if err := json.Unmarshal(raw, &a.Body); err != nil {
			h.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, raw)
		}
	}
	return a
}

func encode(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (h *house) get(id string) map[string]any {
	h.t.Helper()
	a := h.send("GET", "/v1/orders/"+id, "")
	if a.Status != http.StatusOK {
		h.t.Fatalf("read order %s: %d %s", id, a.Status, a.Raw)
	}
	return a.Body
}

// orders counts the shop's orders.
func (h *house) orders() int {
	h.t.Helper()
	items, _ := h.send("GET", "/v1/orders?limit=100", "").Body["items"].([]any)
	return len(items)
}

// payments are those of an order.
func payments(o map[string]any) []map[string]any {
	var list []map[string]any
	all, _ := o["payments"].([]any)
	for _, p := range all {
		list = append(list, p.(map[string]any))
	}
	return list
}

// stays has the consumer stop at redirects, as one does who closes the window.
func (b *browser) stays() *browser {
	b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// pay pays an order at the bank, and never comes back.
func (h *house) pay(o map[string]any) {
	h.t.Helper()
	newBrowser(h.t).open(o["checkout_url"].(string)).press("method", "ideal").stays().press("outcome", "success")
}

// paid makes an order and pays it.
func (h *house) paid(reference string) map[string]any {
	h.t.Helper()
	o := h.create(reference)
	h.pay(o)
	return h.wait(o["id"].(string), "paid")
}

var tagPattern = regexp.MustCompile(`<[^>]*>`)

// words is what a page says, without its tags.
func (b *browser) words() string {
	return strings.Join(strings.Fields(tagPattern.ReplaceAllString(b.text, " ")), " ")
}

// bankSecrets are the account's.
var bankSecrets = []string{omnikassa.DemoRefreshToken, omnikassa.DemoSigningKey}

// testCache keeps compiled plugins between tests, those of the plugins too.
func testCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "kassette-plugintest")
}
