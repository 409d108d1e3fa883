package paypal

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// start is when the tests begin by PayPal's clock.
var start = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

const public = "https://api-m.sandbox.paypal.com"

// bench is a simulator, a client that is let in, and a listener.
type bench struct {
	*testing.T
	sim   *Simulator
	token string

	mu      sync.Mutex
	status  int // what the listener answers
	letters []received
}

type received struct {
	head http.Header
	body []byte
	url  string
}

func (b *bench) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.letters = append(b.letters, received{r.Header, body, r.URL.String()})
	return &http.Response{StatusCode: b.status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func newBench(t *testing.T, change func(c *Config)) *bench {
	t.Helper()
	b := &bench{T: t, status: 200}
	c := Config{PublicURL: public, WebhookURL: "https://shop.example/hook", Now: func() time.Time { return start }, Client: &http.Client{Transport: b}}
	if change != nil {
		change(&c)
	}
	sim, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	b.sim = sim
	var got struct {
		Token string `json:"access_token"`
	}
	r := httptest.NewRequest("POST", "/v1/oauth2/token", strings.NewReader("grant_type=client_credentials"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(DemoClientID, DemoClientSecret)
	w := httptest.NewRecorder()
	sim.ServeHTTP(w, r)
	if json.Unmarshal(w.Body.Bytes(), &got) != nil || got.Token == "" {
		t.Fatalf("token: %d %s", w.Code, w.Body)
	}
	b.token = got.Token
	return b
}

// reply is an answer, read.
type reply struct {
	status int
	head   http.Header
	text   string
	v      map[string]any
}

// at reads a member by its path: "purchase_units.0.payments.captures.0.id".
func (r reply) at(path string) any {
	var v any = r.v
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			if i := int(step[0] - '0'); i < len(x) {
				v = x[i]
				continue
			}
			return nil
		default:
			return nil
		}
	}
	return v
}

// str is at for a text.
func (r reply) str(path string) string {
	s, _ := r.at(path).(string)
	return s
}

// rels lists the links' rels.
func (r reply) rels() string {
	var list []string
	links, _ := r.v["links"].([]any)
	for _, l := range links {
		list = append(list, l.(map[string]any)["rel"].(string))
	}
	return strings.Join(list, " ")
}

// send sends a call. Headers are name, value, …
func (b *bench) send(method, path, body string, headers ...string) reply {
	b.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+b.token)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.sim.ServeHTTP(w, r)
	got := reply{status: w.Code, head: w.Header(), text: w.Body.String()}
	_ = json.Unmarshal(w.Body.Bytes(), &got.v) // not every answer is an object
	return got
}

// wants wants a status, and of an error its issue.
func (b *bench) wants(got reply, status int, issue string) reply {
	b.Helper()
	if got.status != status || got.str("details.0.issue") != issue {
		b.Fatalf("got %d %s, want %d %q", got.status, got.text, status, issue)
	}
	return got
}

const simpleUnit = `{"custom_id":"ref-1","amount":{"currency_code":"EUR","value":"49.99"}}`

// order makes an order and gives its id.
func (b *bench) order(intent, unit string) string {
	b.Helper()
	got := b.send("POST", "/v2/checkout/orders", `{"intent":"`+intent+`","purchase_units":[`+unit+`],"payment_source":{"paypal":{"experience_context":`+
		`{"return_url":"https://shop.example/r?c=9#x","cancel_url":"https://shop.example/c","locale":"nl-NL"}}}}`, "PayPal-Request-Id", uuid())
	b.wants(got, 201, "")
	return got.str("id")
}

// approve has the buyer press a button, and gives where the browser is led.
func (b *bench) approve(order string, o Outcome) string {
	b.Helper()
	r := httptest.NewRequest("POST", pagePath, strings.NewReader(url.Values{"token": {order}, "outcome": {string(o)}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.sim.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		b.Fatalf("the page answers %d %s", w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// paid is a captured order: its id, and its capture's.
func (b *bench) paid(unit string) (order, capture string) {
	b.Helper()
	order = b.order(intentCapture, unit)
	b.approve(order, Success)
	got := b.wants(b.send("POST", ordersPath+order+"/capture", "", "Prefer", "return=representation"), 201, "")
	return order, got.str("purchase_units.0.payments.captures.0.id")
}

// authorized is an authorized order: the authorization's id.
func (b *bench) authorized(unit string) string {
	b.Helper()
	order := b.order(intentAuthorize, unit)
	b.approve(order, Success)
	got := b.wants(b.send("POST", ordersPath+order+"/authorize", "{}", "Prefer", "return=representation"), 201, "")
	return got.str("purchase_units.0.payments.authorizations.0.id")
}

// news are the events delivered since the last time.
func (b *bench) news(ahead time.Duration) []received {
	b.Helper()
	if err := b.sim.MoveClock(context.Background(), ahead); err != nil {
		b.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.letters
	b.letters = nil
	return list
}

// kinds are the events' types.
func kinds(list []received) string {
	var all []string
	for _, l := range list {
		var e struct {
			Type string `json:"event_type"`
		}
		_ = json.Unmarshal(l.body, &e)
		all = append(all, e.Type)
	}
	return strings.Join(all, " ")
}
