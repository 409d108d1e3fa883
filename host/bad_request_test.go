package host_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// with is a sound order with members changed; a nil value takes one out.
func (h *house) with(reference string, changes map[string]any) string {
	h.t.Helper()
	s := h.spec(reference)
	for name, v := range changes {
		if s[name] = v; v == nil {
			delete(s, name)
		}
	}
	return encode(h.t, s)
}

func amount(value, currency string) map[string]any {
	return map[string]any{"value": json.Number(value), "currency": currency}
}

// Each bad order is refused with a problem that names the member, and nothing
// is made of it.
func TestBadInput_order_namesTheMember_makesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	line := map[string]any{"name": "wafel", "quantity": "3", "unit_price": amount("1000", "EUR"), "amount": amount("3000", "EUR")}
	for name, c := range map[string]struct {
		change  map[string]any
		status  int
		kind    string
		pointer string
		reason  string
	}{
		"unknown member":           {map[string]any{"colour": "red"}, 422, "invalid-request", "/colour", ""},
		"float":                    {map[string]any{"amount": amount("49.99", "EUR")}, 422, "invalid-request", "/amount/value", ""},
		"exponent":                 {map[string]any{"amount": amount("5e3", "EUR")}, 422, "invalid-request", "/amount/value", ""},
		"negative":                 {map[string]any{"amount": amount("-1", "EUR")}, 422, "invalid-request", "/amount", ""},
		"zero":                     {map[string]any{"amount": amount("0", "EUR")}, 422, "invalid-request", "/amount", ""},
		"beyond 2 to the 53":       {map[string]any{"amount": amount("9007199254740993", "EUR")}, 422, "invalid-request", "/amount/value", ""},
		"beyond 64 bits":           {map[string]any{"amount": amount("92233720368547758080", "EUR")}, 422, "invalid-request", "/amount/value", ""},
		"text for a number":        {map[string]any{"amount": map[string]any{"value": "4999", "currency": "EUR"}}, 422, "invalid-request", "/amount/value", ""},
		"unknown currency":         {map[string]any{"amount": amount("4999", "EUX")}, 422, "invalid-request", "/amount/currency", ""},
		"no amount":                {map[string]any{"amount": nil}, 422, "invalid-request", "/amount", ""},
		"no reference":             {map[string]any{"reference": nil}, 422, "invalid-request", "/reference", ""},
		"lines that do not add up": {map[string]any{"lines": []any{line}}, 422, "invalid-request", "/lines", ""},
		"unknown country":          {map[string]any{"country": "Holland"}, 422, "invalid-request", "/country", ""},
		"expired already":          {map[string]any{"expires_at": "2001-01-01T00:00:00Z"}, 422, "invalid-request", "/expires_at", ""},
		"return URL of a stranger": {map[string]any{"return_url": "https://evil.example/thanks"}, 422, "invalid-request", "/return_url", ""},
		"notice URL of a stranger": {map[string]any{"notify_url": "http://127.0.0.1:1/notices"}, 422, "invalid-request", "/notify_url", ""},
		"origin only in front":     {map[string]any{"cancel_url": h.shop.URL + ".evil.example/"}, 422, "invalid-request", "/cancel_url", ""},
		"unknown method":           {map[string]any{"method": "sundial"}, 422, "method-not-possible", "", "unknown"},
		"yen by iDEAL":             {map[string]any{"method": "ideal", "amount": amount("4999", "JPY")}, 422, "method-not-possible", "", "currency"},
		"dinar by iDEAL":           {map[string]any{"method": "ideal", "amount": amount("49990", "TND")}, 422, "method-not-possible", "", "currency"},
		"too much for iDEAL":       {map[string]any{"method": "ideal", "amount": amount("10000000", "EUR")}, 422, "method-not-possible", "", "amount"},
		"later capture by iDEAL":   {map[string]any{"method": "ideal", "capture": "manual"}, 422, "method-not-possible", "", "capture_mode"},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.send("POST", "/v1/orders", h.with("bad", c.change))
			if a.Status != c.status || a.kind() != c.kind || a.text("reason") != c.reason {
				t.Fatalf("got %d %s, want %d %s %s", a.Status, a.Raw, c.status, c.kind, c.reason)
			}
			if c.pointer != "" && !slices.ContainsFunc(a.pointers(), func(p string) bool { return strings.HasPrefix(p, c.pointer) }) {
				t.Errorf("errors at %v, want %s", a.pointers(), c.pointer)
			}
			if a.text("attempted") != "no" || a.text("detail") == "" || a.text("request_id") == "" {
				t.Errorf("the problem does not say whether money moved, why, or its request: %s", a.Raw)
			}
		})
	}
	if n := h.orders(); n != 0 {
		t.Errorf("%d orders were made of bad input", n)
	}
	if n := len(h.bank.Books().Orders); n != 0 {
		t.Errorf("the bank heard of %d orders", n)
	}
}

// What is not the JSON of this interface is not read at all.
func TestBadInput_body_isNotRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	good := h.with("bad", nil)
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
		kind    string
	}{
		"over the limit":    {`{"description":"` + strings.Repeat("a", 1<<20) + `"}`, nil, 413, "body-too-large"},
		"deep":              {strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), nil, 400, "malformed-body"},
		"duplicate member":  {strings.Replace(good, `{`, `{"reference":"other",`, 1), nil, 400, "malformed-body"},
		"cut":               {good[:len(good)/2], nil, 400, "malformed-body"},
		"something after":   {good + "{}", nil, 400, "malformed-body"},
		"no UTF-8":          {strings.Replace(good, "wafels", "wa\xff\xfels", 1), nil, 400, "malformed-body"},
		"a list":            {"[]", nil, 422, "invalid-request"},
		"empty":             {"", nil, 415, "unsupported-media-type"},
		"a form":            {"reference=bad", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "unsupported-media-type"},
		"compressed":        {good, []string{"Content-Encoding", "gzip"}, 415, "unsupported-media-type"},
		"another charset":   {good, []string{"Content-Type", "application/json; charset=utf-16"}, 415, "unsupported-media-type"},
		"unprintable key":   {good, []string{"Idempotency-Key", "schlüssel"}, 400, "idempotency-key-invalid"},
		"key without bound": {good, []string{"Idempotency-Key", strings.Repeat("k", 256)}, 400, "idempotency-key-invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.send("POST", "/v1/orders", c.body, c.headers...)
			if a.Status != c.status || a.kind() != c.kind || a.text("attempted") != "no" {
				t.Errorf("got %d %s, want %d %s", a.Status, a.Raw, c.status, c.kind)
			}
		})
	}
	if n := h.orders(); n != 0 {
		t.Errorf("%d orders were made of bad input", n)
	}
}

// A key stands for one request: with another body it is refused, and the
// first order stays as it is.
func TestBadInput_keyWithAnotherBody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	first := h.send("POST", "/v1/orders", h.with("r-1", nil), "Idempotency-Key", "k-1")
	if first.Status != http.StatusCreated {
		t.Fatalf("create: %d %s", first.Status, first.Raw)
	}
	for name, body := range map[string]string{
		"another amount":    h.with("r-1", map[string]any{"amount": amount("1", "EUR")}),
		"another reference": h.with("r-2", nil),
	} {
		if a := h.send("POST", "/v1/orders", body, "Idempotency-Key", "k-1"); a.Status != 422 || a.kind() != "idempotency-key-reused" {
			t.Errorf("%s: got %d %s", name, a.Status, a.Raw)
		}
	}
	again := h.send("POST", "/v1/orders", h.with("r-1", nil), "Idempotency-Key", "k-1")
	if again.Status != http.StatusCreated || string(again.Raw) != string(first.Raw) || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the repeat gives %d %s, want the same bytes as the first", again.Status, again.Raw)
	}
	if n := h.orders(); n != 1 {
		t.Errorf("%d orders, want 1", n)
	}
}

// A misspelt filter or a wrong query is refused: it would list everything.
func TestBadInput_query(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	for _, path := range []string{
		"/v1/orders?statsu=paid", "/v1/orders?status=settled", "/v1/orders?limit=0", "/v1/orders?limit=1e9", "/v1/orders?cursor=%00garbage",
		"/v1/orders?created_from=yesterday", "/v1/orders?limit=1&limit=2", "/v1/methods", "/v1/methods?amount=49.99&currency=EUR", "/v1/methods?amount=1&currency=euro",
		"/v1/methods?amount=1&currency=EUR&country=nl",
	} {
		if a := h.send("GET", path, ""); a.Status != 422 || a.kind() != "invalid-request" {
			t.Errorf("%s: got %d %s", path, a.Status, a.Raw)
		}
	}
}
