// Package paypal is PayPal as the conformance kit guides it: its simulator, the
// demonstration merchant, and a hand on its wire.
//
// It knows a payment by its reference, which is the order's custom_id.
package paypal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
)

// Fixture is PayPal as the kit meets it.
func Fixture() conformance.Fixture {
	return conformance.Fixture{Account: Account, World: func() (conformance.World, error) { return New() }}
}

// Base is the address at which the simulator stands in for PayPal.
const Base = "https://api-m.sandbox.paypal.com"

// Account is the demonstration merchant's.
func Account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"environment": "test", "base_url": Base, "client_id": paypal.DemoClientID, "webhook_id": paypal.DemoWebhookID},
		Secrets:  map[string]string{"client_secret": paypal.DemoClientSecret},
		Roots:    Pool(paypal.DemoRoot),
	}
}

// World is the simulator of PayPal, and a hand on its wire.
type World struct {
	Sim *paypal.Simulator
	// API answers as PayPal does; a test may put something in between.
	API http.RoundTripper

	mu    sync.Mutex
	sent  []contract.Message
	backs map[string]string // where the buyer was led back to, by custom_id
	paid  *contract.Money   // what captures are said to be
}

// New starts PayPal anew. Its owner must Close it.
func New() (*World, error) {
	w := &World{backs: map[string]string{}}
	sim, err := paypal.New(paypal.Config{
		PublicURL: Base, WebhookURL: "https://pay.example/webhooks/acc_1",
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: hook{w}},
	})
	if err != nil {
		return nil, err
	}
	w.Sim, w.API = sim, conformance.Handler(sim)
	return w, nil
}

// hook takes PayPal's webhooks.
type hook struct{ *World }

func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, MessageOf(r))
	return httptest.NewRecorder().Result(), nil
}

// MessageOf is a request as a plugin gets it.
func MessageOf(r *http.Request) contract.Message {
	body, _ := io.ReadAll(r.Body) // what is cut short has a wrong signature
	m := contract.Message{Method: r.Method, Path: r.URL.Path, Headers: map[string][]string{}, Body: string(body), RemoteIP: "192.0.2.9"}
	for name, values := range r.Header {
		m.Headers[strings.ToLower(name)] = values
	}
	return m
}

// RoundTrip answers the plugin, with captures that are misreported.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.API.RoundTrip(r)
	if err != nil || w.paid == nil {
		return resp, err
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer map[string]any
	_ = json.Unmarshal(text, &answer)
	units, _ := answer["purchase_units"].([]any)
	for _, u := range units {
		all, _ := u.(map[string]any)["payments"].(map[string]any)
		list, _ := all["captures"].([]any)
		for _, c := range list {
			c.(map[string]any)["amount"] = map[string]any{"currency_code": w.paid.Currency, "value": w.paid.Decimal()}
		}
	}
	if len(units) > 0 {
		text, err = json.Marshal(answer)
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, err
}

// Now is the provider's time.
func (w *World) Now() time.Time { return w.Sim.Now() }

// Advance lets time pass.
func (w *World) Advance(ctx context.Context, d time.Duration) error { return w.Sim.MoveClock(ctx, d) }

var outcomes = map[conformance.Ending]paypal.Outcome{
	conformance.Paid: paypal.Success, conformance.Cancelled: paypal.Cancelled, conformance.Expired: paypal.Expired,
	conformance.Declined: paypal.Failed, conformance.Open: paypal.Open,
}

// End presses a button of the approval page. What PayPal holds back is
// settled behind it.
func (w *World) End(ctx context.Context, p contract.Payment, e conformance.Ending) error {
	o, ok := w.Sim.Books().Order(p.Reference)
	switch {
	case !ok || o.Gone:
		return errors.New("the order is gone")
	case o.Status == "COMPLETED":
		if err := w.Sim.Settle(p.Reference, outcomes[e]); err != nil {
			return err
		}
	default:
		back, err := w.Press(o.ID, outcomes[e])
		if err != nil {
			return err
		}
		w.backs[p.Reference] = back
	}
	return w.Sim.MoveClock(ctx, 0)
}

// Press is the buyer's browser: where it is led.
func (w *World) Press(order string, o paypal.Outcome) (string, error) {
	r := httptest.NewRequest(http.MethodPost, "/checkoutnow", strings.NewReader(url.Values{"token": {order}, "outcome": {string(o)}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := httptest.NewRecorder()
	w.Sim.ServeHTTP(a, r)
	if a.Code != http.StatusSeeOther {
		return "", fmt.Errorf("the approval page answers %d: %s", a.Code, a.Body)
	}
	return a.Header().Get("Location"), nil
}

// Messages gives what was sent since it was last asked.
func (w *World) Messages(ctx context.Context) ([]contract.Message, error) {
	if err := w.Sim.MoveClock(ctx, 0); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.sent
	w.sent = nil
	return list, nil
}

// Repeat has the news of a payment sent once more.
func (w *World) Repeat(ctx context.Context, p contract.Payment) error {
	return w.Sim.Resend(ctx, p.Reference)
}

// Return is where the provider leads the browser.
func (w *World) Return(p contract.Payment) (contract.Message, bool) {
	u, err := url.Parse(w.backs[p.Reference])
	if err != nil || u.Host == "" {
		return contract.Message{}, false
	}
	return contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}, true
}

// Books is what the provider knows of a payment.
func (w *World) Books(p contract.Payment) conformance.Books {
	o, ok := w.Sim.Books().Order(p.Reference)
	none := contract.Money{Currency: p.Amount.Currency}
	b := conformance.Books{Known: ok, ProviderReference: o.ID, Authorized: none, Captured: none, Refunded: none}
	for _, c := range o.Captures {
		if c.Status != "PENDING" && c.Status != "DECLINED" {
			b.Captures++
			b.Captured.Value += minor(c.Amount, o.Currency)
		}
	}
	for _, a := range o.Authorizations {
		if a.Status != "CREATED" && a.Status != "PARTIALLY_CAPTURED" {
			continue
		}
		b.Authorized.Value += minor(a.Amount, o.Currency)
		for _, c := range o.Captures {
			if c.Of == a.ID {
				b.Authorized.Value -= minor(c.Amount, o.Currency)
			}
		}
	}
	for _, r := range o.Refunds {
		if r.Status != "FAILED" {
			b.Refunds++
			b.Refunded.Value += minor(r.Amount, o.Currency)
		}
	}
	return b
}

func minor(value, currency string) int64 {
	m, err := contract.ParseDecimal(value, currency)
	if err != nil {
		panic(err)
	}
	return m.Value
}

// ForgeNext is false: no answer is signed.
func (w *World) ForgeNext(conformance.Forgery) bool { return false }

// Misreport has the next news name another amount.
func (w *World) Misreport(paid contract.Money) error {
	w.paid = &paid
	return nil
}

// Strangers has buyers approve orders of another system on the same account.
func (w *World) Strangers(n int) error {
	var token struct {
		Text string `json:"access_token"`
	}
	if err := w.call(http.MethodPost, "/v1/oauth2/token", "", "grant_type=client_credentials", &token); err != nil {
		return err
	}
	for i := range n {
		var o struct{ ID string }
		body := fmt.Sprintf(`{"intent":"CAPTURE","purchase_units":[{"custom_id":"till-%d","amount":{"currency_code":"EUR","value":"1.00"}}],`+
			`"application_context":{"return_url":"https://till.example/"}}`, i)
		if err := w.call(http.MethodPost, "/v2/checkout/orders", token.Text, body, &o); err != nil {
			return err
		}
		if _, err := w.Press(o.ID, paypal.Success); err != nil {
			return err
		}
	}
	return nil
}

// call is another system's request.
func (w *World) call(method, path, token, body string, into any) error {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	} else {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(paypal.DemoClientID, paypal.DemoClientSecret)
	}
	a := httptest.NewRecorder()
	w.Sim.ServeHTTP(a, r)
	if a.Code >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, a.Code, a.Body)
	}
	return json.Unmarshal(a.Body.Bytes(), into)
}

// Close ends the provider.
func (w *World) Close() error { return w.Sim.Close() }

var _ conformance.World = (*World)(nil)
