package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// paid creates an order that is captured, or authorized.
func (h *house) paid(reference string, kind contract.UpdateType) string {
	h.t.Helper()
	body := strings.Replace(small, "bar-1", reference, 1)
	if kind == contract.UpdateAuthorized {
		body = strings.Replace(body, "{", `{"capture":"manual",`, 1)
	}
	id, _ := h.do(call{method: "POST", path: "/v1/orders", body: strings.Replace(body, "{", `{"method":"transfer",`, 1)}).decode(h.t)["id"].(string)
	if err := h.api.pay(id, kind); err != nil {
		h.t.Fatal(err)
	}
	return id
}

func key(k string) []string { return []string{"Idempotency-Key: " + k} }

func TestStartPayment(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	path := "/v1/orders/" + id + "/payments"
	for body, want := range map[string]string{`{}`: "/method", `{"method":1}`: "/method", `{"method":"transfer","seen":1}`: "/seen", `{"method":"transfer","method_options":{"option":1}}`: "/method_options/option"} {
		if p := h.do(call{method: "POST", path: path, body: body}).problem(t); !p.is("invalid-request") || p.Errors[0].Pointer != want {
			t.Errorf("%s: got %+v, want %s", body, p, want)
		}
	}
	g := h.do(call{method: "POST", path: path, body: `{"method":"transfer"}`})
	p := g.decode(t)
	if g.status != http.StatusCreated || p["method"] != "transfer" || p["provider_reference"] != "T-1" || p["action"].(map[string]any)["url"] != "https://psp.example/start?a=1&b=2" {
		t.Errorf("got %d %s", g.status, g.body)
	}
}

func TestStartPayment_fails(t *testing.T) {
	tests := []struct {
		code      contract.FailureCode
		outcome   order.Outcome
		status    int
		problem   string
		attempted string
	}{
		{contract.Declined, order.OutcomeKnown, 402, "declined", "yes"},
		{contract.ProviderUnavailable, order.OutcomeNotAttempted, 502, "provider-failed", "no"},
		{contract.ProviderUnavailable, order.OutcomeUnknown, 504, "outcome-unknown", "unknown"},
	}
	for _, tt := range tests {
		for _, headers := range [][]string{nil, key("k")} {
			h := newHouse(t)
			h.api.declines, h.api.outcome = &contract.Failure{Code: tt.code, Message: "secret words"}, tt.outcome
			g := h.do(call{method: "POST", path: "/v1/orders", body: with("method", `"transfer"`), headers: headers})
			p := g.problem(t)
			if g.status != tt.status || !p.is(tt.problem) || p.Attempted != tt.attempted || p.Order == nil || p.Payment == "" || p.Failure.Code != string(tt.code) {
				t.Errorf("%s %s: got %d %s", tt.code, tt.outcome, g.status, g.body)
			}
		}
	}
}

func TestAmountOfOperation_badInput(t *testing.T) {
	h := newHouse(t)
	id := h.paid("bar-1", contract.UpdateCaptured)
	calls := h.api.calls
	for _, what := range []string{"captures", "refunds"} {
		for value, says := range map[string]string{"0": "above zero", "-1": "above zero", "1.5": "minor units", "1e2": "minor units", "99999999999999999999": "out of range", "null": "is null"} {
			body := `{"amount":{"value":` + value + `,"currency":"EUR"}}`
			p := h.do(call{method: "POST", path: "/v1/orders/" + id + "/" + what, body: body, headers: key("k")}).problem(t)
			if !p.is("invalid-request") || p.Errors[0].Pointer != "/amount/value" || !strings.Contains(p.Errors[0].Message, says) {
				t.Errorf("%s %s: got %+v", what, body, p)
			}
		}
		for body, pointer := range map[string]string{`{"amount":5}`: "/amount", `{"amount":{}}`: "/amount/value", `{"amount":null}`: "/amount", `{"amount":{"value":1,"currency":"X"}}`: "/amount/currency", `{"lines":{}}`: "/lines", `{"amonut":1}`: "/amonut"} {
			if p := h.do(call{method: "POST", path: "/v1/orders/" + id + "/" + what, body: body, headers: key("k")}).problem(t); !p.is("invalid-request") || p.Errors[0].Pointer != pointer {
				t.Errorf("%s %s: got %+v, want %s", what, body, p, pointer)
			}
		}
	}
	if p := h.do(call{method: "POST", path: "/v1/orders/" + id + "/refunds", body: `{"final":true}`, headers: key("k")}).problem(t); p.Errors[0].Pointer != "/final" {
		t.Errorf("a final refund: got %+v", p)
	}
	if h.api.calls > calls {
		t.Error("a use case was asked")
	}
}

func TestRefund(t *testing.T) {
	h := newHouse(t)
	id := h.paid("bar-1", contract.UpdateCaptured)
	path := "/v1/orders/" + id + "/refunds"
	part := h.do(call{method: "POST", path: path, body: `{"amount":{"value":1000,"currency":"EUR"},"reason":"broken"}`, headers: key("a")})
	r := part.decode(t)
	if part.status != http.StatusCreated || r["status"] != "succeeded" || r["reason"] != "broken" || r["order"] != id || fmt.Sprint(r["amount"]) != "map[currency:EUR value:1000]" {
		t.Fatalf("got %d %s", part.status, part.body)
	}
	where := strings.TrimPrefix(part.header.Get("Location"), publicURL)
	if g := h.do(call{method: "GET", path: where}); g.status != 200 || g.decode(t)["id"] != r["id"] {
		t.Errorf("%s: got %d %s", where, g.status, g.body)
	}
	if p := h.do(call{method: "POST", path: path, body: `{"amount":{"value":4000,"currency":"EUR"}}`, headers: key("b")}).problem(t); p.Status != 409 || p.Reason != "amount_exceeds_rest" || p.Attempted != "no" {
		t.Errorf("more than the rest: got %+v", p)
	}
	if p := h.do(call{method: "POST", path: path, body: `{"amount":{"value":40,"currency":"JPY"}}`, headers: key("c")}).problem(t); p.Status != 422 || p.Errors[0].Pointer != "/amount/currency" {
		t.Errorf("another currency: got %+v", p)
	}
	if g := h.do(call{method: "POST", path: path, headers: key("d")}); g.status != 201 || fmt.Sprint(g.decode(t)["amount"]) != "map[currency:EUR value:3999]" {
		t.Errorf("the rest: got %d %s", g.status, g.body)
	}
	if p := h.do(call{method: "GET", path: path + "/ref_none"}).problem(t); !p.is("not-found") {
		t.Errorf("no such refund: got %+v", p)
	}
	if g := h.do(call{method: "GET", path: "/v1/orders/" + id}).decode(t); g["refund_status"] != "full" {
		t.Errorf("refund_status is %v", g["refund_status"])
	}
}

func TestRefund_declined(t *testing.T) {
	h := newHouse(t)
	id := h.paid("bar-1", contract.UpdateCaptured)
	h.api.declines = &contract.Failure{Code: contract.Declined, Message: "no funds"}
	g := h.do(call{method: "POST", path: "/v1/orders/" + id + "/refunds", headers: key("a")})
	if p := g.problem(t); g.status != 402 || !p.is("declined") || p.Payment != "" || p.Order == nil {
		t.Errorf("got %d %s", g.status, g.body)
	}
}

func TestCapture_refused(t *testing.T) {
	h := newHouse(t)
	open, held := h.order("bar-1"), h.paid("bar-2", contract.UpdateAuthorized)
	for name, c := range map[string]struct {
		id, body, key string
		status        int
		problem       string
		reason        string
	}{
		"nothing authorized":   {open, "", "", 409, "refused", "not_authorized"},
		"more than authorized": {held, `{"amount":{"value":5000,"currency":"EUR"}}`, "", 409, "refused", "amount_exceeds_rest"},
		"lines of less":        {held, `{"lines":[{"name":"Lamp","kind":"physical","quantity":"1","amount":{"value":4998,"currency":"EUR"}}]}`, "", 422, "invalid-request", ""},
		"another currency":     {held, `{"amount":{"value":50,"currency":"TND"}}`, "", 422, "invalid-request", "currency_differs"},
		"no such payment":      {held, `{"payment":"pay_9"}`, "", 422, "invalid-request", ""},
		"no such order":        {"ord_7f00000000000000000000000099", "", "", 404, "not-found", ""},
		"another shop's":       {held, "", "other", 404, "not-found", ""},
		"a key that reads":     {held, "", "reader", 403, "scope-missing", ""},
	} {
		p := h.do(call{method: "POST", path: "/v1/orders/" + c.id + "/captures", body: c.body, key: c.key, headers: key("k-" + c.key)}).problem(t)
		if p.Status != c.status || !p.is(c.problem) || p.Reason != c.reason || p.Attempted != "no" {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

func TestCapture_fails(t *testing.T) {
	for _, c := range []struct {
		code      contract.FailureCode
		outcome   order.Outcome
		status    int
		problem   string
		attempted string
	}{
		{contract.Declined, order.OutcomeKnown, 402, "declined", "yes"},
		{contract.Conflict, order.OutcomeKnown, 409, "provider-conflict", "yes"},
		{contract.ProviderUnavailable, order.OutcomeNotAttempted, 502, "provider-failed", "no"},
		{contract.ProviderUnavailable, order.OutcomeUnknown, 504, "outcome-unknown", "unknown"},
	} {
		h := newHouse(t)
		id := h.paid("bar-1", contract.UpdateAuthorized)
		h.api.declines, h.api.outcome = &contract.Failure{Code: c.code, Message: "secret words"}, c.outcome
		first := h.do(call{method: "POST", path: "/v1/orders/" + id + "/captures", headers: key("k")})
		if p := first.problem(t); first.status != c.status || !p.is(c.problem) || p.Attempted != c.attempted || p.Order == nil || strings.Contains(string(first.body), "secret") {
			t.Errorf("%s %s: got %d %s", c.code, c.outcome, first.status, first.body)
		}
		h.api.declines = nil
		again := h.do(call{method: "POST", path: "/v1/orders/" + id + "/captures", headers: key("k")})
		if string(again.body) != string(first.body) || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s %s, the repeat: got %d %s", c.code, c.outcome, again.status, again.body)
		}
	}
}

func TestCapture_pending(t *testing.T) {
	h := newHouse(t)
	id := h.paid("bar-1", contract.UpdateAuthorized)
	h.api.ends = contract.OperationPending
	g := h.do(call{method: "POST", path: "/v1/orders/" + id + "/captures", headers: key("k")})
	if c := g.decode(t); g.status != 201 || c["status"] != "pending" || c["ended_at"] != nil || fmt.Sprint(c["amount"]) != "map[currency:EUR value:4999]" {
		t.Errorf("got %d %s", g.status, g.body)
	}
}

func TestCapture(t *testing.T) {
	h := newHouse(t)
	id := h.paid("bar-1", contract.UpdateAuthorized)
	path := "/v1/orders/" + id + "/captures"
	if p := h.do(call{method: "POST", path: path, body: `{"final":"yes"}`, headers: key("a")}).problem(t); p.Errors[0].Pointer != "/final" {
		t.Errorf("got %+v", p)
	}
	g := h.do(call{method: "POST", path: path, body: `{"amount":{"value":4000,"currency":"EUR"},"final":true}`, headers: key("b")})
	if c := g.decode(t); g.status != http.StatusCreated || c["final"] != true || !strings.HasPrefix(c["id"].(string), "cap_") || g.header.Get("Location") != publicURL+"/v1/orders/"+id {
		t.Fatalf("got %d %s", g.status, g.body)
	}
	o := h.do(call{method: "GET", path: "/v1/orders/" + id}).decode(t)
	if o["status"] != "paid" || fmt.Sprint(o["captured"], o["released"]) != "map[currency:EUR value:4000] map[currency:EUR value:999]" {
		t.Errorf("the order is %v, captured %v, released %v", o["status"], o["captured"], o["released"])
	}
}
