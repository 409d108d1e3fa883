package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// with gives the small order with a member replaced or added.
func with(member, value string) string {
	switch member {
	case "reference":
		return strings.Replace(small, `"bar-1"`, value, 1)
	case "value":
		return strings.Replace(small, "4999", value, 1)
	case "currency":
		return strings.Replace(small, `"EUR"`, value, 1)
	case "return_url":
		return strings.Replace(small, `"https://shop.example/thanks"`, value, 1)
	}
	return strings.TrimSuffix(small, "}") + `,"` + member + `":` + value + `}`
}

func TestCreateOrder_badInput(t *testing.T) {
	line := `{"name":"Lamp","kind":"physical","quantity":"1","amount":{"value":%s,"currency":"EUR"}}`
	tests := []struct {
		name, body string
		status     int
		problem    string
		pointer    string
		says       string
	}{
		{"empty", " ", 400, "malformed-body", "", "ends too early"},
		{"no JSON", "reference=bar", 400, "malformed-body", "", "not JSON"},
		{"half", small[:40], 400, "malformed-body", "", "ends too early"},
		{"trailing data", small + "{}", 400, "malformed-body", "", "after top-level value"},
		{"not UTF-8", with("description", "\"caf\xe9\""), 400, "malformed-body", "", "not UTF-8"},
		{"half a surrogate", with("description", `"\ud83d"`), 400, "malformed-body", "/description", "surrogate"},
		{"duplicate member", with("reference", `"bar-1","reference":"bar-2"`), 400, "malformed-body", "/reference", "twice"},
		{"duplicate in depth", with("customer", `{"name":"a","name":"b"}`), 400, "malformed-body", "/customer/name", "twice"},
		{"too deep", with("metadata", strings.Repeat(`{"a":`, 40)+"1"+strings.Repeat("}", 40)), 400, "malformed-body", "/metadata" + strings.Repeat("/a", 31), "deeper than 32"},
		{"an array", "[" + small + "]", 422, "invalid-request", "", "an object is asked for"},
		{"nothing in it", "{}", 422, "invalid-request", "/reference", "is missing"},
		{"unknown member", with("nonsense", "1"), 422, "invalid-request", "/nonsense", "is not known here; known are: reference, amount"},
		{"unknown member in depth", with("customer", `{"shoe_size":"44"}`), 422, "invalid-request", "/customer/shoe_size", "is not known"},
		{"another case", with("Reference", `"x"`), 422, "invalid-request", "/Reference", "is not known"},
		{"null", with("description", "null"), 422, "invalid-request", "/description", "is null"},
		{"number for a text", with("description", "5"), 422, "invalid-request", "/description", "a text is asked for"},
		{"amount as a number", strings.Replace(small, `{"value":4999,"currency":"EUR"}`, "49.99", 1), 422, "invalid-request", "/amount", "an object is asked for"},
		{"amount as a text", with("value", `"4999"`), 422, "invalid-request", "/amount/value", "a number is asked for"},
		{"decimal beside it", with("currency", `"EUR","decimal":"49.99"`), 422, "invalid-request", "/amount/decimal", "is not known"},
		{"float", with("value", "1.5"), 422, "invalid-request", "/amount/value", "minor units"},
		{"float without fraction", with("value", "100.0"), 422, "invalid-request", "/amount/value", "minor units"},
		{"exponent", with("value", "1e2"), 422, "invalid-request", "/amount/value", "minor units"},
		{"zero", with("value", "0"), 422, "invalid-request", "/amount/value", "above zero"},
		{"negative", with("value", "-1"), 422, "invalid-request", "/amount/value", "above zero"},
		{"minus zero", with("value", "-0"), 422, "invalid-request", "/amount/value", "above zero"},
		{"huge", with("value", "1000000000000001"), 422, "invalid-request", "/amount/value", "at most 1000000000000000"},
		{"beyond exact floats", with("value", "9007199254740993"), 422, "invalid-request", "/amount/value", "out of range"},
		{"beyond int64", with("value", "9223372036854775808"), 422, "invalid-request", "/amount/value", "out of range"},
		{"far beyond", with("value", strings.Repeat("9", 400)), 422, "invalid-request", "/amount/value", "out of range"},
		{"no such currency", with("currency", `"EUX"`), 422, "invalid-request", "/amount/currency", "ISO 4217"},
		{"empty currency", with("currency", `""`), 422, "invalid-request", "/amount/currency", "ISO 4217"},
		{"small letters", with("currency", `"eur"`), 422, "invalid-request", "/amount/currency", "ISO 4217"},
		{"lines that do not add up", with("lines", "["+fmt.Sprintf(line, "4998")+"]"), 422, "invalid-request", "/lines", "add up to 49.98 EUR"},
		{"line of another currency", with("lines", "["+strings.Replace(fmt.Sprintf(line, "4999"), "EUR", "JPY", 1)+"]"), 422, "invalid-request", "/lines/0/amount/currency", "currency of the order"},
		{"line with a float", with("lines", "["+fmt.Sprintf(line, "4999.0")+"]"), 422, "invalid-request", "/lines/0/amount/value", "minor units"},
		{"line without an amount", with("lines", `[{"name":"Lamp","kind":"physical","quantity":"1"}]`), 422, "invalid-request", "/lines/0/amount", "is missing"},
		{"lines that are none", with("lines", `[1]`), 422, "invalid-request", "/lines/0", "an object is asked for"},
		{"metadata that is no text", with("metadata", `{"a/b":1}`), 422, "invalid-request", "/metadata/a~1b", "a text is asked for"},
		{"methods that are no texts", with("methods", `["transfer",2]`), 422, "invalid-request", "/methods/1", "a text is asked for"},
		{"options without a method", with("method_options", `{"option":"a"}`), 422, "invalid-request", "/method_options", "name it in method"},
		{"capture", with("capture", `"later"`), 422, "invalid-request", "/capture", "automatic or manual"},
		{"time", with("expires_at", `"tomorrow"`), 422, "invalid-request", "/expires_at", "RFC 3339"},
		{"time gone", with("expires_at", `"2020-01-01T00:00:00Z"`), 422, "invalid-request", "/expires_at", "in the future"},
		{"return URL that is none", with("return_url", `"thanks"`), 422, "invalid-request", "/return_url", "absolute"},
		{"return URL elsewhere", with("return_url", `"https://evil.example/"`), 422, "invalid-request", "/return_url", "origin"},
		{"unknown method", with("method", `"barter"`), 422, "method-not-possible", "", ""},
		{"currency that the method does not take", with("method", `"yen-only"`), 422, "method-not-possible", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			g := h.do(call{method: "POST", path: "/v1/orders", body: tt.body})
			p := g.problem(t)
			if g.status != tt.status || !p.is(tt.problem) || p.Attempted != "no" {
				t.Fatalf("%s: got %d %s, attempted %s; want %d %s", tt.body, g.status, p.Type, p.Attempted, tt.status, tt.problem)
			}
			if tt.problem == "method-not-possible" {
				return
			}
			if len(p.Errors) == 0 || p.Errors[0].Pointer != tt.pointer || !strings.Contains(p.Errors[0].Message, tt.says) {
				t.Errorf("%s: got errors %q, want %q with %q", tt.body, p.Errors, tt.pointer, tt.says)
			}
			if len(h.api.orders) > 0 {
				t.Errorf("%s: an order was made", tt.body)
			}
		})
	}
}

func TestCreateOrder_allMistakesAtOnce(t *testing.T) {
	h := newHouse(t)
	g := h.do(call{method: "POST", path: "/v1/orders", body: `{"amount":{"value":1.5},"locale":7,"x":1,"customer":{"y":2}}`})
	var pointers []string
	for _, e := range g.problem(t).Errors {
		pointers = append(pointers, e.Pointer)
	}
	want := "/reference /amount/currency /amount/value /customer/y /locale /x"
	if got := strings.Join(pointers, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBody_size(t *testing.T) {
	pad := func(n int) string {
		return with("description", `"`+strings.Repeat("a", n-len(with("description", `""`)))+`"`)
	}
	h := newHouse(t)
	if g := h.do(call{method: "POST", path: "/v1/orders", body: pad(1 << 20)}); g.status != 422 {
		t.Errorf("1 MiB: got %d, want it read and the description refused", g.status)
	}
	g := h.do(call{method: "POST", path: "/v1/orders", body: pad(1<<20 + 1)})
	if p := g.problem(t); g.status != http.StatusRequestEntityTooLarge || !p.is("body-too-large") || p.Attempted != "no" {
		t.Errorf("1 MiB and a byte: got %d %s", g.status, g.body)
	}
}

func TestBody_mediaType(t *testing.T) {
	for given, want := range map[string]int{
		"-": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/jsonx": 415,
		"application/json; charset=latin1": 415, "application/json;;": 415,
		"application/json": 201, "application/json; charset=UTF-8": 201, "Application/JSON": 201,
	} {
		h := newHouse(t)
		g := h.do(call{method: "POST", path: "/v1/orders", body: small, headers: []string{"Content-Type: -", "Content-Type: " + given}})
		if g.status != want {
			t.Errorf("%s: got %d %s, want %d", given, g.status, g.body, want)
		}
	}
	h := newHouse(t)
	g := h.do(call{method: "POST", path: "/v1/orders", body: small, headers: []string{"Content-Encoding: gzip"}})
	if !g.problem(t).is("unsupported-media-type") {
		t.Errorf("compressed: got %d %s", g.status, g.body)
	}
}

func TestQuery_badInput(t *testing.T) {
	tests := []struct{ path, pointer, says string }{
		{"/v1/orders?ref=bar", "?ref", "is not known here; known are: reference, status"},
		{"/v1/orders?status=paid&status=open", "?status", "2 times"},
		{"/v1/orders?status=done", "?status", "one of"},
		{"/v1/orders?limit=0", "?limit", "from 1 to 256"},
		{"/v1/orders?limit=257", "?limit", "from 1 to 256"},
		{"/v1/orders?limit=ten", "?limit", "whole number"},
		{"/v1/orders?created_from=yesterday", "?created_from", "RFC 3339"},
		{"/v1/orders?a=%zz", "?", "cannot be read"},
		{"/v1/orders/x?wait=31", "?wait", "from 0 to 30"},
		{"/v1/orders/x?wait=-1", "?wait", "from 0 to 30"},
		{"/v1/orders/x?wait=1.5", "?wait", "whole number"},
		{"/v1/orders/x/events?cursor=0", "?cursor", "from 1"},
		{"/v1/orders/x/refunds/y?a=b", "?a", "no parameters"},
		{"/v1/methods", "?amount", "is missing"},
		{"/v1/methods?amount=1.5&currency=EUR", "?amount", "whole number"},
		{"/v1/methods?amount=100&currency=EUX", "?currency", "ISO 4217"},
		{"/v1/methods?amount=100&currency=EUR&country=nl", "?country", "ISO 3166"},
		{"/v1/methods?amount=100&currency=EUR&locale=n!", "?locale", "BCP 47"},
	}
	for _, tt := range tests {
		h := newHouse(t)
		p := h.do(call{method: "GET", path: tt.path}).problem(t)
		if !p.is("invalid-request") || p.Errors[0].Pointer != tt.pointer || !strings.Contains(p.Errors[0].Message, tt.says) {
			t.Errorf("%s: got %s %q, want %s with %q", tt.path, p.Type, p.Errors, tt.pointer, tt.says)
		}
		if h.api.calls > 0 {
			t.Errorf("%s: the use case was asked", tt.path)
		}
	}
}
