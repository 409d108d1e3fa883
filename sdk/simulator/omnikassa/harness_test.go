package omnikassa

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	apiBase     = "/omnikassa-api"
	resultsPath = apiBase + "/order/server/api/v2/events/results/" + eventName
	returnURL   = "https://shop.example.org/back?cart=7"
)

var demoKey = mustKey(DemoSigningKey)

// shop is a test's shop: it calls the simulator without a network.
type shop struct {
	*testing.T
	sim     *Simulator
	access  string
	webhook *webhook
}

// answer is what the simulator answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// newShop starts a simulator with a webhook that answers 200.
func newShop(t *testing.T, change ...func(*Config)) *shop {
	t.Helper()
	hook := &webhook{status: http.StatusOK}
	c := Config{PublicURL: "https://sim.example.org/omnikassa", WebhookURL: "https://gateway.example.org/webhooks/x",
		Client: &http.Client{Transport: hook}}
	for _, f := range change {
		f(&c)
	}
	sim, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	s := &shop{T: t, sim: sim, webhook: hook}
	s.access = s.newToken()
	return s
}

func (s *shop) newToken() string {
	s.Helper()
	got := s.call("GET", apiBase+"/gatekeeper/refresh", s.sim.cfg.RefreshToken, "")
	return s.member(got, "token")
}

func (s *shop) call(method, path, token, body string, headers ...string) answer {
	s.Helper()
	r := httptest.NewRequest(method, "http://sim.test"+path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.sim.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

// member reads a text member of a JSON answer, path with dots.
func (s *shop) member(a answer, path string) string {
	s.Helper()
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		s.Fatalf("answer %d %q is not JSON: %v", a.status, a.body, err)
	}
	for step := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[step]
	}
	text, ok := v.(string)
	if !ok {
		s.Fatalf("answer %d %s has no text %s", a.status, a.body, path)
	}
	return text
}

// draft is a valid announce, changed by the given members (nil deletes one).
func draft(change map[string]any) string {
	m := map[string]any{"timestamp": time.Now().Format(time.RFC3339), "merchantOrderId": "order1",
		"amount": map[string]any{"currency": "EUR", "amount": 4999}, "merchantReturnURL": returnURL, "language": "en"}
	for name, v := range change {
		if m[name] = v; v == nil {
			delete(m, name)
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (s *shop) announceRaw(body string) answer {
	s.Helper()
	return s.call("POST", apiBase+"/order/server/api/v2/order", s.access, body)
}

// announced announces an order and returns its id and the path of its page.
func (s *shop) announced(change map[string]any) (id, page string) {
	s.Helper()
	got := s.announceRaw(draft(change))
	if got.status != http.StatusCreated {
		s.Fatalf("announce: got %d %s, want 201", got.status, got.body)
	}
	page, ok := strings.CutPrefix(s.member(got, "redirectUrl"), s.sim.cfg.PublicURL)
	if !ok {
		s.Fatalf("redirectUrl %s is not below %s", s.member(got, "redirectUrl"), s.sim.cfg.PublicURL)
	}
	return s.member(got, "omnikassaOrderId"), page
}

// paid announces an order and has it end with outcome, without a browser.
func (s *shop) paid(outcome Outcome, change map[string]any) (id string) {
	s.Helper()
	id, _ = s.announced(change)
	if err := s.sim.Settle(id, outcome); err != nil {
		s.Fatal(err)
	}
	s.settled()
	return id
}

// settled waits until everything due has happened.
func (s *shop) settled() { s.advance(0) }

func (s *shop) advance(d time.Duration) {
	s.Helper()
	if err := s.sim.MoveClock(s.Context(), d); err != nil {
		s.Fatal(err)
	}
}

func (s *shop) order(id string) OrderRecord {
	s.Helper()
	o, ok := s.sim.Books().Order(id)
	if !ok {
		s.Fatalf("order %s is not in the books", id)
	}
	return o
}

func (s *shop) fault(f string, call string, times int) {
	s.Helper()
	got := s.control("POST", "/faults", `{"faults":[{"name":"`+f+`","call":"`+call+`","times":`+strconv.Itoa(times)+`}]}`)
	if got.status != http.StatusOK {
		s.Fatalf("set fault %s: got %d %s", f, got.status, got.body)
	}
}

func (s *shop) control(method, path, body string) answer {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	w := httptest.NewRecorder()
	s.sim.Control().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

// verifiedPull pulls a page and checks its signature by the test's own code.
func (s *shop) verifiedPull(path, token string) pullPage {
	s.Helper()
	got := s.call("GET", path, token, "")
	if got.status != http.StatusOK {
		s.Fatalf("pull: got %d %s, want 200", got.status, got.body)
	}
	var p pullPage
	if err := json.Unmarshal(got.body, &p); err != nil {
		s.Fatal(err)
	}
	if want := pageSignature(s.T, demoKey, got.body); p.Signature != want {
		s.Fatalf("pull: got signature %s, want %s over %s", p.Signature, want, got.body)
	}
	return p
}

// webhook stands for the shop's webhook as the transport of the simulator's client.
type webhook struct {
	mu     sync.Mutex
	status int
	got    []notification
	raw    []string
	header http.Header
	hear   func(notification) // called for each, before answering
}

func (h *webhook) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.got, h.raw, h.header = append(h.got, n), append(h.raw, string(body)), r.Header.Clone()
	status, hear := h.status, h.hear
	h.mu.Unlock()
	if hear != nil {
		hear(n)
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(nil)), Header: http.Header{}, Request: r}, nil
}

func (h *webhook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.got)
}

func (h *webhook) last(t *testing.T) notification {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.got) == 0 {
		t.Fatal("no notification was sent")
	}
	return h.got[len(h.got)-1]
}

// visitor is a consumer's browser without script, on the simulator's pages. It
// stops at addresses elsewhere.
type visitor struct {
	*shop
	at   string // path of the last page
	page answer
	gone string // the address elsewhere that it was sent to
}

func (s *shop) visit(page string) *visitor {
	v := &visitor{shop: s}
	v.open("GET", page, "")
	return v
}

func (v *visitor) open(method, path, form string) {
	v.Helper()
	for range 10 {
		v.at = path
		v.page = v.call(method, path, "", form, "Content-Type", "application/x-www-form-urlencoded")
		if v.page.status != http.StatusSeeOther {
			return
		}
		to, err := url.Parse(v.page.header.Get("Location"))
		if err != nil {
			v.Fatal(err)
		}
		if to.IsAbs() {
			v.gone = to.String()
			return
		}
		here, _ := url.Parse(path)
		method, path, form = "GET", here.ResolveReference(to).String(), ""
	}
	v.Fatalf("redirected without end at %s", path)
}

var (
	formPattern   = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)">(.*?)</form>`)
	hiddenPattern = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	buttonPattern = regexp.MustCompile(`<button type="submit" name="([^"]*)" value="([^"]*)"`)
	linkPattern   = regexp.MustCompile(`<a class="back" href="([^"]*)"`)
)

// buttons lists the values of the buttons of this name.
func (v *visitor) buttons(name string) []string {
	var values []string
	for _, b := range buttonPattern.FindAllStringSubmatch(string(v.page.body), -1) {
		if b[1] == name {
			values = append(values, b[2])
		}
	}
	return values
}

func (v *visitor) press(name, value string) *visitor {
	v.Helper()
	for _, f := range formPattern.FindAllStringSubmatch(string(v.page.body), -1) {
		if !strings.Contains(f[2], `name="`+name+`" value="`+value+`"`) {
			continue
		}
		data := url.Values{name: {value}}
		for _, h := range hiddenPattern.FindAllStringSubmatch(f[2], -1) {
			data.Set(h[1], h[2])
		}
		here, _ := url.Parse(v.at)
		v.open("POST", here.ResolveReference(&url.URL{Path: f[1]}).String(), data.Encode())
		return v
	}
	v.Fatalf("no button %s=%s on %s: %s", name, value, v.at, v.page.body)
	return v
}

// back is the link to the shop on the result page, or where the visitor was sent.
func (v *visitor) back() string {
	if v.gone != "" {
		return v.gone
	}
	m := linkPattern.FindStringSubmatch(string(v.page.body))
	if m == nil {
		return ""
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}
