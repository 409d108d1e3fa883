package bambora

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// start is when the tests' clock begins.
var start = time.Date(2026, 11, 22, 8, 5, 0, 0, time.UTC)

// shop is a test's shop: it calls the simulator without a network.
type shop struct {
	*testing.T
	sim  *Simulator
	hook *hook
}

// hook is the shop's webhook.
type hook struct {
	mu     sync.Mutex
	status int
	got    []*url.URL
}

// RoundTrip implements [http.RoundTripper].
func (h *hook) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, r.URL)
	w := httptest.NewRecorder()
	w.WriteHeader(h.status)
	return w.Result(), nil
}

func (h *hook) seen() []*url.URL {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]*url.URL{}, h.got...)
}

func (h *hook) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

func newShop(t *testing.T, change ...func(*Config)) *shop {
	t.Helper()
	h := &hook{status: http.StatusOK}
	c := Config{PublicURL: "https://sim.example.org/bambora", Client: &http.Client{Transport: h}, Now: func() time.Time { return start }}
	for _, f := range change {
		f(&c)
	}
	sim, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return &shop{t, sim, h}
}

// answer is what the simulator answered.
type answer struct {
	status int
	header http.Header
	text   string
	object map[string]any
}

func (s *shop) send(r *http.Request) answer {
	s.Helper()
	w := httptest.NewRecorder()
	s.sim.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), text: w.Body.String()}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.object); err != nil {
			s.Fatalf("%s is not JSON: %v", a.text, err)
		}
	}
	return a
}

// api calls with the merchant's credentials.
func (s *shop) api(method, path, body string) answer {
	s.Helper()
	r := httptest.NewRequest(method, "http://sim.test"+path, strings.NewReader(body))
	r.SetBasicAuth(DemoAccessToken+"@"+DemoMerchantNumber, DemoSecretToken)
	return s.send(r)
}

// get reads a member by its path.
func (a answer) get(path string) any {
	var v any = a.object
	for step := range strings.SplitSeq(path, ".") {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		m, _ := v.(map[string]any)
		v = m[step]
	}
	return v
}

// code is the code of a refusal, "" of an answer that is none.
func (a answer) code() string {
	code, _ := a.get("meta.action.code").(string)
	return code
}

// draft is a valid session, changed at the given paths (nil deletes).
func draft(change map[string]any) string {
	root := map[string]any{
		"order":                map[string]any{"id": "A1001", "amount": 19500, "currency": "SEK"},
		"instantcaptureamount": 0,
		"url": map[string]any{
			"accept": "https://gw.example/return/ck_1?x=1", "cancel": "https://gw.example/cancel/ck_1",
			"callbacks": []any{map[string]any{"url": "https://gw.example/webhook/bambora/ck_1"}}, "immediateredirecttoaccept": 1,
		},
		"paymentwindow": map[string]any{"id": 1, "language": "sv-SE"},
	}
	for path, v := range change {
		m := root
		steps := strings.Split(path, ".")
		for _, step := range steps[:len(steps)-1] {
			m = m[step].(map[string]any)
		}
		if m[steps[len(steps)-1]] = v; v == nil {
			delete(m, steps[len(steps)-1])
		}
	}
	b, err := json.Marshal(root)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// opened makes a session and gives its token.
func (s *shop) opened(change map[string]any) string {
	s.Helper()
	a := s.api("POST", "/sessions", draft(change))
	token, _ := a.get("token").(string)
	if a.status != 200 || len(token) != 32 || a.get("url") != "https://sim.example.org/bambora/"+token || a.get("meta.result") != true {
		s.Fatalf("got %d %s", a.status, a.text)
	}
	return token
}

// submit sends a form of the window.
func (s *shop) submit(token string, form url.Values) answer {
	s.Helper()
	r := httptest.NewRequest("POST", "http://sim.test/"+token, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(r)
}

func (s *shop) show(token string) answer {
	s.Helper()
	return s.send(httptest.NewRequest("GET", "http://sim.test/"+token+"?ui=fullscreen&language=sv-SE", nil))
}

// withCard is the form of a card.
func withCard(number string) url.Values {
	return url.Values{"cardno": {number}, "expmonth": {"05"}, "expyear": {"28"}, "cvc": {"000"}, "action": {"pay"}}
}

// paid makes a session, has it paid by this card and gives the transaction.
func (s *shop) paid(number string, change map[string]any) TransactionRecord {
	s.Helper()
	if a := s.submit(s.opened(change), withCard(number)); a.status != http.StatusSeeOther {
		s.Fatalf("got %d %s", a.status, a.text)
	}
	list := s.sim.Books().Transactions
	return list[len(list)-1]
}
