package httpapi_test

import (
	"bytes"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi"
)

// guarded are the operations that need a key, with the scope.
var guarded = []struct {
	method, path string
	scope        checkout.Scope
}{
	{"POST", "/v1/orders", checkout.OrdersWrite},
	{"GET", "/v1/orders", checkout.OrdersRead},
	{"GET", "/v1/orders/x", checkout.OrdersRead},
	{"GET", "/v1/orders/x/events", checkout.OrdersRead},
	{"POST", "/v1/orders/x/payments", checkout.OrdersWrite},
	{"POST", "/v1/orders/x/sync", checkout.OrdersWrite},
	{"POST", "/v1/orders/x/cancel", checkout.OrdersWrite},
	{"POST", "/v1/orders/x/captures", checkout.OrdersWrite},
	{"POST", "/v1/orders/x/refunds", checkout.RefundsWrite},
	{"GET", "/v1/orders/x/refunds/y", checkout.OrdersRead},
	{"POST", "/v1/orders/x/control-reference", checkout.OrdersWrite},
	{"GET", "/v1/statement", checkout.StatementRead},
	{"GET", "/v1/methods", checkout.OrdersRead},
}

func TestAuth_withoutKey(t *testing.T) {
	h := newHouse(t)
	for _, op := range guarded {
		for name, headers := range map[string][]string{
			"none":         nil,
			"wrong":        {"Authorization: Bearer wrong"},
			"empty":        {"Authorization: Bearer "},
			"basic":        {"Authorization: Basic ZGVtbzo="},
			"no scheme":    {"Authorization: demo"},
			"two":          {"Authorization: Bearer demo", "Authorization: Bearer other"},
			"in the query": nil,
		} {
			path := op.path
			if name == "in the query" {
				path += "?key=demo"
			}
			g := h.do(call{method: op.method, path: path, key: "none", headers: headers, body: bodyFor(op.method)})
			if p := g.problem(t); g.status != http.StatusUnauthorized || !p.is("unauthorized") || !strings.HasPrefix(g.header.Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("%s %s, key %s: got %d %s", op.method, op.path, name, g.status, g.body)
			}
		}
	}
	if h.api.calls > 0 {
		t.Error("a use case was asked")
	}
}

// bodyFor is one that is wrong: who has no key does not learn it.
func bodyFor(method string) string {
	if method == "POST" {
		return "{"
	}
	return ""
}

func TestAuth_scopes(t *testing.T) {
	h := newHouse(t)
	for _, op := range guarded {
		for key, of := range keys {
			g := h.do(call{method: op.method, path: op.path, key: key, body: bodyFor(op.method)})
			may := false
			for _, s := range of.Scopes {
				may = may || s == op.scope
			}
			if may == (g.status == http.StatusForbidden) {
				t.Errorf("%s %s with key %s: got %d", op.method, op.path, key, g.status)
			}
			if !may && (!g.problem(t).is("scope-missing") || !strings.Contains(string(g.body), string(op.scope))) {
				t.Errorf("%s %s with key %s: got %s, want the scope named", op.method, op.path, key, g.body)
			}
		}
	}
}

func TestAuth_schemeInAnyCase(t *testing.T) {
	h := newHouse(t)
	if g := h.do(call{method: "GET", path: "/v1/orders", key: "none", headers: []string{"Authorization: bearer demo"}}); g.status != 200 {
		t.Errorf("got %d %s", g.status, g.body)
	}
}

func TestAuth_addresses(t *testing.T) {
	behind := func(o *httpapi.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	}
	tests := []struct {
		name, from, forwarded string
		change                func(*httpapi.Options)
		want                  int
	}{
		{"from home", "192.0.2.77:1", "", nil, 200},
		{"from home, mapped", "[::ffff:192.0.2.77]:1", "", nil, 200},
		{"from elsewhere", "198.51.100.1:1", "", nil, 403},
		{"says to be at home", "198.51.100.1:1", "192.0.2.77", nil, 403},
		{"through the proxy", "10.1.1.1:1", "192.0.2.77", behind, 200},
		{"through the proxy from elsewhere", "10.1.1.1:1", "198.51.100.1", behind, 403},
		{"says to be at home, through the proxy", "10.1.1.1:1", "192.0.2.77, 198.51.100.1", behind, 403},
		{"no connection's address", "@", "192.0.2.77", behind, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, func(o *httpapi.Options) {
				if tt.change != nil {
					tt.change(o)
				}
			})
			g := h.do(call{method: "GET", path: "/v1/orders", key: "at-home", headers: []string{"X-Test-From: " + tt.from, "X-Forwarded-For: " + tt.forwarded}})
			if g.status != tt.want {
				t.Errorf("got %d %s, want %d", g.status, g.body, tt.want)
			}
			if tt.want == 403 && !g.problem(t).is("address-not-allowed") {
				t.Errorf("got %s", g.body)
			}
		})
	}
}

// TestAuth_foreignOrder: another shop's order is as unknown as one that does
// not exist, to the byte.
func TestAuth_foreignOrder(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	unknown := "ord_7f" + strings.Repeat("9", 26)
	for _, op := range guarded {
		if !strings.Contains(op.path, "/x") {
			continue
		}
		body := map[bool]string{true: `{"control_reference":"a"}`, false: ""}[strings.HasSuffix(op.path, "control-reference")]
		if strings.HasSuffix(op.path, "payments") {
			body = `{"method":"transfer"}`
		}
		ask := func(id string) got {
			return h.do(call{method: op.method, path: strings.Replace(op.path, "/x", "/"+id, 1), key: "other", body: body, headers: []string{"Idempotency-Key: k-" + id, "X-Request-Id: same"}})
		}
		foreign, none := ask(id), ask(unknown)
		if foreign.status != 404 || !bytes.Equal(bytes.ReplaceAll(foreign.body, []byte(id), []byte(unknown)), none.body) {
			t.Errorf("%s %s: foreign %d %s, unknown %d %s", op.method, op.path, foreign.status, foreign.body, none.status, none.body)
		}
		if ask("nonsense").status != 404 {
			t.Errorf("%s %s: an id that can be none is not 404", op.method, op.path)
		}
	}
	if g := h.do(call{method: "GET", path: "/v1/orders", key: "other"}); strings.Contains(string(g.body), id) {
		t.Errorf("the list shows another shop's order: %s", g.body)
	}
}
