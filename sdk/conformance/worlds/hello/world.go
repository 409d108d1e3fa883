// Package hello is the tutorial's made-up provider as the conformance kit guides
// it, and the world to read first before writing one.
//
// It knows a payment by its reference.
package hello

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/hello"
)

// Base is the address at which the simulator stands in for the API.
const Base = "https://api.hello.example"

// Fixture is Hello as the kit meets it.
func Fixture() conformance.Fixture {
	return conformance.Fixture{
		World: start,
		Account: func() *conformance.Account {
			return &conformance.Account{
				Settings: map[string]any{"base_url": Base},
				Secrets:  map[string]string{"api_key": hello.DemoAPIKey, "signing_key": hello.DemoSigningKey},
			}
		},
	}
}

// world is Hello as the kit guides it.
type world struct {
	sim  *hello.Provider
	api  http.RoundTripper
	now  time.Time
	sent []contract.Message
	said contract.Money // what the next news say of money, or nothing
}

func start() (conformance.World, error) {
	w := &world{now: conformance.Start}
	w.sim = hello.New(Base, &http.Client{Transport: letterbox{w}}, func() time.Time { return w.now })
	w.api = conformance.Handler(w.sim)
	return w, nil
}

// letterbox takes the provider's notices.
type letterbox struct{ *world }

func (l letterbox) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	l.put(r.URL.Path, l.report(body))
	return httptest.NewRecorder().Result(), nil
}

// put adds a signed message to those that were sent.
func (w *world) put(path string, body []byte) {
	w.sent = append(w.sent, contract.Message{
		Method: "POST", Path: path, Body: string(body), RemoteIP: "192.0.2.9",
		Headers: map[string][]string{"content-type": {"application/json"}, "hello-signature": {hello.Sign(hello.DemoSigningKey, body)}},
	})
}

// report changes what a payment's document says of money, if it was asked to.
func (w *world) report(body []byte) []byte {
	var p hello.Payment
	if w.said.IsZero() || json.Unmarshal(body, &p) != nil || p.Status != hello.Paid {
		return body
	}
	p.Paid, p.Currency = w.said.Decimal(), w.said.Currency
	changed, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return changed
}

// RoundTrip answers the plugin.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.api.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(w.report(body)))
	return resp, err
}

func (w *world) Now() time.Time { return w.now }

func (w *world) Advance(_ context.Context, d time.Duration) error {
	w.now = w.now.Add(d)
	return nil
}

func (w *world) End(ctx context.Context, p contract.Payment, e conformance.Ending) error {
	w.now = w.now.Add(time.Second)
	return w.sim.End(ctx, p.Reference, map[conformance.Ending]hello.Status{
		conformance.Paid: hello.Paid, conformance.Cancelled: hello.Cancelled, conformance.Expired: hello.Expired,
		conformance.Declined: hello.Open, conformance.Open: hello.Open,
	}[e])
}

func (w *world) Messages(context.Context) ([]contract.Message, error) {
	list := w.sent
	w.sent = nil
	return list, nil
}

func (w *world) Repeat(ctx context.Context, p contract.Payment) error {
	return w.sim.Notify(ctx, p.Reference)
}

func (w *world) Return(p contract.Payment) (contract.Message, bool) {
	u, err := url.Parse(p.ReturnURL)
	_, _, known := w.sim.Find(p.Reference)
	return contract.Message{Method: "GET", Path: u.Path}, known && err == nil
}

func (w *world) Books(p contract.Payment) conformance.Books {
	b, refunds, known := w.sim.Find(p.Reference)
	if !known {
		return conformance.Books{}
	}
	out := conformance.Books{Known: true, ProviderReference: b.ID, Refunded: contract.Money{Currency: b.Currency}, Refunds: len(refunds)}
	captured, err := contract.ParseDecimal(b.Paid, b.Currency)
	if err != nil {
		panic(err)
	}
	if out.Captured = captured; captured.Value > 0 {
		out.Captures = 1
	}
	for _, cents := range refunds {
		out.Refunded.Value += cents
	}
	return out
}

func (w *world) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	if m.Method == http.MethodGet {
		return m
	}
	signature := m.Header("hello-signature")
	switch f {
	case conformance.ForgedBad:
		signature = map[bool]string{true: "1", false: "0"}[signature[0] == '0'] + signature[1:]
	case conformance.ForgedMissing:
		signature = ""
	case conformance.ForgedCut:
		signature = signature[:len(signature)-2]
	case conformance.ForgedForeign:
		signature = hello.Sign("key-of-another-shop", m.Bytes())
	case conformance.ForgedContent:
		m.Body = strings.Replace(m.Body, `"paid":"`, `"paid":"1`, 1)
	}
	m.Headers = map[string][]string{"hello-signature": {signature}}
	return m
}

func (w *world) ForgeNext(conformance.Forgery) bool { return false }

func (w *world) Misreport(paid contract.Money) error {
	w.said = paid
	sent := w.sent
	w.sent = nil
	for _, m := range sent {
		w.put(m.Path, w.report(m.Bytes()))
	}
	return nil
}

func (w *world) Strangers(n int) error {
	for i := range n {
		body, err := json.Marshal(hello.Payment{
			ID: fmt.Sprintf("other-%d", i), Reference: fmt.Sprintf("OTHER%d", i), Status: hello.Paid, Paid: "1.00", Currency: "EUR", At: w.now,
		})
		if err != nil {
			return err
		}
		w.put("/webhooks/acc_1", body)
	}
	return nil
}

func (w *world) Close() error { return nil }

var _ conformance.World = (*world)(nil)
