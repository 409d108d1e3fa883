package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestCreateOrder(t *testing.T) {
	for _, money := range []string{`"EUR"`, `"JPY"`, `"TND"`} {
		h := newHouse(t)
		g := h.do(call{method: "POST", path: "/v1/orders", body: with("currency", money)})
		o := g.decode(t)
		id, _ := o["id"].(string)
		if g.status != http.StatusCreated || g.header.Get("Location") != publicURL+"/v1/orders/"+id {
			t.Fatalf("%s: got %d, Location %q", money, g.status, g.header.Get("Location"))
		}
		if want := publicURL + "/pay/" + id + ".k3v7q2m5n4p6r7s2"; o["checkout_url"] != want {
			t.Errorf("%s: checkout_url is %v, want %s", money, o["checkout_url"], want)
		}
		if got, want := fmt.Sprint(o["amount"]), "map[currency:"+strings.Trim(money, `"`)+" value:4999]"; got != want {
			t.Errorf("amount is %s, want %s", got, want)
		}
		again := h.do(call{method: "POST", path: "/v1/orders", body: with("currency", money)})
		if again.status != http.StatusOK || again.header.Get("Location") != "" || again.decode(t)["id"] != id {
			t.Errorf("%s: the same reference again: got %d %s", money, again.status, again.body)
		}
	}
}

func TestCreateOrder_withoutAReturnURL(t *testing.T) {
	h := newHouse(t)
	g := h.do(call{method: "POST", path: "/v1/orders", body: `{"reference":"bar-1","amount":{"value":4999,"currency":"EUR"}}`})
	o := g.decode(t)
	id, _ := o["id"].(string)
	if g.status != http.StatusCreated || h.api.orders[id].ReturnURL != "" {
		t.Errorf("got %d %s", g.status, g.body)
	}
}

func TestCreateOrder_whole(t *testing.T) {
	h := newHouse(t)
	body := `{"reference":"bar-2","amount":{"value":5299,"currency":"EUR"},"description":"Twee lampen","lines":[
		{"id":"1","sku":"L-7","name":"Lamp","description":"Met kap","kind":"physical","quantity":"2","unit":"st","unit_price":{"value":2450,"currency":"EUR"},"amount":{"value":4900,"currency":"EUR"},"tax_rate":"21","tax_amount":{"value":850,"currency":"EUR"},"tax_code":"hoog","codes":{"gtin":"871"}},
		{"name":"Pakket","kind":"shipping","quantity":"1","amount":{"value":899,"currency":"EUR"}},
		{"name":"Actie","kind":"discount","quantity":"1","amount":{"value":-500,"currency":"EUR"}}],
		"customer":{"id":"c-1","name":"J. Jansen","email":"j@shop.example","phone":"+31201234567","ip":"2001:db8::1"},
		"billing_address":{"first_name":"Jan","middle_name":"P.","last_name":"Jansen","company":"Bar","street":"Dorpsstraat","house_number":"1","house_number_addition":"a","postal_code":"1234 AB","city":"Utrecht","region":"UT","country":"NL"},
		"shipping_address":{"city":"Utrecht"},"locale":"nl-NL","country":"NL","methods":["transfer"],"capture":"manual",
		"return_url":"https://shop.example/","cancel_url":"https://shop.example/cart","notify_url":"https://shop.example/n","expires_at":"2026-11-22T16:00:00+01:00","metadata":{"till":"4"}}`
	g := h.do(call{method: "POST", path: "/v1/orders", body: body})
	if g.status != http.StatusCreated {
		t.Fatalf("got %d %s", g.status, g.body)
	}
	o := h.api.orders[g.decode(t)["id"].(string)]
	line := o.Lines[0]
	if line.UnitPrice.Value != 2450 || line.TaxAmount.Value != 850 || line.Codes["gtin"] != "871" || line.Kind != contract.LinePhysical || o.Lines[2].Amount.Value != -500 {
		t.Errorf("lines are %+v", o.Lines)
	}
	if o.Customer.IP != "2001:db8::1" || o.BillingAddress.HouseNumberAddition != "a" || o.ShippingAddress.City != "Utrecht" || o.Capture != contract.CaptureManual || o.Metadata["till"] != "4" {
		t.Errorf("the order is %+v", o)
	}
	if want := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC); !o.ExpiresAt.Equal(want) {
		t.Errorf("it expires at %s, want %s", o.ExpiresAt, want)
	}
}

func TestCreateOrder_withMethod(t *testing.T) {
	h := newHouse(t)
	g := h.do(call{method: "POST", path: "/v1/orders", body: with("method", `"transfer","method_options":{"option":"a"}`)})
	payments, _ := g.decode(t)["payments"].([]any)
	if g.status != http.StatusCreated || len(payments) != 1 || !strings.Contains(string(g.body), `"action":{"type":"redirect","url":"https://psp.example/start?a=1&b=2"`) {
		t.Errorf("got %d %s", g.status, g.body)
	}
}

func TestGetOrder(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	if g := h.do(call{method: "GET", path: "/v1/orders/" + id}); g.status != 200 || g.decode(t)["id"] != id || h.api.waited != 0 {
		t.Errorf("got %d %s", g.status, g.body)
	}
	if g := h.do(call{method: "GET", path: "/v1/orders/" + id + "?wait=30"}); g.status != 200 || h.api.waited != 30*time.Second {
		t.Errorf("got %d, waited %s", g.status, h.api.waited)
	}
}

func TestListOrders(t *testing.T) {
	h := newHouse(t)
	if g := h.do(call{method: "GET", path: "/v1/orders"}); string(g.body) != `{"items":[],"next_cursor":null}`+"\n" {
		t.Errorf("no orders: got %s", g.body)
	}
	h.order("bar-1")
	h.order("bar-2")
	page := h.do(call{method: "GET", path: "/v1/orders?limit=1&status=open&created_from=2026-11-22&created_to=2026-11-23T00:00:00Z&cursor=c"})
	if m := page.decode(t); len(m["items"].([]any)) != 1 || m["next_cursor"] != "more" {
		t.Errorf("got %s", page.body)
	}
	f := h.api.list
	if f.Limit != 1 || f.Status != "open" || f.Cursor != "c" || !f.CreatedFrom.Equal(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) || !f.CreatedTo.Equal(f.CreatedFrom.AddDate(0, 0, 1)) {
		t.Errorf("the filter is %+v", f)
	}
	one := h.do(call{method: "GET", path: "/v1/orders?reference=bar-2"}).decode(t)
	if items := one["items"].([]any); len(items) != 1 || items[0].(map[string]any)["reference"] != "bar-2" || h.api.list.Limit != 50 {
		t.Errorf("by reference: got %v, limit %d", one, h.api.list.Limit)
	}
}

func TestListOrders_cursorThatNoListGave_isRefused(t *testing.T) {
	h := newHouse(t)
	h.api.fail = fmt.Errorf("list orders: %w", checkout.ErrCursor)
	p := h.do(call{method: "GET", path: "/v1/orders?cursor=garbage"}).problem(t)
	if !p.is("invalid-request") || p.Errors[0].Pointer != "?cursor" {
		t.Errorf("got %+v", p)
	}
}

func TestListEvents(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	h.do(call{method: "POST", path: "/v1/orders/" + id + "/payments", body: `{"method":"transfer"}`})
	var numbers []string
	path := "/v1/orders/" + id + "/events?limit=2"
	for next := ""; ; {
		m := h.do(call{method: "GET", path: path + next}).decode(t)
		for _, item := range m["items"].([]any) {
			e := item.(map[string]any)
			numbers = append(numbers, fmt.Sprintf("%v", e["number"]))
			if e["id"] != fmt.Sprintf("%s.%v", id, e["number"]) || e["order"] != id {
				t.Errorf("event %v", e)
			}
		}
		cursor, more := m["next_cursor"].(string)
		if !more {
			break
		}
		next = "&cursor=" + cursor
	}
	if got := len(numbers); int64(got) != h.api.orders[id].LastEvent || numbers[0] != "1" {
		t.Errorf("got events %v, want all %d", numbers, h.api.orders[id].LastEvent)
	}
}

func TestCancelOrder(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	if g := h.do(call{method: "POST", path: "/v1/orders/" + id + "/cancel"}); g.status != 200 || g.decode(t)["status"] != "cancelled" {
		t.Errorf("got %d %s", g.status, g.body)
	}
	if p := h.do(call{method: "POST", path: "/v1/orders/" + id + "/payments", body: `{"method":"transfer"}`}).problem(t); !p.is("order-closed") {
		t.Errorf("a payment of it: got %+v", p)
	}
	if p := h.do(call{method: "POST", path: "/v1/orders/" + id + "/cancel", body: `{"why":"so"}`}).problem(t); !p.is("invalid-request") {
		t.Errorf("with a member: got %+v", p)
	}
}

func TestSyncOrder(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-1")
	for _, body := range []string{"", "{}", " {}\n"} {
		if g := h.do(call{method: "POST", path: "/v1/orders/" + id + "/sync", body: body}); g.status != 200 || g.decode(t)["id"] != id {
			t.Errorf("%q: got %d %s", body, g.status, g.body)
		}
	}
}

func TestControlReference(t *testing.T) {
	h := newHouse(t)
	path := "/v1/orders/" + h.order("bar-1") + "/control-reference"
	for _, body := range []string{`{}`, `{"control_reference":""}`, `{"control_reference":"` + strings.Repeat("a", 256) + `"}`, `{"control_reference":7}`} {
		if p := h.do(call{method: "POST", path: path, body: body}).problem(t); !p.is("invalid-request") || p.Errors[0].Pointer != "/control_reference" {
			t.Errorf("%s: got %+v", body, p)
		}
	}
	if p := h.do(call{method: "POST", path: path}).problem(t); p.Status != 415 {
		t.Errorf("no body: got %+v", p)
	}
	if g := h.do(call{method: "POST", path: path, body: `{"control_reference":"CU-1"}`}); g.status != 200 || g.decode(t)["control_reference"] != "CU-1" {
		t.Errorf("got %d %s", g.status, g.body)
	}
	if p := h.do(call{method: "POST", path: path, body: `{"control_reference":"CU-2"}`}).problem(t); !p.is("refused") || p.Reason != "control_reference_set" {
		t.Errorf("another one: got %+v", p)
	}
}
