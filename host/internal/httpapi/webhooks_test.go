package httpapi_test

import (
	"errors"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestWebhook_message(t *testing.T) {
	h := newHouse(t, func(o *httpapi.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
	headers := []string{"X-Test-From: 10.0.0.1:99", "X-Forwarded-For: 198.51.100.7", "Cookie: session=1", "X-Signature: abc", "X-Signature: def", "Content-Type: -", "Content-Type: application/x-www-form-urlencoded"}
	g := h.do(call{method: "POST", path: "/webhooks/acc%2D1?b=2&a=%20x", body: "a=1\r\n&b=\x00", key: "psp", headers: headers})
	if g.status != 200 || string(g.body) != "OK" || g.header.Get("Content-Type") != "text/plain; charset=utf-8" || g.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got %d %v %s", g.status, g.header, g.body)
	}
	m := h.api.message
	want := contract.Message{Method: "POST", Path: "/till/webhooks/acc%2D1", Query: "b=2&a=%20x", Body: "a=1\r\n&b=\x00", RemoteIP: "198.51.100.7", Headers: map[string][]string{
		"authorization": {"Bearer psp"}, "x-signature": {"abc", "def"}, "content-type": {"application/x-www-form-urlencoded"},
		"x-forwarded-for": {"198.51.100.7"}, "x-test-from": {"10.0.0.1:99"}, "host": {"pay.example"},
	}}
	if h.api.account != "acc-1" || !reflect.DeepEqual(m, want) {
		t.Errorf("account %s, got %+v\nwant %+v", h.api.account, m, want)
	}
}

func TestWebhook_bytesThatAreNoText(t *testing.T) {
	h := newHouse(t)
	body := "\xff\x00\xfe{"
	h.do(call{method: "POST", path: "/webhooks/acc", body: body})
	if m := h.api.message; m.Body != "" || string(m.Bytes()) != body {
		t.Errorf("got %q %q", m.Body, m.BodyBase64)
	}
	h.do(call{method: "GET", path: "/webhooks/acc?id=1", key: "none"})
	if m := h.api.message; m.Method != http.MethodGet || m.Body != "" || m.BodyBase64 != nil || m.Query != "id=1" {
		t.Errorf("got %+v", m)
	}
}

func TestWebhook_size(t *testing.T) {
	h := newHouse(t)
	if g := h.do(call{method: "POST", path: "/webhooks/acc", body: strings.Repeat("a", contract.MaxWebhook)}); g.status != 200 || len(h.api.message.Body) != contract.MaxWebhook {
		t.Errorf("as large as may be: got %d, %d bytes", g.status, len(h.api.message.Body))
	}
	h.api.calls = 0
	if p := h.do(call{method: "POST", path: "/webhooks/acc", body: strings.Repeat("a", contract.MaxWebhook+1)}).problem(t); p.Status != 413 || h.api.calls > 0 {
		t.Errorf("a byte more: got %+v, %d calls", p, h.api.calls)
	}
}

func TestWebhook_answers(t *testing.T) {
	tests := []struct {
		name   string
		answer contract.WebhookResponse
		status int
		kind   string
		body   string
	}{
		{"no status", contract.WebhookResponse{Body: "OK"}, 200, "text/plain; charset=utf-8", "OK"},
		{"JSON", contract.WebhookResponse{Status: 202, ContentType: "application/json; charset=utf-8", Body: `{"ok":true}`}, 202, "application/json", `{"ok":true}`},
		{"a page", contract.WebhookResponse{Status: 200, ContentType: "text/html", Body: "<script>"}, 200, "text/plain; charset=utf-8", "<script>"},
		{"a problem", contract.WebhookResponse{Status: 400, ContentType: "no type at all", Body: "bad signature"}, 400, "text/plain; charset=utf-8", "bad signature"},
		{"nothing", contract.WebhookResponse{Status: 204, Body: "x"}, 204, "", ""},
		{"no status of HTTP", contract.WebhookResponse{Status: 99}, 500, "application/problem+json", ""},
		{"too high", contract.WebhookResponse{Status: 600}, 500, "application/problem+json", ""},
		{"informational", contract.WebhookResponse{Status: 101}, 500, "application/problem+json", ""},
	}
	for _, tt := range tests {
		h := newHouse(t)
		h.api.answer = tt.answer
		g := h.do(call{method: "POST", path: "/webhooks/acc", body: "x"})
		if g.status != tt.status || g.header.Get("Content-Type") != tt.kind || (tt.status < 500 && string(g.body) != tt.body) {
			t.Errorf("%s: got %d %q %q, want %d %q %q", tt.name, g.status, g.header.Get("Content-Type"), g.body, tt.status, tt.kind, tt.body)
		}
	}
}

func TestWebhook_errors(t *testing.T) {
	for err, want := range map[error]int{checkout.ErrNotFound: 404, checkout.ErrUnavailable: 503, checkout.ErrBusy: 503, checkout.ErrMoved: 503, checkout.ErrFlood: 429, errors.New("secret words"): 500} {
		h := newHouse(t)
		h.api.fail = err
		g := h.do(call{method: "POST", path: "/webhooks/acc", body: "x", key: "none"})
		if p := g.problem(t); g.status != want || p.Attempted != "no" || strings.Contains(string(g.body), "secret") {
			t.Errorf("%v: got %d %s", err, g.status, g.body)
		}
		if (want == 503 || want == 429) != (g.header.Get("Retry-After") != "") {
			t.Errorf("%v: Retry-After is %q", err, g.header.Get("Retry-After"))
		}
	}
}
