// Package omnikassa is Rabo OnlineKassa as the conformance kit guides it: the
// simulated bank, the demonstration shop, and a hand on its wire.
//
// It knows a payment by its reference, which is the merchantOrderId.
package omnikassa

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
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/browser"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/control"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// pageSize is how many results the bank hands out at once.
const pageSize = 100

// Fixture is the bank as the kit meets it.
func Fixture() conformance.Fixture {
	return conformance.Fixture{Account: Account, PageSize: pageSize, World: func() (conformance.World, error) { return New() }}
}

// Bank is the address at which the simulator stands in for the bank.
const Bank = "https://api.pay.rabobank.nl"

// Account is the demonstration shop's.
func Account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"environment": "test", "base_url": Bank},
		Secrets:  map[string]string{"refresh_token": omnikassa.DemoRefreshToken, "signing_key": omnikassa.DemoSigningKey},
	}
}

// World is the simulator of the bank, and a hand on its wire.
type World struct {
	Sim *omnikassa.Simulator
	api http.RoundTripper

	mu    sync.Mutex
	sent  []contract.Message
	pages map[string]string // payment page by merchantOrderId
	// edits change the next page of results that holds any.
	edits []func(page map[string]any)
}

// New starts the bank anew. Its owner must Close it.
func New() (*World, error) {
	w := &World{pages: map[string]string{}}
	sim, err := omnikassa.New(omnikassa.Config{
		PublicURL: Bank, WebhookURL: "https://pay.example/webhooks/acc_1",
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: hook{w}},
	})
	if err != nil {
		return nil, err
	}
	w.Sim, w.api = sim, conformance.Handler(sim)
	return w, nil
}

// hook takes the bank's notifications.
type hook struct{ *World }

func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, contract.Message{
		Method: r.Method, Path: r.URL.Path, Headers: map[string][]string{"content-type": {r.Header.Get("Content-Type")}}, Body: string(body), RemoteIP: "192.0.2.9",
	})
	return httptest.NewRecorder().Result(), nil
}

// RoundTrip answers the plugin. It notes payment pages, and edits results.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	var asked struct {
		MerchantOrderID string `json:"merchantOrderId"`
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = json.Unmarshal(body, &asked)
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := w.api.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	_ = d.Decode(&answer)
	w.mu.Lock()
	defer w.mu.Unlock()
	if page, ok := answer["redirectUrl"].(string); ok {
		w.pages[asked.MerchantOrderID] = page
	}
	if results, _ := answer["orderResults"].([]any); len(results) > 0 && len(w.edits) > 0 {
		w.edits[0](answer)
		w.edits = w.edits[1:]
		if text, err = json.Marshal(answer); err != nil {
			return nil, err
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}

// Now is the bank's time.
func (w *World) Now() time.Time { return w.Sim.Now() }

// Advance lets time pass.
func (w *World) Advance(ctx context.Context, d time.Duration) error { return w.Sim.MoveClock(ctx, d) }

// End ends a payment on the bank's page.
func (w *World) End(ctx context.Context, p contract.Payment, e conformance.Ending) error {
	outcome := map[conformance.Ending]omnikassa.Outcome{
		conformance.Paid: omnikassa.Success, conformance.Cancelled: omnikassa.Cancelled, conformance.Expired: omnikassa.Expired,
		conformance.Declined: omnikassa.Failed, conformance.Open: omnikassa.Open,
	}[e]
	if err := w.Sim.Settle(p.Reference, outcome); err != nil {
		return err
	}
	return w.Sim.MoveClock(ctx, 0)
}

// Messages gives the notifications since it was last asked.
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

// Repeat has the bank hand the news of a payment out once more.
func (w *World) Repeat(ctx context.Context, p contract.Payment) error {
	if err := w.Sim.Requeue(p.Reference); err != nil {
		return err
	}
	_, err := w.Sim.Notify(ctx, omnikassa.NotifyAgain)
	return err
}

// Return opens the payment page, which leads back where all is done.
func (w *World) Return(p contract.Payment) (contract.Message, bool) {
	w.mu.Lock()
	page := w.pages[p.Reference]
	w.mu.Unlock()
	back := browser.Visit(w.Sim, strings.TrimPrefix(page, Bank)).Gone
	u, err := url.Parse(back)
	if err != nil || back == "" {
		return contract.Message{}, false
	}
	return contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}, true
}

// Books is what the bank knows of a payment.
func (w *World) Books(p contract.Payment) conformance.Books {
	books := w.Sim.Books()
	o, ok := books.Order(p.Reference)
	out := conformance.Books{Known: ok, ProviderReference: o.ID, Captured: contract.Money{Currency: "EUR"}, Refunded: contract.Money{Currency: "EUR"}}
	if o.Status == "COMPLETED" {
		out.Captured.Value = o.Announcement.Amount
	}
	for _, t := range o.Transactions {
		for _, f := range books.Refunds {
			if f.TransactionID == t.ID && f.Status != "FAILED" {
				out.Refunds++
				out.Refunded.Value += f.Amount
			}
		}
	}
	return out
}

// ForgeNext changes the next page of results.
func (w *World) ForgeNext(f conformance.Forgery) bool {
	w.edits = append(w.edits, func(page map[string]any) {
		if f != conformance.ForgedContent {
			page["signature"] = forged(f, page["signature"].(string), strings.Join(PageValues(page), ","))
			return
		}
		first := page["orderResults"].([]any)[0].(map[string]any)
		first["orderStatus"], first["paidAmount"] = "COMPLETED", first["totalAmount"]
	})
	return true
}

// Misreport changes the paid amount of the next result, truly signed.
func (w *World) Misreport(paid contract.Money) error {
	w.edits = append(w.edits, func(page map[string]any) {
		first := page["orderResults"].([]any)[0].(map[string]any)
		first["paidAmount"] = map[string]any{"currency": paid.Currency, "amount": fmt.Sprint(paid.Value)}
		page["signature"] = Sign(omnikassa.DemoSigningKey, strings.Join(PageValues(page), ","))
	})
	return nil
}

// Strangers puts results of other shops' orders before the next.
func (w *World) Strangers(n int) error {
	return w.Sim.Faults().Set(control.Fault{Name: "many_results", Call: "pull", Times: 1, Count: n})
}

// Close ends the bank.
func (w *World) Close() error { return w.Sim.Close() }

var _ conformance.World = (*World)(nil)
