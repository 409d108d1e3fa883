package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// bigOrder is an order of so many lines as WooCommerce writes them, with all that
// a line has, and as much meta data.
func bigOrder(t testing.TB, body string, lines int) string {
	t.Helper()
	var items, meta []any
	for i := range lines {
		items = append(items, map[string]any{
			"id": 5000 + i, "name": fmt.Sprintf("Chair number %d, oak, with a <b>back</b> \u2013 \u00fcber", i), "product_id": 93, "variation_id": 0, "quantity": 3, "tax_class": "",
			"subtotal": "1.00", "subtotal_tax": "0.21", "total": "1.00", "total_tax": "0.21", "taxes": []any{map[string]any{"id": 1, "total": "0.21", "subtotal": "0.21"}},
			"meta_data": []any{map[string]any{"id": 1, "key": "pa_colour", "value": "oak", "display_key": "Colour", "display_value": "Oak"}}, "sku": fmt.Sprintf("CH-%04d", i), "price": 1,
			"image": map[string]any{"id": 12, "src": "https://shop.example/wp-content/uploads/2026/03/chair-oak-scaled.jpg"}, "parent_name": nil,
		})
		meta = append(meta, map[string]any{"id": 9000 + i, "key": "_shipping_plan_" + fmt.Sprint(i), "value": map[string]any{"carrier": "post", "parcel": i}})
	}
	return edited(t, body, map[string]any{"line_items": items, "meta_data": meta, "total": fmt.Sprintf("%d.%02d", lines*121/100, lines*121%100)})
}

// A webhook as large as the host takes is one round's work, and so is the largest
// that is read whole: they must fit their budget with room to spare.
func TestFuel_webhooks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ lines, written, least, most int }{
		"as large as the host takes": {400, 0, contract.MaxWebhook * 9 / 10, contract.MaxWebhook},
		"the largest read whole":     {103, 0, maxScanned * 9 / 10, maxScanned},
		"the most lines":             {maxLines, maxLines, maxScanned / 2, maxScanned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := plugintest.New(t, plugintest.Build(t, "."))
			d := newDesk(t)
			d.runner = r
			body := bigOrder(t, d.body(d.place(woocommerce.Cart{})), c.lines)
			if len(body) > c.most || len(body) < c.least {
				t.Fatalf("the body has %d bytes", len(body))
			}
			res, err := d.read(webhook("order.updated", body))
			if err != nil || res.Order == nil || len(res.Order.Lines) != c.written {
				t.Fatalf("got %+v, %v", res.Order, err)
			}
			fits(t, r)
		})
	}
}

// So is a page of orders that is just read at once, and one order of it that is
// too large and read without its lines.
func TestFuel_pages(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, plugintest.Build(t, "."))
	d := newDesk(t)
	d.runner = r
	var list []json.RawMessage
	for range pageSize {
		list = append(list, json.RawMessage(bigOrder(t, d.body(d.place(woocommerce.Cart{})), 10)))
	}
	page, err := json.Marshal(list)
	if err != nil || len(page) > maxScanned || len(page) < maxScanned*8/10 {
		t.Fatalf("the page has %d bytes, %v", len(page), err)
	}
	d.via = answers(200, string(page))
	at := catching{since: 1, begun: 2, page: 2, size: pageSize}
	if res := d.sync(at.String()); len(res.Orders) != pageSize {
		t.Fatalf("got %d orders", len(res.Orders))
	}
	large := "[" + bigOrder(t, d.body(d.place(woocommerce.Cart{})), 400) + "]"
	d.via = roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.RawQuery, "line_items") {
			return answers(200, large)(r)
		}
		return answers(200, "["+bigOrder(t, d.body(101), 1)+"]")(r)
	})
	at.size = 1
	if res := d.sync(at.String()); len(res.Orders) != 1 {
		t.Fatalf("got %d orders", len(res.Orders))
	}
	fits(t, r)
}

// So is telling an order whose document and notes are as large as is read.
func TestFuel_telling(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, plugintest.Build(t, "."))
	d := newDesk(t)
	d.runner = r
	meta := map[string]string{}
	for i := range 340 {
		meta[fmt.Sprintf("_plan_%d", i)] = strings.Repeat("x \"quoted\" ", 10)
	}
	id := d.place(woocommerce.Cart{Meta: meta})
	o := with(orderOf(d.shop(id)), "paid", "captured")
	for i := range 480 {
		d.note(id, fmt.Sprintf("A note of somebody, number %d, as people write them in a shop with many hands: <b>look</b>.", i))
	}
	d.delivered(d.tell(o, 3, contract.OrderPaid))
	for i, x := range d.last.Exchanges {
		t.Logf("answer %d has %d bytes", i, len(x.Response.Body))
	}
	if n := len(d.last.Exchanges[0].Response.Body); n > maxScanned || n < maxScanned*8/10 {
		t.Errorf("the order has %d bytes", n)
	}
	fits(t, r)
}

// An order that would use up a round is said to be too large, and not read.
func TestTellShop_tooLarge(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.place(woocommerce.Cart{Meta: map[string]string{"plan": strings.Repeat("x", maxScanned)}})
	d.delivered(d.tell(orderOf(d.shop(id)), 1, contract.OrderOpen)) // one long text is light
	id = d.place(woocommerce.Cart{Meta: map[string]string{"plan": strings.Repeat(`"`, maxScanned)}})
	_, err := d.tell(with(orderOf(d.shop(id)), "paid", "captured"), 3, contract.OrderPaid)
	if f := failure(t, err); f.Code != contract.InvalidRequest || !strings.Contains(f.Message, "meta data") {
		t.Errorf("got %+v", f)
	}
}

func fits(t *testing.T, r *plugintest.Runner) {
	t.Helper()
	if t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel); r.Fuel() > contract.RoundFuel*17/20 {
		t.Errorf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
	}
}
