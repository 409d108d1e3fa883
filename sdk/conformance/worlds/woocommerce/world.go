// Package woocommerce is a WooCommerce shop as the conformance kit guides it: the
// shop's simulator with webhooks for all that concerns orders, and a hand on its
// merchant and shopper.
//
// It knows an order by the shop's id (section 1.2 of the protocol notes).
package woocommerce

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// Fixture is the platform as the kit meets it.
func Fixture() conformance.ShopFixture {
	return conformance.ShopFixture{
		Account: Account, World: func() (conformance.ShopWorld, error) { return New() }, Currencies: []string{"EUR", "JPY", "TND"},
	}
}

// Account is the demonstration's key.
func Account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"environment": "test", "url": woocommerce.DemoURL, "payment_methods": []string{"bacs"}},
		Secrets: map[string]string{
			"consumer_key": woocommerce.DemoKey, "consumer_secret": woocommerce.DemoSecret, "webhook_secret": woocommerce.DemoWebhookSecret,
		},
	}
}

// topics are those of the shop's webhooks to the gateway. New orders are told by the
// one for changes too, so that what happens to an order is one message.
var topics = []string{"order.updated", "order.deleted", "order.restored"}

// Door is where the webhooks deliver to.
const Door = "https://pay.example/v1/shops/woo/orders"

// World is the simulator of the shop, and a hand on it.
type World struct {
	Sim *woocommerce.Simulator
	http.RoundTripper

	mu   sync.Mutex
	down bool // the gateway answers nothing
	sent []contract.Message
	ping contract.Message
	// goods is what they are called, nil as they are.
	goods *string
}

// New starts the shop anew. Its owner must Close it.
func New() (*World, error) {
	w := &World{}
	sim, err := woocommerce.New(woocommerce.Config{
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: door{w}},
	})
	if err != nil {
		return nil, err
	}
	w.Sim, w.RoundTripper = sim, conformance.Handler(sim)
	for _, topic := range topics {
		if _, err := sim.AddHook(context.Background(), woocommerce.Hook{Name: "Kassette", Topic: topic, URL: Door, Secret: woocommerce.DemoWebhookSecret}); err != nil {
			return nil, err
		}
	}
	w.ping, w.sent = w.sent[0], nil
	return w, nil
}

// door takes webhooks.
type door struct{ *World }

// RoundTrip implements [http.RoundTripper].
func (d door) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	m := contract.Message{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Headers: map[string][]string{}, Body: string(body), RemoteIP: "192.0.2.80"}
	for name, values := range r.Header {
		m.Headers[strings.ToLower(name)] = values
	}
	out := httptest.NewRecorder()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		out.WriteHeader(http.StatusServiceUnavailable)
	} else {
		d.sent = append(d.sent, m)
	}
	return out.Result(), nil
}

// Now is the shop's time.
func (w *World) Now() time.Time { return w.Sim.Now() }

// Advance lets time pass.
func (w *World) Advance(_ context.Context, d time.Duration) error { return w.Sim.MoveClock(d) }

// Name has the goods of later orders bear this name.
func (w *World) Name(goods string) { w.goods = &goods }

// Place orders two goods with shipping, each with its tax.
func (w *World) Place(_ context.Context, amount contract.Money) (string, error) {
	part := func(name string, gross int64) woocommerce.CartLine {
		if w.goods != nil {
			name = *w.goods
		}
		tax := gross * 17 / 100
		text := func(n int64) string { return contract.Money{Value: n, Currency: amount.Currency}.Decimal() }
		return woocommerce.CartLine{Name: name, SKU: strings.ToLower(name), Total: text(gross - tax), Tax: text(tax)}
	}
	post, cloth := amount.Value/10, amount.Value/4
	o, err := w.Sim.Place(woocommerce.Cart{
		Lines: []woocommerce.CartLine{part("Chair", amount.Value-post-cloth), part("Cloth", cloth)}, Shipping: []woocommerce.CartLine{part("Post", post)},
		Currency: amount.Currency, Number: "2026-" + amount.Currency + strconv.Itoa(len(w.Sim.Books().Orders)+1),
	})
	return strconv.Itoa(o.ID), err
}

// Do has shop or merchant act.
func (w *World) Do(_ context.Context, key string, act conformance.ShopAct) error {
	id, err := strconv.Atoi(key)
	if err != nil {
		return fmt.Errorf("order %q: %w", key, err)
	}
	switch act {
	case conformance.ShopCancels:
		return w.Sim.Cancel(id)
	case conformance.ShopShips:
		return w.Sim.Complete(id)
	case conformance.ShopPays:
		return w.Sim.PayByHand(id, "by-hand")
	case conformance.ShopHolds:
		return w.Sim.SetStatus(id, woocommerce.OnHold)
	case conformance.ShopChanges:
		return w.Sim.AddFee(id, "Wrapping", "1")
	case conformance.ShopDeletes:
		return w.Sim.Delete(id)
	case conformance.ShopNotes:
		return w.Sim.Remark(id, "Ring twice, please.")
	}
	return fmt.Errorf("act %q: there is no such act", act)
}

// Messages has the queue run, and gives what was sent.
func (w *World) Messages(ctx context.Context) ([]contract.Message, error) {
	w.Sim.RunQueue(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.sent
	w.sent = nil
	return list, nil
}

// Repeat has the order saved once more, of which the shop sends news.
func (w *World) Repeat(_ context.Context, key string) error {
	id, err := strconv.Atoi(key)
	if err != nil {
		return fmt.Errorf("order %q: %w", key, err)
	}
	return w.Sim.Remark(id, "")
}

// Lose has the queue run while the gateway is down: each is sent once (2).
func (w *World) Lose(ctx context.Context) error {
	w.setDown(true)
	defer w.setDown(false)
	w.Sim.RunQueue(ctx)
	return nil
}

func (w *World) setDown(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
	w.sent = nil
}

// Ping is what the shop sends when a webhook is made.
func (w *World) Ping(context.Context) (contract.Message, bool) { return w.ping, true }

// Disable is what the shop does after seven failures in a row (2).
func (w *World) Disable(context.Context) error {
	for i := range topics {
		w.Sim.SetHook(i+1, woocommerce.HookDisabled)
	}
	return nil
}

// Disabled says whether a webhook is not sent.
func (w *World) Disabled() bool {
	for _, h := range w.Sim.Books().Webhooks {
		if h.Status != woocommerce.HookActive {
			return true
		}
	}
	return false
}

// Close ends the shop.
func (w *World) Close() error { return w.Sim.Close() }

var _ conformance.Disabler = (*World)(nil)
