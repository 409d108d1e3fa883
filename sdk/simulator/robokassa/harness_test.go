package robokassa

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

var startTime = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// shopServer is the shop that is told: it answers as it is set, and keeps what came.
type shopServer struct {
	mu     sync.Mutex
	answer func(form url.Values) (status int, body string)
	got    []letterGot
}

type letterGot struct {
	method, path, contentType, body string
	form                            url.Values
}

// RoundTrip implements [http.RoundTripper].
func (s *shopServer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	text := string(body)
	if r.Method == http.MethodGet {
		text = r.URL.RawQuery
	}
	form, _ := url.ParseQuery(text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, letterGot{r.Method, r.URL.Path, r.Header.Get("Content-Type"), string(body), form})
	w := httptest.NewRecorder()
	status, answer := http.StatusOK, "OK"+form.Get("InvId")
	if s.answer != nil {
		status, answer = s.answer(form)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
	return w.Result(), nil
}

// take gives what came since it was last asked.
func (s *shopServer) take() []letterGot {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	return got
}

// desk is a simulator with its shop, under the vectors' credentials and MD5.
type desk struct {
	*testing.T
	sim  *Simulator
	shop *shopServer
}

func open(t *testing.T, change ...func(c *Config)) *desk {
	t.Helper()
	shop := &shopServer{}
	c := Config{
		Login: "plughost-demo", Password1: "Adm1n-pass-one", Password2: "Adm1n-pass-two", Password3: "Adm1n-pass-three", Hash: "md5",
		PublicURL: "https://robo.example", ResultURL: "https://shop.example/webhooks/acc",
		Now: func() time.Time { return startTime }, Client: &http.Client{Transport: shop},
	}
	for _, f := range change {
		f(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &desk{t, s, shop}
}

// call sends a request to the simulator.
func (d *desk) call(method, target, body string) *httptest.ResponseRecorder {
	d.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	d.sim.ServeHTTP(w, r)
	return w
}

// md5of is a signature, by the test's own code.
func md5of(parts ...string) string {
	sum := md5.Sum([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(sum[:])
}

// startForm is a start of 90.00 under number 1003, signed over more parts.
func startForm(more ...string) url.Values {
	form := url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"90.00"}, "InvId": {"1003"}}
	parts := []string{"plughost-demo", "90.00", "1003"}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
		parts = append(parts, more[i+1])
	}
	form.Set("SignatureValue", md5of(append(parts, "Adm1n-pass-one")...))
	return form
}

// started posts a start that must be taken, and gives the page's path.
func (d *desk) started(form url.Values) string {
	d.Helper()
	w := d.call("POST", "/Merchant/Index.aspx", form.Encode())
	if w.Code != http.StatusSeeOther {
		d.Fatalf("got %d: %s", w.Code, w.Body)
	}
	return "/Merchant/" + w.Header().Get("Location")
}

// press posts the page's form.
func (d *desk) press(page string, outcome Outcome, label string) string {
	d.Helper()
	w := d.call("POST", "/Merchant/Pay", url.Values{"page": {page[strings.LastIndex(page, "/")+1:]}, "outcome": {string(outcome)}, "label": {label}}.Encode())
	if w.Code != http.StatusSeeOther {
		d.Fatalf("got %d: %s", w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// errorCode is the number of an error page, 0 where there is none.
func errorCode(w *httptest.ResponseRecorder) string {
	_, rest, ok := strings.Cut(w.Body.String(), "Error code: ")
	if !ok {
		return "0"
	}
	code, _, _ := strings.Cut(rest, "<")
	return code
}

// control posts to the control API.
func (d *desk) control(path, body string) (int, map[string]any) {
	d.Helper()
	w := httptest.NewRecorder()
	d.sim.Control().ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
	var v map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		d.Fatalf("%s: %v: %s", path, err, w.Body)
	}
	return w.Code, v
}

// pass lets time pass.
func (d *desk) pass(ahead time.Duration) {
	d.Helper()
	if err := d.sim.MoveClock(context.Background(), ahead); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) payment(number int64) PaymentRecord {
	d.Helper()
	p, ok := d.sim.Books().Payment(number)
	if !ok {
		d.Fatalf("no payment %d in the books", number)
	}
	return p
}

// state asks OpStateExt, correctly signed.
func (d *desk) state(number int64) string {
	d.Helper()
	id := fmt.Sprint(number)
	return d.call("GET", "/Merchant/WebService/Service.asmx/OpStateExt?MerchantLogin=plughost-demo&InvoiceID="+id+"&Signature="+md5of("plughost-demo", id, "Adm1n-pass-two"), "").Body.String()
}
