package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/woocommerce"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// desk is a gateway in small at a simulated shop.
type desk struct {
	*testing.T
	sim     *woocommerce.Simulator
	account *conformance.Account
	runner  conformance.Runner
	via     http.RoundTripper // the shop, or what a test puts before it
	last    conformance.Transcript
}

func newDesk(t *testing.T, change ...func(*woocommerce.Config)) *desk {
	t.Helper()
	c := woocommerce.Config{Now: func() time.Time { return conformance.Start }}
	for _, f := range change {
		f(&c)
	}
	sim, err := woocommerce.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	d := &desk{T: t, sim: sim, account: world.Account(), runner: guesttest.New(provider{}), via: conformance.Handler(sim)}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil {
			t.Fatal(err)
		}
		d.account.Settings["url"], d.via = c.PublicURL, conformance.Handler(http.StripPrefix(u.Path, sim))
	}
	return d
}

// set changes a setting.
func (d *desk) set(name string, v any) *desk {
	d.account.Settings[name] = v
	return d
}

func drive[T any](d *desk, e contract.Export, input any) (T, error) {
	d.Helper()
	tr, err := conformance.Drive(d.Context(), d.runner, conformance.Call{Export: e, Input: input, Account: d.account, World: d.via, Now: d.sim.Now()})
	if err != nil {
		d.Fatal(err)
	}
	d.last = tr
	return conformance.Result[T](tr)
}

// place makes an order and gives its id.
func (d *desk) place(c woocommerce.Cart) int {
	d.Helper()
	o, err := d.sim.Place(c)
	if err != nil {
		d.Fatal(err)
	}
	return o.ID
}

func (d *desk) shop(id int) woocommerce.OrderRecord {
	d.Helper()
	o, ok := d.sim.Books().Order(id)
	if !ok {
		d.Fatalf("the shop has no order %d", id)
	}
	return o
}

// body is an order as the shop's webhook carries it.
func (d *desk) body(id int) string {
	d.Helper()
	r := httptest.NewRequest("GET", woocommerce.DemoURL+"/wp-json/wc/v3/orders/"+strconv.Itoa(id), nil)
	r.SetBasicAuth(woocommerce.DemoKey, woocommerce.DemoSecret)
	w := httptest.NewRecorder()
	d.sim.ServeHTTP(w, r)
	return w.Body.String()
}

// webhook is a signed webhook of this body.
func webhook(topic, body string) contract.Message {
	return contract.Message{Method: "POST", Path: "/v1/shops/woo/orders", Body: body, Headers: map[string][]string{
		"content-type": {"application/json"}, "x-wc-webhook-topic": {topic}, "x-wc-webhook-resource": {strings.Split(topic, ".")[0]}, "x-wc-webhook-id": {"1"},
		"x-wc-webhook-signature": {world.Sign(woocommerce.DemoWebhookSecret, body)}, "x-wc-webhook-delivery-id": {"0123456789abcdef0123456789abcdef"},
	}}
}

// note has somebody add a note.
func (d *desk) note(id int, text string) {
	d.Helper()
	b, err := json.Marshal(map[string]string{"note": text})
	if err != nil {
		d.Fatal(err)
	}
	r := httptest.NewRequest("POST", woocommerce.DemoURL+"/wp-json/wc/v3/orders/"+strconv.Itoa(id)+"/notes", bytes.NewReader(b))
	r.SetBasicAuth(woocommerce.DemoKey, woocommerce.DemoSecret)
	w := httptest.NewRecorder()
	if d.sim.ServeHTTP(w, r); w.Code != http.StatusCreated {
		d.Fatalf("got %d %s", w.Code, w.Body)
	}
}

func (d *desk) read(m contract.Message) (contract.ReadOrderResult, error) {
	d.Helper()
	return drive[contract.ReadOrderResult](d, contract.ReadOrder, contract.ReadOrderInput{Message: m})
}

// heard reads the webhook of an order as it is now.
func (d *desk) heard(id int) contract.ReadOrderResult {
	d.Helper()
	r, err := d.read(webhook("order.updated", d.body(id)))
	if err != nil || r.Response.Status != 200 {
		d.Fatalf("got %+v, %v", r, err)
	}
	return r
}

// order is the gateway's order of a shop's, open.
func (d *desk) order(id int) contract.Order {
	d.Helper()
	r := d.heard(id)
	if r.Order == nil {
		d.Fatalf("order %d is not to be paid: %+v", id, r)
	}
	o := orderOf(d.shop(id))
	o.Reference, o.Amount, o.Metadata = r.Order.Reference, r.Order.Amount, r.Order.Metadata
	return o
}

// orderOf is the gateway's order of what the shop's books say, by the test's own
// reading of the reference.
func orderOf(r woocommerce.OrderRecord) contract.Order {
	sum := sha256.Sum256([]byte(r.Key))
	amount, err := contract.ParseDecimal(r.Total, r.Currency)
	if err != nil {
		panic(err)
	}
	zero := contract.Money{Currency: r.Currency}
	return contract.Order{
		ID: "ord_1", Reference: strconv.Itoa(r.ID) + "-" + hex.EncodeToString(sum[:4]), Status: contract.OrderStatusOpen, RefundStatus: "none", Amount: amount, Due: amount,
		Captured: zero, Refunded: zero, Released: zero, ChargedBack: zero, Tip: zero, Surcharge: zero,
		CheckoutURL: "https://pay.example/pay/ord_1.token", Locale: "nl-NL", Version: 1,
		Metadata: map[string]string{"platform": "woocommerce", "order_id": strconv.Itoa(r.ID), "order_number": r.Number},
	}
}

// with is the order in a status, its money where the status says so.
func with(o contract.Order, status, payment string) contract.Order {
	o.Status = status
	o.Payments = []contract.OrderPayment{{ID: "pay_1", Method: "ideal", Status: payment, ProviderReference: "tr-1"}}
	if payment == "captured" {
		o.Captured = o.Amount
	}
	return o
}

// tell tells the nth event.
func (d *desk) tell(o contract.Order, n int64, t contract.EventType) (contract.TellResult, error) {
	d.Helper()
	return d.tellOf(o, contract.Event{Number: n, Type: t})
}

func (d *desk) tellOf(o contract.Order, e contract.Event) (contract.TellResult, error) {
	d.Helper()
	e.ID, e.At, e.OrderStatus, e.RefundStatus = o.ID+"."+strconv.FormatInt(e.Number, 10), d.sim.Now(), o.Status, o.RefundStatus
	return drive[contract.TellResult](d, contract.TellShop, contract.TellInput{Event: e, Order: o})
}

func (d *desk) delivered(r contract.TellResult, err error) {
	d.Helper()
	if err != nil || !r.Delivered || r.ShopReference == "" {
		d.Fatalf("got %+v, %v, want it delivered", r, err)
	}
}

// writes are the writes that the last call sent.
func (d *desk) writes() []string {
	var list []string
	for _, x := range d.last.Exchanges {
		if x.Request.Effective() != contract.Read {
			_, path, _ := strings.Cut(x.Request.URL, "/wc/v3")
			path, _, _ = strings.Cut(path, "?")
			list = append(list, x.Request.Method+" "+path)
		}
	}
	return list
}

// sent is the body of the last request of this method.
func (d *desk) sent(method string) string {
	for _, x := range slices.Backward(d.last.Exchanges) {
		if x.Request.Method == method {
			return x.Request.Body
		}
	}
	return ""
}

// failure reads what a call failed with.
func failure(t testing.TB, err error) *contract.Failure {
	t.Helper()
	var f *contract.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a failure", err)
	}
	return f
}

// edited changes members of a JSON object.
func edited(t testing.TB, body string, change map[string]any) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	for k, v := range change {
		m[k] = v
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// bothWays runs a test natively and in Wasm: the bytes must be the same.
func bothWays(t *testing.T, f func(t *testing.T, r conformance.Runner)) {
	plugintest.BothWays(t, provider{}, f)
}
