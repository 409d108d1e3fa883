package magento

import (
	"strings"
	"testing"
	"time"
)

// One test for each fact of the document, by its section's number.

func Test1_statesHaveTheirDefaultStatuses(t *testing.T) {
	t.Parallel()
	for state, want := range map[State]string{
		StateNew: "pending", StatePendingPayment: "pending_payment", StatePaymentReview: "payment_review", StateProcessing: "processing",
		StateComplete: "complete", StateClosed: "closed", StateCanceled: "canceled", StateHolded: "holded",
	} {
		if got := Statuses(state); got[0] != want {
			t.Errorf("%s: got %v, want %s first", state, got, want)
		}
	}
}

func Test1_offlineMethodsBeginAsNew(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	if o := c.place(Draft{Method: "checkmo"}); o.State != StateNew || o.Status != "pending" {
		t.Errorf("got %+v", o)
	}
	if o := c.place(Draft{}); o.State != StatePendingPayment || o.Status != "pending_payment" {
		t.Errorf("got %+v", o)
	}
}

func Test1_virtualOrdersAreCompleteWhenPaid(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	o := c.place(Draft{Items: []DraftItem{{SKU: "gift", Name: "Gift card", Price: "25.00", Virtual: true}}})
	c.is(c.api("POST", "/rest/V1/order/1/invoice", `{"capture":false}`), 200, `"1"`)
	if o = c.order(o.Increment); o.State != StateComplete {
		t.Errorf("got %+v", o)
	}
}

func Test1_fullyRefundedIsClosed(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.api("POST", "/rest/V1/order/1/invoice", `{}`)
	c.is(c.api("POST", "/rest/V1/order/1/refund", `{}`), 200, `"1"`)
	if o := c.order("000000001"); o.State != StateClosed || o.Refunded != "49.9900" {
		t.Errorf("got %+v", o)
	}
}

func Test1_paidIsAnInvoiceInState2(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	if r := c.api("GET", "/rest/V1/orders/1", ""); r.get("total_paid") != nil || r.get("total_due") != 49.99 {
		t.Errorf("before: got %s", r.text)
	}
	c.api("POST", "/rest/V1/order/1/invoice", `{}`)
	if r := c.api("GET", "/rest/V1/orders/1", ""); r.get("total_paid") != 49.99 || r.get("total_due") != 0.0 || r.get("total_invoiced") != 49.99 {
		t.Errorf("after: got %s", r.text)
	}
	if r := c.api("GET", "/rest/V1/invoices?searchCriteria[filter_groups][0][filters][0][field]=order_id&searchCriteria[filter_groups][0][filters][0][value]=1", ""); r.get("items.0.state") != 2.0 {
		t.Errorf("got %d %s", r.status, r.text)
	}
}

func Test1_amountsInBaseAndOrderCurrency(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{Currency: "SEK", BaseCurrency: "EUR", Rate: "11.25", Items: []DraftItem{{SKU: "a", Price: "225.00", Quantity: "2"}}})
	r := c.api("GET", "/rest/V1/orders/1", "")
	for path, want := range map[string]any{
		"grand_total": 450.0, "base_grand_total": 40.0, "order_currency_code": "SEK", "base_currency_code": "EUR", "base_to_order_rate": 11.25,
		"items.0.row_total_incl_tax": 450.0, "items.0.base_row_total_incl_tax": 40.0,
	} {
		if got := r.get(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func Test1_theCleanerCancelsPendingPaymentAfter480Minutes(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.place(Draft{Method: "checkmo"})
	c.place(Draft{})
	if _, err := c.sim.Review("000000003"); err != nil {
		t.Fatal(err)
	}
	move := func(d time.Duration) {
		if err := c.sim.MoveClock(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	move(479 * time.Minute)
	if o := c.order("000000001"); o.State != StatePendingPayment {
		t.Errorf("too early: got %+v", o)
	}
	move(time.Hour)
	for number, want := range map[string]State{"000000001": StateCanceled, "000000002": StateNew, "000000003": StatePaymentReview} {
		if o := c.order(number); o.State != want {
			t.Errorf("%s is %s, want %s", number, o.State, want)
		}
	}
}

func Test2_contentType(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	r := request("POST", "/rest/V1/orders/1/cancel", "{}")
	r.Header.Set("Content-Type", "text/plain")
	c.sign(r, nil)
	c.refused(c.send(r), 400, "Server cannot understand Content-Type HTTP header media type")
	if o := c.order("000000001"); o.State != StatePendingPayment {
		t.Errorf("it was carried out: %+v", o)
	}
}

func Test2_basePaths(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	for path, status := range map[string]int{
		"/rest/V1/orders/1": 200, "/rest/default/V1/orders/1": 200, "/rest/nl/V1/orders/1": 200, "/rest/all/V1/orders/1": 200,
		"/rest/de/V1/orders/1": 404, "/V1/orders/1": 404, "/rest/V1/orders/2": 404, "/rest/V1/orders/0": 404, "/rest/V1/order/1": 404, "/rest/V1/orders/x": 404,
	} {
		if r := c.api("GET", path, ""); r.status != status {
			t.Errorf("%s: got %d %s, want %d", path, r.status, r.text, status)
		}
	}
}

func Test21_oauthWithAllFourValuesWorks(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	for name, change := range map[string]map[string]string{
		"another secret":     {"secret": DemoConsumerSecret + "&other"},
		"no token secret":    {"secret": DemoConsumerSecret + "&"},
		"unknown consumer":   {"oauth_consumer_key": "other"},
		"unknown token":      {"oauth_token": "other"},
		"a time in an hour":  {"oauth_timestamp": "1795338000"},
		"no time":            {"oauth_timestamp": "0"},
		"a signature of old": {"oauth_signature": "AAAA"},
	} {
		r := request("GET", "/rest/V1/orders/1", "")
		c.sign(r, change)
		if name == "a signature of old" {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), `oauth_signature="`, `oauth_signature="A`, 1))
		}
		if got := c.send(r); got.status != 401 {
			t.Errorf("%s: got %d %s", name, got.status, got.text)
		}
	}
	for name, change := range map[string]map[string]string{"SHA-1": {"oauth_signature_method": "HMAC-SHA1"}, "no token": {"oauth_token": ""}} {
		r := request("GET", "/rest/V1/orders/1", "")
		c.sign(r, change)
		if got := c.send(r); got.status != 400 {
			t.Errorf("%s: got %d %s", name, got.status, got.text)
		}
	}
	if r := c.api("GET", "/rest/V1/orders/1?fields=increment_id", ""); r.status != 200 {
		t.Errorf("got %d %s", r.status, r.text)
	}
	r := request("GET", "/rest/V1/orders/1", "")
	c.sign(r, nil)
	c.send(r)
	c.refused(c.send(r), 401, "nonce is already being used")
}

func Test21_bearerIsRefusedUntilItIsSwitchedOn(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		c := newClient(t, func(c *Config) { c.Bearer = on })
		c.place(Draft{})
		r := request("GET", "/rest/V1/orders/1?fields=entity_id", "")
		r.Header.Set("Authorization", "Bearer "+DemoAccessToken)
		got := c.send(r)
		if on {
			c.is(got, 200, `{"entity_id":1}`)
			continue
		}
		c.is(got, 401, `{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"Magento_Sales::actions_view"}}`)
	}
}

func Test21_missingRightIs401WithTheResource(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(c *Config) { c.Rights = []string{RightView} })
	c.place(Draft{})
	for path, right := range map[string]string{
		"order/1/invoice": RightInvoice, "order/1/refund": RightCreditMemo, "orders/1/comments": RightComment, "orders/1/cancel": RightCancel,
	} {
		c.is(c.api("POST", "/rest/V1/"+path, "{}"), 401,
			`{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"`+right+`"}}`)
	}
	c.is(c.send(request("GET", "/rest/V1/orders/1", "")), 401,
		`{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"Magento_Sales::actions_view"}}`)
	if r := c.api("GET", "/rest/V1/orders/1", ""); r.status != 200 {
		t.Errorf("got %d %s", r.status, r.text)
	}
}

func Test21_adminTokenIsABareString(t *testing.T) {
	t.Parallel()
	login := `{"username":"admin","password":"secret-1"}`
	for _, two := range []bool{false, true} {
		c := newClient(t, func(c *Config) { c.Admin, c.Password, c.TwoFactor = "admin", "secret-1", two })
		c.place(Draft{})
		got := c.send(request("POST", "/rest/V1/integration/admin/token", login))
		if two {
			c.refused(got, 401, "2fa")
			continue
		}
		c.refused(c.send(request("POST", "/rest/V1/integration/admin/token", `{"username":"admin","password":"x"}`)), 401, "incorrect")
		r := request("GET", "/rest/V1/orders/1", "")
		r.Header.Set("Authorization", "Bearer "+strings.Trim(got.text, `"`))
		if got.text[0] != '"' || c.send(r).status != 200 {
			t.Errorf("got %d %s", got.status, got.text)
		}
		if err := c.sim.MoveClock(t.Context(), adminLife); err != nil || c.send(r).status != 401 {
			t.Error("an old token is taken")
		}
	}
}

func Test21_errorTextsAreTemplates(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.is(c.api("POST", "/rest/V1/orders/1/comments", `{"statusHistory":{"comment":"x","status":"paid"}}`), 400,
		`{"message":"Unable to add comment: The status \"%1\" is not part of the order status history.","parameters":["paid"]}`)
	c.is(c.api("POST", "/rest/V1/orders/1/comments", `{}`), 400, `{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"statusHistory"}}`)
}

func Test22_unknownMembersWithinAreRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.refused(c.api("POST", "/rest/V1/orders/1/comments", `{"statusHistory":{"coment":"x","status":"pending_payment"}}`), 400, "Error occurred during")
	c.refused(c.api("POST", "/rest/V1/orders/1/comments", `{"statusHistory"`), 400, "Decoding error")
	c.is(c.api("POST", "/rest/V1/orders/1/cancel", `{"whatever":1}`), 200, "true")
}
