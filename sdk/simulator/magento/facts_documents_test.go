package magento

import (
	"testing"
)

func Test22_orderHasItsMembers(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{Store: "nl", Additional: map[string]string{"kassette_method": "ideal", "another": "x"}})
	r := c.api("GET", "/rest/V1/orders/1", "")
	for path, want := range map[string]any{
		"state": "pending_payment", "status": "pending_payment", "increment_id": "2000000001", "grand_total": 49.99, "base_grand_total": 49.99, "total_due": 49.99,
		"order_currency_code": "EUR", "store_id": 2.0, "quote_id": 1001.0, "payment.method": "kassette", "items.0.sku": "24-MB01", "items.0.qty_ordered": 1.0,
	} {
		if got := r.get(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	if r.get("protect_code") == nil || r.get("status_histories") == nil {
		t.Errorf("got %s", r.text)
	}
}

func Test22_additionalInformationLosesItsKeys(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{Additional: map[string]string{"kassette_method": "ideal", "another": "x"}})
	c.is(c.api("GET", "/rest/V1/orders/1?fields=payment[additional_information],extension_attributes[payment_additional_info]", ""), 200,
		`{"extension_attributes":{"payment_additional_info":[{"key":"another","value":"x"},{"key":"kassette_method","value":"ideal"}]},"payment":{"additional_information":["x","ideal"]}}`)
}

func Test22_listBySearchCriteria(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for range 5 {
		c.place(Draft{})
	}
	c.place(Draft{Method: "checkmo", Store: "nl"})
	one := "searchCriteria[filter_groups][0][filters][0]"
	for query, want := range map[string]string{
		one + "[field]=increment_id&" + one + "[value]=000000003":                                                                      `{"items":[{"entity_id":3,"status":"pending_payment"}],"total_count":1}`,
		one + "[field]=increment_id&" + one + "[value]=9":                                                                              `{"items":[],"total_count":0}`,
		"searchCriteria[page_size]=2&searchCriteria[current_page]=3":                                                                   `{"items":[{"entity_id":5,"status":"pending_payment"},{"entity_id":6,"status":"pending"}],"total_count":6}`,
		"searchCriteria[pageSize]=4&searchCriteria[currentPage]=9":                                                                     `{"items":[{"entity_id":5,"status":"pending_payment"},{"entity_id":6,"status":"pending"}],"total_count":6}`,
		one + "[field]=store_id&" + one + "[value]=2&" + one + "[condition_type]=eq":                                                   `{"items":[{"entity_id":6,"status":"pending"}],"total_count":1}`,
		one + "[field]=updated_at&" + one + "[value]=2026-11-22%2008:05:01&" + one + "[condition_type]=gteq":                           `{"items":[],"total_count":0}`,
		one + "[field]=entity_id&" + one + "[value]=1,6&" + one + "[condition_type]=in&searchCriteria[sortOrders][0][field]=entity_id": `{"items":[{"entity_id":6,"status":"pending"},{"entity_id":1,"status":"pending_payment"}],"total_count":2}`,
	} {
		c.is(c.api("GET", "/rest/V1/orders?"+query+"&fields=items[entity_id,status],total_count", ""), 200, want)
	}
	c.refused(c.api("GET", "/rest/V1/orders", ""), 400, "is required")
	c.refused(c.api("GET", "/rest/V1/orders?"+one+"[field]=nothing&"+one+"[value]=1", ""), 400, "Unknown column")
}

func Test22_invoiceIDIsAString(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.is(c.api("POST", "/rest/V1/order/1/invoice", `{"capture":false,"notify":false,"appendComment":true,"comment":{"comment":"TX-1","is_visible_on_front":0}}`), 200, `"1"`)
	if o := c.order("000000001"); len(o.Invoices) != 1 || o.Invoices[0].Comment != "TX-1" || o.Invoices[0].Total != "49.9900" {
		t.Errorf("got %+v", o)
	}
}

func Test22_captureTrueChargesAgain(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.place(Draft{})
	c.place(Draft{Method: "checkmo"})
	c.api("POST", "/rest/V1/order/1/invoice", `{"capture":true}`)
	c.api("POST", "/rest/V1/order/2/invoice", `{"capture":false}`)
	c.api("POST", "/rest/V1/order/3/invoice", `{"capture":true}`)
	for number, charges := range map[string]int{"000000001": 1, "000000002": 0, "000000003": 0} {
		o := c.order(number)
		if len(o.Charges) != charges || o.State != StateProcessing || o.Paid != "49.9900" {
			t.Errorf("%s: got %+v, want %d charges", number, o, charges)
		}
	}
	if r := c.api("GET", "/rest/V1/orders/1", ""); r.get("payment.last_trans_id") == nil {
		t.Errorf("got %s", r.text)
	}
}

func Test22_aSecondInvoiceIsRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.api("POST", "/rest/V1/order/1/invoice", `{}`)
	c.refused(c.api("POST", "/rest/V1/order/1/invoice", `{}`), 400, "invoice can't be created without products")
	if o := c.order("000000001"); len(o.Invoices) != 1 {
		t.Errorf("got %+v", o)
	}
}

func Test22_noInvoiceForAnOrderThatIsNotAlive(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, act := range []func(string) (OrderRecord, error){c.sim.Cancel, c.sim.Hold, c.sim.Review} {
		o := c.place(Draft{})
		if _, err := act(o.Increment); err != nil {
			t.Fatal(err)
		}
		c.refused(c.api("POST", "/rest/V1/order/"+number3(o.ID)+"/invoice", `{}`), 400, "has a status of")
		if o = c.order(o.Increment); len(o.Invoices) != 0 || o.Paid != "0.0000" {
			t.Errorf("got %+v", o)
		}
	}
}

func number3(id int) string { return string(rune('0' + id)) }

func Test22_invoiceOfAPart(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{Shipping: "5.00", Items: []DraftItem{{SKU: "a", Price: "10.00", Quantity: "3"}}})
	c.is(c.api("POST", "/rest/V1/order/1/invoice", `{"items":[{"order_item_id":1,"qty":1}]}`), 200, `"1"`)
	c.refused(c.api("POST", "/rest/V1/order/1/invoice", `{"items":[{"order_item_id":"1","qty":3}]}`), 400, "must not be greater")
	c.is(c.api("POST", "/rest/V1/order/1/invoice", `{}`), 200, `"2"`)
	if o := c.order("000000001"); o.Invoices[0].Total != "15.0000" || o.Invoices[1].Total != "20.0000" || o.Paid != o.GrandTotal {
		t.Errorf("got %+v", o)
	}
}

func Test22_offlineRefundDoesNotCallTheGateway(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.api("POST", "/rest/V1/order/1/invoice", `{}`)
	c.is(c.api("POST", "/rest/V1/order/1/refund", `{"items":[{"order_item_id":1,"qty":1}],"notify":false,"comment":{"comment":"r","is_visible_on_front":0},"isOnline":true}`), 200, `"1"`)
	if o := c.order("000000001"); len(o.Payouts) != 0 || o.Refunded != "49.9900" || o.CreditMemos[0].Online || o.CreditMemos[0].Comment != "r" {
		t.Errorf("got %+v", o)
	}
}

func Test22_onlineRefundCallsTheGateway(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.api("POST", "/rest/V1/order/1/invoice", `{"capture":true}`)
	c.is(c.api("POST", "/rest/V1/invoice/1/refund", `{"isOnline":true}`), 200, `"1"`)
	c.refused(c.api("POST", "/rest/V1/invoice/9/refund", `{"isOnline":true}`), 404, "doesn't exist")
	if o := c.order("000000001"); len(o.Payouts) != 1 || o.Payouts[0] != "49.9900" || !o.CreditMemos[0].Online {
		t.Errorf("got %+v", o)
	}
}

func Test22_anAmountAloneIsLinesOfNothingAndAnAdjustment(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{Shipping: "5.00"})
	c.api("POST", "/rest/V1/order/1/invoice", `{}`)
	c.api("POST", "/rest/V1/order/1/refund", `{"items":[{"order_item_id":1,"qty":0}],"arguments":{"shipping_amount":0,"adjustment_positive":12.5}}`)
	if o := c.order("000000001"); o.Refunded != "12.5000" || o.State != StateProcessing {
		t.Errorf("got %+v", o)
	}
	c.api("POST", "/rest/V1/order/1/refund", `{"items":[{"order_item_id":1,"qty":0}],"arguments":{"adjustment_positive":"1.00"}}`)
	if o := c.order("000000001"); o.Refunded != "18.5000" {
		t.Errorf("without shipping_amount: got %s, want all shipping too", o.Refunded)
	}
	c.refused(c.api("POST", "/rest/V1/order/1/refund", `{"items":[{"order_item_id":1,"qty":0}],"arguments":{"shipping_amount":0,"adjustment_positive":36.5}}`), 400, "most money available")
	c.refused(c.api("POST", "/rest/V1/order/1/refund", `{"items":[{"order_item_id":1,"qty":0}],"arguments":{"shipping_amount":0}}`), 400, "must be positive")
	c.refused(c.api("POST", "/rest/V1/order/1/refund", `{"items":[{"order_item_id":1,"qty":2}]}`), 400, "must not be greater")
	c.api("POST", "/rest/V1/order/1/refund", `{"items":[{"order_item_id":1,"qty":0}],"arguments":{"shipping_amount":0,"adjustment_positive":36.49}}`)
	if o := c.order("000000001"); o.State != StateClosed || len(o.CreditMemos) != 3 {
		t.Errorf("got %+v", o)
	}
	c.refused(c.api("POST", "/rest/V1/order/1/refund", `{}`), 400, "can not be created")
}

func Test22_adjustmentsAreInTheBaseCurrency(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{Currency: "SEK", BaseCurrency: "EUR", Rate: "11.25", Items: []DraftItem{{SKU: "a", Price: "450.00"}}})
	c.api("POST", "/rest/V1/order/1/invoice", `{}`)
	c.api("POST", "/rest/V1/order/1/refund", `{"items":[{"order_item_id":1,"qty":0}],"arguments":{"shipping_amount":0,"adjustment_positive":10}}`)
	if o := c.order("000000001"); o.Refunded != "112.5000" || o.BaseRefunded != "10.0000" {
		t.Errorf("got %+v", o)
	}
}

func Test22_aCommentCannotMoveAnOrder(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	for _, status := range []string{"processing", "canceled", "complete"} {
		c.refused(c.api("POST", "/rest/V1/orders/1/comments", `{"statusHistory":{"comment":"x","status":"`+status+`"}}`), 400, "Unable to add comment")
	}
	c.is(c.api("POST", "/rest/V1/orders/1/comments", `{"statusHistory":{"comment":"hello","status":"pending_payment","is_customer_notified":0,"is_visible_on_front":1}}`), 200, "true")
	r := c.api("GET", "/rest/V1/orders/1", "")
	if r.get("status_histories.0.comment") != "hello" || r.get("status_histories.1.comment") != nil || r.get("state") != "pending_payment" {
		t.Errorf("got %s, want the newest first", r.text)
	}
	if o := c.order("000000001"); len(o.Comments) != 1 || !o.Comments[0].Visible || o.Mails != 0 {
		t.Errorf("got %+v", o)
	}
}

func Test22_aCommentWithoutStatusTakesTheOrders(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.is(c.api("POST", "/rest/V1/orders/1/comments", `{"statusHistory":{"comment":"x","is_customer_notified":1}}`), 200, "true")
	if o := c.order("000000001"); o.Status != "" || o.State != StatePendingPayment || o.Mails != 1 {
		t.Errorf("got %+v", o)
	}
}

func Test22_cancelSaysFalseWhereItDidNothing(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.place(Draft{})
	c.is(c.api("POST", "/rest/V1/orders/1/cancel", "{}"), 200, "true")
	c.is(c.api("POST", "/rest/V1/orders/1/cancel", "{}"), 200, "false")
	c.api("POST", "/rest/V1/order/2/invoice", "{}")
	c.is(c.api("POST", "/rest/V1/orders/2/cancel", ""), 200, "false")
	if one, two := c.order("000000001"), c.order("000000002"); one.State != StateCanceled || one.Voids != 1 || two.State != StateProcessing || two.Voids != 0 {
		t.Errorf("got %+v and %+v", one, two)
	}
	if r := c.api("GET", "/rest/V1/orders/1", ""); r.get("total_due") != 0.0 || r.get("items.0.qty_canceled") != 1.0 {
		t.Errorf("got %s", r.text)
	}
}

func Test22_otherCalls(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.place(Draft{})
	c.is(c.api("POST", "/rest/V1/orders/1/hold", ""), 200, "true")
	c.refused(c.api("POST", "/rest/V1/orders/1/hold", ""), 400, "hold")
	c.is(c.api("GET", "/rest/V1/orders/1/statuses", ""), 200, `"holded"`)
	c.is(c.api("POST", "/rest/V1/orders/1/unhold", ""), 200, "true")
	c.refused(c.api("POST", "/rest/V1/orders/1/unhold", ""), 400, "hold")
	c.is(c.api("POST", "/rest/V1/orders/1/emails", ""), 200, "true")
	c.is(c.api("GET", "/rest/V1/orders/1/statuses", ""), 200, `"pending_payment"`)
	c.api("POST", "/rest/V1/order/1/invoice", `{"capture":true}`)
	c.is(c.api("POST", "/rest/V1/invoices/1/capture", ""), 200, "true")
	c.is(c.api("POST", "/rest/V1/invoices/1/void", ""), 200, "true")
	if o := c.order("000000001"); len(o.Charges) != 2 || o.Voids != 1 || o.Mails != 1 {
		t.Errorf("got %+v", o)
	}
	c.api("POST", "/rest/V1/order/1/refund", `{"comment":{"comment":"back"}}`)
	for path, want := range map[string]string{"transactions": "capture", "creditmemos": "", "invoices": ""} {
		r := c.api("GET", "/rest/V1/"+path+"?searchCriteria[page_size]=1", "")
		if r.status != 200 || r.get("items.0.order_id") != 1.0 || want != "" && r.get("items.0.txn_type") != want {
			t.Errorf("%s: got %d %s", path, r.status, r.text)
		}
	}
	for _, path := range []string{"orders/7/cancel", "orders/7/hold", "orders/7/unhold", "orders/7/emails", "invoices/7/capture", "invoices/7/void", "order/7/refund", "order/7/invoice", "orders/7/comments"} {
		c.refused(c.api("POST", "/rest/V1/"+path, "{}"), 404, "doesn't exist")
	}
}
