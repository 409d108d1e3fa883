package httpapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"github.com/kassette-pay/kassette/host/internal/httpapi"
)

// TestDocument_hasEveryRoute, and every operation has a route.
func TestDocument_hasEveryRoute(t *testing.T) {
	h := newHouse(t)
	api, err := httpapi.New(h.options)
	if err != nil {
		t.Fatal(err)
	}
	engine := gin.New()
	api.Register(engine)
	documented := h.checker.Operations()
	var served []string
	parameter := regexp.MustCompile(`:(\w+)`)
	for _, r := range engine.Routes() {
		op := r.Method + " " + parameter.ReplaceAllString(r.Path, "{$1}")
		refuses := strings.Contains(r.Handler, "refuseOthers")
		switch {
		case refuses && slices.Contains(documented, op):
			t.Errorf("%s is in the document and refused", op)
		case refuses || r.Method == http.MethodHead:
		case !slices.Contains(documented, op):
			t.Errorf("%s is not in the document", op)
		}
		if !refuses {
			served = append(served, op)
		}
	}
	for _, op := range documented {
		if !slices.Contains(served, op) {
			t.Errorf("%s is in the document and has no route", op)
		}
	}
}

func TestDocument_examplesFit(t *testing.T) {
	if err := newHouse(t).checker.Examples(); err != nil {
		t.Error(err)
	}
}

type document struct {
	OpenAPI string
	Servers []struct{ URL string }
	Paths   map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Summary     string
		Security    []any
		Scope       string `json:"x-scope"`
		Parameters  []map[string]any
		Responses   map[string]any
	}
	Components struct {
		Schemas map[string]struct {
			Type                 any
			Properties           map[string]any
			Required             []string
			AdditionalProperties any
		}
	}
}

func readDocument(t *testing.T) document {
	t.Helper()
	g := newHouse(t).do(call{method: "GET", path: "/v1/openapi.json", key: "none"})
	var d document
	if err := json.Unmarshal(g.body, &d); err != nil || g.status != 200 {
		t.Fatalf("got %d: %v", g.status, err)
	}
	return d
}

func TestDocument_operations(t *testing.T) {
	d := readDocument(t)
	if d.OpenAPI != "3.1.1" || d.Servers[0].URL != publicURL {
		t.Errorf("openapi %s, servers %v", d.OpenAPI, d.Servers)
	}
	scopes := map[string]string{}
	for _, g := range guarded {
		scopes[g.method+" "+strings.NewReplacer("/x", "/{id}", "/y", "/{refund}").Replace(g.path)] = string(g.scope)
	}
	ids := map[string]bool{}
	for path, item := range d.Paths {
		for method, op := range item {
			name := strings.ToUpper(method) + " " + path
			if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" {
				t.Errorf("%s: operationId %q is missing or twice, or there is no summary", name, op.OperationID)
			}
			ids[op.OperationID] = true
			if op.Scope != scopes[name] || (op.Scope == "") != (op.Security != nil) {
				t.Errorf("%s: scope %q, want %q; security %v", name, op.Scope, scopes[name], op.Security)
			}
			if op.Responses["500"] == nil && op.Responses["default"] == nil {
				t.Errorf("%s: no answer 500", name)
			}
		}
	}
}

// TestDocument_membersOfRequests: what the document allows in a request is
// what is read.
func TestDocument_membersOfRequests(t *testing.T) {
	d := readDocument(t)
	h := newHouse(t)
	id := h.order("bar-1")
	known := regexp.MustCompile(`known are: (.*)`)
	for schema, c := range map[string]call{
		"CreateOrder":      {path: "/v1/orders", body: `{"nonsense":1}`},
		"AmountSent":       {path: "/v1/orders", body: `{"reference":"x","amount":{"nonsense":1}}`},
		"Customer":         {path: "/v1/orders", body: `{"customer":{"nonsense":1}}`},
		"Address":          {path: "/v1/orders", body: `{"billing_address":{"nonsense":1}}`},
		"Line":             {path: "/v1/orders", body: `{"lines":[{"nonsense":1}]}`},
		"MoneySent":        {path: "/v1/orders", body: `{"lines":[{"unit_price":{"nonsense":1}}]}`},
		"StartPayment":     {path: "/v1/orders/" + id + "/payments", body: `{"nonsense":1}`},
		"CaptureRequest":   {path: "/v1/orders/" + id + "/captures", body: `{"nonsense":1}`},
		"RefundRequest":    {path: "/v1/orders/" + id + "/refunds", body: `{"nonsense":1}`},
		"ControlReference": {path: "/v1/orders/" + id + "/control-reference", body: `{"nonsense":1}`},
	} {
		c.method, c.headers = "POST", key("k")
		var read []string
		for _, e := range h.do(c).problem(t).Errors {
			if m := known.FindStringSubmatch(e.Message); m != nil && strings.HasSuffix(e.Pointer, "nonsense") {
				read = strings.Split(m[1], ", ")
			}
		}
		var told []string
		for name := range d.Components.Schemas[schema].Properties {
			told = append(told, name)
		}
		slices.Sort(read)
		slices.Sort(told)
		if !slices.Equal(read, told) || d.Components.Schemas[schema].AdditionalProperties != false {
			t.Errorf("%s: the document has %v, what is read is %v", schema, told, read)
		}
	}
}

// TestDocument_membersOfAnswers: what is listed is always there.
func TestDocument_membersOfAnswers(t *testing.T) {
	d := readDocument(t)
	for _, name := range []string{"Order", "Payment", "Event", "Capture", "Refund", "Method", "Option", "Action", "Failure", "Amounts", "AvailableAction", "Attention", "Receipt", "Money", "StatementLine"} {
		s := d.Components.Schemas[name]
		if len(s.Properties) == 0 || len(s.Properties) != len(s.Required) {
			t.Errorf("%s: %d members, %d are needed", name, len(s.Properties), len(s.Required))
		}
	}
}

func TestPages(t *testing.T) {
	h := newHouse(t)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	for path, wants := range map[string][]string{
		"/docs":          {"Create an order", "/v1/orders/{id}/refunds", "OpenAPI 3.1", `href="` + publicURL + `/docs/problems#malformed-body`, "4999"},
		"/docs/problems": {`id="outcome-unknown"`, "Money may have moved", "<code>attempted</code>"},
	} {
		g := h.do(call{method: "GET", path: path, key: "none"})
		page := string(g.body)
		if g.status != 200 || g.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: got %d %v", path, g.status, g.header)
		}
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %q", path, want)
			}
		}
		for _, bad := range []string{"<script", "<link", "<img", "@import", "url(", "style=", "onclick", "%!", "ZgotmplZ", "&lt;code&gt;"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
		sum := sha256.Sum256([]byte(style.FindStringSubmatch(page)[1]))
		if policy := g.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("%s: the policy %s does not allow its own style", path, policy)
		}
		checkLinks(t, path, page)
		again := h.do(call{method: "GET", path: path, key: "none", headers: []string{"If-None-Match: " + g.header.Get("ETag")}})
		if again.status != 304 || len(again.body) > 0 || again.header.Get("ETag") != g.header.Get("ETag") {
			t.Errorf("%s again: got %d %v", path, again.status, again.header)
		}
	}
}

// checkLinks: every link within the page has its end, no id is there twice.
func checkLinks(t *testing.T, path, page string) {
	t.Helper()
	ids, links := map[string]int{}, []string{}
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		if z.Next() == html.ErrorToken {
			if !errors.Is(z.Err(), io.EOF) {
				t.Fatal(z.Err())
			}
			break
		}
		for _, a := range z.Token().Attr {
			switch a.Key {
			case "id":
				ids[a.Val]++
			case "href":
				links = append(links, a.Val)
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: id %s is there %d times", path, id, n)
		}
	}
	for _, link := range links {
		if to, inside := strings.CutPrefix(link, "#"); inside && ids[to] == 0 {
			t.Errorf("%s: the link to %s leads nowhere", path, to)
		} else if !inside && !strings.HasPrefix(link, publicURL) {
			t.Errorf("%s: the link to %s leads elsewhere", path, link)
		}
	}
}

// TestProblems_areExplained: every problem has its place on the page and its
// example in the document.
func TestProblems_areExplained(t *testing.T) {
	h := newHouse(t)
	page := string(h.do(call{method: "GET", path: "/docs/problems", key: "none"}).body)
	doc := string(h.do(call{method: "GET", path: "/v1/openapi.json", key: "none"}).body)
	kinds := regexp.MustCompile(`<h3 id="([a-z-]+)">`).FindAllStringSubmatch(page, -1)
	if len(kinds) < 29 {
		t.Errorf("the page explains %d problems", len(kinds))
	}
	for _, k := range kinds {
		if !strings.Contains(doc, fmt.Sprintf(`"type":"%s/docs/problems#%s"`, publicURL, k[1])) {
			t.Errorf("the document has no example of %s", k[1])
		}
	}
}
