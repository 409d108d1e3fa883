package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/httpapi"
)

func TestPanic(t *testing.T) {
	for _, path := range []string{"/v1/orders/x", "/v1/orders/x/cancel", "/webhooks/acc"} {
		h := newHouse(t)
		h.api.panics = "secret words"
		method := map[bool]string{true: "GET", false: "POST"}[strings.HasSuffix(path, "/x")]
		g := h.do(call{method: method, path: path})
		p := g.problem(t)
		if g.status != 500 || !p.is("internal") || p.RequestID == "" || p.RequestID != g.header.Get("X-Request-Id") || strings.Contains(string(g.body), "secret") || strings.Contains(string(g.body), ".go") {
			t.Errorf("%s: got %d %s", path, g.status, g.body)
		}
		if log := h.log.String(); !strings.Contains(log, "panic: secret words") || !strings.Contains(log, "fake_test.go") || !strings.Contains(log, p.RequestID) {
			t.Errorf("%s: the log is %s", path, log)
		}
	}
}

func TestPanic_abortHandlerGoesOn(t *testing.T) {
	h := newHouse(t)
	h.api.panics = http.ErrAbortHandler
	defer func() {
		r := recover()
		if err, ok := r.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("recovered %v", r)
		}
	}()
	h.do(call{method: "GET", path: "/v1/orders/x"})
	t.Error("it answered")
}

func TestRequestID(t *testing.T) {
	for given, taken := range map[string]bool{"abc-1.2_Z": true, "": false, "a b": false, "a\"b": false, "é": false, strings.Repeat("a", 65): false} {
		h := newHouse(t)
		g := h.do(call{method: "GET", path: "/v1/orders", headers: []string{"X-Request-Id: " + given}})
		id := g.header.Get("X-Request-Id")
		if taken != (id == given) || (!taken && !strings.HasPrefix(id, "req_")) {
			t.Errorf("%q: got %q", given, id)
		}
		if !strings.Contains(h.log.String(), `"request_id":"`+id+`"`) {
			t.Errorf("%q: the log is %s", given, h.log)
		}
	}
}

func TestLog_holdsNoSecrets(t *testing.T) {
	h := newHouse(t)
	h.do(call{method: "POST", path: "/v1/orders", body: with("customer", `{"name":"Jansen"}`), headers: []string{"Idempotency-Key: k-secret"}})
	h.do(call{method: "GET", path: "/v1/orders?reference=bar-secret", key: "wrong-secret"})
	h.do(call{method: "POST", path: "/webhooks/acc?token=t-secret", body: "secret"})
	for _, secret := range []string{"secret", "Jansen", "demo", "k3v7q2m5n4p6r7s2"} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, h.log)
		}
	}
	for _, told := range []string{`"status":201`, `"status":401`, `"problem":"unauthorized"`, `"route":"/till/v1/orders"`, `"shop":"bar"`, `"caller":"key-1"`, `"path_account":"acc"`} {
		if !strings.Contains(h.log.String(), told) {
			t.Errorf("the log lacks %s: %s", told, h.log)
		}
	}
}

func TestObserve(t *testing.T) {
	var seen []httpapi.Observation
	h := newHouse(t, func(o *httpapi.Options) { o.Observe = func(x httpapi.Observation) { seen = append(seen, x) } })
	h.do(call{method: "GET", path: "/v1/orders"})
	h.do(call{method: "GET", path: "/v1/orders/x"})
	h.do(call{method: "GET", path: "/v1/none"})
	want := []httpapi.Observation{
		{Method: "GET", Route: "/till/v1/orders", Status: 200},
		{Method: "GET", Route: "/till/v1/orders/:id", Status: 404, Problem: "not-found"},
		{Method: "GET", Status: 404, Problem: "not-found"},
	}
	if !slices.Equal(seen, want) {
		t.Errorf("got %+v, want %+v", seen, want)
	}
}

func TestMethods_HEAD_OPTIONS_andOthers(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	server := httptest.NewServer(h.handler)
	defer server.Close()
	client := h.checker.Client()
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"HEAD", "/v1/orders/" + id, 200, ""},
		{"HEAD", "/v1/orders/none", 404, ""},
		{"HEAD", "/docs", 200, ""},
		{"HEAD", "/v1/orders/" + id + "/cancel", 405, "POST, OPTIONS"},
		{"HEAD", "/webhooks/acc", 405, "GET, POST, OPTIONS"},
		{"OPTIONS", "/v1/orders", 204, "POST, GET, HEAD, OPTIONS"},
		{"OPTIONS", "/v1/openapi.json", 204, "GET, HEAD, OPTIONS"},
		{"PUT", "/v1/orders", 405, "POST, GET, HEAD, OPTIONS"},
		{"DELETE", "/v1/orders/" + id, 405, "GET, HEAD, OPTIONS"},
		{"PATCH", "/v1/orders/" + id + "/refunds/x", 405, "GET, HEAD, OPTIONS"},
		{"TRACE", "/v1/methods", 405, "GET, HEAD, OPTIONS"},
		{"POST", "/docs", 405, "GET, HEAD, OPTIONS"},
		{"GET", "/v1", 404, ""},
		{"GET", "/v1/orders/", 404, ""},
		{"GET", "/v1/orders/" + id + "/", 404, ""},
		{"POST", "/webhooks/", 404, ""},
	}
	for _, tt := range tests {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL+"/till"+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer demo")
		answer, err := client.Do(r)
		if err != nil {
			t.Errorf("%s %s: %v", tt.method, tt.path, err)
			continue
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != tt.status || answer.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: got %d Allow %q %s, want %d %q", tt.method, tt.path, answer.StatusCode, answer.Header.Get("Allow"), body, tt.status, tt.allow)
		}
		if answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s: it is open to other origins", tt.method, tt.path)
		}
		if tt.method == "HEAD" && len(body) > 0 {
			t.Errorf("%s %s: it has a body", tt.method, tt.path)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	h := newHouse(t)
	for _, c := range []call{{method: "GET", path: "/v1/orders"}, {method: "GET", path: "/v1/none"}, {method: "POST", path: "/webhooks/a"}, {method: "GET", path: "/docs"}} {
		g := h.do(c)
		for _, name := range []string{"X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "Cache-Control", "X-Request-Id"} {
			if g.header.Get(name) == "" {
				t.Errorf("%s lacks %s", c.path, name)
			}
		}
		if c.path != "/docs" && g.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept", c.path)
		}
	}
}

// TestStateDown: whoever asks hears within 2.5 seconds.
func TestStateDown(t *testing.T) {
	for _, path := range []string{"/v1/orders", "/v1/orders/x", "/v1/orders/x/events", "/v1/orders/x/refunds/y"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			h.api.hang = true
			start := time.Now()
			g := h.do(call{method: "GET", path: path})
			if took := time.Since(start); g.status != 503 || !g.problem(t).is("unavailable") || g.header.Get("Retry-After") == "" || took > 2500*time.Millisecond {
				t.Errorf("%s: got %d after %s", path, g.status, took)
			}
		})
	}
}

// TestWrite_goesOnWithoutItsCaller: a caller that hangs up stops no write.
func TestWrite_goesOnWithoutItsCaller(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, "POST", "/till/v1/orders", strings.NewReader(small))
	r.Header.Set("Authorization", "Bearer demo")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestRegister_besideOthers(t *testing.T) {
	h := newHouse(t)
	api, err := httpapi.New(h.options)
	if err != nil {
		t.Fatal(err)
	}
	engine := gin.New()
	engine.GET("/", func(c *gin.Context) { c.String(200, "another program") })
	api.Register(engine)
	w := httptest.NewRecorder()
	engine.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	if w.Header().Get("X-Request-Id") != "" || w.Body.String() != "another program" {
		t.Errorf("the other program's page changed: %v %s", w.Header(), w.Body)
	}
}

func TestNew_refuses(t *testing.T) {
	h := newHouse(t)
	for name, change := range map[string]func(*httpapi.Options){
		"no public URL": func(o *httpapi.Options) { o.PublicURL = "" },
		"no scheme":     func(o *httpapi.Options) { o.PublicURL = "pay.example" },
		"another":       func(o *httpapi.Options) { o.PublicURL = "ftp://pay.example" },
		"a query":       func(o *httpapi.Options) { o.PublicURL = "https://pay.example/?a" },
		"no API":        func(o *httpapi.Options) { o.API = nil },
		"no webhooks":   func(o *httpapi.Options) { o.Webhooks = nil },
		"no directory":  func(o *httpapi.Options) { o.Directory = nil },
	} {
		o := h.options
		change(&o)
		if _, err := httpapi.New(o); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}
