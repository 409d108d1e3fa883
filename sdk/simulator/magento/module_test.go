package magento

import (
	"encoding/json"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func (c *client) move(d time.Duration) {
	c.Helper()
	if err := c.sim.MoveClock(c.Context(), d); err != nil {
		c.Fatal(err)
	}
}

func Test37_aCancellationIsTold(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{Checkout: "ord_1"})
	c.place(Draft{Method: "checkmo"})
	for _, number := range []string{"000000001", "000000002"} {
		if _, err := c.sim.Cancel(number); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.sim.Cancel("000000001"); err == nil {
		t.Error("it was cancelled twice")
	}
	c.move(0)
	got := c.door.seen()
	if len(got) != 1 {
		t.Fatalf("got %d messages, want that of the module's own order", len(got))
	}
	want := `{"data":{"command":{"reference":"000000001","type":"cancel"},"order":{"entity_id":1,"increment_id":"000000001","kassette_order":"ord_1","state":"canceled","status":"canceled"}},"timestamp":"2026-11-22T08:05:00Z","type":"order.cancel"}`
	id, stamp := got[0].header.Get("webhook-id"), got[0].header.Get("webhook-timestamp")
	if got[0].body != want || id != "magento-1-cancel-1" || stamp != strconv.FormatInt(start.Unix(), 10) {
		t.Errorf("got %s as %s at %s", got[0].body, id, stamp)
	}
	if sum := got[0].header.Get("webhook-signature"); sum != Sign(DemoNoticeSecret, id, stamp, []byte(want)) {
		t.Errorf("got signature %s", sum)
	}
	if b := c.sim.Books().Outbox; len(b) != 1 || !b[0].Told || b[0].Tries != 1 {
		t.Errorf("got %+v", b)
	}
}

func Test37_aShipmentOfReservedMoneyIsToldAsCapture(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{Authorized: true})
	c.place(Draft{})
	c.api("POST", "/rest/V1/order/2/invoice", "{}")
	if o, err := c.sim.Ship("000000002"); err != nil || o.State != StateComplete {
		t.Errorf("a paid order that is shipped: got %+v, %v", o, err)
	}
	if _, err := c.sim.Ship("000000002"); err == nil {
		t.Error("it was shipped twice")
	}
	if _, err := c.sim.Ship("000000001"); err != nil {
		t.Fatal(err)
	}
	c.move(0)
	if got := c.door.seen(); len(got) != 1 || !strings.Contains(got[0].body, `"type":"order.capture"`) {
		t.Errorf("got %v", got)
	}
}

func Test37_theOutboxTriesAgain(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.door.answer(503)
	if _, err := c.sim.Cancel("000000001"); err != nil {
		t.Fatal(err)
	}
	c.move(time.Minute)
	c.door.answer(200)
	c.move(5 * time.Minute)
	c.move(24 * time.Hour)
	got := c.door.seen()
	if len(got) != 3 || got[0].header.Get("webhook-id") != got[2].header.Get("webhook-id") || got[0].header.Get("webhook-timestamp") == got[2].header.Get("webhook-timestamp") {
		t.Errorf("got %d messages, want three of one id, each with its time", len(got))
	}
	c.place(Draft{})
	c.door.answer(400)
	if _, err := c.sim.Cancel("000000002"); err != nil {
		t.Fatal(err)
	}
	c.move(24 * time.Hour)
	if b := c.sim.Books().Outbox; !b[0].Told || b[0].Tries != 3 || !b[1].GivenUp || b[1].Tries != 1 || b[1].Status != 400 {
		t.Errorf("got %+v", b)
	}
}

func TestModule_faults(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, fault := range []string{faultLostMessage, faultDuplicate, faultWrongSignature, faultOldMessage} {
		o := c.place(Draft{})
		if _, err := c.sim.Faults().Apply([]byte(`{"clear":true,"faults":[{"name":"` + fault + `"}]}`)); err != nil {
			t.Fatal(err)
		}
		before := len(c.door.seen())
		if _, err := c.sim.Cancel(o.Increment); err != nil {
			t.Fatal(err)
		}
		c.move(0)
		got := c.door.seen()[before:]
		if want := map[string]int{faultLostMessage: 0, faultDuplicate: 2}[fault]; fault == faultLostMessage || fault == faultDuplicate {
			if len(got) != want {
				t.Errorf("%s: got %d messages", fault, len(got))
			}
			continue
		}
		h := got[0].header
		good := Sign(DemoNoticeSecret, h.Get("webhook-id"), h.Get("webhook-timestamp"), []byte(got[0].body)) == h.Get("webhook-signature")
		old := h.Get("webhook-timestamp") != strconv.FormatInt(start.Unix(), 10)
		if good != (fault == faultOldMessage) || old != (fault == faultOldMessage) {
			t.Errorf("%s: a good signature %v, old %v", fault, good, old)
		}
	}
}

func TestModule_pingAndPlaced(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	if status, err := c.sim.Ping(t.Context()); err != nil || status != 200 {
		t.Errorf("got %d, %v", status, err)
	}
	if status, err := c.sim.SendOrder(t.Context(), "000000001"); err != nil || status != 200 {
		t.Errorf("got %d, %v", status, err)
	}
	if _, err := c.sim.SendOrder(t.Context(), "9"); err == nil {
		t.Error("an unknown order was sent")
	}
	got := c.door.seen()
	if len(got) != 2 || !strings.Contains(got[0].body, `"type":"ping"`) || !strings.Contains(got[1].body, `"type":"order.placed"`) {
		t.Fatalf("got %v", got)
	}
	var sent struct {
		Data struct{ Order json.RawMessage }
	}
	if err := json.Unmarshal([]byte(got[1].body), &sent); err != nil {
		t.Fatal(err)
	}
	if r := c.api("GET", "/rest/V1/orders/1", ""); r.text != string(sent.Data.Order) {
		t.Errorf("got  %s\nwant %s", sent.Data.Order, r.text)
	}
}

func TestPlace_addsUp(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{
		Shipping: "6.05", ShippingTaxRate: "21", ShippingDiscount: "1.05", Fee: "0.50",
		Items: []DraftItem{{SKU: "a", Name: "A", Price: "12.10", Quantity: "2", TaxRate: "21", Discount: "4.20", Variant: "a-red"}, {SKU: "b", Price: "1.99", TaxRate: "9", Virtual: true}},
	})
	r := c.api("GET", "/rest/V1/orders/1", "")
	for path, want := range map[string]any{
		"grand_total": 27.49, "subtotal": 21.83, "tax_amount": 5.41, "discount_amount": -5.25, "shipping_incl_tax": 6.05, "shipping_tax_amount": 1.05,
		"items.0.row_total_incl_tax": 24.2, "items.0.tax_amount": 4.2, "items.0.product_type": "configurable", "items.1.parent_item_id": 1.0, "items.1.row_total_incl_tax": 0.0,
		"items.2.product_type": "virtual", "extension_attributes.shipping_assignments.0.shipping.address.city": "Amsterdam", "billing_address.country_id": "NL",
	} {
		if got := r.get(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	for _, d := range []Draft{{Store: "de"}, {Rate: "-1"}, {Items: []DraftItem{{Price: "1.00001"}}}, {Shipping: "x"}, {ShippingDiscount: "100"}} {
		if _, err := c.sim.Place(d); err == nil {
			t.Errorf("%+v was placed", d)
		}
	}
}

func TestConfig_refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"address": {PublicURL: "x"}, "door": {WebhookURL: "ftp://x"}, "secret": {NoticeSecret: "x"}, "store": {Stores: []string{"all"}}, "cleaner": {CleanAfter: -1},
	} {
		if sim, err := New(c); err == nil {
			_ = sim.Close()
			t.Errorf("%s: it was taken", name)
		}
	}
}

func (c *client) control(method, path, body string) (int, string) {
	c.Helper()
	w := httptest.NewRecorder()
	c.sim.Control().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

func TestControl(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, step := range []struct {
		method, path, body string
		status             int
		holds              string
	}{
		{"POST", "/next", `{}`, 400, "nothing to do"}, {"POST", "/next", `{"do":"dance"}`, 400, "use cancel"}, {"POST", "/next", `{"place":{},"do":"ship"}`, 400, "not both"},
		{"POST", "/next", `{"place":{"store":"de"}}`, 400, "no store"}, {"POST", "/next", `{"answers":[{"call":"x","status":200}]}`, 400, "unknown call"},
		{"POST", "/next", `{"place":{"method":"checkmo"}}`, 200, `"000000001"`}, {"POST", "/next", `{"order":"000000009","do":"cancel"}`, 404, "no order"},
		{"POST", "/next", `{"order":"000000001","do":"hold"}`, 200, `"holded"`}, {"POST", "/next", `{"order":"000000001","do":"unhold"}`, 200, `"pending"`},
		{"POST", "/next", `{"order":"000000001","do":"review"}`, 200, `"payment_review"`}, {"POST", "/next", `{"order":"000000001","do":"cancel"}`, 409, "cannot be cancelled"},
		{"POST", "/next", `{"place":{}}`, 200, `"000000002"`}, {"POST", "/next", `{"order":"000000002","do":"capture"}`, 200, `"49.9900"`},
		{"POST", "/next", `{"order":"000000002","do":"refund","amount":"1.00"}`, 200, `"1.0000"`}, {"POST", "/next", `{"order":"000000002","do":"refund_offline","amount":"x"}`, 400, "amount"},
		{"POST", "/next", `{"order":"000000002","do":"ship"}`, 200, `"complete"`}, {"POST", "/next", `{"place":{}}`, 200, `"000000003"`},
		{"POST", "/next", `{"order":"000000003","do":"invoice"}`, 200, `"processing"`},
		{"POST", "/clock", `{"advance":"1h","set":"2030-01-01T00:00:00Z"}`, 400, "not both"}, {"POST", "/clock", `{"set":"2020-01-01T00:00:00Z"}`, 400, "go back"},
		{"POST", "/clock", `{"advance":"1h"}`, 200, "09:05:00"}, {"POST", "/notify", `{"kind":"x"}`, 400, "kind"}, {"POST", "/notify", `{"kind":"ping"}`, 200, "200"},
		{"POST", "/notify", `{"kind":"placed","order":"000000003"}`, 200, "200"}, {"POST", "/notify", `{"order":"9"}`, 404, "no order"},
		{"POST", "/faults", `{"faults":[{"name":"x"}]}`, 400, "unknown"}, {"GET", "/books", "", 200, `"credit_memos"`},
	} {
		status, body := c.control(step.method, step.path, step.body)
		if status != step.status || !strings.Contains(body, step.holds) {
			t.Errorf("%s %s: got %d %s, want %d with %s", step.path, step.body, status, body, step.status, step.holds)
		}
		for _, secret := range []string{DemoConsumerSecret, DemoTokenSecret, DemoNoticeSecret} {
			if strings.Contains(body, secret) {
				t.Errorf("%s shows a secret", step.path)
			}
		}
	}
	if _, err := c.sim.Cancel("000000003"); err == nil {
		t.Error("a paid order was cancelled")
	}
	o := c.place(Draft{})
	if _, err := c.sim.Change(o.Increment, "1.00"); err != nil || c.order(o.Increment).GrandTotal != "50.9900" {
		t.Error("the order was not changed", err)
	}
	if _, err := c.sim.Comment(o.Increment, "hello"); err != nil || len(c.order(o.Increment).Comments) != 1 {
		t.Error("there is no comment", err)
	}
	if _, err := c.sim.Delete(o.Increment); err != nil || !c.order(o.Increment).Deleted || c.api("GET", "/rest/V1/orders/"+number3(o.ID), "").status != 404 {
		t.Error("the order is still there", err)
	}
}

func TestControl_scriptedAnswer(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	if status, body := c.control("POST", "/next", `{"answers":[{"call":"order","status":200,"body":"{}"}]}`); status != 200 {
		t.Fatalf("got %d %s", status, body)
	}
	c.is(c.api("GET", "/rest/V1/orders/1", ""), 200, "{}")
	if r := c.api("GET", "/rest/V1/orders/1", ""); r.get("entity_id") != 1.0 {
		t.Errorf("got %s", r.text)
	}
}
