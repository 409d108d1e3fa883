package httpapi_test

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path fill="#c06" d="M0 0h1v1z"/></svg>`

func offers() []checkout.MethodOffer {
	return []checkout.MethodOffer{
		{ID: "transfer", Title: contract.Text{"en": "Bank transfer", "nl": "Overschrijving"}, ProviderTitle: contract.Text{"en": "Example Pay"}, Brand: "TRANSFER", Logo: svg, Flow: contract.FlowRedirect, HasOptions: true, RequiredFields: []string{"/customer/email"}, Available: true},
		{ID: "wallet", Title: contract.Text{"bg": "Портфейл", "de": "Geldbörse"}, Flow: contract.FlowForm, HasOptions: true, Available: true},
		{ID: "terminal", Title: contract.Text{"en": "Terminal"}, Flow: contract.FlowTerminal, Available: false, Reason: "provider_unavailable"},
	}
}

func TestListMethods(t *testing.T) {
	h := newHouse(t)
	h.api.offers = offers()
	h.api.options = map[string][]contract.Option{"transfer": {{ID: "first", Title: "First Bank", Group: "NL"}, {ID: "second", Title: "Second Bank"}}}
	g := h.do(call{method: "GET", path: "/v1/methods?amount=4999&currency=EUR&country=NL&locale=nl-BE"})
	want := `{"items":[` +
		`{"id":"transfer","title":"Overschrijving","provider_title":"Example Pay","brand":"TRANSFER","logo_url":"` + publicURL + `/v1/methods/transfer/logo.svg?v=DIGEST","flow":"redirect","options":[{"id":"first","title":"First Bank","group":"NL","logo":null},{"id":"second","title":"Second Bank","group":null,"logo":null}],"required_fields":["/customer/email"],"available":true,"reason":null},` +
		`{"id":"wallet","title":"Портфейл","provider_title":null,"brand":null,"logo_url":null,"flow":"form","options":[],"required_fields":[],"available":false,"reason":"its options cannot be had from the provider now"},` +
		`{"id":"terminal","title":"Terminal","provider_title":null,"brand":null,"logo_url":null,"flow":"terminal","options":null,"required_fields":[],"available":false,"reason":"provider_unavailable"}],"next_cursor":null}` + "\n"
	_, digest, _ := strings.Cut(string(g.body), "?v=")
	if len(digest) < 16 || string(g.body) != strings.Replace(want, "DIGEST", digest[:16], 1) {
		t.Errorf("got %s\nwant %s", g.body, want)
	}
	q := h.api.queries[0]
	if q.Amount.Value != 4999 || q.Amount.Currency != "EUR" || q.Country != "NL" || q.Locale != "nl-BE" {
		t.Errorf("asked for %+v", q)
	}
	if g := h.do(call{method: "GET", path: "/v1/methods?amount=1&currency=JPY", key: "other"}); string(g.body) != `{"items":[],"next_cursor":null}`+"\n" {
		t.Errorf("another shop: got %s", g.body)
	}
}

func TestLogo(t *testing.T) {
	h := newHouse(t, func(o *httpapi.Options) {
		o.Logo = func(method string) (string, bool) { return svg, method == "transfer" }
	})
	h.api.offers = offers()
	items := h.do(call{method: "GET", path: "/v1/methods?amount=1&currency=EUR"}).decode(t)["items"].([]any)
	link := strings.TrimPrefix(items[0].(map[string]any)["logo_url"].(string), publicURL)
	tests := []struct {
		path, cache string
		headers     []string
		status      int
	}{
		{link, "public, max-age=31536000, immutable", nil, 200},
		{"/v1/methods/transfer/logo.svg", "public, no-cache", nil, 200},
		{"/v1/methods/transfer/logo.svg?v=old", "public, no-cache", nil, 200},
		{link, "public, max-age=31536000, immutable", []string{`If-None-Match: "x", W/"` + link[strings.Index(link, "=")+1:] + `"`}, 304},
		{"/v1/methods/barter/logo.svg", "no-store", nil, 404},
		{"/v1/methods/..%2Ftransfer/logo.svg", "no-store", nil, 404},
	}
	for _, tt := range tests {
		g := h.do(call{method: "GET", path: tt.path, key: "none", headers: tt.headers})
		if g.status != tt.status || g.header.Get("Cache-Control") != tt.cache {
			t.Errorf("%s: got %d %v, want %d %s", tt.path, g.status, g.header, tt.status, tt.cache)
		}
		if tt.status != 200 {
			continue
		}
		if string(g.body) != svg || g.header.Get("Content-Type") != "image/svg+xml" || g.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %v %s", tt.path, g.header, g.body)
		}
		if policy := g.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "sandbox") {
			t.Errorf("%s: the policy is %q", tt.path, policy)
		}
	}
}
