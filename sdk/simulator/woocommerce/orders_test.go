package woocommerce

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func Test11_lists_haveFiltersAndTotals(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(c *Config) { c.Offset = time.Hour })
	for i := range 12 {
		c.place(Cart{Number: "N" + strconv.Itoa(i)})
		if err := c.sim.MoveClock(time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.sim.Cancel(101); err != nil { // changed last
		t.Fatal(err)
	}
	after := func(name string, minutes int, layout string, offset time.Duration) string {
		return name + "=" + url.QueryEscape(start.Add(time.Duration(minutes)*time.Minute).Add(offset).Format(layout))
	}
	for query, want := range map[string]struct {
		ids          string
		total, pages string
	}{
		"":                                 {"112 111 110 109 108 107 106 105 104 103", "12", "2"},
		"page=2":                           {"102 101", "12", "2"},
		"page=3":                           {"", "12", "2"},
		"per_page=5&page=2":                {"107 106 105 104 103", "12", "3"},
		"orderby=id&order=asc":             {"101 102 103 104 105 106 107 108 109 110", "12", "2"},
		"status=cancelled":                 {"101", "1", "1"},
		"status=cancelled,failed":          {"101", "1", "1"},
		"search=n7":                        {"108", "1", "1"},
		after("after", 9, time.RFC3339, 0): {"112 111", "2", "1"},
		after("modified_after", 9, time.RFC3339, 0) + "&orderby=id&order=asc":       {"101 111 112", "3", "1"},
		after("modified_after", 9, stamp, time.Hour) + "&orderby=id&order=asc":      {"101 111 112", "3", "1"}, // the shop's own time
		after("modified_after", 9, stamp, 0) + "&orderby=modified&order=asc&page=9": {"", "12", "2"},
	} {
		a := c.api("GET", "/orders?"+query, "")
		var list []struct{ ID int }
		_ = json.Unmarshal([]byte(a.text), &list)
		var ids []string
		for _, o := range list {
			ids = append(ids, strconv.Itoa(o.ID))
		}
		if got := strings.Join(ids, " "); got != want.ids || a.header.Get("X-WP-Total") != want.total || a.header.Get("X-WP-TotalPages") != want.pages {
			t.Errorf("%q: got %s, %v, want %+v", query, got, a.header, want)
		}
	}
	for _, query := range []string{"per_page=101", "page=0", "status=paid", "modified_after=yesterday", "orderby=colour"} {
		if a := c.api("GET", "/orders?"+query, ""); a.status != 400 || a.get("code") != "rest_invalid_param" {
			t.Errorf("%q: got %d %s", query, a.status, a.text)
		}
	}
	c.api("GET", "/orders?_fields=id,status&per_page=1", "").want(t, 200, `0={"id":112,"status":"pending"}`)
}

// fields12 are those of the document.
const fields12 = `id, parent_id, number, order_key, created_via, version, status, currency, currency_symbol, prices_include_tax, date_created, date_created_gmt,
date_modified, date_modified_gmt, date_paid, date_paid_gmt, date_completed, date_completed_gmt, discount_total, discount_tax, shipping_total, shipping_tax, cart_tax, cart_hash,
total, total_tax, customer_id, customer_ip_address, customer_user_agent, customer_note, billing, shipping, payment_method,
payment_method_title, transaction_id, meta_data, line_items, tax_lines, shipping_lines, fee_lines, coupon_lines, refunds,
payment_url, is_editable, needs_payment, needs_processing, _links`

func Test12_order_hasEveryField(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, _ := c.place(Cart{})
	var got map[string]json.RawMessage
	if err := json.Unmarshal([]byte(c.api("GET", path, "").text), &got); err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.ReplaceAll(fields12, "\n", " "), ",")
	for i := range want {
		want[i] = strings.TrimSpace(want[i])
		if _, ok := got[want[i]]; !ok {
			t.Errorf("%s is missing", want[i])
		}
	}
	for name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("%s is not in the document", name)
		}
	}
}

func Test12_money_isDecimalTextOfTheShopsDecimals(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string][3]string{"EUR": {"12.50", "1.05", "-2.50"}, "JPY": {"1250", "105", "-250"}, "TND": {"1.250", "0.105", "-0.250"}} {
		c := newClient(t, func(c *Config) { c.Currency = currency })
		text := func(n int64) string { return text(n, c.sim.places(currency)) }
		path, id := c.place(Cart{Lines: []CartLine{{Name: "A", Total: text(1145), Tax: text(105)}}})
		if err := c.sim.Refund(id, text(250), "", false); err != nil {
			t.Fatal(err)
		}
		c.api("GET", path, "").want(t, 200, "total="+want[0], "total_tax="+want[1], "line_items.0.total_tax="+want[1], "refunds.0.total="+want[2], "currency="+currency)
	}
}

func Test12_decimalsAreTheShopsNotTheCurrencys(t *testing.T) {
	t.Parallel()
	two := 2
	c := newClient(t, func(c *Config) { c.Currency, c.Decimals = "JPY", &two })
	path, _ := c.place(Cart{Lines: []CartLine{{Name: "A", Total: "1250"}}})
	c.api("GET", path, "").want(t, 200, "total=1250.00")
}

func Test12_totalsAddUp(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, _ := c.place(Cart{
		Lines:    []CartLine{{Name: "Chair", SKU: "C1", Quantity: "2", Total: "40.00", Tax: "8.40"}, {Name: "Cloth", Quantity: "0.5", Total: "3.33", Tax: "0.70"}},
		Shipping: []CartLine{{Name: "Post", Total: "4.95", Tax: "1.04"}}, Fees: []CartLine{{Name: "Less for friends", Total: "-1.00", Tax: "-0.21"}},
		Coupon: "spring", Discount: "5.00", DiscountTax: "1.05",
	})
	c.api("GET", path, "").want(t, 200, "total=57.21", "total_tax=9.93", "cart_tax=8.89", "shipping_total=4.95", "shipping_tax=1.04", "discount_total=5.00",
		"line_items.0.sku=C1", "line_items.1.quantity=0.5", "fee_lines.0.total=-1.00", "coupon_lines.0.code=spring", "tax_lines.0.tax_total=8.89")
}

func Test12_paymentURLAndNumber(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, id := c.place(Cart{Number: "2026-0007"})
	key := c.order(id).Key
	c.api("GET", path, "").want(t, 200, "number=2026-0007", fmt.Sprintf("id=%d", id), "payment_url="+DemoURL+"/checkout/order-pay/"+strconv.Itoa(id)+"/?pay_for_order=true&key="+key)
}

func Test12_metaData_ofAnExistingKeyIsUpdated(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, id := c.place(Cart{Meta: map[string]string{"colour": "red"}})
	c.api("PUT", path, `{"meta_data":[{"key":"_hidden","value":"a"}]}`).want(t, 200, "meta_data.1.key=_hidden")
	c.api("PUT", path, `{"meta_data":[{"key":"_hidden","value":{"n":2}}]}`).want(t, 200, "meta_data.1.value.n=2", "meta_data.2=")
	if got := string(c.order(id).Meta["_hidden"]); got != `{"n":2}` {
		t.Errorf("got %s", got)
	}
	c.api("PUT", path, `{"meta_data":[{"value":"a"}]}`).want(t, 400, "code=rest_invalid_param")
	c.api("PUT", path, `{"meta_data":"a"}`).want(t, 400, "code=rest_invalid_param")
}

func Test13_statuses(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, id := c.place(Cart{})
	for _, status := range statuses {
		c.api("PUT", path, `{"status":"`+status+`"}`).want(t, 200, "status="+status)
	}
	for _, bad := range []string{"paid", "wc-processing", ""} {
		c.api("PUT", path, `{"status":"`+bad+`"}`).want(t, 400, "code=rest_invalid_param")
	}
	if got := c.order(id).Status; got != Trash {
		t.Errorf("got %s", got)
	}
}

func Test13_noStateMachine_andDatePaidStays(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, id := c.place(Cart{})
	c.api("PUT", path, `{"status":"processing"}`).want(t, 200, "date_paid_gmt=2026-11-22T08:05:00")
	c.api("PUT", path, `{"status":"pending"}`).want(t, 200, "status=pending", "date_paid_gmt=2026-11-22T08:05:00")
	if c.order(id).Paid != start {
		t.Errorf("got %v", c.order(id).Paid)
	}
}

// The table of 1.4: what set_paid does to each status.
func Test14_setPaid(t *testing.T) {
	t.Parallel()
	const paid = `{"set_paid":true,"transaction_id":"tx-2"}`
	digital := Cart{Lines: []CartLine{{Name: "Song", Total: "1.00", Digital: true}}}
	for name, x := range map[string]struct {
		cart   Cart
		before string
		status string
		date   bool
	}{
		"pending":                              {Cart{}, Pending, Processing, true},
		"pending, all virtual, downloadable":   {digital, Pending, Completed, true},
		"failed":                               {Cart{}, Failed, Processing, true},
		"on-hold stays":                        {Cart{}, OnHold, OnHold, false},
		"cancelled stays":                      {Cart{}, Cancelled, Cancelled, false},
		"processing stays, transaction is new": {Cart{}, Processing, Processing, true},
		"total 0: nothing":                     {Cart{Lines: []CartLine{{Name: "Free", Total: "0"}}}, Pending, Pending, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			path, id := c.place(x.cart)
			c.api("PUT", path, `{"transaction_id":"tx-1"}`)
			if err := c.sim.SetStatus(id, x.before); err != nil {
				t.Fatal(err)
			}
			notes := len(c.order(id).Notes)
			c.api("PUT", path, paid).want(t, 200, "status="+x.status, "transaction_id=tx-2")
			o := c.order(id)
			if !o.Paid.IsZero() != x.date || (len(o.Notes) > notes) != (x.before != x.status) {
				t.Errorf("got %+v", o)
			}
		})
	}
}

func Test14_onHold_isPaidByStatus(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, _ := c.place(Cart{Status: OnHold})
	c.api("PUT", path, `{"status":"processing","transaction_id":"tx-1"}`).want(t, 200, "status=processing", "date_paid_gmt=2026-11-22T08:05:00", "transaction_id=tx-1")
}

func Test14_otherWrites(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	path, _ := c.place(Cart{})
	for _, status := range []string{Cancelled, Failed} {
		c.api("PUT", path, `{"status":"`+status+`","manual_update":true}`).want(t, 200, "status="+status)
	}
	for body, code := range map[string]string{`{`: "rest_invalid_json", `{"set_paid":"yes"}`: "rest_invalid_param"} {
		c.api("PUT", path, body).want(t, 400, "code="+code)
	}
}

func Test15_unknownOrder(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, path := range []string{"/orders/999", "/orders/999/notes", "/orders/999/refunds", "/orders/abc"} {
		c.api("GET", path, "").want(t, 404, "code=woocommerce_rest_shop_order_invalid_id")
	}
	c.api("PUT", "/orders/999", "{}").want(t, 404, "code=woocommerce_rest_shop_order_invalid_id")
}
