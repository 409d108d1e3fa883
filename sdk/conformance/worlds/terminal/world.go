// Package terminal is a nexo card terminal as the conformance kit guides it: the
// simulated terminal, a shop's till, and a hand on the wire between them.
package terminal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	nexo "github.com/kassette-pay/kassette/sdk/simulator/terminal"
)

// Fixture is the terminal as the kit meets it.
func Fixture() conformance.Fixture {
	return conformance.Fixture{Account: Account, World: func() (conformance.World, error) { return New() }}
}

// Address is where the simulator stands in for the terminal.
const Address = "https://192.168.1.20:8443"

// Account is a shop's till and its terminal.
func Account() *conformance.Account {
	return &conformance.Account{Settings: map[string]any{
		"environment": "test", "base_url": Address, "poi_id": nexo.DemoPOIID, "sale_id": nexo.DemoSaleID,
	}}
}

// World is the simulated terminal, and a hand on its wire.
type World struct {
	Sim *nexo.Simulator
	// API answers as the terminal does, with no hand on it.
	API http.RoundTripper
	// Next is what the next customer does; "" is that a card is tapped.
	Next string
	// edits change the next answers that hold amounts.
	edits []func(amounts map[string]any)
	// Meddle sees each message and may answer in the terminal's place.
	Meddle func(category string, body []byte) (*http.Response, error)
	// After takes its place once it has undone itself.
	After func(category string, body []byte) (*http.Response, error)

	mu sync.Mutex
	// Seen is what the till sent.
	Seen []Message
}

// Message is what the till sent: its category, and the whole of it.
type Message struct{ Category, Body string }

// New starts the terminal anew, set up for tips. Its owner must Close it.
func New() (*World, error) {
	sim, err := nexo.New(nexo.Config{Unattended: nexo.Never, Now: func() time.Time { return conformance.Start }})
	if err != nil {
		return nil, err
	}
	w := &World{Sim: sim, API: conformance.Handler(sim)}
	return w, w.takeTips()
}

// takeTips sets the terminal up for tips, as its maker does where a shop asks.
func (w *World) takeTips() error {
	a := ask(w.Sim, http.MethodPut, "/sandbox/terminals/"+nexo.DemoPOIID, `{"tip":{"enabled":true,"max_percent":100}}`)
	if a.Code != http.StatusOK {
		return fmt.Errorf("the terminal was not set up for tips: %s", a.Body)
	}
	return nil
}

// ask is a request of somebody who is not the till.
func ask(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	a := httptest.NewRecorder()
	h.ServeHTTP(a, httptest.NewRequest(method, path, strings.NewReader(body)))
	return a
}

// Plan scripts the next customer.
func (w *World) Plan(body string) {
	if a := ask(w.Sim.Control(), http.MethodPost, "/next", body); a.Code != http.StatusOK {
		panic(body + " was not taken")
	}
}

// RoundTrip answers the plugin.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var m struct {
		SaleToPOIRequest struct {
			MessageHeader  struct{ MessageCategory string }
			PaymentRequest struct{ PaymentData struct{ PaymentType string } }
		}
	}
	_ = json.Unmarshal(body, &m)
	category := m.SaleToPOIRequest.MessageHeader.MessageCategory
	w.mu.Lock()
	w.Seen = append(w.Seen, Message{category, string(body)})
	w.mu.Unlock()
	if w.Meddle == nil {
		w.Meddle, w.After = w.After, nil
	}
	if w.Meddle != nil {
		if resp, err := w.Meddle(category, body); resp != nil || err != nil {
			return resp, err
		}
	}
	if m.SaleToPOIRequest.PaymentRequest.PaymentData.PaymentType == "Normal" {
		if w.Next == "" {
			w.Next = `{"outcome":"success"}`
		}
		w.Plan(w.Next)
		w.Next = ""
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := w.API.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 && resp.StatusCode == http.StatusOK {
		return nil, &contract.ExchangeError{Kind: contract.ErrorReset, Sent: contract.SentYes, Message: "connection reset"}
	}
	resp.Body = io.NopCloser(bytes.NewReader(w.edited(text)))
	return resp, nil
}

// edited changes the amounts of an answer.
func (w *World) edited(text []byte) []byte {
	if len(w.edits) == 0 || !bytes.Contains(text, []byte(`"AmountsResp"`)) {
		return text
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	var walk func(v any)
	walk = func(v any) {
		o, _ := v.(map[string]any)
		for name, inner := range o {
			if a, ok := inner.(map[string]any); ok && name == "AmountsResp" {
				w.edits[0](a)
			}
			walk(inner)
		}
	}
	walk(v)
	w.edits = w.edits[1:]
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// Now is the terminal's time.
func (w *World) Now() time.Time { return w.Sim.Now() }

// Advance lets time pass.
func (w *World) Advance(ctx context.Context, d time.Duration) error { return w.Sim.MoveClock(ctx, d) }

// End is not called: payments end before create_payment does.
func (w *World) End(_ context.Context, p contract.Payment, _ conformance.Ending) error {
	return errors.New("payment " + p.Reference + " has ended by itself")
}

// Expect says what the next customer does.
func (w *World) Expect(e conformance.Ending) error {
	w.Next = map[conformance.Ending]string{
		conformance.Paid: `{"outcome":"success"}`, conformance.Cancelled: `{"outcome":"cancelled"}`, conformance.Declined: `{"outcome":"failed"}`,
		conformance.Expired: `{"outcome":"expired"}`, conformance.Waits: `{"outcome":"wait"}`,
	}[e]
	return nil
}

// Underway looks at the terminal's display until it shows a payment.
func (w *World) Underway(ctx context.Context) error {
	for ctx.Err() == nil {
		if page := ask(w.Sim, http.MethodGet, "/", ""); bytes.Contains(page.Body.Bytes(), []byte(`name="outcome"`)) {
			return nil
		}
	}
	return ctx.Err()
}

// Books is what the terminal knows of a payment.
func (w *World) Books(p contract.Payment) conformance.Books {
	zero := contract.Money{Currency: p.Amount.Currency}
	out := conformance.Books{Authorized: zero, Captured: zero, Refunded: zero}
	for _, t := range w.Sim.Books().Of(p.Reference) {
		switch {
		case t.Type == "Refund":
			out.Refunds++
			out.Refunded.Value += t.Charged
			continue
		case t.Reversed:
			out.Refunds++
			out.Refunded.Value += t.Charged
		}
		out.Known = true
		if t.Charged > 0 {
			out.ProviderReference = t.ID
			out.Captured.Value += t.Charged
			out.Captures++
		}
	}
	return out
}

// Misreport has the next answer name another amount.
func (w *World) Misreport(paid contract.Money) error {
	w.edits = append(w.edits, func(a map[string]any) {
		a["AuthorizedAmount"], a["Currency"] = json.Number(paid.Decimal()), paid.Currency
	})
	return nil
}

// Messages is empty: a terminal sends nothing.
func (w *World) Messages(context.Context) ([]contract.Message, error) { return nil, nil }

// Repeat does nothing: there was no news.
func (w *World) Repeat(context.Context, contract.Payment) error { return nil }

// Return is never: nobody was sent away.
func (w *World) Return(contract.Payment) (contract.Message, bool) { return contract.Message{}, false }

// Forge changes nothing: nothing is signed.
func (w *World) Forge(m contract.Message, _ conformance.Forgery) contract.Message { return m }

// ForgeNext is false: no answer is signed.
func (w *World) ForgeNext(conformance.Forgery) bool { return false }

// Strangers does nothing: a terminal knows no other shops.
func (w *World) Strangers(int) error { return nil }

// Close ends the terminal.
func (w *World) Close() error { return w.Sim.Close() }

var _ conformance.Expecter = (*World)(nil)
