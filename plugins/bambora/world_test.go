package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
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
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
)

// public is the address at which the simulator stands in for the window.
const public = "https://v1.checkout.bambora.com"

// account is the demonstration merchant's, on the live addresses.
func account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"environment": "test", "merchant_number": bambora.DemoMerchantNumber},
		Secrets: map[string]string{
			"access_token": bambora.DemoAccessToken, "secret_token": bambora.DemoSecretToken, "md5_key": bambora.DemoMD5Key,
		},
	}
}

// world is the simulator of the provider, and a hand on its wire.
type world struct {
	sim *bambora.Simulator
	api http.RoundTripper

	mu    sync.Mutex
	sent  []contract.Message
	backs map[string]string // the browser's way back, by order number
	said  *contract.Money   // what the provider says was paid, in place of the truth
	n     int               // strangers so far
}

func newWorld() (conformance.World, error) { return startWorld() }

func startWorld() (*world, error) {
	w := &world{backs: map[string]string{}}
	sim, err := bambora.New(bambora.Config{
		PublicURL: public, Hour: time.Minute, // between two tries of a callback
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: hook{w}},
	})
	if err != nil {
		return nil, err
	}
	w.sim, w.api = sim, conformance.Handler(sim)
	return w, nil
}

// hook takes callbacks and says that they failed, so that they come again: the
// kit runs the plugin on them later, and may have that fail.
type hook struct{ *world }

func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, contract.Message{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, RemoteIP: "192.0.2.9"})
	out := httptest.NewRecorder()
	out.WriteHeader(http.StatusServiceUnavailable)
	return out.Result(), nil
}

// RoundTrip answers the plugin, with another amount where one was asked for.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
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

func (w *world) Now() time.Time { return w.sim.Now() }

func (w *world) Advance(ctx context.Context, d time.Duration) error { return w.sim.MoveClock(ctx, d) }

// End has the consumer press a button of the window. An open payment is one that
// nobody paid yet: the provider has no other.
func (w *world) End(ctx context.Context, p contract.Payment, e conformance.Ending) error {
	outcome := map[conformance.Ending]string{
		conformance.Paid: "success", conformance.Cancelled: "cancelled", conformance.Expired: "expired", conformance.Declined: "failed",
	}[e]
	if outcome == "" {
		return nil
	}
	id := orderID(p.Reference)
	s, ok := w.sim.Books().Session(id)
	if !ok {
		return fmt.Errorf("no session of order %s", id)
	}
	v := visit(w.sim, "/"+s.Token)
	if err := v.press("outcome", outcome); err != nil {
		return err
	}
	if e == conformance.Paid {
		w.mu.Lock()
		w.backs[id] = v.gone
		w.mu.Unlock()
	}
	return w.sim.MoveClock(ctx, 0)
}

func (w *world) Messages(ctx context.Context) ([]contract.Message, error) {
	if err := w.sim.MoveClock(ctx, 0); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.sent
	w.sent = nil
	if w.said != nil {
		for i := range list {
			list[i].Query = resign(list[i].Query, bambora.DemoMD5Key, map[string]string{"amount": fmt.Sprint(w.said.Value), "currency": w.said.Currency})
		}
	}
	return list, nil
}

func (w *world) Repeat(ctx context.Context, p contract.Payment) error {
	_, err := w.sim.Notify(ctx, orderID(p.Reference))
	return err
}

// Return is where the window has sent the browser.
func (w *world) Return(p contract.Payment) (contract.Message, bool) {
	w.mu.Lock()
	back := w.backs[orderID(p.Reference)]
	w.mu.Unlock()
	u, err := url.Parse(back)
	if err != nil || back == "" {
		return contract.Message{}, false
	}
	return contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}, true
}

func (w *world) Books(p contract.Payment) conformance.Books {
	id, zero := orderID(p.Reference), contract.Money{Currency: p.Amount.Currency}
	_, known := w.sim.Books().Session(id)
	t, paid := w.sim.Books().Transaction(id)
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

// Forge changes the hash of a callback or return, or what it covers.
func (w *world) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	signed, hash, ok := strings.Cut(m.Query, "&hash=")
	if !ok {
		return m
	}
	switch f {
	case conformance.ForgedBad:
		first := "0"
		if hash[0] == '0' {
			first = "1"
		}
		m.Query = signed + "&hash=" + first + hash[1:]
	case conformance.ForgedMissing:
		m.Query = signed
	case conformance.ForgedCut:
		m.Query = signed + "&hash=" + hash[:31]
	case conformance.ForgedForeign:
		m.Query = resign(m.Query, "another merchant's key", nil)
	case conformance.ForgedContent:
		m.Query = strings.Replace(m.Query, "eci=0", "eci=1", 1)
	}
	return m
}

// ForgeNext is false: answers bear no signature of their own.
func (w *world) ForgeNext(conformance.Forgery) bool { return false }

func (w *world) Misreport(paid contract.Money) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = &paid
	return nil
}

// Strangers has orders of another shop on the same merchant number paid, whose
// callbacks come here.
func (w *world) Strangers(n int) error {
	for range n {
		w.n++
		id := "STRANGER" + strconv.Itoa(w.n)
		body := `{"order":{"id":"` + id + `","amount":700,"currency":"SEK"},"instantcaptureamount":700,` +
			`"url":{"accept":"https://other.example/","cancel":"https://other.example/","callbacks":[{"url":"https://pay.example/webhooks/acc_1"}]}}`
		r := httptest.NewRequest("POST", "https://api.example/sessions", strings.NewReader(body))
		r.SetBasicAuth(bambora.DemoAccessToken+"@"+bambora.DemoMerchantNumber, bambora.DemoSecretToken)
		out := httptest.NewRecorder()
		w.sim.ServeHTTP(out, r)
		if out.Code != http.StatusOK {
			return errors.New(out.Body.String())
		}
		if err := w.sim.Settle(id, bambora.Plan{Outcome: bambora.Success}); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) Close() error { return w.sim.Close() }

// resign changes values of a query and hashes it anew.
func resign(query, key string, change map[string]string) string {
	var pairs []string
	var values strings.Builder
	for _, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "hash" {
			continue
		}
		if v, ok := change[name]; ok {
			pair, value = name+"="+url.QueryEscape(v), v
		} else if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		pairs = append(pairs, pair)
		values.WriteString(value)
	}
	sum := md5.Sum([]byte(values.String() + key))
	return strings.Join(pairs, "&") + "&hash=" + hex.EncodeToString(sum[:])
}
