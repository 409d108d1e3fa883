package httpapi_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestIdempotency_badKeys(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	calls := h.api.calls
	for name, headers := range map[string][]string{
		"empty":     {"Idempotency-Key: "},
		"too long":  {"Idempotency-Key: " + strings.Repeat("k", 256)},
		"no ASCII":  {"Idempotency-Key: clé"},
		"a tab":     {"Idempotency-Key: a\tb"},
		"two lines": {"Idempotency-Key: a", "Idempotency-Key: b"},
	} {
		for _, path := range []string{"/v1/orders/" + id + "/refunds", "/v1/orders/" + id + "/cancel"} {
			if p := h.do(call{method: "POST", path: path, headers: headers}).problem(t); p.Status != 400 || !p.is("idempotency-key-invalid") {
				t.Errorf("%s, %s: got %+v", path, name, p)
			}
		}
	}
	for _, what := range []string{"captures", "refunds"} {
		if p := h.do(call{method: "POST", path: "/v1/orders/" + id + "/" + what}).problem(t); p.Status != 400 || !p.is("idempotency-key-missing") {
			t.Errorf("%s without a key: got %+v", what, p)
		}
	}
	if h.api.calls > calls {
		t.Error("a use case was asked")
	}
}

func TestIdempotency_repeat(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	create := func(body, key string) call {
		return call{method: "POST", path: "/v1/orders", body: body, headers: []string{"Idempotency-Key: " + key}}
	}
	second := strings.Replace(small, "bar-1", "bar-2", 1)
	tests := []struct {
		name  string
		first call
		again []call
	}{
		{"create", create(second, "a"), []call{
			create(second, "a"),
			create(`{ "return_url":"https:\/\/shop.example/thanks", "amount": {"currency":"EUR","value":4999},`+"\n"+`"reference":"b\u0061r-2"}`, "a"),
		}},
		{"payment", call{method: "POST", path: "/v1/orders/" + id + "/payments", body: `{"method":"transfer"}`, headers: []string{"Idempotency-Key: b"}}, nil},
		{"longest key", create(strings.Replace(small, "bar-1", "bar-3", 1), strings.Repeat("~", 255)), nil},
		{"cancel, no body or an empty one", call{method: "POST", path: "/v1/orders/" + id + "/sync", headers: []string{"Idempotency-Key: d"}}, []call{
			{method: "POST", path: "/v1/orders/" + id + "/sync", body: "{}", headers: []string{"Idempotency-Key: d"}},
		}},
	}
	for _, tt := range tests {
		first := h.do(tt.first)
		if first.status >= 300 || first.header.Get("Idempotent-Replayed") != "" {
			t.Fatalf("%s: got %d %s", tt.name, first.status, first.body)
		}
		for _, c := range append(tt.again, tt.first) {
			g := h.do(c)
			if g.status != first.status || !bytes.Equal(g.body, first.body) || g.header.Get("Location") != first.header.Get("Location") || g.header.Get("Idempotent-Replayed") != "true" {
				t.Errorf("%s: the first got %d %s, the repeat %d %s %v", tt.name, first.status, first.body, g.status, g.body, g.header)
			}
		}
	}
}

func TestIdempotency_otherRequestUnderTheKey(t *testing.T) {
	h := newHouse(t)
	one, two := h.order("bar-1"), h.order("bar-2")
	header := []string{"Idempotency-Key: k"}
	if g := h.do(call{method: "POST", path: "/v1/orders/" + one + "/payments", body: `{"method":"transfer"}`, headers: header}); g.status != 201 {
		t.Fatalf("got %d %s", g.status, g.body)
	}
	for name, c := range map[string]call{
		"other body":  {method: "POST", path: "/v1/orders/" + one + "/payments", body: `{"method":"transfer","method_options":{"option":"a"}}`, headers: header},
		"other order": {method: "POST", path: "/v1/orders/" + two + "/payments", body: `{"method":"transfer"}`, headers: header},
		"other call":  {method: "POST", path: "/v1/orders/" + one + "/cancel", headers: header},
	} {
		if p := h.do(c).problem(t); p.Status != 422 || !p.is("idempotency-key-reused") || p.Attempted != "no" {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

// TestIdempotency_failureIsKept: the problem of an attempt that failed is the
// same for all who repeat, its request_id too.
func TestIdempotency_failureIsKept(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	h.api.declines = &contract.Failure{Code: contract.Declined, Message: "limit", UserMessage: contract.Text{"en": "Your bank said no."}}
	c := call{method: "POST", path: "/v1/orders/" + id + "/payments", body: `{"method":"transfer"}`, headers: []string{"Idempotency-Key: k"}}
	first := h.do(c)
	p := first.problem(t)
	if first.status != 402 || p.Failure == nil || *p.Failure.UserMessage != "Your bank said no." || p.Order == nil || p.Payment == "" || strings.Contains(string(first.body), "limit") {
		t.Fatalf("got %d %s", first.status, first.body)
	}
	h.api.declines = nil
	if again := h.do(c); again.status != 402 || !bytes.Equal(again.body, first.body) || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the first got %s, the repeat %d %s", first.body, again.status, again.body)
	}
}

// TestIdempotency_refusalIsNotKept: what was refused before anything was
// reserved may be asked again with the same key.
func TestIdempotency_refusalIsNotKept(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	c := call{method: "POST", path: "/v1/orders/" + id + "/payments", body: `{"method":"down"}`, headers: []string{"Idempotency-Key: k"}}
	if p := h.do(c).problem(t); !p.is("method-unavailable") {
		t.Fatalf("got %+v", p)
	}
	c.body = `{"method":"transfer"}`
	if g := h.do(c); g.status != 201 {
		t.Errorf("got %d %s", g.status, g.body)
	}
}
