package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// below is where the gateway is mounted.
const below = "/kassette"

// TestMounted_wholePayment_everyAddressIsBelowThePath pays, pauses, gives up
// and reads everything there is to read, then looks at every answer, and goes
// to every address that the gateway gave away. In the end nothing is left running.
func TestMounted_wholePayment_everyAddressIsBelowThePath(t *testing.T) {
	w := newWorld(t, below)
	v := newVisitor(t, w.transport)
	if a := v.send("GET", w.origin+"/", ""); a.body != "Our shop." { // once it has started
		t.Fatalf("the program's own page: %d %s", a.status, a.body)
	}
	w.foreign(v)

	v.all = nil
	w.documents(v)
	w.pays(v)
	w.pausesAndGivesUp(v)

	w.until("the shop is told of both", func() bool {
		notices, _ := w.seen()
		return slices.ContainsFunc(notices, func(a answered) bool { return strings.Contains(a.body, `"order.cancelled"`) })
	})
	notices, agents := w.seen()
	if !slices.Contains(agents, "OurShop/1.0") {
		t.Errorf("the bank was asked by %q, want our name among them", agents)
	}
	if log := w.log.String(); !strings.Contains(log, `"program":"embed"`) {
		t.Errorf("the gateway does not log where the program does:\n%s", log)
	}
	w.everyAddress(v, append(v.all, notices...))
	if err := w.stop(); err != nil {
		t.Errorf("the program ended: %v", err)
	}
}

// foreign: what is the program's stays so, 404 included, even where the gateway
// has the same path below its own; and the gateway's 404 stays the gateway's.
func (w *world) foreign(v *visitor) {
	w.t.Helper()
	for path, want := range map[string]string{
		"/":                  "Our shop.",
		"/docs":              "How our shop works.",
		"/pay/ord_1":         "About paying by ord_1.",
		"/nothing":           "Our shop has no such page.",
		"/kassetten":         "Our shop has no such page.",
		"/v1/orders":         "Our shop has no such page.",
		"/v1/openapi.json":   "Our shop has no such page.",
		"/webhooks/rabo":     "Our shop has no such page.",
		"/pay/assets/x.css":  "Our shop has no such page.",
		"/return/rabo":       "Our shop has no such page.",
		"/health":            "Our shop has no such page.",
		below + "x/v1/order": "Our shop has no such page.",
	} {
		if a := v.send("GET", w.origin+path, ""); a.body != want {
			w.t.Errorf("%s: got %d %.100s, want %s", path, a.status, a.body, want)
		}
	}
	for _, path := range []string{"/", "/nothing", "/health", "/kassette/docs", "/v1/orders/ord_1/nothing"} {
		a := v.send("GET", w.base+path, "")
		if a.status != http.StatusNotFound || a.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(a.body, w.base+"/docs") {
			w.t.Errorf("%s%s: got %d %s", below, path, a.status, a.body)
		}
	}
}

// documents reads what describes the interface.
func (w *world) documents(v *visitor) {
	w.t.Helper()
	doc := w.api(v, "GET", "/v1/openapi.json", "", http.StatusOK)
	servers, _ := doc["servers"].([]any)
	if len(servers) != 1 || servers[0].(map[string]any)["url"] != w.base {
		w.t.Errorf("servers of the OpenAPI document: got %v, want %s alone", servers, w.base)
	}
	v.open(w.base + "/docs")
	v.open(w.base + "/docs/problems")
	problem := w.api(v, "POST", "/v1/orders", `{}`, http.StatusUnprocessableEntity)
	if kind, _ := problem["type"].(string); !strings.HasPrefix(kind, w.base+"/docs/problems#") {
		w.t.Errorf("type of a problem: %q", kind)
	}
	w.api(v, "GET", "/v1/methods?amount=4999&currency=EUR", "", http.StatusOK)
	if ready := v.send("GET", w.operators+"/ready", ""); ready.status != http.StatusOK {
		w.t.Errorf("the operators' listener: %d %s", ready.status, ready.body)
	}
}

// create makes an order of the shop.
func (w *world) create(v *visitor, reference string) (id, checkout string) {
	w.t.Helper()
	o := w.api(v, "POST", "/v1/orders", `{"reference": "`+reference+`", "amount": {"value": 4999, "currency": "EUR"}, "description": "drie wafels",
		"return_url": "`+w.shopURL+`/thanks", "cancel_url": "`+w.shopURL+`/basket", "notify_url": "`+w.shopURL+`/notices", "locale": "nl-NL", "country": "NL"}`, http.StatusCreated)
	return o["id"].(string), o["checkout_url"].(string)
}

// status waits for an order's status.
func (w *world) status(v *visitor, id, want string) {
	w.t.Helper()
	w.until(id+" is "+want, func() bool {
		return w.api(v, "GET", "/v1/orders/"+id, "", http.StatusOK)["status"] == want
	})
}

// pays pays an order: the consumer is led to the bank, back to the gateway, and
// on to the shop; the bank's webhook books it; some of it is given back.
func (w *world) pays(v *visitor) {
	w.t.Helper()
	id, checkout := w.create(v, "paid-1")
	v.open(checkout)
	v.press("method", "ideal")
	if a := v.press("outcome", "success"); !strings.HasPrefix(a.at.String(), w.shopURL+"/thanks") && a.at.Host != w.host() {
		w.t.Errorf("the consumer ended at %s", a.at)
	}
	w.status(v, id, "paid")
	v.open(checkout) // its result
	w.until("the webhook has taken the bank's notification", func() bool { return len(w.bank.Books().Notifications) > 0 })
	w.api(v, "POST", "/v1/orders/"+id+"/refunds", `{"amount": {"value": 1000, "currency": "EUR"}}`, http.StatusCreated)
	w.api(v, "GET", "/v1/orders/"+id+"/events", "", http.StatusOK)
	w.api(v, "GET", "/v1/orders", "", http.StatusOK)
}

// pausesAndGivesUp sees the pages of a payment that does not come to its end:
// the one that waits, its status, the choice again, and a forged return.
func (w *world) pausesAndGivesUp(v *visitor) {
	w.t.Helper()
	id, checkout := w.create(v, "open-1")
	v.open(checkout)
	v.press("method", "ideal")
	waiting := v.press("outcome", "open")
	if !strings.Contains(waiting.at.RawQuery, "wait=") {
		w.t.Errorf("no page that waits: %s %d", waiting.at, waiting.status)
	}
	v.send("POST", w.base+"/webhooks/rabo", `{}`)
	v.open(checkout + "/return/pay_0?order_id=1&status=COMPLETED&signature=1")
	v.open(checkout + "?lang=bg")
	w.api(v, "POST", "/v1/orders/"+id+"/cancel", "", http.StatusOK)
	v.open(checkout)

	_, checkout = w.create(v, "cancelled-1")
	v.open(checkout)
	v.press("method", "ideal")
	again := v.press("outcome", "cancelled")
	w.until("the consumer can choose again", func() bool {
		a := v.open(again.at.String()) // as the page that waits does
		return a.at.Host == w.host() && strings.Contains(a.body, `value="ideal"`)
	})
}

func (w *world) host() string { return strings.TrimPrefix(w.origin, "http://") }

// everyAddress wants all that the answers lead to below the path, and goes there.
func (w *world) everyAddress(v *visitor, answers []answered) {
	w.t.Helper()
	all := map[string]bool{}
	for _, a := range answers {
		strays, err := a.strays(w.base)
		if err != nil {
			w.t.Error(err)
		}
		for _, s := range strays {
			w.t.Errorf("%s (%d) leads past the path: %s", a.at, a.status, s)
		}
		leads, err := a.leads()
		if err != nil {
			w.t.Error(err)
		}
		for _, to := range leads {
			if u, err := a.at.Parse(to); err == nil && u.Host == w.host() && !strings.ContainsAny(u.Path, "{}") {
				all[address(u)] = true
			}
		}
	}
	if len(all) < 15 {
		w.t.Errorf("the gateway gave %d addresses away, want more: what did the pages show? %v", len(all), all)
	}
	for to := range all {
		if a := v.send("GET", to, "", "Authorization", "Bearer "+key); a.status == http.StatusNotFound {
			w.t.Errorf("%s leads nowhere: %s", to, a.body)
		}
	}
}

// address is a URL without what only a browser reads.
func address(u *url.URL) string {
	plain := *u
	plain.Fragment = ""
	return plain.String()
}

// TestStrays: the check finds every way to ignore the path.
func TestStrays(t *testing.T) {
	t.Parallel()
	const base = "http://127.0.0.1:8080/kassette"
	at, err := url.Parse(base + "/pay/ord_1")
	if err != nil {
		t.Fatal(err)
	}
	page := func(kind, body string, headers ...string) answered {
		h := http.Header{"Content-Type": {kind}}
		for pair := range slices.Chunk(headers, 2) {
			h.Set(pair[0], pair[1])
		}
		return answered{at, http.StatusOK, h, body}
	}
	const html = "text/html; charset=utf-8"
	for name, c := range map[string]struct {
		page answered
		want int
	}{
		"all is well": {page(html, `<a href="/kassette/docs">a</a><a href="?lang=nl">b</a><a href="#c">c</a><a href="https://shop.example/">d</a>`,
			"Location", base+"/pay/ord_1"), 0},
		"link":             {page(html, `<a href="/docs">docs</a>`), 1},
		"another path":     {page(html, `<a href="/kassetten/docs">docs</a>`), 1},
		"up and away":      {page(html, `<a href="../../docs">docs</a>`), 1},
		"form":             {page(html, `<form action="/pay/ord_1"></form>`), 1},
		"asset":            {page(html, `<link rel="stylesheet" href="/pay/assets/style.css"><script src="/pay/assets/x.js"></script>`), 2},
		"status":           {page(html, `<section data-status="/pay/ord_1/status"></section>`), 1},
		"without script":   {page(html, `<head><noscript><meta http-equiv="refresh" content="2; url=/pay/ord_1"></noscript></head>`), 1},
		"redirect":         {page(html, ``, "Location", "/pay/ord_1"), 1},
		"style":            {page("text/css", `body{background:url("/pay/assets/x.png")}`), 1},
		"script":           {page("text/javascript", `fetch("http://127.0.0.1:8080/pay/status")`), 1},
		"JSON":             {page("application/json", `{"items":[{"checkout_url":"http://127.0.0.1:8080/pay/ord_1"}]}`), 2},
		"path in JSON":     {page("application/json", `{"next":"/pay/ord_1"}`), 1},
		"problem":          {page("application/problem+json", `{"type":"/docs/problems#internal"}`), 1},
		"address in words": {page("application/json", `{"detail":"Read http://127.0.0.1:8080/docs."}`), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := c.page.strays(base); err != nil || len(got) != c.want {
				t.Errorf("got %q %v, want %d", got, err, c.want)
			}
		})
	}
}

// TestRoutes_noPath: at the root the gateway would take what is the program's.
func TestRoutes_noPath(t *testing.T) {
	t.Parallel()
	for _, publicURL := range []string{"https://shop.example", "https://shop.example/", "::"} {
		if _, err := routes(http.NotFoundHandler(), publicURL); err == nil || !strings.Contains(err.Error(), "public_url") {
			t.Errorf("%s: got %v, want an error of public_url", publicURL, err)
		}
	}
}
