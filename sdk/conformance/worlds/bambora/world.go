// Package bambora is Bambora's checkout as the conformance kit guides it: the
// provider's simulator, its demonstration merchant, and a hand on its wire.
//
// It knows a payment by its reference, of which the provider takes the last 20
// characters for its order number (section 3.2 of the protocol notes).
package bambora

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
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/browser"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
)

// Fixture is the provider as the kit meets it.
func Fixture() conformance.Fixture {
	return conformance.Fixture{Account: Account, World: func() (conformance.World, error) { return New() }}
}

// Public is the address at which the simulator stands in for the window.
const Public = "https://v1.checkout.bambora.com"

// Account is the demonstration merchant's, on the live addresses.
func Account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"environment": "test", "merchant_number": bambora.DemoMerchantNumber},
		Secrets: map[string]string{
			"access_token": bambora.DemoAccessToken, "secret_token": bambora.DemoSecretToken, "md5_key": bambora.DemoMD5Key,
		},
	}
}

// World is the simulator of the provider, and a hand on its wire.
type World struct {
	Sim *bambora.Simulator
	api http.RoundTripper

	mu    sync.Mutex
	sent  []contract.Message
	backs map[string]string // the browser's way back, by order number
	said  *contract.Money   // what the provider says was paid, in place of the truth
	n     int               // strangers so far
}

// New starts the provider anew. Its owner must Close it.
func New() (*World, error) {
	w := &World{backs: map[string]string{}}
	sim, err := bambora.New(bambora.Config{
		PublicURL: Public, Hour: time.Minute, // between two tries of a callback
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: hook{w}},
	})
	if err != nil {
		return nil, err
	}
	w.Sim, w.api = sim, conformance.Handler(sim)
	return w, nil
}

// hook takes callbacks and says that they failed, so that they come again: the
// kit runs the plugin on them later, and may have that fail.
type hook struct{ *World }

func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, contract.Message{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, RemoteIP: "192.0.2.9"})
	out := httptest.NewRecorder()
	out.WriteHeader(http.StatusServiceUnavailable)
	return out.Result(), nil
}

// RoundTrip answers the plugin, with another amount where one was asked for.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.api.RoundTrip(r)
	w.mu.Lock()
	said := w.said
	w.mu.Unlock()
	if err != nil || said == nil || r.Method != http.MethodGet || strings.HasSuffix(r.URL.Path, "operations") {
		return resp, err
	}
	var answer map[string]any
	d := json.NewDecoder(resp.Body)
	d.UseNumber()
	if err := d.Decode(&answer); err != nil {
		return nil, err
	}
	if t, ok := answer["transaction"].(map[string]any); ok {
		total := t["total"].(map[string]any)
		for _, name := range []string{"authorized", "captured"} {
			if total[name] != json.Number("0") {
				total[name] = said.Value
			}
		}
		t["currency"].(map[string]any)["code"] = said.Currency
	}
	text, err := json.Marshal(answer)
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, err
}

// Now is the provider's time.
func (w *World) Now() time.Time { return w.Sim.Now() }

// Advance lets time pass.
func (w *World) Advance(ctx context.Context, d time.Duration) error { return w.Sim.MoveClock(ctx, d) }

// End has the consumer press a button of the window. An open payment is one that
// nobody paid yet: the provider has no other.
func (w *World) End(ctx context.Context, p contract.Payment, e conformance.Ending) error {
	outcome := map[conformance.Ending]string{
		conformance.Paid: "success", conformance.Cancelled: "cancelled", conformance.Expired: "expired", conformance.Declined: "failed",
	}[e]
	if outcome == "" {
		return nil
	}
	id := orderID(p.Reference)
	s, ok := w.Sim.Books().Session(id)
	if !ok {
		return fmt.Errorf("no session of order %s", id)
	}
	v := browser.Visit(w.Sim, "/"+s.Token)
	if err := v.Press("outcome", outcome); err != nil {
		return err
	}
	if e == conformance.Paid {
		w.mu.Lock()
		w.backs[id] = v.Gone
		w.mu.Unlock()
	}
	return w.Sim.MoveClock(ctx, 0)
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
	if w.said != nil {
		for i := range list {
			list[i].Query = Resign(list[i].Query, bambora.DemoMD5Key, map[string]string{"amount": fmt.Sprint(w.said.Value), "currency": w.said.Currency})
		}
	}
	return list, nil
}

// Repeat has the news of a payment sent once more.
func (w *World) Repeat(ctx context.Context, p contract.Payment) error {
	_, err := w.Sim.Notify(ctx, orderID(p.Reference))
	return err
}

// orderID is the provider's order number of a payment.
func orderID(reference string) string {
	const most = 20
	return reference[max(0, len(reference)-most):]
}

// Return is where the window has sent the browser.
func (w *World) Return(p contract.Payment) (contract.Message, bool) {
	w.mu.Lock()
	back := w.backs[orderID(p.Reference)]
	w.mu.Unlock()
	u, err := url.Parse(back)
	if err != nil || back == "" {
		return contract.Message{}, false
	}
	return contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}, true
}

// Books is what the provider knows of a payment.
func (w *World) Books(p contract.Payment) conformance.Books {
	id, zero := orderID(p.Reference), contract.Money{Currency: p.Amount.Currency}
	_, known := w.Sim.Books().Session(id)
	t, paid := w.Sim.Books().Transaction(id)
	out := conformance.Books{Known: known, Authorized: zero, Captured: zero, Refunded: zero}
	if known {
		out.ProviderReference = id
	}
	if !paid {
		return out
	}
	out.ProviderReference = t.ID
	if !t.Deleted {
		out.Authorized.Value = t.Authorized - t.Captured
	}
	out.Captured.Value, out.Captures = t.Captured, t.Count("Capture")
	out.Refunded.Value, out.Refunds = t.Credited, t.Count("Credit")
	return out
}

// ForgeNext is false: answers bear no signature of their own.
func (w *World) ForgeNext(conformance.Forgery) bool { return false }

// Misreport has the next news name another amount.
func (w *World) Misreport(paid contract.Money) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = &paid
	return nil
}

// Strangers has orders of another shop on the same merchant number paid, whose
// callbacks come here.
func (w *World) Strangers(n int) error {
	for range n {
		w.n++
		id := "STRANGER" + strconv.Itoa(w.n)
		body := `{"order":{"id":"` + id + `","amount":700,"currency":"SEK"},"instantcaptureamount":700,` +
			`"url":{"accept":"https://other.example/","cancel":"https://other.example/","callbacks":[{"url":"https://pay.example/webhooks/acc_1"}]}}`
		r := httptest.NewRequest(http.MethodPost, "https://api.example/sessions", strings.NewReader(body))
		r.SetBasicAuth(bambora.DemoAccessToken+"@"+bambora.DemoMerchantNumber, bambora.DemoSecretToken)
		out := httptest.NewRecorder()
		w.Sim.ServeHTTP(out, r)
		if out.Code != http.StatusOK {
			return errors.New(out.Body.String())
		}
		if err := w.Sim.Settle(id, bambora.Plan{Outcome: bambora.Success}); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the provider.
func (w *World) Close() error { return w.Sim.Close() }
