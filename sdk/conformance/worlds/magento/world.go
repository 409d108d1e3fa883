// Package magento is a Magento shop as the conformance kit guides it: the shop's
// simulator with the gateway's module in it, and a hand on its wire.
package magento

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

// Public is the shop's address.
const Public = "https://shop.example"

// Fixture is the platform as the kit meets it.
func Fixture() conformance.ShopFixture {
	return conformance.ShopFixture{
		Account: Account, World: func() (conformance.ShopWorld, error) { return New() }, Currencies: []string{"EUR", "JPY", "TND"},
	}
}

// Account is that of the demonstration shop's integration.
func Account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"environment": "test", "url": Public, "take_orders": true, "capture_on_shipment": true},
		Secrets: map[string]string{
			"consumer_key": magento.DemoConsumerKey, "consumer_secret": magento.DemoConsumerSecret, "access_token": magento.DemoAccessToken,
			"access_token_secret": magento.DemoTokenSecret, "envelope_secret": magento.DemoNoticeSecret[len("whsec_"):],
		},
	}
}

// World is the simulator of the shop, and a hand on its wire.
type World struct {
	Sim *magento.Simulator
	http.RoundTripper

	mu   sync.Mutex
	sent []contract.Message
	// goods is what they are called, nil as they are.
	goods *string
}

// New opens a shop without orders. Its owner must Close it.
func New() (*World, error) {
	w := &World{}
	sim, err := magento.New(magento.Config{
		PublicURL: Public, WebhookURL: "https://pay.example/v1/shops/demo/orders",
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: door{w}},
	})
	if err != nil {
		return nil, err
	}
	w.Sim, w.RoundTripper = sim, conformance.Handler(sim)
	return w, nil
}

// door takes what the module sends.
type door struct{ *World }

func (d door) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	m := contract.Message{Method: r.Method, Path: r.URL.Path, Headers: map[string][]string{}, Body: string(body), RemoteIP: "192.0.2.9"}
	for _, name := range []string{"content-type", idHeader, stampHeader, signatureHeader} {
		m.Headers[name] = []string{r.Header.Get(name)}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = append(d.sent, m)
	out := httptest.NewRecorder()
	out.WriteHeader(http.StatusOK)
	return out.Result(), nil
}

// Now is the shop's time.
func (w *World) Now() time.Time { return w.Sim.Now() }

// Advance lets time pass.
func (w *World) Advance(ctx context.Context, d time.Duration) error { return w.Sim.MoveClock(ctx, d) }

// Name has the goods of later orders bear this name.
func (w *World) Name(goods string) { w.goods = &goods }

// Place has a shopper order two goods, with tax and shipping, and the module send
// the order.
func (w *World) Place(ctx context.Context, amount contract.Money) (string, error) {
	part := func(value int64) string { return contract.Money{Value: value, Currency: amount.Currency}.Decimal() }
	second, shipping := amount.Value/4, amount.Value/10
	name := func(name string) string {
		if w.goods != nil {
			return *w.goods
		}
		return name
	}
	o, err := w.Sim.Place(magento.Draft{
		Currency: amount.Currency, Shipping: part(shipping), ShippingTaxRate: "21",
		Items: []magento.DraftItem{
			{SKU: "24-MB01", Name: name("Joust Duffle Bag"), Price: part(amount.Value - second - shipping), TaxRate: "21", Variant: "24-MB01-blue"},
			{SKU: "24-WG80", Name: name("Yoga Kit"), Price: part(second), TaxRate: "9"},
		},
	})
	if err != nil {
		return "", err
	}
	_, err = w.Sim.SendOrder(ctx, o.Increment)
	return strconv.Itoa(o.ID), err
}

// Do does it by the shop's administration.
func (w *World) Do(ctx context.Context, key string, act conformance.ShopAct) error {
	o, ok := w.order(key)
	if !ok {
		return fmt.Errorf("there is no order %s", key)
	}
	number := o.Increment
	var err error
	switch act {
	case conformance.ShopCancels:
		_, err = w.Sim.Cancel(number)
	case conformance.ShopShips:
		_, err = w.Sim.Ship(number)
	case conformance.ShopPays:
		_, err = w.Sim.Invoice(number, false)
	case conformance.ShopHolds:
		_, err = w.Sim.Hold(number)
	case conformance.ShopChanges:
		if _, err = w.Sim.Change(number, "1"); err == nil {
			_, err = w.Sim.SendOrder(ctx, number)
		}
	case conformance.ShopDeletes:
		_, err = w.Sim.Delete(number)
	case conformance.ShopNotes:
		_, err = w.Sim.Comment(number, "The customer called.")
	default:
		return fmt.Errorf("a shop that %s an order", act)
	}
	if err != nil {
		return err
	}
	return w.Sim.MoveClock(ctx, 0)
}

// Messages gives what the module has sent since it was last asked.
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

// Repeat has the module send an order's messages once more, or the order where there
// are none.
func (w *World) Repeat(ctx context.Context, key string) error {
	o, ok := w.order(key)
	if !ok {
		return fmt.Errorf("there is no order %s", key)
	}
	status, err := w.Sim.Resend(ctx, o.Increment)
	if err == nil && status == 0 {
		_, err = w.Sim.SendOrder(ctx, o.Increment)
	}
	return err
}

// Lose drops what was sent.
func (w *World) Lose(ctx context.Context) error {
	_, err := w.Messages(ctx)
	return err
}

// Ping has the module try the gateway's door.
func (w *World) Ping(ctx context.Context) (contract.Message, bool) {
	if _, err := w.Sim.Ping(ctx); err != nil {
		return contract.Message{}, false
	}
	list, err := w.Messages(ctx)
	if err != nil || len(list) == 0 {
		return contract.Message{}, false
	}
	return list[len(list)-1], true
}

// order finds an order by the platform's key.
func (w *World) order(key string) (magento.OrderRecord, bool) {
	for _, o := range w.Sim.Books().Orders {
		if strconv.Itoa(o.ID) == key {
			return o, true
		}
	}
	return magento.OrderRecord{}, false
}

// Books is what the shop knows of an order. The gateway's command to release, which
// a cancellation runs, moves no money and is no charge.
func (w *World) Books(key string) conformance.ShopBooks {
	o, ok := w.order(key)
	if !ok || o.Deleted {
		return conformance.ShopBooks{}
	}
	b := conformance.ShopBooks{
		Known: true, Reference: o.Increment, State: state(o), Paid: money(o.Paid, o.Currency), Payments: len(o.Invoices),
		Refunded: money(o.Refunded, o.Currency), Refunds: len(o.CreditMemos), Charged: len(o.Charges) + len(o.Payouts), Mails: o.Mails,
	}
	for _, c := range o.Comments {
		b.Notes = append(b.Notes, c.Text)
	}
	return b
}

// state says how an order stands. One that is on hold and paid is paid: a person
// holds back the goods.
func state(o magento.OrderRecord) conformance.ShopState {
	paid := len(o.Invoices) > 0
	switch {
	case o.State == magento.StateCanceled:
		return conformance.ShopCancelled
	case o.State == magento.StateClosed:
		return conformance.ShopRefunded
	case paid:
		return conformance.ShopPaid
	case o.State == magento.StateNew || o.State == magento.StatePendingPayment:
		return conformance.ShopOpen
	}
	return conformance.ShopWaiting
}

// money reads the shop's four decimals.
func money(decimal, currency string) contract.Money {
	m, err := contract.ParseDecimal(decimal, currency)
	if err != nil {
		return contract.Money{Value: -1, Currency: currency} // which no scenario wants
	}
	return m
}

// Close ends the shop.
func (w *World) Close() error { return w.Sim.Close() }

var _ conformance.ShopWorld = (*World)(nil)
