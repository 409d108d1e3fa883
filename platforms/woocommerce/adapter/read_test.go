package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

func TestReadOrder_refused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	good := webhook("order.updated", d.body(d.place(woocommerce.Cart{})))
	for name, c := range map[string]struct {
		change func(m *contract.Message)
		code   contract.FailureCode
	}{
		"no signature":            {func(m *contract.Message) { delete(m.Headers, "x-wc-webhook-signature") }, contract.BadSignature},
		"signature of hex":        {func(m *contract.Message) { m.Headers["x-wc-webhook-signature"] = []string{strings.Repeat("ab", 32)} }, contract.BadSignature},
		"signature of no base64":  {func(m *contract.Message) { m.Headers["x-wc-webhook-signature"] = []string{"%%%"} }, contract.BadSignature},
		"body changed":            {func(m *contract.Message) { m.Body += " " }, contract.BadSignature},
		"ping with a header":      {func(m *contract.Message) { m.Body = "webhook_id=1"; m.Headers["content-type"] = []string{form} }, contract.BadSignature},
		"ping by GET":             {func(m *contract.Message) { m.Method, m.Headers, m.Body = "GET", nil, "webhook_id=1" }, contract.BadSignature},
		"ping of JSON":            {func(m *contract.Message) { m.Headers, m.Body = nil, "webhook_id=1" }, contract.BadSignature},
		"ping with more":          {func(m *contract.Message) { *m = ping("webhook_id=1&order=7") }, contract.BadSignature},
		"ping without a number":   {func(m *contract.Message) { *m = ping("webhook_id=") }, contract.BadSignature},
		"of a product":            {func(m *contract.Message) { *m = webhook("product.updated", `{"id":1}`) }, contract.InvalidRequest},
		"of no order":             {func(m *contract.Message) { *m = webhook("order.updated", `{"id":"x"}`) }, contract.InvalidRequest},
		"of a list":               {func(m *contract.Message) { *m = webhook("order.updated", `[]`) }, contract.InvalidRequest},
		"of the wrong API":        {func(m *contract.Message) { *m = webhook("order.updated", `{"order":{"id":7}}`) }, contract.InvalidRequest},
		"of an order without key": {func(m *contract.Message) { *m = webhook("order.updated", `{"id":7,"status":"pending"}`) }, contract.InvalidRequest},
	} {
		m := good
		m.Headers = map[string][]string{}
		for k, v := range good.Headers {
			m.Headers[k] = v
		}
		c.change(&m)
		r, err := d.read(m)
		if err == nil || failure(t, err).Code != c.code || r.Order != nil {
			t.Errorf("%s: got %+v, %v, want %s", name, r, err, c.code)
		}
		if len(d.last.Exchanges) > 0 {
			t.Errorf("%s: the shop was asked", name)
		}
	}
}

const form = "application/x-www-form-urlencoded"

func ping(body string) contract.Message {
	return contract.Message{Method: "POST", Headers: map[string][]string{"content-type": {form}, "user-agent": {"WooCommerce/10.5.0 Hookshot (WordPress/6.9.1)"}}, Body: body}
}

// 2, trap 1: whatever the settings, the answer is 200 and nothing else is done.
func TestReadOrder_ping(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.account.Settings, d.account.Secrets = nil, nil
	for _, kind := range []string{form, form + "; charset=UTF-8"} {
		m := ping("webhook_id=12")
		m.Headers["content-type"] = []string{kind}
		if r, err := d.read(m); err != nil || r.Response.Status != 200 || r.Order != nil || r.Commands != nil || len(d.last.Exchanges)+len(d.last.HostCalls) > 0 {
			t.Errorf("%s: got %+v, %v", kind, r, err)
		}
	}
}

func TestReadOrder_whole(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, r conformance.Runner) {
		d := newDesk(t).set("locale", "nl-NL").set("capture", "manual")
		d.runner = r
		id := d.place(woocommerce.Cart{
			Number: "2026-0007", Customer: 5,
			Lines:    []woocommerce.CartLine{{Name: "Chair <b>big</b>", SKU: "C1", Quantity: "2", Total: "40.00", Tax: "8.40"}, {Name: "Cloth", Quantity: "0.5", Total: "3.33", Tax: "0.70"}},
			Shipping: []woocommerce.CartLine{{Name: "Post", Total: "4.95", Tax: "1.04"}}, Fees: []woocommerce.CartLine{{Name: "For friends", Total: "-1.00", Tax: "-0.21"}},
			Coupon: "spring", Discount: "5.00", DiscountTax: "1.05",
		})
		key := d.shop(id).Key
		sum := sha256.Sum256([]byte(key))
		eur := func(v int64) contract.Money { return contract.Money{Value: v, Currency: "EUR"} }
		at := contract.Address{FirstName: "Jan", LastName: "de Vries", Street: "Lange Voorhout 8", PostalCode: "2514 ED", City: "Den Haag", Country: "NL"}
		want := &contract.OrderRequest{
			Reference: fmt.Sprintf("%d-%s", id, hex.EncodeToString(sum[:])[:8]), Amount: eur(5721), Description: "Order 2026-0007",
			Lines: []contract.Line{
				{SKU: "C1", Name: "Chair <b>big</b>", Kind: contract.LinePhysical, Quantity: "2", Amount: eur(4840), TaxAmount: eur(840)},
				{Name: "Cloth", Kind: contract.LinePhysical, Quantity: "0.5", Amount: eur(403), TaxAmount: eur(70)},
				{Name: "Post", Kind: contract.LineShipping, Quantity: "1", Amount: eur(599), TaxAmount: eur(104)},
				{Name: "For friends", Kind: contract.LineDiscount, Quantity: "1", Amount: eur(-121), TaxAmount: eur(-21)},
			},
			Customer:       contract.Customer{ID: "5", Name: "Jan de Vries", Email: "jan@example.org", Phone: "+31701234567", IP: "192.0.2.44"},
			BillingAddress: at, ShippingAddress: at, Locale: "nl-NL", Country: "NL", Capture: contract.CaptureManual,
			ExpiresAt: conformance.Start.Add(24 * time.Hour),
			ReturnURL: fmt.Sprintf("https://shop.example/checkout/order-received/%d/?key=%s", id, key),
			CancelURL: fmt.Sprintf("https://shop.example/checkout/order-pay/%d/?pay_for_order=true&key=%s", id, key),
			Metadata:  map[string]string{"platform": "woocommerce", "order_id": strconv.Itoa(id), "order_number": "2026-0007"},
		}
		if got := d.heard(id).Order; !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

// 1.2, acceptance 12: decimal strings by the shop's number of decimals.
func TestReadOrder_amounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		currency, total string
		want            int64 // 0: not to be paid
	}{
		"EUR": {"EUR", "12.50", 1250}, "JPY": {"JPY", "1250", 1250}, "TND": {"TND", "1.250", 1250},
		"JPY with the shop's decimals": {"JPY", "1250.00", 1250}, "EUR without": {"EUR", "12", 1200}, "EUR with three": {"EUR", "12.500", 1250},
		"part of a cent": {"EUR", "12.505", 0}, "part of a yen": {"JPY", "12.50", 0}, "nothing": {"EUR", "0.00", 0}, "below": {"EUR", "-1.00", 0},
		"no ISO currency": {"BTC", "0.10", 0}, "no number": {"EUR", "12,50", 0}, "an exponent": {"EUR", "1e3", 0}, "empty": {"EUR", "", 0}, "huge": {"EUR", strings.Repeat("9", 30), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			body := edited(t, d.body(d.place(woocommerce.Cart{})), map[string]any{"currency": c.currency, "total": c.total, "line_items": []any{}})
			r, err := d.read(webhook("order.created", body))
			if err != nil || r.Response.Status != 200 || len(r.Commands) > 0 || (r.Order == nil) != (c.want == 0) {
				t.Fatalf("got %+v, %v; a webhook that fails is disabled", r, err)
			}
			if r.Order != nil && r.Order.Amount != (contract.Money{Value: c.want, Currency: c.currency}) {
				t.Errorf("got %v", r.Order.Amount)
			}
		})
	}
}

// Lines come to the total whatever the shop's rounding.
func TestReadOrder_lines(t *testing.T) {
	t.Parallel()
	item := func(total, tax string) map[string]any {
		return map[string]any{"name": "A", "quantity": 3, "total": total, "total_tax": tax}
	}
	for name, c := range map[string]struct {
		items []any
		want  string
	}{
		"a cent is missing":         {[]any{item("8.32", "0"), item("4.17", "0")}, "8.32 physical, 4.17 physical, 0.01 fee"},
		"a cent too many":           {[]any{item("8.34", ""), item("4.17", "")}, "8.34 physical, 4.17 physical, -0.01 discount"},
		"more decimals":             {[]any{item("10.3305785", "2.1694215")}, "12.50 physical"},
		"half a cent":               {[]any{item("6.245", "0"), item("6.2450", "0")}, "6.25 physical, 6.25 physical"},
		"a number in place of text": {[]any{map[string]any{"name": "", "total": 12.5, "total_tax": nil}}, "12.50 physical"},
		"no number":                 {[]any{item("12,50", "0")}, ""},
		"none":                      {nil, ""},
		"too large":                 {[]any{item("123456789012.00", "0")}, ""},
		"free, too":                 {[]any{item("12.50", "0"), item("0.00", "0.00")}, "12.50 physical, 0.00 physical"},
		"tax of another sign":       {[]any{item("13.00", "-0.50")}, "12.50 physical"},
	} {
		d := newDesk(t)
		body := edited(t, d.body(d.place(woocommerce.Cart{})), map[string]any{"line_items": c.items})
		r, err := d.read(webhook("order.updated", body))
		if err != nil || r.Order == nil {
			t.Fatalf("%s: got %+v, %v", name, r, err)
		}
		var got []string
		for _, l := range r.Order.Lines {
			if l.Name == "" || l.TaxAmount.Value < 0 && l.Amount.Value >= 0 {
				t.Errorf("%s: got %+v", name, l)
			}
			got = append(got, l.Amount.Decimal()+" "+string(l.Kind))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: got %s, want %s", name, s, c.want)
		}
	}
	d := newDesk(t)
	if r := d.heard(d.place(woocommerce.Cart{Lines: []woocommerce.CartLine{{Name: "Song", Total: "1.00", Digital: true}}})); r.Order.Lines[0].Kind != contract.LineDigital {
		t.Errorf("got %+v, want what needs no processing to be digital", r.Order.Lines)
	}
}

// 2, trap 2: deliveries of different orders share an id within a second, and one
// order's come with it again. Each is read.
func TestReadOrder_deliveryID(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	seen := map[string]bool{}
	for range 2 {
		for range 2 {
			r, err := d.read(webhook("order.updated", d.body(d.place(woocommerce.Cart{}))))
			if err != nil || r.Order == nil {
				t.Fatalf("got %+v, %v", r, err)
			}
			seen[r.Order.Reference] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("got %v, want four orders", seen)
	}
}

// needs_payment is not in older API versions; an extension of the shop may say no.
func TestReadOrder_needsPayment(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	body := d.body(d.place(woocommerce.Cart{}))
	for says, want := range map[string]bool{`"needs_payment":true`: true, `"needs_payment":false`: false, `"needs_payment_x":false`: true} {
		r, err := d.read(webhook("order.updated", strings.Replace(body, `"needs_payment":true`, says, 1)))
		if err != nil || (r.Order != nil) != want {
			t.Errorf("%s: got %+v, %v", says, r.Order, err)
		}
	}
}

// A webhook is acted on by the order's status, where its method is named: orders of
// other gateways are paid there, and those of our own extension are its.
func TestReadOrder_whichOrders(t *testing.T) {
	t.Parallel()
	bacs := []string{"bacs"}
	for name, c := range map[string]struct {
		cart    woocommerce.Cart
		methods []string
		want    string
	}{
		"pending":                      {woocommerce.Cart{}, bacs, "order"},
		"failed":                       {woocommerce.Cart{Status: woocommerce.Failed}, bacs, "order"},
		"on-hold":                      {woocommerce.Cart{Status: woocommerce.OnHold}, bacs, ""},
		"processing":                   {woocommerce.Cart{Status: woocommerce.Processing}, bacs, ""},
		"refunded":                     {woocommerce.Cart{Status: woocommerce.Refunded}, bacs, ""},
		"draft":                        {woocommerce.Cart{Status: woocommerce.Draft}, bacs, ""},
		"cancelled":                    {woocommerce.Cart{Status: woocommerce.Cancelled}, bacs, "cancel"},
		"in the trash":                 {woocommerce.Cart{Status: woocommerce.Trash}, bacs, "cancel"},
		"completed":                    {woocommerce.Cart{Status: woocommerce.Completed}, bacs, "capture"},
		"the extension's":              {woocommerce.Cart{Gateway: "kassette_ideal"}, bacs, ""},
		"the extension's, cancelled":   {woocommerce.Cart{Gateway: "kassette", Status: woocommerce.Cancelled}, bacs, ""},
		"a method that is listed":      {woocommerce.Cart{Gateway: "cod"}, []string{"bacs", "cod"}, "order"},
		"a method that is not listed":  {woocommerce.Cart{Gateway: "cheque"}, []string{"bacs", "cod"}, ""},
		"nothing to pay":               {woocommerce.Cart{Lines: []woocommerce.CartLine{{Name: "Free", Total: "0"}}}, bacs, ""},
		"the extension's, and wanted":  {woocommerce.Cart{Gateway: "kassette"}, []string{"kassette"}, "order"},
		"not listed, and is completed": {woocommerce.Cart{Gateway: "cheque", Status: woocommerce.Completed}, []string{"cod"}, ""},
		"none is named":                {woocommerce.Cart{}, nil, ""},
		"none is named, cancelled":     {woocommerce.Cart{Status: woocommerce.Cancelled}, nil, ""},
		"none is named, made by hand":  {woocommerce.Cart{ByHand: true}, nil, "order"},
		"made by hand, others named":   {woocommerce.Cart{ByHand: true}, bacs, ""},
	} {
		d := newDesk(t).set("payment_methods", c.methods)
		id := d.place(c.cart)
		r := d.heard(id)
		got := ""
		if r.Order != nil {
			got = "order"
		}
		for _, cmd := range r.Commands {
			got += cmd.Type
			if !strings.HasPrefix(cmd.Reference, strconv.Itoa(id)+"-") {
				t.Errorf("%s: got %+v", name, cmd)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// 1.3, acceptance 11: an admin puts a paid order back to pending, and its date
// stays. It is not to be paid once more.
func TestReadOrder_putBackAfterPaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.place(woocommerce.Cart{})
	for _, status := range []string{woocommerce.Processing, woocommerce.Pending} {
		if err := d.sim.SetStatus(id, status); err != nil {
			t.Fatal(err)
		}
	}
	if r := d.heard(id); r.Order != nil || len(r.Commands) > 0 {
		t.Errorf("got %+v", r)
	}
}

// A webhook has no time in its signature: one of yesterday, sent once more by
// somebody who kept it, cancels and captures nothing.
func TestReadOrder_commandOfYesterday(t *testing.T) {
	t.Parallel()
	for _, before := range []string{woocommerce.Cancelled, woocommerce.Completed} {
		d := newDesk(t)
		id := d.place(woocommerce.Cart{Status: before})
		old := webhook("order.updated", d.body(id))
		if err := d.sim.SetStatus(id, woocommerce.OnHold); err != nil {
			t.Fatal(err)
		}
		if r, err := d.read(old); err != nil || r.Response.Status != 200 || len(r.Commands) > 0 || r.Order != nil {
			t.Errorf("%s: got %+v, %v", before, r, err)
		}
	}
}

func TestReadOrder_deleted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.place(woocommerce.Cart{})
	gone := webhook("order.deleted", fmt.Sprintf(`{"id":%d}`, id))
	if r, err := d.read(gone); err != nil || r.Order == nil { // taken out of the trash meanwhile
		t.Errorf("got %+v, %v", r, err)
	}
	if err := d.sim.Throw(id); err != nil {
		t.Fatal(err)
	}
	if r, err := d.read(gone); err != nil || len(r.Commands) != 1 || r.Commands[0].Type != contract.CommandCancel {
		t.Errorf("in the trash: got %+v, %v", r, err)
	}
	if err := d.sim.Delete(id); err != nil {
		t.Fatal(err)
	}
	if r, err := d.read(gone); err != nil || r.Response.Status != 200 || len(r.Commands) > 0 {
		t.Errorf("gone for good: got %+v, %v", r, err)
	}
	d.via = answers(503, "")
	if _, err := d.read(gone); failure(t, err).Code != contract.ProviderUnavailable {
		t.Errorf("got %v", err)
	}
}

// 1.1: a shop whose TLS ends before it thinks of itself as http; the shopper is
// sent back to the address that the operator knows.
func TestReadOrder_addressesBehindAProxy(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]string{
		"http://shop.example/kasse/order-pay/7/?pay_for_order=true&key=k":            "https://shop.example/kasse/order-received/7/?key=k",
		"http://10.0.0.7:8080/winkel/checkout/order-pay/7/?pay_for_order=true&key=k": "https://shop.example/winkel/checkout/order-received/7/?key=k",
		"https://shop.example/?page_id=9&order-pay=7&pay_for_order=true&key=k":       "https://shop.example/?page_id=9&order-received=7&key=k",
		"https://shop.example/betalen/7/?pay_for_order=true&key=k":                   "https://shop.example/betalen/7/?key=k",
		"": "https://shop.example/", "javascript:alert(1)": "https://shop.example/",
	} {
		d := newDesk(t)
		body := edited(t, d.body(d.place(woocommerce.Cart{})), map[string]any{"payment_url": page})
		if r, err := d.read(webhook("order.updated", body)); err != nil || r.Order.ReturnURL != want {
			t.Errorf("%s: got %+v, %v", page, r.Order, err)
		}
	}
}

// Extensions of the shop put there what they like; what is not used does not matter.
func TestReadOrder_strangeMembers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	body := edited(t, d.body(d.place(woocommerce.Cart{})), map[string]any{
		"meta_data": []any{map[string]any{"id": 1, "key": "a", "value": map[string]any{"x": []any{1}}}, map[string]any{"key": "b", "value": false}}, "number": 77,
		"customer_id": "0", "customer_ip_address": "unknown, 10.0.0.1", "transaction_id": nil, "new_member": []any{},
		"billing": map[string]any{"first_name": "A\u0000\n B", "country": "Netherlands", "phone": 31701234567},
	})
	r, err := d.read(webhook("order.updated", body))
	if err != nil || r.Order == nil {
		t.Fatalf("got %+v, %v", r, err)
	}
	want := contract.Customer{Name: "A B", Phone: "31701234567"}
	if r.Order.Customer != want || r.Order.Country != "" || r.Order.Metadata["order_number"] != "77" {
		t.Errorf("got %+v", r.Order)
	}
}
