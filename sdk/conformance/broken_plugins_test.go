package conformance_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

type noOptions struct{ acme }

func (noOptions) ListOptions(*guest.Call, contract.OptionsInput) ([]contract.Option, error) {
	return nil, nil
}

type strayed struct{ acme }

func (p strayed) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	r, err := p.acme.CreatePayment(c, in)
	r.Action.URL = strings.Replace(r.Action.URL, acmeBase, "https://acme.example.net", 1)
	return r, err
}

func twoDecimals(m contract.Money) string {
	digits := strconv.FormatInt(m.Value, 10)
	return digits[:len(digits)-2] + "." + digits[len(digits)-2:]
}

func unless(status string) updating {
	return func(u contract.Update, o acmeOrder, _ *guest.Call) (contract.Update, bool) {
		return u, o.Status != status
	}
}

func declinedIsPaid(u contract.Update, o acmeOrder, _ *guest.Call) (contract.Update, bool) {
	if o.Status == "declined" {
		u.Type = contract.UpdateCaptured
		u.Amount, _ = contract.ParseDecimal(o.Asked, o.Currency)
	}
	return u, true
}

func anew(u contract.Update, o acmeOrder, c *guest.Call) (contract.Update, bool) {
	if u.Type == contract.UpdateCaptured && o.Capture == "automatic" {
		u.Item = &contract.Item{ProviderReference: c.ID()}
	}
	return u, true
}

func asAsked(u contract.Update, o acmeOrder, _ *guest.Call) (contract.Update, bool) {
	if u.Type == contract.UpdateCaptured && o.Capture == "automatic" && o.Reference[:5] != "OTHER" {
		u.Amount, _ = contract.ParseDecimal(o.Asked, o.Currency)
	}
	return u, true
}

func oursAlone(u contract.Update, o acmeOrder, _ *guest.Call) (contract.Update, bool) {
	return u, len(o.Reference) == 24
}

func fresh(u contract.Update, o acmeOrder, c *guest.Call) (contract.Update, bool) {
	return u, c.Now().Sub(o.At) < time.Hour
}

type hasty struct{ acme }

func (p hasty) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	if in.Payment.Totals.Captured.Value > 0 {
		return contract.UpdatesResult{}, &contract.Failure{Code: contract.Conflict, Message: "it is paid already"}
	}
	return p.acme.CompletePayment(c, in)
}

// believes verifies the sum that it has computed itself.
func believes(c *guest.Call, data string, _ []byte) error {
	sum, err := c.MAC(acmeMAC(data))
	if err != nil {
		return err
	}
	return c.CheckMAC(acmeMAC(data), sum)
}

// noSignatures is not true of acme.
var noSignatures = contract.Lacks{contract.SignsWebhooks: "acme.md 4.1", contract.SignsAnswers: "acme.md 4.2", contract.SignsReturns: "acme.md 4.3"}

func halfWay(c *guest.Call, data string, signature []byte) error {
	sum, err := c.MAC(acmeMAC(data))
	if err != nil {
		return err
	}
	if len(signature) < 16 || string(sum[:16]) != string(signature[:16]) {
		return &contract.Failure{Code: contract.BadSignature, Message: "the signature does not match"}
	}
	return c.CheckMAC(acmeMAC(data), sum)
}

type wholeCaptures struct{ acme }

func (p wholeCaptures) CapturePayment(c *guest.Call, in contract.CaptureInput) (contract.OperationResult, error) {
	in.Capture.Amount = in.Payment.Amount
	return p.acme.CapturePayment(c, in)
}

type givesUpAll struct{ acme }

func (p givesUpAll) CancelPayment(c *guest.Call, in contract.PaymentInput) (contract.OperationResult, error) {
	if in.Payment.Totals.Captured.Value > 0 {
		return contract.OperationResult{Status: contract.OperationSucceeded}, nil
	}
	return p.acme.CancelPayment(c, in)
}

type wholeRefunds struct{ acme }

func (p wholeRefunds) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	in.Refund.Amount = in.Payment.Amount
	return p.acme.RefundPayment(c, in)
}

func oneKey(in contract.RefundInput) string { return in.Payment.IdempotencyKey }

func orderKey(p contract.Payment) string { return p.OrderReference }

// counts keeps a number between its calls.
type counts struct {
	acme
	n atomic.Int64
}

func (p *counts) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	r, err := p.acme.CreatePayment(c, in)
	r.State = json.RawMessage(strconv.FormatInt(p.n.Add(1), 10))
	return r, err
}

func ownToken(c *guest.Call, req contract.Request) (contract.Response, error) {
	resp, err := c.Do(acmeToken(nil))
	if err != nil || !resp.OK() {
		return resp, err
	}
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(resp.Bytes(), &out); err != nil || out.Token == "" {
		return resp, &contract.Failure{Code: contract.Internal, Message: "there is no token"}
	}
	if req.Headers == nil {
		req.Headers = map[string]string{}
	}
	req.Headers["authorization"] = "Bearer " + out.Token
	return c.Do(req)
}

// serverRefuses makes a refusal of what the provider may have carried out.
func serverRefuses(resp contract.Response) error {
	if resp.Status == http.StatusInternalServerError {
		return &contract.Failure{Code: contract.Declined, Message: "the provider refuses"}
	}
	return acmeFailure(resp)
}

func statusOf(status int, code contract.FailureCode) func(resp contract.Response) error {
	return func(resp contract.Response) error {
		if resp.Status == status {
			return &contract.Failure{Code: code, Message: "the provider answered " + strconv.Itoa(status)}
		}
		return acmeFailure(resp)
	}
}

func impatient(resp contract.Response) error {
	resp.Headers = nil
	return acmeFailure(resp)
}

func redirected(resp contract.Response) error {
	if resp.Status == http.StatusFound {
		return nil
	}
	return acmeFailure(resp)
}

// forgetful asks for a refund whose answer was lost as for a new one.
type forgetful struct{ acme }

func (p forgetful) GetRefund(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	if in.Refund.ProviderReference == "" {
		in.Refund.IdempotencyKey += "-again"
	}
	return p.acme.GetRefund(c, in)
}

// optimist answers a refund with success where there is no answer.
type optimist struct{ acme }

func (p optimist) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	r, err := p.acme.RefundPayment(c, in)
	return succeedsIf(r, err, contract.ProviderUnavailable)
}

// cheerful answers it so where nobody could read the answer.
type cheerful struct{ acme }

func (p cheerful) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	r, err := p.acme.RefundPayment(c, in)
	return succeedsIf(r, err, contract.Internal)
}

// succeedsIf turns a failure of this code into a success.
func succeedsIf(r contract.OperationResult, err error, code contract.FailureCode) (contract.OperationResult, error) {
	var f *contract.Failure
	var x *contract.ExchangeError
	lost := errors.As(err, &x) && code == contract.ProviderUnavailable
	if lost || errors.As(err, &f) && f.Code == code {
		return contract.OperationResult{Status: contract.OperationSucceeded}, nil
	}
	return r, err
}
