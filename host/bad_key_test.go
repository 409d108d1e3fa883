package host_test

import (
	"net/http"
	"strings"
	"testing"
)

// keys adds API keys that may do little.
func keys(text string) string {
	return strings.Replace(text, "  - id: other\n", `      - {id: elsewhere, key: key-for-another-network, scopes: ["orders:write", "orders:read"], networks: ["192.0.2.0/24"]}
      - {id: writer, key: key-that-only-writes, scopes: ["orders:write"]}
  - id: other
`, 1)
}

// Who asks is checked before anything of what is asked: the answer says what
// is wrong with the key, and nothing of the order.
func TestBadInput_keyIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{edit: keys})
	o := h.create("r-1")
	order := "/v1/orders/" + o["id"].(string)
	for name, c := range map[string]struct {
		method, path, authorization string
		status                      int
		kind                        string
	}{
		"no key":                      {"GET", order, "", 401, "unauthorized"},
		"wrong key":                   {"GET", order, "Bearer demo-key-of-the-shoq", 401, "unauthorized"},
		"key by another scheme":       {"GET", order, "Basic ZGVtby1rZXktb2YtdGhlLXNob3A=", 401, "unauthorized"},
		"the notice secret as a key":  {"GET", order, "Bearer " + noticeSecret, 401, "unauthorized"},
		"the operators' key":          {"GET", order, "Bearer operators", 401, "unauthorized"},
		"no scope to write":           {"POST", "/v1/orders", "Bearer reader-key-of-the-shop", 403, "scope-missing"},
		"no scope to cancel":          {"POST", order + "/cancel", "Bearer reader-key-of-the-shop", 403, "scope-missing"},
		"no scope to refund":          {"POST", order + "/refunds", "Bearer key-that-only-writes", 403, "scope-missing"},
		"no scope to read":            {"GET", order, "Bearer key-that-only-writes", 403, "scope-missing"},
		"from another network":        {"GET", order, "Bearer key-for-another-network", 403, "address-not-allowed"},
		"write from another network":  {"POST", "/v1/orders", "Bearer key-for-another-network", 403, "address-not-allowed"},
		"garbage, and a wrong key":    {"POST", "/v1/orders", "Bearer nobody", 401, "unauthorized"},
		"unknown order, no key given": {"GET", "/v1/orders/ord_nothing", "", 401, "unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			body := ""
			if c.method == "POST" {
				body = `{"no": "order"}`
			}
			a := h.send(c.method, c.path, body, "Authorization", c.authorization, "X-Forwarded-For", "192.0.2.7")
			if a.Status != c.status || a.kind() != c.kind {
				t.Errorf("got %d %s, want %d %s", a.Status, a.Raw, c.status, c.kind)
			}
			if c.status == 401 && !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("no WWW-Authenticate on %d", a.Status)
			}
		})
	}
	if got := h.get(o["id"].(string)); got["status"] != "open" || got["version"] != o["version"] {
		t.Errorf("the order moved: %v", got)
	}
}

// Another shop's order is as unknown as one that never was, by every way.
func TestBadInput_anotherShopsOrder_isNotFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	o := h.paid("r-1")
	theirs, never := o["id"].(string), "ord_"+strings.Repeat("0", len(o["id"].(string))-4)
	foreign := []string{"Authorization", "Bearer key-of-another-shop", "Idempotency-Key", "k", "X-Request-Id", "same"}
	for _, c := range []struct{ method, path, body string }{
		{"GET", "", ""}, {"GET", "/events", ""}, {"POST", "/cancel", ""}, {"POST", "/sync", ""}, {"POST", "/captures", "{}"},
		{"POST", "/payments", `{"method": "ideal"}`}, {"POST", "/control-reference", `{"control_reference": "x"}`}, {"GET", "/refunds/ref_1", ""},
	} {
		got := h.send(c.method, "/v1/orders/"+theirs+c.path, c.body, foreign...)
		want := h.send(c.method, "/v1/orders/"+never+c.path, c.body, foreign...)
		if got.Status != http.StatusNotFound || string(got.Raw) != string(want.Raw) {
			t.Errorf("%s %s: got %d %s, want the same as for an unknown one: %d %s", c.method, c.path, got.Status, got.Raw, want.Status, want.Raw)
		}
	}
	for _, path := range []string{"/v1/orders", "/v1/orders?reference=r-1"} {
		if a := h.send("GET", path, "", foreign...); a.Status != http.StatusOK || len(a.Body["items"].([]any)) != 0 {
			t.Errorf("%s shows the other shop %s", path, a.Raw)
		}
	}
	if got := h.get(theirs); got["version"] != o["version"] {
		t.Errorf("the order moved: %v", got)
	}
	for _, token := range []string{theirs, theirs + ".", theirs + ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", never + ".x", "..%2f.."} {
		if b := newBrowser(t).open(h.gateway + "/pay/" + token); b.code != http.StatusNotFound || strings.Contains(b.text, "r-1") {
			t.Errorf("pay link %q: %d %s", token, b.code, b.words())
		}
	}
}
