package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/paypal"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// The certificate's address is the sender's word until the signature holds.
func TestTrap_certificateURL(t *testing.T) {
	t.Parallel()
	const path = "/v1/notifications/certs/CERT-1"
	tests := []struct {
		address               string
		test, live, simulator bool
	}{
		{address: ""},
		{address: "http://api.paypal.com" + path},
		{address: "https://api.paypal.com.example.org" + path},
		{address: "https://paypal.com" + path},
		{address: "https://www.paypal.com" + path},
		{address: "https://user@api.paypal.com" + path},
		{address: "https://api.paypal.com@evil.example" + path},
		{address: "https://api.paypal.com:8443" + path},
		{address: "https://api.paypal.com" + path + "?x=1"},
		{address: "https://api.paypal.com" + path + "#x"},
		{address: "https://api.paypal.com/v1/notifications/certs/../../oauth2/token"},
		{address: "https://api.paypal.com/v1/notifications/certs/%2e%2e"},
		{address: "https://api.paypal.com/v1/notifications/certs/"},
		{address: "https://api.paypal.com/x/v1/notifications/certs/CERT-1"},
		{address: "https://evil.example/?https://api.paypal.com" + path},
		{address: "https://api.paypal.com\\@evil.example" + path},
		{address: "https://127.0.0.1:8082/paypal" + path},
		{address: "https://api.paypal.com" + path, live: true},
		{address: "HTTPS://API.PayPal.com:443" + path, live: true},
		{address: "https://api-m.paypal.com" + path, live: true},
		{address: "https://api.sandbox.paypal.com" + path, test: true},
		{address: "https://api-m.sandbox.paypal.com" + path, test: true},
		{address: "http://127.0.0.1:8082/paypal" + path, simulator: true},
	}
	for _, c := range tests {
		for name, a := range map[string]settings{
			"test": {Environment: "test"}, "live": {Environment: "live"}, "simulator": {Environment: "other", CertificateBaseURL: "http://127.0.0.1:8082/paypal/"},
		} {
			want := map[string]bool{"test": c.test, "live": c.live, "simulator": c.simulator || c.live}[name]
			if got := (api{settings: a}).trusted(c.address); got != want {
				t.Errorf("%s, %q: got %t, want %t", name, c.address, got, want)
			}
		}
	}
}

func TestTrap_webhookHeaders(t *testing.T) {
	t.Parallel()
	refused := func(what string, m contract.Message) {
		t.Helper()
		var f *contract.Failure
		if _, err := receive(t, m, nil, p3Root); !errors.As(err, &f) || f.Code != contract.BadSignature {
			t.Errorf("%s: got %v, want bad_signature and no request", what, err)
		}
	}
	for name := range p3Message().Headers {
		m := p3Message()
		delete(m.Headers, name)
		refused("without "+name, m)
	}
	for _, algorithm := range []string{"SHA1withRSA", "sha256withrsa", "none"} {
		m := p3Message()
		m.Headers["paypal-auth-algo"] = []string{algorithm}
		refused(algorithm, m)
	}
	m := p3Message()
	m.Headers["paypal-cert-url"] = []string{"https://evil.example/v1/notifications/certs/CERT-1"}
	refused("a certificate from elsewhere", m)
}

// The event goes to PayPal byte for byte; what could close its own bracket does not go at all.
func TestTrap_splicedEvent(t *testing.T) {
	t.Parallel()
	byAPI := map[string]any{"webhook_verification": "api"}
	for _, body := range []string{`{},"webhook_id":"8PT597110X687430M","x":{}`, `[]`, ``, `null`, `{"a":`} {
		m := p3Message()
		m.Body = body
		var f *contract.Failure
		if _, err := receive(t, m, byAPI, p3Root); !errors.As(err, &f) || f.Code != contract.BadSignature {
			t.Errorf("%s: got %v, want bad_signature and no request", body, err)
		}
	}
	m := p3Message()
	m.Body = "{ \"id\" : \"WH-1\",\n\"event_type\":\"SOMETHING.ELSE\", \"x\": 1.0, \"y\":\"\\u00e9<\" }"
	_, err := receive(t, m, byAPI, p3Root, tokenAt, conformance.Step{
		Request: "POST " + world.Base + "/v1/notifications/verify-webhook-signature", Body: `{"verification_status":"SUCCESS"}`,
		Check: func(r *http.Request, body []byte) error {
			if !strings.HasSuffix(string(body), `,"webhook_event":`+m.Body+`}`) || !strings.Contains(string(body), `"webhook_id":"`+p3Webhook+`"`) {
				return fmt.Errorf("got %s", body)
			}
			return nil
		},
	})
	if err != nil {
		t.Errorf("got %v", err)
	}
	var f *contract.Failure
	_, err = receive(t, p3Message(), byAPI, p3Root, tokenAt, conformance.Step{
		Request: "POST " + world.Base + "/v1/notifications/verify-webhook-signature", Body: `{"verification_status":"FAILURE"}`,
	})
	if !errors.As(err, &f) || f.Code != contract.BadSignature {
		t.Errorf("FAILURE: got %v, want bad_signature", err)
	}
}

// answered drives an operation of a payment against a script, a token at hand.
func answered[T any](t *testing.T, e contract.Export, input any, steps ...conformance.Step) (T, conformance.Transcript, error) {
	t.Helper()
	a := world.Account()
	a.Tokens = map[string]conformance.Token{accessToken: {Value: "A21AA-an-older-token"}}
	script := conformance.NewScript(steps...)
	tr, err := conformance.Drive(t.Context(), guesttest.New(provider{}), conformance.Call{Export: e, Input: input, Account: a, World: script})
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Done(); err != nil {
		t.Error(err)
	}
	v, err := conformance.Result[T](tr)
	return v, tr, err
}

// payment is one that was announced.
func payment() contract.Payment {
	p := contract.CannedPayment()
	p.Method, p.Transactions, p.Captures, p.Refunds, p.Capture = "paypal", nil, nil, nil, contract.CaptureAutomatic
	p.ProviderReference, p.State = "5O190127TN364715T", []byte(`{"approval":"https://www.sandbox.paypal.com/checkoutnow?token=5O190127TN364715T"}`)
	return p
}

const orderURL = world.Base + "/v2/checkout/orders/5O190127TN364715T"

func orderText(status, value, payments string) string {
	return `{"id":"5O190127TN364715T","intent":"CAPTURE","status":"` + status + `","purchase_units":[{"amount":{"currency_code":"EUR","value":"` + value + `"},"payments":{` + payments + `}}]}`
}

func TestTrap_statusThatNobodyKnows(t *testing.T) {
	t.Parallel()
	const amount = `"amount":{"currency_code":"EUR","value":"49.99"}`
	for _, body := range []string{
		orderText("ON_HOLIDAY", "49.99", ""), orderText("COMPLETED", "49.99", ""),
		orderText("COMPLETED", "49.99", `"captures":[{"id":"C1","status":"LOST",`+amount+`}]`),
		orderText("COMPLETED", "49.99", `"authorizations":[{"id":"A1","status":"LOST",`+amount+`}]`),
		orderText("COMPLETED", "49.99", `"captures":[{"id":"C1","status":"COMPLETED",`+amount+`}],"refunds":[{"id":"R1","status":"LOST",`+amount+`}]`),
		strings.Replace(orderText("APPROVED", "49.99", ""), "5O190127TN364715T", "ANOTHER", 1),
	} {
		var f *contract.Failure
		_, _, err := answered[contract.UpdatesResult](t, contract.GetPayment, contract.PaymentInput{Payment: payment()}, conformance.Step{Request: "GET " + orderURL, Body: body})
		if !errors.As(err, &f) || f.Code != contract.Internal {
			t.Errorf("%s: got %v, want internal", body, err)
		}
	}
}

// COMPLETED says no more than that the intent was carried out.
func TestTrap_completedIsNotPaid(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]contract.UpdateType{
		"PENDING": contract.UpdatePending, "DECLINED": contract.UpdateFailed, "FAILED": contract.UpdateFailed,
		"COMPLETED": contract.UpdateCaptured, "PARTIALLY_REFUNDED": contract.UpdateCaptured, "REFUNDED": contract.UpdateCaptured,
	} {
		body := orderText("COMPLETED", "49.99", `"captures":[{"id":"C1","status":"`+status+`","amount":{"currency_code":"EUR","value":"49.99"},"create_time":"2026-03-02T01:30:00-08:00",
			"links":[{"rel":"up","href":"`+orderURL+`"}]}]`)
		got, _, err := answered[contract.UpdatesResult](t, contract.GetPayment, contract.PaymentInput{Payment: payment()}, conformance.Step{Request: "GET " + orderURL, Body: body})
		if err != nil || len(got.Updates) != 1 || got.Updates[0].Type != want || got.Updates[0].OccurredAt.Format("15:04") != "09:30" {
			t.Errorf("%s: got %+v, %v, want %s", status, got.Updates, err, want)
		}
	}
}

// An order of another amount than the payment's is never captured.
func TestTrap_neverAboveTheOrder(t *testing.T) {
	t.Parallel()
	var f *contract.Failure
	_, tr, err := answered[contract.UpdatesResult](t, contract.CompletePayment, contract.CompleteInput{Payment: payment()},
		conformance.Step{Request: "GET " + orderURL, Body: orderText("APPROVED", "50.00", "")})
	if !errors.As(err, &f) || f.Code != contract.Conflict || len(tr.Exchanges) != 1 {
		t.Errorf("got %v after %d requests, want a conflict after one", err, len(tr.Exchanges))
	}
}

// What PayPal says of a try to capture, and what becomes of it.
func TestTrap_issuesOfCapture(t *testing.T) {
	t.Parallel()
	refusal := func(status int, issue string) string {
		return fmt.Sprintf(`{"name":"N%d","message":"m","debug_id":"d","details":[{"issue":%q}]}`, status, issue)
	}
	approved := conformance.Step{Request: "GET " + orderURL, Body: orderText("APPROVED", "49.99", "")}
	paid := conformance.Step{Request: "GET " + orderURL, Body: orderText("COMPLETED", "49.99", `"captures":[{"id":"C1","status":"COMPLETED","amount":{"currency_code":"EUR","value":"49.99"}}]`)}
	for _, c := range []struct {
		issue  string
		status int
		then   []conformance.Step
		want   contract.UpdateType // "" for a failure
		code   contract.FailureCode
	}{
		{"INSTRUMENT_DECLINED", 422, nil, contract.UpdatePending, ""},
		{"REDIRECT_PAYER_FOR_ALTERNATE_FUNDING", 422, nil, contract.UpdatePending, ""},
		{"PAYER_CANNOT_PAY", 422, nil, contract.UpdateFailed, ""},
		{"COMPLIANCE_VIOLATION", 422, nil, contract.UpdateFailed, ""},
		{"ORDER_ALREADY_CAPTURED", 422, []conformance.Step{paid}, contract.UpdateCaptured, ""},
		{"DUPLICATE_INVOICE_ID", 422, []conformance.Step{paid}, contract.UpdateCaptured, ""},
		{"INVALID_RESOURCE_ID", 404, []conformance.Step{{Request: "GET " + orderURL, Status: 404}, tokenAt}, contract.UpdateExpired, ""},
		{"ACTION_DOES_NOT_MATCH_INTENT", 422, nil, "", contract.Declined},
		{"INVALID_PARAMETER_VALUE", 400, nil, "", contract.InvalidRequest},
		{"INTERNAL_SERVER_ERROR", 500, nil, "", contract.ProviderUnavailable},
	} {
		steps := append([]conformance.Step{approved, {Request: "POST " + orderURL + "/capture", Status: c.status, Body: refusal(c.status, c.issue)}}, c.then...)
		got, _, err := answered[contract.UpdatesResult](t, contract.CompletePayment, contract.CompleteInput{Payment: payment()}, steps...)
		var f *contract.Failure
		switch {
		case c.want == "" && (!errors.As(err, &f) || f.Code != c.code || f.ProviderCode != c.issue):
			t.Errorf("%s: got %v, want %s", c.issue, err, c.code)
		case c.want != "" && (err != nil || len(got.Updates) != 1 || got.Updates[0].Type != c.want || got.Updates[0].Trust != contract.Verified):
			t.Errorf("%s: got %+v, %v, want %s", c.issue, got.Updates, err, c.want)
		case (c.want == contract.UpdatePending) != (got.Action != nil && got.Action.URL != ""):
			t.Errorf("%s: got action %+v", c.issue, got.Action)
		}
	}
}

// A request of the same id that is under way is waited for, once.
func TestTrap_requestInProgress(t *testing.T) {
	t.Parallel()
	capture := conformance.Step{Request: "POST " + orderURL + "/capture", Status: 409, Body: `{"name":"RESOURCE_CONFLICT","details":[{"issue":"PREVIOUS_REQUEST_IN_PROGRESS"}]}`}
	done := capture
	done.Status, done.Body = 200, orderText("COMPLETED", "49.99", `"captures":[{"id":"C1","status":"COMPLETED","amount":{"currency_code":"EUR","value":"49.99"}}]`)
	got, tr, err := answered[contract.UpdatesResult](t, contract.CompletePayment, contract.CompleteInput{Payment: payment()},
		conformance.Step{Request: "GET " + orderURL, Body: orderText("APPROVED", "49.99", "")}, capture, done)
	if err != nil || len(got.Updates) != 1 || got.Updates[0].Type != contract.UpdateCaptured {
		t.Fatalf("got %+v, %v", got, err)
	}
	first, second := tr.Exchanges[1].Request, tr.Exchanges[2].Request
	if second.AfterMS == 0 || first.Headers["paypal-request-id"] != second.Headers["paypal-request-id"] {
		t.Errorf("got %+v after %+v", second, first)
	}
}

// Create may be answered 200 or 201, with the newer link or the older.
func TestTrap_firstAnswerOfCreate(t *testing.T) {
	t.Parallel()
	const page = "https://www.sandbox.paypal.com/checkoutnow?token=5O190127TN364715T"
	for _, c := range []struct {
		status int
		links  string
		want   bool
	}{
		{200, `[{"rel":"self","href":"x"}]`, false},
		{200, `[{"rel":"self","href":"x"},{"rel":"payer-action","href":"` + page + `"},{"rel":"approve","href":"https://old.example/"}]`, true},
		{201, `[{"rel":"approve","href":"` + page + `"}]`, true},
	} {
		got, tr, err := answered[contract.CreateResult](t, contract.CreatePayment, contract.PaymentInput{Payment: payment()}, conformance.Step{
			Request: "POST " + world.Base + "/v2/checkout/orders", Status: c.status, Body: `{"id":"5O190127TN364715T","status":"CREATED","links":` + c.links + `}`,
		})
		if !c.want {
			if err == nil {
				t.Errorf("%s: got %+v, want a failure", c.links, got)
			}
			continue
		}
		if err != nil || got.Action.URL != page || got.ProviderReference != "5O190127TN364715T" {
			t.Errorf("%s: got %+v, %v", c.links, got, err)
		}
		if r := tr.Exchanges[0].Request; r.Effect != contract.Prepare || r.Headers["paypal-request-id"] != payment().IdempotencyKey || r.Headers["prefer"] != "return=representation" {
			t.Errorf("got request %+v", r)
		}
	}
}

// Any 401 is answered with one new token and one repeat.
func TestTrap_401(t *testing.T) {
	t.Parallel()
	refused := conformance.Step{Request: "GET " + orderURL, Status: 401, Body: `{"error":"invalid_token","error_description":"Token signature verification failed"}`}
	var f *contract.Failure
	if _, _, err := answered[contract.UpdatesResult](t, contract.GetPayment, contract.PaymentInput{Payment: payment()}, refused, tokenAt, refused); !errors.As(err, &f) || f.Code != contract.Unauthorized {
		t.Errorf("got %v, want unauthorized", err)
	}
	good := conformance.Step{Request: "GET " + orderURL, Body: orderText("CREATED", "49.99", "")}
	if got, _, err := answered[contract.UpdatesResult](t, contract.GetPayment, contract.PaymentInput{Payment: payment()}, refused, tokenAt, good); err != nil || len(got.Updates) != 0 {
		t.Errorf("got %+v, %v, want no news", got, err)
	}
}
