package terminal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// till is a test's till: it calls the simulator without a network.
type till struct {
	*testing.T
	sim *Simulator
	n   int
}

// answer is what the simulator answered.
type answer struct {
	status int
	header map[string][]string
	body   []byte
}

var start = time.Date(2026, 11, 22, 9, 5, 0, 0, time.FixedZone("", 3600))

// newTill starts a simulator whose clock stands still, logs in and has the
// terminal take tips.
func newTill(t *testing.T) *till {
	t.Helper()
	return newTillOf(t, Config{Unattended: Never, Now: func() time.Time { return start }})
}

func newTillOf(t *testing.T, c Config) *till {
	t.Helper()
	sim, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	s := &till{T: t, sim: sim}
	if got := s.ask("Login", loginBody); got.result() != "Success" {
		t.Fatalf("login: got %s", got.body)
	}
	if got := s.control("PUT", "/sandbox/terminals/"+DemoPOIID, `{"tip":{"enabled":true,"max_percent":100}}`); got.status != 200 {
		t.Fatalf("tips: got %d %s", got.status, got.body)
	}
	return s
}

const loginBody = `{"DateTime":"2026-11-22T09:00:00+01:00","OperatorLanguage":"sv","SaleSoftware":{"ProviderIdentification":"PluginHost","ApplicationName":"card-present","SoftwareVersion":"1.0.0","CertificationCode":"none"},"SaleTerminalData":{"TerminalEnvironment":"Attended","SaleCapabilities":["PrinterReceipt"]}}`

func (s *till) post(ctx context.Context, path, kind, body string, headers ...string) answer {
	r := httptest.NewRequestWithContext(ctx, "POST", "http://sim.test"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.sim.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

// service is a ServiceID that was not used before.
func (s *till) service() string {
	s.n++
	return fmt.Sprintf("T%09d", s.n)
}

// envelope is a request as a till sends it.
func envelope(category, service, poi, body string) string {
	return fmt.Sprintf(`{"SaleToPOIRequest":{"MessageHeader":{"ProtocolVersion":"3.1","MessageClass":"Service","MessageCategory":%q,"MessageType":"Request","ServiceID":%q,"SaleID":"GW1","POIID":%q},"%sRequest":%s}}`, category, service, poi, category, body)
}

func (s *till) ask(category, body string) answer {
	s.Helper()
	return s.askAs(category, s.service(), body)
}

func (s *till) askAs(category, service, body string) answer {
	s.Helper()
	return s.post(s.Context(), "/nexo", "application/json", envelope(category, service, DemoPOIID, body))
}

// payment is the body of a PaymentRequest.
func payment(amount, currency, kind string) string {
	return fmt.Sprintf(`{"SaleData":{"SaleTransactionID":{"TransactionID":"ck_1","TimeStamp":"2026-11-22T09:05:00+01:00"}},"PaymentTransaction":{"AmountsReq":{"Currency":%q,"RequestedAmount":%s}},"PaymentData":{"PaymentType":%q}}`, currency, amount, kind)
}

// waiting begins a payment that waits for its customer, and gives where its answer will be.
func (s *till) waiting(service, amount string) <-chan answer {
	s.Helper()
	s.sim.mu.Lock()
	arrived := s.sim.arrived
	s.sim.mu.Unlock()
	ch := make(chan answer, 1)
	go func() { ch <- s.askAs("Payment", service, payment(amount, "SEK", "Normal")) }()
	select {
	case <-arrived:
	case a := <-ch:
		s.Fatalf("the payment does not wait: %s", a.body)
	}
	return ch
}

// at reads a member of the response, path with dots from the body named after the category.
func (a answer) at(path string) any {
	var v map[string]map[string]any
	if json.Unmarshal(a.body, &v) != nil {
		return nil
	}
	var now any
	for name, body := range v["SaleToPOIResponse"] {
		if name != "MessageHeader" || strings.HasPrefix(path, "MessageHeader") {
			now = body
		}
		if name == "MessageHeader" && strings.HasPrefix(path, "MessageHeader") {
			break
		}
	}
	for step := range strings.SplitSeq(strings.TrimPrefix(path, "MessageHeader."), ".") {
		if list, ok := now.([]any); ok && len(list) > 0 {
			now = list[0]
		}
		m, _ := now.(map[string]any)
		now = m[step]
	}
	return now
}

func (a answer) result() string {
	r, _ := a.at("Response.Result").(string)
	c, _ := a.at("Response.ErrorCondition").(string)
	return r + c
}

func (s *till) advance(d time.Duration) {
	s.Helper()
	if err := s.sim.MoveClock(s.Context(), d); err != nil {
		s.Fatal(err)
	}
}

func (s *till) control(method, path, body string) answer {
	r := httptest.NewRequestWithContext(s.Context(), method, "http://sim.test"+path, strings.NewReader(body))
	w := httptest.NewRecorder()
	h := s.sim.Control()
	if strings.HasPrefix(path, "/sandbox/") {
		h = s.sim
	}
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

func (s *till) get(path string) answer {
	w := httptest.NewRecorder()
	s.sim.ServeHTTP(w, httptest.NewRequestWithContext(s.Context(), "GET", "http://sim.test"+path, nil))
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// press presses a button of a page of the display.
func (s *till) press(page answer, outcome, total string) answer {
	s.Helper()
	if !strings.Contains(string(page.body), `name="outcome" value="`+outcome+`"`) {
		s.Fatalf("no button %s: %s", outcome, page.body)
	}
	form := url.Values{"outcome": {outcome}, "total": {total}}
	for _, h := range hidden.FindAllStringSubmatch(string(page.body), -1) {
		form.Set(h[1], h[2])
	}
	return s.post(s.Context(), "/", "application/x-www-form-urlencoded", form.Encode())
}
