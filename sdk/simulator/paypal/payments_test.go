package paypal

import (
	"testing"
	"time"
)

func TestAuthorization_capturedInParts(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	id := b.authorized(`{"custom_id":"ref-1","amount":{"currency_code":"EUR","value":"100.00"}}`)
	path := authorizationsPath + id
	read := b.wants(b.send("GET", path, ""), 200, "")
	if read.str("status") != "CREATED" || read.rels() != "self capture void reauthorize up" || read.str("expiration_time") != "2026-03-31T09:30:00Z" {
		t.Errorf("got %s", read.text)
	}
	part := func(body, id string) reply { return b.send("POST", path+"/capture", body, "PayPal-Request-Id", id) }
	b.wants(part(`{"amount":{"currency_code":"USD","value":"1.00"}}`, "x"), 422, "AUTH_CAPTURE_CURRENCY_MISMATCH")
	b.wants(part(`{"amount":{"currency_code":"EUR","value":"115.01"}}`, "x"), 422, "MAX_CAPTURE_AMOUNT_EXCEEDED")
	b.wants(part(`{"amount":{"currency_code":"EUR","value":"0"}}`, "x"), 422, "CANNOT_BE_ZERO_OR_NEGATIVE")
	b.wants(part(`{"amount":{"currency_code":"JPY","value":"1.0"}}`, "x"), 422, "DECIMALS_NOT_SUPPORTED")
	first := b.wants(part(`{"amount":{"currency_code":"EUR","value":"30.00"}}`, "a"), 201, "")
	if again := b.wants(part(`{"amount":{"currency_code":"EUR","value":"30.00"}}`, "a"), 200, ""); again.str("id") != first.str("id") || len(first.v) != 3 {
		t.Errorf("got %s after %s", again.text, first.text)
	}
	if got := b.send("GET", path, "").str("status"); got != "PARTIALLY_CAPTURED" {
		t.Errorf("got %s", got)
	}
	b.wants(part(``, "rest"), 201, "") // what is left
	if got := b.send("GET", path, "").str("status"); got != "CAPTURED" {
		t.Errorf("got %s", got)
	}
	b.wants(part(``, "more"), 422, "AUTHORIZATION_ALREADY_CAPTURED")
	b.wants(b.send("POST", path+"/void", ""), 422, "PREVIOUSLY_CAPTURED")
	if o, _ := b.sim.Books().Order("ref-1"); len(o.Captures) != 2 || o.Captures[1].Amount != "70.00" || o.Captures[1].Of != id {
		t.Errorf("the books hold %+v", o)
	}
}

func TestAuthorization_finalCapture(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	path := authorizationsPath + b.authorized(simpleUnit)
	got := b.wants(b.send("POST", path+"/capture", `{"amount":{"currency_code":"EUR","value":"1.00"},"final_capture":true,"invoice_id":"i","note_to_payer":"n"}`, "Prefer", "return=representation"), 201, "")
	if got.str("invoice_id") != "i" || got.at("final_capture") != true || got.rels() != "self refund up" {
		t.Errorf("got %s", got.text)
	}
	b.wants(b.send("POST", path+"/capture", ``), 422, "AUTHORIZATION_ALREADY_CAPTURED")
}

// Void is 204 and empty, or 200 with the authorization; SDKs send it as a form.
func TestAuthorization_void(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	path := authorizationsPath + b.authorized(simpleUnit)
	form := []string{"Content-Type", "application/x-www-form-urlencoded", "PayPal-Request-Id", "v"}
	for range 2 {
		if got := b.send("POST", path+"/void", "", form...); got.status != 204 || got.text != "" {
			t.Errorf("got %d %s", got.status, got.text)
		}
	}
	b.wants(b.send("POST", path+"/void", ""), 422, "PREVIOUSLY_VOIDED")
	b.wants(b.send("POST", path+"/capture", ""), 422, "AUTHORIZATION_VOIDED")
	other := authorizationsPath + b.authorized(simpleUnit)
	if got := b.wants(b.send("POST", other+"/void?", "", "Prefer", "return=representation"), 200, ""); got.str("status") != "VOIDED" {
		t.Errorf("got %s", got.text)
	}
	b.wants(b.send("POST", authorizationsPath+"NOBODY/void", ""), 404, "INVALID_RESOURCE_ID")
	last := b.authorized(simpleUnit)
	b.news(30 * 24 * time.Hour)
	if o, _ := b.sim.Books().Order("ref-1"); o.Authorizations[0].ID != last || o.Authorizations[0].Status != "VOIDED" {
		t.Errorf("after 30 days the books hold %+v", o)
	}
}

// What was captured stays; the rest is given back, and the authorization is over.
func TestAuthorization_void_partlyCaptured(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	path := authorizationsPath + b.authorized(`{"amount":{"currency_code":"EUR","value":"100.00"}}`)
	b.wants(b.send("POST", path+"/capture", `{"amount":{"currency_code":"EUR","value":"60.00"}}`), 201, "")
	if got := b.wants(b.send("POST", path+"/void", "", "Prefer", "return=representation"), 200, ""); got.str("status") != "VOIDED" {
		t.Errorf("got %s", got.text)
	}
	b.wants(b.send("POST", path+"/void", ""), 422, "PREVIOUSLY_VOIDED")
	b.wants(b.send("POST", path+"/capture", ""), 422, "AUTHORIZATION_VOIDED")
}

func TestAuthorization_reauthorize(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.TokenLife = 1000 * time.Hour })
	path := authorizationsPath + b.authorized(simpleUnit)
	const body = `{"amount":{"currency_code":"EUR","value":"49.99"}}`
	b.wants(b.send("POST", path+"/reauthorize", body), 422, "REAUTHORIZATION_TOO_SOON")
	b.news(3 * 24 * time.Hour)
	b.wants(b.send("POST", path+"/reauthorize", `{"amount":{"currency_code":"EUR","value":"60.00"}}`), 422, "MAX_CAPTURE_AMOUNT_EXCEEDED")
	got := b.wants(b.send("POST", path+"/reauthorize", body, "PayPal-Request-Id", "r", "Prefer", "return=representation"), 201, "")
	if again := b.wants(b.send("POST", path+"/reauthorize", body, "PayPal-Request-Id", "r"), 200, ""); again.str("id") != got.str("id") {
		t.Errorf("got %s after %s", again.text, got.text)
	}
	b.wants(b.send("POST", path+"/capture", ""), 422, "AUTHORIZATION_VOIDED")
	b.wants(b.send("POST", authorizationsPath+got.str("id")+"/capture", ""), 201, "")
	old := authorizationsPath + b.authorized(simpleUnit)
	b.news(30 * 24 * time.Hour)
	b.wants(b.send("POST", old+"/capture", ""), 422, "AUTHORIZATION_EXPIRED")
}

func TestRefund(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	order, capture := b.paid(`{"custom_id":"ref-1","amount":{"currency_code":"EUR","value":"10.00"}}`)
	path := capturesPath + capture + "/refund"
	eur := func(v string) string {
		return `{"amount":{"currency_code":"EUR","value":"` + v + `"},"invoice_id":"r-1"}`
	}
	b.wants(b.send("POST", path, eur("10.01")), 422, "REFUND_AMOUNT_EXCEEDED")
	b.wants(b.send("POST", path, `{"amount":{"currency_code":"USD","value":"1.00"}}`), 422, "REFUND_CAPTURE_CURRENCY_MISMATCH")
	got := b.wants(b.send("POST", path, eur("4.00"), "PayPal-Request-Id", "a", "Prefer", "return=representation"), 201, "")
	if got.str("status") != "COMPLETED" || got.rels() != "self up" || got.str("custom_id") != "ref-1" || got.str("seller_payable_breakdown.total_refunded_amount.value") != "4.00" {
		t.Errorf("got %s", got.text)
	}
	b.wants(b.send("POST", path, eur("4.00"), "PayPal-Request-Id", "a"), 200, "")
	b.wants(b.send("POST", path, eur("6.01"), "PayPal-Request-Id", "b"), 422, "REFUND_AMOUNT_EXCEEDED")
	if got := b.send("GET", capturesPath+capture, "").str("status"); got != "PARTIALLY_REFUNDED" {
		t.Errorf("got %s", got)
	}
	b.wants(b.send("POST", path, ``), 201, "")
	b.wants(b.send("POST", path, ``), 422, "CAPTURE_FULLY_REFUNDED")
	read := b.send("GET", ordersPath+order, "")
	if read.str("purchase_units.0.payments.captures.0.status") != "REFUNDED" || read.str("purchase_units.0.payments.refunds.1.amount.value") != "6.00" {
		t.Errorf("got %s", read.text)
	}
	b.wants(b.send("GET", refundsPath+got.str("id"), ""), 200, "")
	b.wants(b.send("GET", refundsPath+"NOBODY", ""), 404, "INVALID_RESOURCE_ID")
}

func TestRefund_pendingAndLate(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.TokenLife = 10_000 * time.Hour })
	order := b.order(intentCapture, simpleUnit)
	b.approve(order, Open)
	got := b.wants(b.send("POST", ordersPath+order+"/capture", "", "Prefer", "return=representation"), 201, "")
	capture := got.str("purchase_units.0.payments.captures.0.id")
	if got.str("purchase_units.0.payments.captures.0.status") != "PENDING" || got.str("purchase_units.0.payments.captures.0.status_details.reason") != "PENDING_REVIEW" {
		t.Errorf("got %s", got.text)
	}
	b.wants(b.send("POST", capturesPath+capture+"/refund", ""), 422, "PENDING_CAPTURE")
	if err := b.sim.Settle(order, Success); err != nil {
		t.Fatal(err)
	}
	if err := b.sim.next(nextRequest{RefundOutcome: "pending", Count: 1}); err != nil {
		t.Fatal(err)
	}
	refund := b.wants(b.send("POST", capturesPath+capture+"/refund", ""), 201, "")
	b.news(0)
	if err := b.sim.SettleRefund(refund.str("id"), false); err != nil {
		t.Fatal(err)
	}
	if got := kinds(b.news(0)); got != "PAYMENT.REFUND.FAILED" {
		t.Errorf("got events %s", got)
	}
	if got := b.send("GET", capturesPath+capture, "").str("status"); got != "COMPLETED" {
		t.Errorf("got %s", got)
	}
	b.news(181 * 24 * time.Hour)
	b.wants(b.send("POST", capturesPath+capture+"/refund", ""), 422, "REFUND_TIME_LIMIT_EXCEEDED")
}
