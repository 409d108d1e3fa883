package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

// signed is a message of the module, as platforms/magento/README.md has it.
func signed(body string, change ...func(m *contract.Message)) contract.Message {
	m := contract.Message{Method: "POST", Path: "/v1/shops/demo/orders", Body: body}
	seal(&m, magento.DemoNoticeSecret, conformance.Start)
	for _, f := range change {
		f(&m)
	}
	return m
}

func seal(m *contract.Message, secret string, at time.Time) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	m.Headers = map[string][]string{
		"content-type": {"application/json"}, "webhook-id": {"magento-1-cancel-1"}, "webhook-timestamp": {stamp},
		"webhook-signature": {magento.Sign(secret, "magento-1-cancel-1", stamp, m.Bytes())},
	}
}

const cancelBody = `{"type":"order.cancel","timestamp":"2026-03-02T09:30:00Z","data":{"command":{"type":"cancel","reference":"000000001"},` +
	`"order":{"entity_id":1,"increment_id":"000000001","state":"canceled","status":"canceled","kassette_order":"ord_1"}}}`

func TestRead_refused(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) func(m *contract.Message) {
		return func(m *contract.Message) { seal(m, magento.DemoNoticeSecret, conformance.Start.Add(d)) }
	}
	header := func(name string, values ...string) func(m *contract.Message) {
		return func(m *contract.Message) {
			m.Headers = maps.Clone(m.Headers)
			m.Headers[name] = values
		}
	}
	const other = "whsec_YW5vdGhlciBzaG9wJ3Mgc2VjcmV0LCBub3QgdGhpcw=="
	for name, c := range map[string]struct {
		message contract.Message
		code    contract.FailureCode
	}{
		"another body":       {signed(cancelBody, func(m *contract.Message) { m.Body = strings.Replace(m.Body, "000000001", "000000002", 1) }), contract.BadSignature},
		"another secret":     {signed(cancelBody, func(m *contract.Message) { seal(m, other, conformance.Start) }), contract.BadSignature},
		"no signature":       {signed(cancelBody, header("webhook-signature")), contract.BadSignature},
		"an empty signature": {signed(cancelBody, header("webhook-signature", "v1,")), contract.BadSignature},
		"another version": {signed(cancelBody, func(m *contract.Message) {
			m.Headers["webhook-signature"][0] = "v2" + m.Headers["webhook-signature"][0][2:]
		}), contract.BadSignature},
		"a cut signature":     {signed(cancelBody, func(m *contract.Message) { h := m.Headers["webhook-signature"]; h[0] = h[0][:20] }), contract.BadSignature},
		"not base64":          {signed(cancelBody, header("webhook-signature", "v1,%%%")), contract.BadSignature},
		"no id":               {signed(cancelBody, header("webhook-id")), contract.BadSignature},
		"another id":          {signed(cancelBody, header("webhook-id", "magento-1-cancel-2")), contract.BadSignature},
		"no timestamp":        {signed(cancelBody, header("webhook-timestamp")), contract.BadSignature},
		"a timestamp of text": {signed(cancelBody, header("webhook-timestamp", "now")), contract.BadSignature},
		"a huge timestamp":    {signed(cancelBody, header("webhook-timestamp", "99999999999999999999")), contract.BadSignature},
		"six minutes old":     {signed(cancelBody, at(-6*time.Minute)), contract.BadSignature},
		"of the future":       {signed(cancelBody, at(6*time.Minute)), contract.BadSignature},
		"many signatures": {signed(cancelBody, func(m *contract.Message) {
			m.Headers["webhook-signature"][0] = strings.Repeat("v1,AAAA ", most) + m.Headers["webhook-signature"][0]
		}), contract.BadSignature},
		"no JSON":               {signed("{hello"), contract.InvalidRequest},
		"text":                  {signed("hello"), contract.Unsupported},
		"empty":                 {signed(""), contract.InvalidRequest},
		"a list":                {signed("[]"), contract.Unsupported},
		"an unknown type":       {signed(`{"type":"order.dance"}`), contract.Unsupported},
		"no type":               {signed(`{}`), contract.Unsupported},
		"no command":            {signed(`{"type":"order.cancel","data":{}}`), contract.InvalidRequest},
		"no reference":          {signed(`{"type":"order.cancel","data":{"command":{"type":"cancel"}}}`), contract.InvalidRequest},
		"another command":       {signed(strings.Replace(cancelBody, `"type":"cancel"`, `"type":"capture"`, 1)), contract.InvalidRequest},
		"another order":         {signed(strings.Replace(cancelBody, `"increment_id":"000000001"`, `"increment_id":"000000002"`, 1)), contract.InvalidRequest},
		"no order":              {signed(`{"type":"order.placed","data":{}}`), contract.InvalidRequest},
		"an order without key":  {signed(`{"type":"order.placed","data":{"order":{"increment_id":"1","state":"new","grand_total":1,"order_currency_code":"EUR","payment":{"method":"kassette"}}}}`), contract.InvalidRequest},
		"an unknown currency":   {signed(`{"type":"order.placed","data":{"order":{"entity_id":1,"increment_id":"1","state":"new","grand_total":1,"order_currency_code":"XYZ","payment":{"method":"kassette"}}}}`), contract.Internal},
		"an amount of no sense": {signed(`{"type":"order.placed","data":{"order":{"entity_id":1,"increment_id":"1","state":"new","grand_total":1e9,"order_currency_code":"EUR","payment":{"method":"kassette"}}}}`), contract.Internal},
	} {
		s := newRig(t, magento.Draft{})
		got, err := answer[contract.ReadOrderResult](s, contract.ReadOrder, contract.ReadOrderInput{Message: c.message})
		var f *contract.Failure
		if !errors.As(err, &f) || f.Code != c.code {
			t.Errorf("%s: got %+v, %v, want %s", name, got, err, c.code)
		}
	}
}

func TestRead_secrets(t *testing.T) {
	t.Parallel()
	const old = "b2xkIHNlY3JldCBvZiB0aGUgc2hvcCwgb2xkIG9sZA=="
	read := func(change func(s *rig)) error {
		s := newRig(t, magento.Draft{})
		change(s)
		_, err := answer[contract.ReadOrderResult](s, contract.ReadOrder, contract.ReadOrderInput{Message: signed(cancelBody)})
		return err
	}
	now := magento.DemoNoticeSecret[len("whsec_"):]
	for name, c := range map[string]struct {
		change func(s *rig)
		says   string
	}{
		"the new of two":  {func(s *rig) { s.account.Secrets[oldEnvelope] = old }, ""},
		"the old of two":  {func(s *rig) { s.account.Secrets[envelope], s.account.Secrets[oldEnvelope] = old, now }, ""},
		"another":         {func(s *rig) { s.account.Secrets[envelope] = old }, "no signature is of the notice secret"},
		"none":            {func(s *rig) { delete(s.account.Secrets, envelope) }, "envelope_secret is missing"},
		"with its prefix": {func(s *rig) { s.account.Secrets[envelope] = "whsec_" + now }, "not base64"},
	} {
		err := read(c.change)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", name, err, c.says)
		}
	}
}

func TestRead_commandsAndPing(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	ok := contract.WebhookResponse{Status: 200, ContentType: "application/json", Body: "{}"}
	capture := strings.ReplaceAll(strings.ReplaceAll(cancelBody, "order.cancel", "order.capture"), `"type":"cancel"`, `"type":"capture"`)
	twice := signed(cancelBody, func(m *contract.Message) { h := m.Headers["webhook-signature"]; h[0] = "v1,AAAA " + h[0] + " v1a,x" })
	bytes := signed(cancelBody, func(m *contract.Message) { m.BodyBase64, m.Body = []byte(m.Body), "" })
	for name, c := range map[string]struct {
		message contract.Message
		want    []contract.Command
	}{
		"cancel": {signed(cancelBody), []contract.Command{{Type: "cancel", Reference: "000000001"}}}, "capture": {signed(capture), []contract.Command{{Type: "capture", Reference: "000000001"}}},
		"two signatures": {twice, []contract.Command{{Type: "cancel", Reference: "000000001"}}}, "bytes": {bytes, []contract.Command{{Type: "cancel", Reference: "000000001"}}},
		"ping": {signed(`{"type":"ping","data":{}}`), nil}, "five minutes": {signed(cancelBody, func(m *contract.Message) { seal(m, magento.DemoNoticeSecret, conformance.Start.Add(-5*time.Minute)) }), []contract.Command{{Type: "cancel", Reference: "000000001"}}},
	} {
		for range 2 { // repeats are harmless
			got := drive[contract.ReadOrderResult](s, contract.ReadOrder, contract.ReadOrderInput{Message: c.message})
			if got.Response != ok || got.Order != nil || !reflect.DeepEqual(got.Commands, c.want) {
				t.Errorf("%s: got %+v", name, got)
			}
		}
	}
	if len(s.via.seen) > 0 {
		t.Errorf("the shop was asked: %v", s.via.seen)
	}
}

// placed has the module send an order, changed as JSON, and gives the request.
func placed(t *testing.T, settings map[string]any, d magento.Draft, change func(o map[string]any)) *contract.OrderRequest {
	t.Helper()
	s := newRig(t, magento.Draft{Method: "none"})
	maps.Copy(s.account.Settings, settings)
	o, err := s.world.Sim.Place(d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.world.Sim.SendOrder(t.Context(), o.Increment); err != nil {
		t.Fatal(err)
	}
	list, err := s.world.Messages(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	m := list[0]
	if change != nil {
		var whole map[string]any
		if err := json.Unmarshal(m.Bytes(), &whole); err != nil {
			t.Fatal(err)
		}
		change(whole["data"].(map[string]any)["order"].(map[string]any))
		body, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		m = signed(string(body))
	}
	return drive[contract.ReadOrderResult](s, contract.ReadOrder, contract.ReadOrderInput{Message: m}).Order
}

// The request is as the module itself makes it: reference, amount, metadata, lines
// with tax, less discounts, and shipping; a last line says what the shop's sums miss.
func TestRead_order(t *testing.T) {
	t.Parallel()
	got := placed(t, map[string]any{"capture": "manual", "return_url": "https://shop.example/back"}, magento.Draft{
		Store: "nl", Customer: 7, Shipping: "6.05", ShippingTaxRate: "21", ShippingDiscount: "1.05", Fee: "0.50",
		Items: []magento.DraftItem{
			{SKU: "a", Name: "A\tcup\n", Price: "12.10", Quantity: "2", TaxRate: "21", Discount: "4.20", Variant: "a-red"},
			{SKU: "b", Price: "1.99", TaxRate: "9", Virtual: true, Quantity: "0.5"},
		},
	}, nil)
	eur := func(n int64) contract.Money { return contract.Money{Value: n, Currency: "EUR"} }
	want := &contract.OrderRequest{
		Reference: "2000000001", Amount: eur(2650), Description: "Order 2000000001", Country: "NL", Capture: "manual",
		ReturnURL: "https://shop.example/back", CancelURL: "https://shop.example/back", ExpiresAt: conformance.Start.Add(24 * time.Hour),
		Lines: []contract.Line{
			{SKU: "a", Name: "A cup", Kind: contract.LinePhysical, Quantity: "2", Amount: eur(2000), TaxAmount: eur(420)},
			{SKU: "b", Name: "-", Kind: contract.LineDigital, Quantity: "0.5", Amount: eur(100), TaxAmount: eur(8)},
			{Name: "Flat Rate - Fixed", Kind: contract.LineShipping, Quantity: "1", Amount: eur(500)},
			{Name: "Other", Kind: contract.LineFee, Quantity: "1", Amount: eur(50)},
		},
		Customer: contract.Customer{ID: "7", Name: "Jane Doe", Email: "shopper@example.com", Phone: "+31 20 000 0000", IP: "192.0.2.10"},
		Metadata: map[string]string{"platform": "magento", "order_id": "2", "store_id": "2"},
	}
	want.BillingAddress = contract.Address{FirstName: "Jane", LastName: "Doe", Street: "Damrak 1 2nd floor", PostalCode: "1012 LG", City: "Amsterdam", Region: "Noord-Holland", Country: "NL"}
	want.ShippingAddress = want.BillingAddress
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// An order whose link is mailed can be paid for a day, unless the shop says.
func TestRead_order_expiry(t *testing.T) {
	t.Parallel()
	if got := placed(t, nil, magento.Draft{}, nil); !got.ExpiresAt.Equal(conformance.Start.Add(24 * time.Hour)) {
		t.Errorf("got %s", got.ExpiresAt)
	}
	if got := placed(t, map[string]any{"pay_within_hours": 48}, magento.Draft{}, nil); !got.ExpiresAt.Equal(conformance.Start.Add(48 * time.Hour)) {
		t.Errorf("got %s", got.ExpiresAt)
	}
}

func TestRead_order_currencies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		charged, currency, price string
		want                     contract.Money
	}{
		{"order", "SEK", "450.00", contract.Money{Value: 45000, Currency: "SEK"}}, {"base", "SEK", "450.00", contract.Money{Value: 4000, Currency: "EUR"}},
		{"order", "JPY", "1999", contract.Money{Value: 1999, Currency: "JPY"}}, {"order", "TND", "1.999", contract.Money{Value: 1999, Currency: "TND"}},
	} {
		d := magento.Draft{Currency: c.currency, Items: []magento.DraftItem{{SKU: "a", Price: c.price}}}
		if c.currency == "SEK" {
			d.BaseCurrency, d.Rate = "EUR", "11.25"
		}
		got := placed(t, map[string]any{"charged": c.charged}, d, nil)
		if got == nil || got.Amount != c.want || len(got.Lines) != 1 || got.Lines[0].Amount != c.want {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
}

// Of what is not to be paid by the gateway there is no order, and no failure.
func TestRead_order_none(t *testing.T) {
	t.Parallel()
	set := func(name string, value any) func(o map[string]any) {
		return func(o map[string]any) { o[name] = value }
	}
	for name, change := range map[string]func(o map[string]any){
		"canceled": set("state", "canceled"), "processing": set("state", "processing"), "under review": set("state", "payment_review"), "no state": set("state", ""),
		"free": set("grand_total", 0), "below zero": set("grand_total", -1), "paid in part": set("total_paid", "1.0000"), "another method": set("payment", map[string]any{"method": "checkmo"}), "no method": set("payment", nil),
	} {
		if got := placed(t, nil, magento.Draft{}, change); got != nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if got := placed(t, map[string]any{"methods": []string{"checkmo"}}, magento.Draft{Method: "checkmo"}, nil); got == nil {
		t.Error("a method of the settings was left out")
	}
}

// What a shop writes that no order request may hold is made to fit.
func TestRead_order_strange(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ж", 300)
	got := placed(t, nil, magento.Draft{}, func(o map[string]any) {
		o["billing_address"] = map[string]any{"firstname": long, "street": "Damrak 1", "country_id": "nl", "lastname": 5, "city": nil}
		o["remote_ip"], o["customer_email"], o["extension_attributes"], o["shipping_incl_tax"] = "192.0.2.999", "nobody", nil, "-1.5"
		item := o["items"].([]any)[0].(map[string]any)
		item["name"], item["qty_ordered"], item["discount_amount"], item["is_virtual"] = "\u0000", "-3", "60", true
	})
	if got == nil {
		t.Fatal("there is no order")
	}
	if b := got.BillingAddress; len([]rune(b.FirstName)) != 255 || b.LastName != "5" || b.Street != "Damrak 1" || got.Country != "" || got.Customer.Email != "" || got.Customer.IP != "" {
		t.Errorf("got %+v", got)
	}
	var sum int64
	for _, l := range got.Lines {
		sum += l.Amount.Value
		if (l.Kind == contract.LineDiscount) != (l.Amount.Value < 0) || l.Name == "" || l.Quantity != "1" {
			t.Errorf("got line %+v", l)
		}
	}
	if sum != 4999 {
		t.Errorf("the lines come to %d", sum)
	}
	for _, email := range []string{"a@b@", "@b", "a@", "a b@c", "a@b\tc"} {
		got := placed(t, nil, magento.Draft{}, func(o map[string]any) { o["customer_email"] = email })
		if got.Customer.Email != "" {
			t.Errorf("%q was taken for %q", email, got.Customer.Email)
		}
	}
	many := magento.Draft{}
	for i := range 501 {
		many.Items = append(many.Items, magento.DraftItem{SKU: fmt.Sprint(i), Price: "1.00"})
	}
	if got := placed(t, nil, many, nil); got == nil || got.Lines != nil || got.Amount.Value != 50100 {
		t.Errorf("501 lines: got %+v", got)
	}
}

func TestQuantity(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1": "1", "2.0000": "2", "0.5000": "0.5", "0": "1", "0.0000": "1", "": "1", "x": "1", "-1": "1", "007": "7", "1.1234567": "1", "1234567890": "1", ".5": "0.5", "1.2.3": "1",
	} {
		if got := quantity(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(cancelBody))
	f.Add([]byte(`{"type":"order.placed","data":{"order":{"entity_id":1,"increment_id":"1","state":"new","grand_total":1,"order_currency_code":"EUR","payment":{"method":"kassette"},"items":[{"row_total_incl_tax":"1"}]}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var m message
		if !scan(body, func(s scanner) bool { m = s.message(); return true }) || m.order == nil {
			return
		}
		r, err := m.order.request(&settings{Methods: []string{m.order.Method}, Charged: inOrder}, conformance.Start)
		if err != nil || r == nil {
			return
		}
		var sum int64
		for _, l := range r.Lines {
			sum += l.Amount.Value
		}
		if r.Amount.Value <= 0 || len(r.Lines) > 0 && sum != r.Amount.Value {
			t.Errorf("%s: got %+v", base64.StdEncoding.EncodeToString(body), r)
		}
	})
}
