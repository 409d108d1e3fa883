package main

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// Whatever an order of a shop holds: nothing panics, lines come to the amount, and
// no member is one for which the gateway would refuse the order.
func FuzzOrder(f *testing.F) {
	f.Add([]byte(`{"id":7,"order_key":"wc_order_x","status":"pending","currency":"EUR","total":"12.50","line_items":[{"name":"A","quantity":0.5,"total":"10.33","total_tax":"2.17"}],` +
		`"shipping_lines":[{"method_title":"Post","total":"-1"}],"billing":{"first_name":"J\u0000","email":"a@b","country":"nl"},"customer_ip_address":"::1","payment_url":"https://a/b?c"}`))
	f.Add([]byte(`{"id":"7","currency":"JPY","total":1250,"meta_data":{"3":{"key":"_kassette_told","value":"a:1:b"}},"fee_lines":[{"total":1e3}],"payment_url":"x://%"}`))
	f.Add([]byte(`{"currency":"TND","total":"0.001","billing":[],"line_items":{"1":{"total":".5"}}}`))
	a := api{now: conformance.Start, settings: settings{URL: "https://shop.example"}}
	f.Fuzz(func(t *testing.T, body []byte) {
		var d document
		s := guest.Scan(body)
		if d.scan(s); s.Err() != nil {
			return
		}
		memory(d.meta(metaTold)).of(d.meta(metaCheckout))
		amount, err := d.amount()
		if err != nil {
			return
		}
		r := a.order(d, "7-00000000", amount)
		var sum int64
		for _, l := range r.Lines {
			if sum += l.Amount.Value; l.Name == "" || (l.Kind == contract.LineDiscount) != (l.Amount.Value < 0) || strings.Trim(l.Quantity, "0.") == "" {
				t.Errorf("got line %+v", l)
			}
			if tax := l.TaxAmount.Value; tax > max(0, l.Amount.Value) || tax < min(0, l.Amount.Value) {
				t.Errorf("a tax of %d is no part of %d", tax, l.Amount.Value)
			}
		}
		if len(r.Lines) > 0 && sum != amount.Value {
			t.Errorf("lines come to %d, the order to %d", sum, amount.Value)
		}
		for _, page := range []string{r.ReturnURL, r.CancelURL} {
			if u, err := url.Parse(page); err != nil || u.Host != "shop.example" {
				t.Errorf("got %q, %v", page, err)
			}
		}
		b, err := json.Marshal(r)
		if err != nil || !utf8.Valid(b) || len(r.Customer.Name) > 4*maxText {
			t.Errorf("got %s, %v", b, err)
		}
	})
}

// What an order remembers is a person's to change: nothing panics, and what was
// remembered last is found.
func FuzzMemory(f *testing.F) {
	f.Add("ord_1:5:paid ord_2:1:open", "ord_1", int64(6))
	f.Add("::: a:b a:99999999999999999999:c", "a", int64(1))
	f.Fuzz(func(t *testing.T, text, order string, n int64) {
		if order == "" || n < 1 || strings.ContainsAny(order, ":") || len(strings.Fields(order)) != 1 || strings.Fields(order)[0] != order {
			return
		}
		next := memory(text).with(order, news{n, "paid"})
		if got := memory(next).of(order); got != (news{n, "paid"}) || len(memory(next).entries()) > maxRemembered {
			t.Errorf("got %+v of %q", got, next)
		}
	})
}
