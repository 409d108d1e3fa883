package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	nexo "github.com/kassette-pay/kassette/sdk/simulator/terminal"
)

// address is where the simulator stands in for the terminal.
const address = "https://192.168.1.20:8443"

// account is a shop's till and its terminal.
func account() *conformance.Account {
	return &conformance.Account{Settings: map[string]any{
		"environment": "test", "base_url": address, "poi_id": nexo.DemoPOIID, "sale_id": nexo.DemoSaleID,
	}}
}

// world is the simulated terminal, and a hand on its wire.
type world struct {
	sim *nexo.Simulator
	api http.RoundTripper
	// next is what the next customer does; "" is that a card is tapped.
	next string
	// edits change the next answers that hold amounts.
	edits []func(amounts map[string]any)
	// meddle sees each message and may answer in the terminal's place.
	meddle func(category string, body []byte) (*http.Response, error)
	// after takes its place once it has undone itself.
	after func(category string, body []byte) (*http.Response, error)

	mu   sync.Mutex
	seen []message
}

// message is what the till sent.
type message struct {
	category string
	body     string
}

func newWorld() (conformance.World, error) {
	sim, err := nexo.New(nexo.Config{Unattended: nexo.Never, Now: func() time.Time { return conformance.Start }})
	if err != nil {
		return nil, err
	}
	w := &world{sim: sim, api: conformance.Handler(sim)}
	return w, w.takeTips()
}

// takeTips sets the terminal up for tips, as its maker does where a shop asks.
func (w *world) takeTips() error {
	r, err := http.NewRequest(http.MethodPut, address+"/sandbox/terminals/"+nexo.DemoPOIID, strings.NewReader(`{"tip":{"enabled":true,"max_percent":100}}`))
	if err != nil {
		return err
	}
	resp, err := w.api.RoundTrip(r)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New("the terminal was not set up for tips")
	}
	return err
}

// plan scripts the next customer.
func (w *world) plan(body string) {
	r, err := http.NewRequest(http.MethodPost, "http://sim.example/next", strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	resp, err := conformance.Handler(w.sim.Control()).RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		panic(body + " was not taken")
	}
}

// RoundTrip answers the plugin.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
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
	w.seen = append(w.seen, message{category, string(body)})
	w.mu.Unlock()
	if w.meddle == nil {
		w.meddle, w.after = w.after, nil
	}
	if w.meddle != nil {
		if resp, err := w.meddle(category, body); resp != nil || err != nil {
			return resp, err
		}
	}
	if m.SaleToPOIRequest.PaymentRequest.PaymentData.PaymentType == "Normal" {
		if w.next == "" {
			w.next = `{"outcome":"success"}`
		}
		w.plan(w.next)
		w.next = ""
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := w.api.RoundTrip(r)
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
func (w *world) edited(text []byte) []byte {
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

func (w *world) Now() time.Time { return w.sim.Now() }

func (w *world) Advance(ctx context.Context, d time.Duration) error { return w.sim.MoveClock(ctx, d) }

// End is not called: payments end before create_payment does.
func (w *world) End(_ context.Context, p contract.Payment, _ conformance.Ending) error {
	return errors.New("payment " + p.Reference + " has ended by itself")
}

func (w *world) Expect(e conformance.Ending) error {
	w.next = map[conformance.Ending]string{
		conformance.Paid: `{"outcome":"success"}`, conformance.Cancelled: `{"outcome":"cancelled"}`, conformance.Declined: `{"outcome":"failed"}`,
		conformance.Expired: `{"outcome":"expired"}`, conformance.Waits: `{"outcome":"wait"}`,
	}[e]
	return nil
}

// Underway looks at the terminal's display until it shows a payment.
func (w *world) Underway(ctx context.Context) error {
	for ctx.Err() == nil {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://sim.example/", nil)
		if err != nil {
			return err
		}
		resp, err := w.api.RoundTrip(r)
		if err != nil {
			return err
		}
		page, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		if bytes.Contains(page, []byte(`name="outcome"`)) {
			return nil
		}
	}
	return ctx.Err()
}

func (w *world) Books(p contract.Payment) conformance.Books {
	zero := contract.Money{Currency: p.Amount.Currency}
	out := conformance.Books{Authorized: zero, Captured: zero, Refunded: zero}
	for _, t := range w.sim.Books().Of(p.Reference) {
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

func (w *world) Misreport(paid contract.Money) error {
	w.edits = append(w.edits, func(a map[string]any) {
		a["AuthorizedAmount"], a["Currency"] = json.Number(paid.Decimal()), paid.Currency
	})
	return nil
}

// A terminal sends nothing, signs nothing and knows no other shops.

func (w *world) Messages(context.Context) ([]contract.Message, error) { return nil, nil }

func (w *world) Repeat(context.Context, contract.Payment) error { return nil }

func (w *world) Return(contract.Payment) (contract.Message, bool) { return contract.Message{}, false }

func (w *world) Forge(m contract.Message, _ conformance.Forgery) contract.Message { return m }

func (w *world) ForgeNext(conformance.Forgery) bool { return false }

func (w *world) Strangers(int) error { return nil }

func (w *world) Close() error { return w.sim.Close() }

var _ conformance.Expecter = (*world)(nil)
