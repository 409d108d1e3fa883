package httpapi_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// The plugin's own answer goes back; the order where that says nothing.
func TestReadOrder_answers(t *testing.T) {
	tests := map[string]struct {
		order, existing bool
		answer          contract.WebhookResponse
		status          int
		body            string
	}{
		"a refusal":                       {false, false, contract.WebhookResponse{Status: 400, ContentType: "text/plain", Body: "bad_signature"}, 400, "bad_signature"},
		"a ping":                          {false, false, contract.WebhookResponse{Status: 200}, 200, ""},
		"an order, and words of its own":  {true, false, contract.WebhookResponse{Status: 200, ContentType: "text/plain", Body: "OK"}, 200, "OK"},
		"an order, and a status alone":    {true, false, contract.WebhookResponse{Status: 404}, 404, ""},
		"an order that is new":            {true, false, contract.WebhookResponse{Status: 200}, 201, `"checkout_url":"` + publicURL + "/pay/"},
		"an order that was there already": {true, true, contract.WebhookResponse{Status: 200}, 200, `"checkout_url":"` + publicURL + "/pay/"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			if tt.order {
				h.order("bar-1")
			}
			h.api.answer, h.api.existing = tt.answer, tt.existing
			g := h.do(call{method: "POST", path: "/v1/shops/bar/orders", body: `{"id":7}`, key: "none", headers: []string{"X-WC-Webhook-Signature: abc="}})
			if g.status != tt.status || !strings.Contains(string(g.body), tt.body) || (g.header.Get("Location") != "") != (tt.status == 201) {
				t.Errorf("got %d %v %s", g.status, g.header, g.body)
			}
			if m := h.api.message; h.api.account != "bar/" || m.Body != `{"id":7}` || m.Header("x-wc-webhook-signature") != "abc=" || m.Path != "/till/v1/shops/bar/orders" {
				t.Errorf("%s was given %+v", h.api.account, m)
			}
		})
	}
}

func TestReadOrder_ofAnAccount(t *testing.T) {
	h := newHouse(t)
	if g := h.do(call{method: "POST", path: "/v1/shops/bar/orders/woo-live", key: "none"}); g.status != http.StatusOK || h.api.account != "bar/woo-live" {
		t.Errorf("got %d for %s", g.status, h.api.account)
	}
}

func TestReadOrder_errors(t *testing.T) {
	for err, want := range map[error]int{
		checkout.ErrNotFound: 404, checkout.ErrWhichAccount: 404, checkout.ErrUnavailable: 503, checkout.ErrBusy: 503, checkout.ErrFlood: 429,
		&checkout.URLError{Pointer: "/return_url", URL: "https://elsewhere.example"}: 422, errors.New("secret words"): 500,
	} {
		h := newHouse(t)
		h.api.fail = err
		g := h.do(call{method: "POST", path: "/v1/shops/bar/orders", body: "x", key: "none"})
		if p := g.problem(t); g.status != want || p.Attempted != "no" || strings.Contains(string(g.body), "secret") {
			t.Errorf("%v: got %d %s", err, g.status, g.body)
		}
	}
	h := newHouse(t)
	if p := h.do(call{method: "POST", path: "/v1/shops/bar/orders", body: strings.Repeat("a", contract.MaxWebhook+1)}).problem(t); p.Status != 413 || h.api.calls > 0 {
		t.Errorf("a byte too many: got %+v, %d calls", p, h.api.calls)
	}
}
