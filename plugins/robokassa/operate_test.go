package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// scripted runs an operation against answers that come in this order.
func scripted[T any](t *testing.T, e contract.Export, input any, steps ...conformance.Step) (T, error) {
	t.Helper()
	script := conformance.NewScript(steps...)
	tr, err := conformance.Drive(t.Context(), guesttest.New(provider), conformance.Call{Export: e, Input: input, Account: world.Account(), World: script})
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Done(); err != nil {
		t.Error(err)
	}
	return conformance.Result[T](tr)
}

func codeOf(err error) contract.FailureCode {
	if f, ok := err.(*contract.Failure); ok { //nolint:errorlint // Result gives it as it is
		return f.Code
	}
	return ""
}

// paidPayment is one whose OpKey is known.
func paidPayment() contract.Payment {
	p := contract.CannedPayment()
	p.Method, p.Number = methodID, 1003
	world.Roubles(&p)
	p.Totals.Captured = p.Amount
	p.Transactions = []contract.Transaction{{ID: "0A1B2C3D-0000-4000-8000-00000000BEEF-TestKey001", Type: transactionPayment}}
	return p
}

// The answer to Confirm is a JSON text, in two spellings; anything else is not
// known, which is what internal means after a write.
func TestCapture_answers(t *testing.T) {
	t.Parallel()
	confirm := "POST " + world.Home + "/Merchant/Payment/Confirm"
	tests := []struct {
		name   string
		status int
		body   string
		want   contract.FailureCode // "" where it is taken
	}{
		{"as documented", 200, `"success: true"`, ""},
		{"without the space", 200, `"success:true"`, ""},
		{"without quotes", 200, `success: true`, ""},
		{"HTML", 200, `<html></html>`, contract.Internal},
		{"empty", 200, ``, contract.Internal},
		{"a JSON object", 200, `{"success":true}`, contract.Internal},
		{"redirect", 302, ``, contract.Internal},
		{"500", 500, `"success: true"`, contract.Internal},
		{"429", 429, ``, contract.RateLimited},
		{"400", 400, ``, contract.InvalidRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := scripted[contract.OperationResult](t, contract.CapturePayment,
				contract.CaptureInput{Payment: paidPayment(), Capture: contract.Operation{Amount: roublesOf(6000)}},
				conformance.Step{Request: confirm, Status: tt.status, Body: tt.body, Check: func(_ *http.Request, body []byte) error {
					if !strings.HasPrefix(string(body), "MerchantLogin=kassette-demo&InvoiceID=1003&OutSum=60.00&SignatureValue=") {
						return fmt.Errorf("the body is %s", body)
					}
					return nil
				}})
			if codeOf(err) != tt.want || tt.want == "" && (err != nil || r.Status != contract.OperationSucceeded || r.Amount != roublesOf(6000)) {
				t.Errorf("got %+v, %v, want %q", r, err, tt.want)
			}
		})
	}
}

func TestRefund_answers(t *testing.T) {
	t.Parallel()
	const id = "6f1c2f0e-8f5b-4c0e-9a52-0c4a5d1f7a01"
	tests := []struct {
		name   string
		status int
		body   string
		want   contract.FailureCode
		failed bool
	}{
		{"taken", 200, `{"success":true,"message":null,"requestId":"` + id + `"}`, "", false},
		{"refused", 200, `{"success":false,"message":"NotEnoughOperationFunds","requestId":null}`, "", true},
		{"any text refuses", 200, `{"success":false,"message":"AlreadyRefunded"}`, "", true},
		{"no access", 401, `{"success":false,"message":"Signature key is not exists or partner have not access to API"}`, contract.Unauthorized, false},
		{"400", 400, `{"success":false,"message":"InvalidOpKey"}`, contract.Declined, false},
		{"500", 500, `{"success":false}`, contract.Internal, false},
		{"taken without an id", 200, `{"success":true}`, contract.Internal, false},
		{"an id that would lead elsewhere", 200, `{"success":true,"requestId":"../x"}`, contract.Internal, false},
		{"neither", 200, `{}`, contract.Internal, false},
		{"HTML", 200, `<html></html>`, contract.Internal, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := scripted[contract.OperationResult](t, contract.RefundPayment,
				contract.RefundInput{Payment: paidPayment(), Refund: contract.Operation{Amount: roublesOf(1025)}},
				conformance.Step{Request: "POST " + world.Home + "/RefundService/Refund/Create", Status: tt.status, Body: tt.body, Check: func(_ *http.Request, body []byte) error {
					// The payload of vector R8b, as a JSON string.
					if !strings.HasPrefix(string(body), `"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJPcEtleSI6IjBBMUIyQzNELTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwQkVFRi1UZXN0S2V5MDAxIiwiUmVmdW5kU3VtIjoxMC4yNX0.`) {
						return fmt.Errorf("the body is %s", body)
					}
					return nil
				}})
			switch {
			case codeOf(err) != tt.want:
				t.Errorf("got %+v, %v, want %q", r, err, tt.want)
			case tt.want != "":
			case tt.failed && (r.Status != contract.OperationFailed || r.Failure.Code != contract.Declined || r.Failure.ProviderMessage == ""):
				t.Errorf("got %+v, want a refusal", r)
			case !tt.failed && (r.Status != contract.OperationPending || r.ProviderReference != id || r.Amount != roublesOf(1025)):
				t.Errorf("got %+v, want it pending", r)
			}
		})
	}
}

func TestGetRefund_answers(t *testing.T) {
	t.Parallel()
	const id = "6f1c2f0e-8f5b-4c0e-9a52-0c4a5d1f7a01"
	tests := []struct {
		body string
		want contract.OperationStatus
		code contract.FailureCode
	}{
		{`{"requestId":"` + id + `","amount":10.250000,"label":"processing"}`, contract.OperationPending, ""},
		{`{"requestId":"` + id + `","amount":10.250000,"label":"finished"}`, contract.OperationSucceeded, ""},
		{`{"requestId":"` + id + `","amount":10.250000,"label":"canceled"}`, contract.OperationFailed, ""},
		{`{"requestId":"` + id + `","amount":10.250000,"label":"thinking"}`, "", contract.Internal},
		{`{"message":"Id is invalid or request id does not exist"}`, "", contract.NotFound},
		{`<html>`, "", contract.ProviderUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.body, func(t *testing.T) {
			t.Parallel()
			r, err := scripted[contract.OperationResult](t, contract.GetRefund,
				contract.RefundInput{Payment: paidPayment(), Refund: contract.Operation{Amount: roublesOf(1025), ProviderReference: id}},
				conformance.Step{Request: "GET " + world.Home + "/RefundService/Refund/GetState?id=" + id, Body: tt.body})
			if codeOf(err) != tt.code || r.Status != tt.want || tt.code == "" && r.Amount != roublesOf(1025) {
				t.Errorf("got %+v, %v, want %s%s", r, err, tt.want, tt.code)
			}
		})
	}
}

// A refund whose answer was lost has no requestId: nothing is sent for it, and
// it stays as it is.
func TestGetRefund_neverRepeatsBlindly(t *testing.T) {
	t.Parallel()
	r, err := scripted[contract.OperationResult](t, contract.GetRefund, contract.RefundInput{Payment: paidPayment(), Refund: contract.Operation{Amount: roublesOf(1025)}})
	if err != nil || r.Status != contract.OperationPending || r.ProviderReference != "" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// stateStep answers OpStateExt about the payment 1003.
func stateStep(code, state, sum, more string) conformance.Step {
	return conformance.Step{
		Request: "GET " + world.Home + "/Merchant/WebService/Service.asmx/OpStateExt?MerchantLogin=kassette-demo&InvoiceID=1003&Signature=e42c3daa8659a2d6e27711aa705390e42e02e55b23f126e021235fade0872ebd",
		Body: `<?xml version="1.0" encoding="utf-8"?><OperationStateResponse xmlns="http://merchant.roboxchange.com/WebService/"><Result><Code>` + code +
			`</Code></Result><State><Code>` + state + `</Code><StateDate>2026-03-02T12:40:00.1234567+03:00</StateDate></State><Info><IncSum>` + sum +
			`</IncSum><OutSum>1.000000</OutSum><PaymentMethod><Code>BankCard</Code></PaymentMethod></Info>` + more + `</OperationStateResponse>`,
	}
}

func TestGetPayment_states(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, code, state, sum, more string
		want                         contract.UpdateType // "" where there is no update
		amount                       int64
		failure                      contract.FailureCode
	}{
		{"started", "0", "5", "", "", contract.UpdatePending, 0, ""},
		{"cancelled", "0", "10", "", "", contract.UpdateCancelled, 0, ""},
		{"held", "0", "20", "49.990000", "", contract.UpdateAuthorized, 4999, ""},
		{"being credited", "0", "50", "49.990000", "", contract.UpdatePending, 0, ""},
		{"returned", "0", "60", "49.990000", "", contract.UpdateFailed, 0, ""},
		{"checks", "0", "80", "49.990000", "", contract.UpdatePending, 0, ""},
		{"paid", "0", "100", "49.990000", "", contract.UpdateCaptured, 4999, ""},
		{"paid with the buyer's fee", "0", "100", "51.200000", "", contract.UpdateCaptured, 4999, ""},
		{"confirmed in part", "0", "100", "30.000000", "", contract.UpdateCaptured, 3000, ""},
		{"OutSum after fees is not the sum", "0", "100", "", "", "", 0, contract.Internal},
		{"a state that is not known", "0", "777", "49.99", "", "", 0, contract.Internal},
		{"wrong signature", "1", "", "", "", "", 0, contract.Unauthorized},
		{"no such shop", "2", "", "", "", "", 0, contract.InvalidSettings},
		{"not found", "3", "", "", "", "", 0, ""},
		{"two of them", "4", "", "", "", "", 0, contract.Conflict},
		{"internal error", "1000", "", "", "", "", 0, contract.ProviderUnavailable},
		{"a code that is not known", "77", "", "", "", "", 0, contract.ProviderUnavailable},
		{"our reference", "0", "100", "49.990000", "<UserField><Field><Name>Shp_ref</Name><Value>C4NNED00000000000000REF1</Value></Field></UserField>", contract.UpdateCaptured, 4999, ""},
		{"another payment's reference", "0", "100", "49.990000", "<UserField><Field><Name>shp_REF</Name><Value>C4NNED00000000000000REF2</Value></Field></UserField>", "", 0, contract.Conflict},
		{"the same by the other name", "0", "100", "49.990000", "<UserFields><Field><Name>Shp_ref</Name><Value>X</Value></Field></UserFields>", "", 0, contract.Conflict},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := paidPayment()
			p.Totals.Authorized.Value = 0
			r, err := scripted[contract.UpdatesResult](t, contract.GetPayment, contract.PaymentInput{Payment: p}, stateStep(tt.code, tt.state, tt.sum, tt.more))
			if codeOf(err) != tt.failure {
				t.Fatalf("got %+v, %v, want %q", r, err, tt.failure)
			}
			if tt.want == "" {
				if len(r.Updates) > 0 {
					t.Errorf("got %+v, want no news", r)
				}
				return
			}
			if len(r.Updates) != 1 || r.Updates[0].Type != tt.want || r.Updates[0].Amount.Value != tt.amount || r.Updates[0].Trust != contract.Verified {
				t.Errorf("got %+v, want %s of %d", r.Updates, tt.want, tt.amount)
			}
			if (r.Updates[0].Attention != nil) != (tt.state == "80") {
				t.Errorf("attention %+v in state %s", r.Updates[0].Attention, tt.state)
			}
		})
	}
}

// State 10 is one for both: given up and timed out.
func TestGetPayment_timedOut(t *testing.T) {
	t.Parallel()
	p := paidPayment()
	p.Totals.Authorized.Value = 0
	p.ExpiresAt = conformance.Start // the state is of ten minutes later
	r, err := scripted[contract.UpdatesResult](t, contract.GetPayment, contract.PaymentInput{Payment: p}, stateStep("0", "10", "", ""))
	if err != nil || len(r.Updates) != 1 || r.Updates[0].Type != contract.UpdateExpired {
		t.Errorf("got %+v, %v", r, err)
	}
}
