package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi"
	"github.com/kassette-pay/kassette/host/internal/httpapi/openapitest"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(m.Run())
}

const publicURL = "https://pay.example/till"

var began = time.Date(2026, 11, 22, 14, 30, 0, 0, time.UTC)

// directory knows the keys of the tests.
type directory map[string]checkout.Key

func (d directory) Key(secret string) (checkout.Key, error) {
	if k, ok := d[secret]; ok {
		return k, nil
	}
	return checkout.Key{}, checkout.ErrNotFound
}
func (d directory) Shop(string) (checkout.Shop, error) { return checkout.Shop{}, checkout.ErrNotFound }
func (d directory) Account(string) (checkout.Account, error) {
	return checkout.Account{}, checkout.ErrNotFound
}
func (d directory) Accounts(string) []checkout.Account { return nil }
func (d directory) All() []checkout.Account            { return nil }

var allScopes = []checkout.Scope{checkout.OrdersWrite, checkout.OrdersRead, checkout.RefundsWrite, checkout.StatementRead}

var keys = directory{
	"demo":    {ID: "key-1", Shop: "bar", Scopes: allScopes},
	"other":   {ID: "key-2", Shop: "other", Scopes: allScopes},
	"reader":  {ID: "key-3", Shop: "bar", Scopes: []checkout.Scope{checkout.OrdersRead}},
	"writer":  {ID: "key-4", Shop: "bar", Scopes: []checkout.Scope{checkout.OrdersWrite}},
	"at-home": {ID: "key-5", Shop: "bar", Scopes: allScopes, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
}

// house is the interface over a fake of the rooms behind it. Every answer goes
// through the document's validator.
type house struct {
	t       *testing.T
	api     *fake
	log     *bytes.Buffer
	options httpapi.Options
	checker *openapitest.Checker
	handler http.Handler
}

func newHouse(t *testing.T, change ...func(*httpapi.Options)) *house {
	t.Helper()
	h := &house{t: t, api: newFake(), log: &bytes.Buffer{}}
	h.options = httpapi.Options{
		API: h.api, Webhooks: h.api, Shops: h.api, Directory: keys, PublicURL: publicURL,
		Logger: slog.New(slog.NewJSONHandler(h.log, nil)), Clock: func() time.Time { return began },
	}
	for _, f := range change {
		f(&h.options)
	}
	api, err := httpapi.New(h.options)
	if err != nil {
		t.Fatal(err)
	}
	engine := gin.New()
	engine.RedirectTrailingSlash = false
	api.Register(engine.Group("/till"))
	engine.NoRoute(api.NoRoute()...)
	h.handler = engine
	if h.checker, err = theChecker(); err != nil {
		t.Fatal(err)
	}
	return h
}

// theChecker is one for all tests: it takes long to compile.
var theChecker = sync.OnceValues(func() (*openapitest.Checker, error) {
	document, err := httpapi.Document(publicURL)
	if err != nil {
		return nil, err
	}
	return openapitest.New(document)
})

// RoundTrip serves a request without a network.
func (h *house) RoundTrip(r *http.Request) (*http.Response, error) {
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.RequestURI(), nil)
	in.Header, in.Host = r.Header, r.Host
	if r.Body != nil {
		in.Body, in.ContentLength = r.Body, r.ContentLength
	}
	in.RemoteAddr = "192.0.2.9:4711"
	if from := r.Header.Get("X-Test-From"); from != "" {
		in.RemoteAddr = from
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, in)
	return w.Result(), nil
}

// call is a request of a test: header lines are "Name: value".
type call struct {
	method, path, body string
	key                string
	headers            []string
}

// got is an answer.
type got struct {
	status int
	header http.Header
	body   []byte
}

func (h *house) do(c call) got {
	h.t.Helper()
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	r, err := http.NewRequestWithContext(h.t.Context(), c.method, "https://pay.example/till"+c.path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	switch c.key {
	case "":
		r.Header.Set("Authorization", "Bearer demo")
	case "none":
	default:
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	for _, line := range c.headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
		if value == "-" {
			r.Header.Del(name)
		}
	}
	answer, err := h.checker.Transport(h).RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return got{answer.StatusCode, answer.Header, b}
}

// problem is what a test looks at in a problem.
type problem struct {
	Type, Title, Detail string
	Status              int
	RequestID           string `json:"request_id"`
	Attempted, Reason   string
	Payment             string
	Errors              []struct{ Pointer, Message string }
	Order               *struct{ ID, Status string }
	Failure             *struct {
		Code        string
		UserMessage *string `json:"user_message"`
	}
}

func (g got) problem(t *testing.T) problem {
	t.Helper()
	if kind := g.header.Get("Content-Type"); kind != "application/problem+json" {
		t.Fatalf("answered %d %s %s, want a problem", g.status, kind, g.body)
	}
	var p problem
	if err := json.Unmarshal(g.body, &p); err != nil {
		t.Fatalf("%s: %v", g.body, err)
	}
	if p.Status != g.status {
		t.Errorf("the problem says %d, the answer %d", p.Status, g.status)
	}
	return p
}

// is says whether it is this problem.
func (p problem) is(name string) bool { return p.Type == publicURL+"/docs/problems#"+name }

// decode reads an answer into a map.
func (g got) decode(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(g.body, &m); err != nil {
		t.Fatalf("answered %d %s: %v", g.status, g.body, err)
	}
	return m
}

const small = `{"reference":"bar-1","amount":{"value":4999,"currency":"EUR"},"return_url":"https://shop.example/thanks"}`

// order creates an order and gives its id.
func (h *house) order(reference string) string {
	h.t.Helper()
	g := h.do(call{method: "POST", path: "/v1/orders", body: strings.Replace(small, "bar-1", reference, 1)})
	if g.status != http.StatusCreated {
		h.t.Fatalf("create: %d %s", g.status, g.body)
	}
	id, _ := g.decode(h.t)["id"].(string)
	return id
}
