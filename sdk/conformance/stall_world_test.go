package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// What the kit's own shop knows of its gateway.
const (
	stallKey  = "api-key-of-the-stall"
	stallHook = "webhook-key-of-the-stall"
	stallPage = 7
)

func stallAccount() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"base": stallBase},
		Secrets:  map[string]string{"api": stallKey, "hook": stallHook},
	}
}

var stallFixture = conformance.ShopFixture{Account: stallAccount, World: newStallWorld, Currencies: []string{"EUR", "JPY", "KWD"}}

// stallWorld is the kit's own shop platform. It sends each order that changed
// once, as it is when it is sent; all that is sent at once is one delivery.
type stallWorld struct {
	http.RoundTripper
	now     time.Time
	orders  []*stallBooked
	changes int
	// dirty are the orders that have news, created those that were told of before.
	dirty   []*stallBooked
	created map[string]bool
	sent    int
	off     bool
	goods   *string
}

func newStallWorld() (conformance.ShopWorld, error) {
	w := &stallWorld{now: conformance.Start, created: map[string]bool{}}
	w.RoundTripper = conformance.Handler(w.routes())
	return w, nil
}

func (w *stallWorld) Now() time.Time { return w.now }

func (w *stallWorld) Advance(_ context.Context, d time.Duration) error {
	w.now = w.now.Add(d)
	return nil
}

func (w *stallWorld) find(key string) *stallBooked {
	i := slices.IndexFunc(w.orders, func(o *stallBooked) bool { return o.ID == key })
	if i < 0 {
		return nil
	}
	return w.orders[i]
}

func (w *stallWorld) Name(goods string) { w.goods = &goods }

// touched gives the gateway news of an order.
func (w *stallWorld) touched(o *stallBooked) {
	w.changes++
	o.changed = w.changes
	if !w.off && !slices.Contains(w.dirty, o) {
		w.dirty = append(w.dirty, o)
	}
}

func (w *stallWorld) Place(_ context.Context, amount contract.Money) (string, error) {
	n := len(w.orders) + 1
	o := &stallBooked{stallOrder: stallOrder{ID: strconv.Itoa(n), Number: fmt.Sprintf("S-%d", 1000+n), Status: "open", Currency: amount.Currency}}
	shipping := amount.Value / 10
	first := (amount.Value - shipping) / 3
	for _, item := range []struct {
		name     string
		kind     contract.LineKind
		quantity string
		value    int64
	}{
		{"A book", contract.LinePhysical, "1", first}, {"Apples", contract.LinePhysical, "2.5", amount.Value - shipping - first},
		{"Parcel", contract.LineShipping, "1", shipping},
	} {
		if w.goods != nil {
			item.name = *w.goods
		}
		o.add(item.name, item.kind, item.quantity, item.value)
	}
	w.orders = append(w.orders, o)
	w.touched(o)
	return o.ID, nil
}

func (w *stallWorld) Do(_ context.Context, key string, act conformance.ShopAct) error {
	o := w.find(key)
	switch act {
	case conformance.ShopCancels:
		o.Status = "cancelled"
	case conformance.ShopShips:
		o.Shipped = true
	case conformance.ShopPays:
		o.pay("by-hand")
	case conformance.ShopHolds:
		o.Status = "waiting"
	case conformance.ShopChanges:
		one, _ := contract.ParseDecimal("1", o.Currency)
		o.add("Wrapping", contract.LineFee, "1", one.Value)
	case conformance.ShopDeletes:
		o.Deleted = true
	case conformance.ShopNotes:
		o.Notes = append(o.Notes, "the consumer has called")
	}
	w.touched(o)
	return nil
}

func (w *stallWorld) Messages(context.Context) ([]contract.Message, error) {
	var list []contract.Message
	w.sent++
	for i, o := range w.dirty {
		topic := "created"
		if w.created[o.ID] {
			topic = "updated"
		}
		w.created[o.ID] = true
		b, _ := json.Marshal(o.stallOrder) // of texts and truths alone
		list = append(list, contract.Message{Method: "POST", Path: "/shops/acc_1", Body: string(b), Headers: map[string][]string{
			"content-type": {"application/json"}, "x-topic": {topic}, "x-signature": {acmeSign(stallHook, string(b))},
			"x-delivery": {strconv.Itoa(w.sent)}, "x-part": {strconv.Itoa(i + 1)},
		}})
	}
	w.dirty = nil
	return list, nil
}

func (w *stallWorld) Repeat(_ context.Context, key string) error {
	w.touched(w.find(key))
	return nil
}

func (w *stallWorld) Lose(context.Context) error {
	w.dirty = nil
	return nil
}

func (w *stallWorld) Ping(context.Context) (contract.Message, bool) {
	return contract.Message{Method: "POST", Path: "/shops/acc_1", Body: stallHello}, true
}

func (w *stallWorld) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	if f == conformance.ForgedContent {
		m.Body += " "
		return m
	}
	headers := map[string][]string{}
	for name, values := range m.Headers {
		headers[name] = values
	}
	m.Headers = headers
	if sum := forgedSum(f, m.Header("x-signature"), m.Body); sum != "" {
		m.Headers["x-signature"] = []string{sum}
	} else {
		delete(m.Headers, "x-signature")
	}
	return m
}

func (w *stallWorld) Disable(context.Context) error {
	w.off, w.dirty = true, nil
	return nil
}

func (w *stallWorld) Disabled() bool { return w.off }

func (w *stallWorld) Close() error { return nil }

var (
	_ conformance.Disabler = (*stallWorld)(nil)
	_ conformance.Namer    = (*stallWorld)(nil)
)
