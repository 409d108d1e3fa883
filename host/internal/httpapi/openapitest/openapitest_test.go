package openapitest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

const small = `{"openapi":"3.1.1","servers":[{"url":"https://pay.example/till"}],"paths":{
"/v1/things":{"post":{
  "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","additionalProperties":false,"properties":{"name":{"type":"string"}},"required":["name"]},"examples":{"a":{"$ref":"#/components/examples/A"}}}}},
  "responses":{"201":{"headers":{"X-Request-Id":{"$ref":"#/components/headers/Id"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},"400":{"$ref":"#/components/responses/Bad"}}}},
"/v1/things/{id}":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}},"image/png":{"schema":{"type":"string"}}}},"304":{}}}},
"/docs":{"get":{"responses":{"default":{"content":{"text/html":{}}}}}}},
"components":{
  "headers":{"Id":{"required":true,"schema":{"type":"string","pattern":"^req_"}}},
  "examples":{"A":{"value":{"name":"a"}}},
  "responses":{"Bad":{"content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}},
  "schemas":{"Thing":{"type":"object","required":["id","at"],"properties":{"id":{"type":"string"},"at":{"type":["string","null"],"format":"date-time"}}},
             "Problem":{"type":"object","required":["type"],"properties":{"type":{"type":"string"}}}}}}`

func checker(t *testing.T, document string) *Checker {
	t.Helper()
	c, err := New([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func header(lines ...string) http.Header {
	h := http.Header{}
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		h.Add(name, value)
	}
	return h
}

func TestCheck(t *testing.T) {
	c := checker(t, small)
	asJSON, asProblem := "Content-Type: application/json", "Content-Type: application/problem+json; charset=utf-8"
	tests := []struct {
		name string
		x    Exchange
		says string // "" is fine
	}{
		{"fine", Exchange{"POST", "/till/v1/things", []byte(`{"name":"a"}`), 201, header(asJSON, "X-Request-Id: req_1"), []byte(`{"id":"1","at":null}`)}, ""},
		{"a problem", Exchange{"POST", "/till/v1/things", []byte(`{`), 400, header(asProblem), []byte(`{"type":"x"}`)}, ""},
		{"a member too many", Exchange{"POST", "/till/v1/things", []byte(`{"name":"a"}`), 201, header(asJSON, "X-Request-Id: req_1"), []byte(`{"id":"1","at":null,"secret":1}`)}, "secret"},
		{"a member too few", Exchange{"GET", "/till/v1/things/1", nil, 200, header(asJSON), []byte(`{"id":"1"}`)}, "at"},
		{"a format", Exchange{"GET", "/till/v1/things/1", nil, 200, header(asJSON), []byte(`{"id":"1","at":"today"}`)}, "date-time"},
		{"no JSON", Exchange{"GET", "/till/v1/things/1", nil, 200, header(asJSON), []byte(`oops`)}, "not JSON"},
		{"another status", Exchange{"GET", "/till/v1/things/1", nil, 418, header(asJSON), nil}, "no answer 418"},
		{"another type", Exchange{"GET", "/till/v1/things/1", nil, 200, header("Content-Type: text/html"), []byte("x")}, "no content type"},
		{"no type", Exchange{"GET", "/till/v1/things/1", nil, 200, header(), []byte("x")}, "content type"},
		{"another type that is listed", Exchange{"GET", "/till/v1/things/1", nil, 200, header("Content-Type: image/png"), []byte("\x89PNG")}, ""},
		{"a header that is missing", Exchange{"POST", "/till/v1/things", []byte(`{"name":"a"}`), 201, header(asJSON), []byte(`{"id":"1","at":null}`)}, "X-Request-Id is missing"},
		{"a header of another form", Exchange{"POST", "/till/v1/things", []byte(`{"name":"a"}`), 201, header(asJSON, "X-Request-Id: 1"), []byte(`{"id":"1","at":null}`)}, "X-Request-Id"},
		{"done though it is not allowed", Exchange{"POST", "/till/v1/things", []byte(`{"name":1}`), 201, header(asJSON, "X-Request-Id: req_1"), []byte(`{"id":"1","at":null}`)}, "does not allow the request"},
		{"done without a body", Exchange{"POST", "/till/v1/things", nil, 201, header(asJSON, "X-Request-Id: req_1"), []byte(`{"id":"1","at":null}`)}, "without a body"},
		{"a body with 304", Exchange{"GET", "/till/v1/things/1", nil, 304, header(), []byte("x")}, "a body"},
		{"304", Exchange{"GET", "/till/v1/things/1", nil, 304, header(), nil}, ""},
		{"HEAD", Exchange{"HEAD", "/till/v1/things/1", nil, 200, header(asJSON), nil}, ""},
		{"default", Exchange{"GET", "/till/docs", nil, 200, header("Content-Type: text/html"), []byte("<p>")}, ""},
		{"an operation that is not there", Exchange{"DELETE", "/till/v1/things/1", nil, 204, header(), nil}, "no such operation"},
		{"the same, refused", Exchange{"DELETE", "/till/v1/things/1", nil, 405, header(asProblem), []byte(`{"type":"x"}`)}, ""},
		{"the same, refused without a problem", Exchange{"DELETE", "/till/v1/things/1", nil, 405, header(asJSON), []byte(`{}`)}, "not a problem's"},
		{"no such path", Exchange{"GET", "/till/v1/none", nil, 404, header(asProblem), []byte(`{"no":"type"}`)}, "type"},
		{"options", Exchange{"OPTIONS", "/till/v1/things", nil, 204, header(), nil}, ""},
		{"a page of another room", Exchange{"GET", "/till/pay/x", nil, 200, header("Content-Type: text/html"), nil}, ""},
		{"another program", Exchange{"GET", "/v1/things", nil, 200, header(), nil}, ""},
	}
	for _, tt := range tests {
		err := c.Check(tt.x)
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: got %v, want …%s…", tt.name, err, tt.says)
		}
	}
}

func TestTransport(t *testing.T) {
	c := checker(t, strings.Replace(small, "https://pay.example/till", "https://pay.example", 1))
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = string(b)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "req_1")
		w.WriteHeader(http.StatusCreated)
		if _, err := io.WriteString(w, `{"id":"1","at":null}`); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	answer, err := c.Client().Post(server.URL+"/v1/things", "application/json", strings.NewReader(`{"name":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || string(b) != `{"id":"1","at":null}` || got != `{"name":"a"}` {
		t.Errorf("the server read %s, the client %s (%v)", got, b, err)
	}
	bad, err := c.Client().Post(server.URL+"/v1/things", "application/json", strings.NewReader(`{"nme":"a"}`))
	if err == nil {
		_ = bad.Body.Close()
		t.Error("a request that the document does not allow was done, and nobody says so")
	}
}

func TestNew_refuses(t *testing.T) {
	for _, document := range []string{"", "[]", "{}", `{"servers":[{"url":":"}]}`, strings.Replace(small, `"type":"string"}}}}}}`, `"type":"strin"}}}}}}`, 1), strings.Replace(small, "schemas/Problem", "schemas/None", 1)} {
		if _, err := New([]byte(document)); err == nil {
			t.Errorf("%.60s: it was taken", document)
		}
	}
}

func TestExamples(t *testing.T) {
	if err := checker(t, small).Examples(); err != nil {
		t.Error(err)
	}
	if err := checker(t, strings.Replace(small, `{"value":{"name":"a"}}`, `{"value":{"name":7}}`, 1)).Examples(); err == nil {
		t.Error("an example that does not fit was taken")
	}
}

func TestOperations(t *testing.T) {
	got := checker(t, small).Operations()
	slices.Sort(got)
	if want := []string{"GET /docs", "GET /v1/things/{id}", "POST /v1/things"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
