package paypal

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for _, c := range []struct {
		name, user, password, form string
		status                     int
		want                       string
	}{
		{"wrong secret", DemoClientID, "x", "grant_type=client_credentials", 401, `{"error":"invalid_client","error_description":"Client Authentication failed"}`},
		{"wrong id", "x", DemoClientSecret, "grant_type=client_credentials", 401, `"error":"invalid_client"`},
		{"no grant", DemoClientID, DemoClientSecret, "", 400, `"error":"unsupported_grant_type"`},
		{"other grant", DemoClientID, DemoClientSecret, "grant_type=password", 400, `"error":"unsupported_grant_type"`},
		{"good", DemoClientID, DemoClientSecret, "grant_type=client_credentials", 200, `"token_type":"Bearer"`},
	} {
		r := httptest.NewRequest("POST", "//v1/oauth2/token?", strings.NewReader(c.form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(c.user, c.password)
		w := httptest.NewRecorder()
		b.sim.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || w.Header().Get("PayPal-Debug-Id") == "" {
			t.Errorf("%s: got %d %s, want %d %s", c.name, w.Code, w.Body, c.status, c.want)
		}
	}
	if got := b.send("GET", ordersPath+"X", "", "Authorization", "Bearer A21AAnobody"); got.status != 401 || got.str("name") != "AUTHENTICATION_FAILURE" {
		t.Errorf("unknown token: got %d %s", got.status, got.text)
	}
	b.news(10 * time.Hour)
	if got := b.send("GET", ordersPath+"X", ""); got.status != 401 || got.str("debug_id") != got.head.Get("PayPal-Debug-Id") {
		t.Errorf("old token: got %d %s", got.status, got.text)
	}
}

func TestCreate_refused(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	unit := func(members string) string {
		return `{"intent":"CAPTURE","purchase_units":[{` + members + `}]}`
	}
	amount := func(currency, value string) string {
		return unit(`"amount":{"currency_code":"` + currency + `","value":"` + value + `"}`)
	}
	eur := func(v string) string { return `{"currency_code":"EUR","value":"` + v + `"}` }
	one := `{"amount":` + eur("1.00") + `}`
	for _, c := range []struct {
		name, body string
		status     int
		issue      string
		field      string
	}{
		{"no body", ``, 400, "MALFORMED_REQUEST_JSON", ""},
		{"cut", `{"intent":`, 400, "MALFORMED_REQUEST_JSON", ""},
		{"no intent", `{"purchase_units":[` + one + `]}`, 400, "MISSING_REQUIRED_PARAMETER", "/intent"},
		{"other intent", `{"intent":"SALE","purchase_units":[` + one + `]}`, 400, "INVALID_PARAMETER_VALUE", "/intent"},
		{"wrong type", `{"intent":1}`, 400, "INVALID_PARAMETER_SYNTAX", "/intent"},
		{"no units", `{"intent":"CAPTURE"}`, 400, "MISSING_REQUIRED_PARAMETER", "/purchase_units"},
		{"empty units", `{"intent":"CAPTURE","purchase_units":[]}`, 400, "INVALID_ARRAY_MIN_ITEMS", "/purchase_units"},
		{"11 units", `{"intent":"CAPTURE","purchase_units":[` + strings.Repeat(one+",", 10) + one + `]}`, 400, "INVALID_ARRAY_MAX_ITEMS", "/purchase_units"},
		{"source without request id", `{"intent":"CAPTURE","purchase_units":[` + one + `],"payment_source":{"paypal":{}}}`, 400, "PAYPAL_REQUEST_ID_REQUIRED", ""},
		{"no amount", unit(`"custom_id":"x"`), 400, "MISSING_REQUIRED_PARAMETER", "/purchase_units/0/amount"},
		{"no value", unit(`"amount":{"currency_code":"EUR"}`), 400, "MISSING_REQUIRED_PARAMETER", "/purchase_units/0/amount/value"},
		{"a number", unit(`"amount":{"currency_code":"EUR","value":1.5}`), 400, "INVALID_PARAMETER_SYNTAX", "/purchase_units/0/amount"},
		{"comma", amount("EUR", "1,50"), 400, "INVALID_PARAMETER_SYNTAX", "/purchase_units/0/amount/value"},
		{"exponent", amount("EUR", "1e3"), 400, "INVALID_PARAMETER_SYNTAX", "/purchase_units/0/amount/value"},
		{"33 characters", amount("EUR", strings.Repeat("1", 33)), 400, "INVALID_STRING_LENGTH", "/purchase_units/0/amount/value"},
		{"too much", amount("EUR", "1000000000000000.00"), 400, "INVALID_PARAMETER_VALUE", "/purchase_units/0/amount/value"},
		{"zero", amount("EUR", "0.00"), 422, "CANNOT_BE_ZERO_OR_NEGATIVE", "/purchase_units/0/amount/value"},
		{"negative", amount("EUR", "-1.00"), 422, "CANNOT_BE_ZERO_OR_NEGATIVE", "/purchase_units/0/amount/value"},
		{"3 decimals", amount("EUR", "1.005"), 422, "DECIMAL_PRECISION", "/purchase_units/0/amount/value"},
		{"yen with decimals", amount("JPY", "500.00"), 422, "DECIMAL_PRECISION", "/purchase_units/0/amount/value"},
		{"forint with decimals", amount("HUF", "1234.50"), 422, "DECIMAL_PRECISION", "/purchase_units/0/amount/value"},
		{"dollars of Taiwan with decimals", amount("TWD", "1.0"), 422, "DECIMAL_PRECISION", "/purchase_units/0/amount/value"},
		{"roubles", amount("RUB", "1.00"), 422, "INVALID_CURRENCY_CODE", "/purchase_units/0/amount/currency_code"},
		{"long currency", amount("EURO", "1.00"), 400, "INVALID_STRING_LENGTH", "/purchase_units/0/amount/currency_code"},
		{"two currencies", `{"intent":"CAPTURE","purchase_units":[{"reference_id":"a","amount":` + eur("1.00") + `},{"reference_id":"b","amount":{"currency_code":"USD","value":"1.00"}}]}`, 422, "MULTI_CURRENCY_ORDER", "/purchase_units/1/amount/currency_code"},
		{"no reference of several", `{"intent":"CAPTURE","purchase_units":[` + one + `,` + one + `]}`, 400, "MISSING_REQUIRED_PARAMETER", "/purchase_units/0/reference_id"},
		{"two authorized", `{"intent":"AUTHORIZE","purchase_units":[{"reference_id":"a","amount":` + eur("1.00") + `},{"reference_id":"b","amount":` + eur("1.00") + `}]}`, 422, "UNSUPPORTED_INTENT", "/intent"},
		{"long custom_id", unit(`"custom_id":"` + strings.Repeat("x", 128) + `","amount":` + eur("1.00")), 400, "INVALID_STRING_LENGTH", "/purchase_units/0/custom_id"},
		{"long soft_descriptor", unit(`"soft_descriptor":"` + strings.Repeat("x", 23) + `","amount":` + eur("1.00")), 400, "INVALID_STRING_LENGTH", "/purchase_units/0/soft_descriptor"},
		{"parts", unit(`"amount":{"currency_code":"EUR","value":"3.00","breakdown":{"item_total":` + eur("2.00") + `,"shipping":` + eur("2.00") + `,"discount":` + eur("0.50") + `}}`), 422, "AMOUNT_MISMATCH", "/purchase_units/0/amount/value"},
		{"items without total", unit(`"amount":` + eur("2.00") + `,"items":[{"name":"a","quantity":"2","unit_amount":` + eur("1.00") + `}]`), 422, "ITEM_TOTAL_REQUIRED", "/purchase_units/0/amount/breakdown/item_total"},
		{"items of another total", unit(`"amount":{"currency_code":"EUR","value":"3.00","breakdown":{"item_total":` + eur("3.00") + `}},"items":[{"name":"a","quantity":"2","unit_amount":` + eur("1.00") + `}]`), 422, "ITEM_TOTAL_MISMATCH", "/purchase_units/0/amount/breakdown/item_total/value"},
		{"landing page", `{"intent":"CAPTURE","purchase_units":[` + one + `],"application_context":{"landing_page":"GUEST_CHECKOUT"}}`, 400, "INVALID_PARAMETER_VALUE", "/application_context/landing_page"},
		{"return url", `{"intent":"CAPTURE","purchase_units":[` + one + `],"application_context":{"return_url":"shop"}}`, 400, "INVALID_PARAMETER_SYNTAX", "/application_context/return_url"},
	} {
		got := b.send("POST", "/v2/checkout/orders", c.body)
		if got.status != c.status || got.str("details.0.issue") != c.issue || got.str("details.0.field") != c.field || got.str("name") != names[c.status][0] || got.str("message") != names[c.status][1] {
			t.Errorf("%s: got %d %s, want %d %s of %s", c.name, got.status, got.text, c.status, c.issue, c.field)
		}
	}
	if got := b.send("POST", "/v2/checkout/orders", `{}`, "Content-Type", "text/plain"); got.status != 415 || got.str("name") != "UNSUPPORTED_MEDIA_TYPE" {
		t.Errorf("plain text: got %d %s", got.status, got.text)
	}
	if n := len(b.sim.Books().Orders); n != 0 {
		t.Errorf("%d orders were made of what was refused", n)
	}
}

func TestCreate_answers(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	const body = `{"intent":"CAPTURE","purchase_units":[` + simpleUnit + `],"unknown":{"a":1},"payment_source":{"paypal":{"experience_context":{"landing_page":"GUEST_CHECKOUT"}}}}`
	got := b.wants(b.send("POST", "/v2/checkout/orders?", body, "PayPal-Request-Id", "id-1"), 201, "")
	if got.str("status") != "PAYER_ACTION_REQUIRED" || got.rels() != "self payer-action" || len(got.v) != 3 {
		t.Errorf("got %s, want id, status and links", got.text)
	}
	again := b.wants(b.send("POST", "/v2/checkout/orders", body, "PayPal-Request-Id", "id-1"), 200, "")
	if again.text != got.text {
		t.Errorf("the repeat gives %s after %s", again.text, got.text)
	}
	b.wants(b.send("POST", "/v2/checkout/orders", strings.Replace(body, "49.99", "49.98", 1), "PayPal-Request-Id", "id-1"), 422, "DUPLICATE_REQUEST_ID")
	b.wants(b.send("POST", "/v2/checkout/orders", body, "PayPal-Request-Id", strings.Repeat("x", 109)), 400, "INVALID_STRING_LENGTH")
	full := b.wants(b.send("POST", "/v2/checkout/orders", `{"intent":"AUTHORIZE","purchase_units":[`+simpleUnit+`]}`, "Prefer", "return=representation"), 201, "")
	if full.str("status") != "CREATED" || full.rels() != "self approve update authorize" || full.str("intent") != "AUTHORIZE" || full.str("purchase_units.0.reference_id") != "default" ||
		full.str("purchase_units.0.amount.value") != "49.99" || full.str("purchase_units.0.payee.merchant_id") != DemoMerchantID || full.str("create_time") != "2026-03-02T09:30:00Z" {
		t.Errorf("got %s", full.text)
	}
	read := b.wants(b.send("GET", ordersPath+full.str("id"), ""), 200, "")
	if read.text != full.text {
		t.Errorf("GET gives %s after %s", read.text, full.text)
	}
	if n := len(b.sim.Books().Orders); n != 2 {
		t.Errorf("the books hold %d orders, want 2", n)
	}
}

func TestMockResponse(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	order := b.order(intentCapture, simpleUnit)
	b.approve(order, Success)
	mock := func(code string) reply {
		return b.send("POST", ordersPath+order+"/capture", "", "PayPal-Mock-Response", `{"mock_application_codes":"`+code+`"}`)
	}
	b.wants(mock("INSTRUMENT_DECLINED"), 422, "INSTRUMENT_DECLINED")
	b.wants(mock("INTERNAL_SERVER_ERROR"), 500, "INTERNAL_SERVER_ERROR")
	b.wants(b.send("POST", ordersPath+order+"/capture", ""), 201, "")
}

func TestCapture_whenItCannotBe(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.wants(b.send("POST", ordersPath+"5O190127TN364715T/capture", ""), 404, "INVALID_RESOURCE_ID")
	b.wants(b.send("GET", ordersPath+"5O190127TN364715T", ""), 404, "INVALID_RESOURCE_ID")
	order, authorize := b.order(intentCapture, simpleUnit), b.order(intentAuthorize, simpleUnit)
	b.wants(b.send("POST", ordersPath+order+"/capture", "", "PayPal-Request-Id", "c"), 422, "ORDER_NOT_APPROVED")
	b.wants(b.send("POST", ordersPath+authorize+"/authorize", ""), 422, "ORDER_NOT_APPROVED")
	b.approve(order, Success)
	b.approve(authorize, Success)
	b.wants(b.send("POST", ordersPath+order+"/authorize", ""), 422, "ACTION_DOES_NOT_MATCH_INTENT")
	b.wants(b.send("POST", ordersPath+authorize+"/capture", ""), 422, "ACTION_DOES_NOT_MATCH_INTENT")
	first := b.wants(b.send("POST", ordersPath+order+"/capture", "", "PayPal-Request-Id", "c"), 201, "") // the refused one was not kept
	if first.str("status") != "COMPLETED" || len(first.v) != 3 {
		t.Errorf("got %s", first.text)
	}
	b.wants(b.send("POST", ordersPath+order+"/capture", "", "PayPal-Request-Id", "c"), 200, "")
	b.wants(b.send("POST", ordersPath+order+"/capture", "", "PayPal-Request-Id", "d"), 422, "ORDER_ALREADY_CAPTURED")
	b.wants(b.send("POST", ordersPath+authorize+"/authorize", ""), 201, "")
	b.wants(b.send("POST", ordersPath+authorize+"/authorize", ""), 422, "ORDER_ALREADY_AUTHORIZED")
	late, lateAuthorize := b.order(intentCapture, simpleUnit), b.order(intentAuthorize, simpleUnit)
	b.approve(late, Success)
	b.approve(lateAuthorize, Success)
	b.news(0)
	if got := kinds(b.news(3 * time.Hour)); got != "CHECKOUT.PAYMENT-APPROVAL.REVERSED CHECKOUT.PAYMENT-APPROVAL.REVERSED" {
		t.Errorf("got events %s", got)
	}
	b.wants(b.send("GET", ordersPath+late, ""), 404, "INVALID_RESOURCE_ID")
	b.wants(b.send("POST", ordersPath+late+"/capture", ""), 404, "INVALID_RESOURCE_ID")
	b.wants(b.send("POST", ordersPath+lateAuthorize+"/authorize", ""), 422, "ORDER_EXPIRED")
	b.wants(b.send("GET", ordersPath+order, ""), 200, "")
}

// A body that a call does not look at must be JSON all the same.
func TestCapture_noJSON_nothingIsCarriedOut(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	order := b.order(intentCapture, simpleUnit)
	b.approve(order, Success)
	b.wants(b.send("POST", ordersPath+order+"/capture", `{bad`), 400, "MALFORMED_REQUEST_JSON")
	b.wants(b.send("POST", ordersPath+order+"/capture", `{} {}`), 400, "MALFORMED_REQUEST_JSON")
	b.wants(b.send("POST", ordersPath+order+"/capture", ` `, "Content-Type", "application/x-www-form-urlencoded"), 201, "")
}

// Client libraries join base and path with a slash too many, or a bare
// question mark.
func TestPaths_slashes(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	for _, path := range []string{"//v2/checkout/orders", "/v2/checkout/orders/", "/v2//checkout//orders//", "/v2/checkout/orders?", "/v2/checkout/orders/?"} {
		got := b.wants(b.send("POST", path, `{"intent":"CAPTURE","purchase_units":[`+simpleUnit+`]}`), 201, "")
		b.wants(b.send("GET", ordersPath+got.str("id")+"/", ""), 200, "")
	}
}

func TestCapture_representation(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	order := b.order(intentCapture, `{"custom_id":"ref-1","invoice_id":"1001","amount":{"currency_code":"JPY","value":"1500"}}`)
	b.approve(order, Success)
	got := b.wants(b.send("POST", ordersPath+order+"/capture", "{}", "Prefer", "return=representation"), 201, "")
	capture := "purchase_units.0.payments.captures.0."
	for path, want := range map[string]string{
		"status": "COMPLETED", "payment_source.paypal.email_address": "buyer@example.com", "payer.email_address": "buyer@example.com",
		capture + "status": "COMPLETED", capture + "amount.value": "1500", capture + "amount.currency_code": "JPY", capture + "custom_id": "ref-1", capture + "invoice_id": "1001",
		capture + "supplementary_data.related_ids.order_id": order, capture + "seller_receivable_breakdown.paypal_fee.value": "65", capture + "seller_receivable_breakdown.net_amount.value": "1435",
	} {
		if got.str(path) != want {
			t.Errorf("%s: got %q, want %q in %s", path, got.str(path), want, got.text)
		}
	}
	id := got.str(capture + "id")
	read := b.wants(b.send("GET", capturesPath+id, ""), 200, "")
	if read.rels() != "self refund up" || read.at("final_capture") != true {
		t.Errorf("got %s", read.text)
	}
	b.wants(b.send("GET", capturesPath+"NOBODY", ""), 404, "INVALID_RESOURCE_ID")
}

func TestDuplicateInvoice(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.UniqueInvoices = true })
	const unit = `{"invoice_id":"1001","amount":{"currency_code":"EUR","value":"1.00"}}`
	b.paid(unit)
	order := b.order(intentCapture, unit)
	b.approve(order, Success)
	b.wants(b.send("POST", ordersPath+order+"/capture", ""), 422, "DUPLICATE_INVOICE_ID")
}

func TestPatch(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	order := b.order(intentCapture, simpleUnit)
	const at = `"path":"/purchase_units/@reference_id=='default'/`
	b.wants(b.send("PATCH", ordersPath+order, `[{"op":"replace",`+at+`amount","value":{"currency_code":"EUR","value":"-1"}}]`), 422, "CANNOT_BE_ZERO_OR_NEGATIVE")
	b.wants(b.send("PATCH", ordersPath+order, `[{"op":"replace","path":"/intent","value":"AUTHORIZE"}]`), 422, "NOT_PATCHABLE")
	got := b.send("PATCH", ordersPath+order, `[{"op":"replace",`+at+`amount","value":{"currency_code":"EUR","value":"10.00"}},{"op":"add",`+at+`description","value":"hats"}]`)
	if got.status != 204 || got.text != "" {
		t.Errorf("got %d %s", got.status, got.text)
	}
	read := b.send("GET", ordersPath+order, "")
	if read.str("purchase_units.0.amount.value") != "10.00" || read.str("purchase_units.0.description") != "hats" || read.str("purchase_units.0.custom_id") != "ref-1" {
		t.Errorf("got %s", read.text)
	}
}
