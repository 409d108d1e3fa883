package guesttest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

func withToken(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
	resp, err := c.DoWithToken(announce(), "access_token", fetch())
	if err != nil {
		return contract.CreateResult{}, err
	}
	if resp.Status == 401 {
		return contract.CreateResult{}, &contract.Failure{Code: contract.Unauthorized, Message: "still 401"}
	}
	return contract.CreateResult{ProviderReference: resp.Body, Action: contract.Action{Type: contract.ActionNone}}, nil
}

func bearer(token string) func(r *http.Request, body []byte) error {
	return func(r *http.Request, _ []byte) error {
		if got := r.Header.Get("Authorization"); got != "Bearer "+token {
			return fmt.Errorf("got authorization %q, want Bearer %s", got, token)
		}
		return nil
	}
}

func TestDoWithToken(t *testing.T) {
	const secret = "s3cret-of-the-client"
	tokenStep := func(status int, token string) conformance.Step {
		return conformance.Step{
			Request: "POST " + base + "/token", Status: status, Body: `{"access_token":"` + token + `","expires_in":3600}`,
			Check: func(r *http.Request, _ []byte) error {
				if _, password, _ := r.BasicAuth(); password != secret {
					return fmt.Errorf("got password %q, want the client's secret", password)
				}
				return nil
			},
		}
	}
	orderStep := func(status int, token string) conformance.Step {
		return conformance.Step{Request: "POST " + base + "/orders", Status: status, Body: "ref_9", Check: bearer(token)}
	}
	kept := conformance.Token{Value: "old-token-1", Expires: conformance.Start.Add(time.Hour)}
	stale := conformance.Token{Value: "old-token-1", Expires: conformance.Start}
	tests := []struct {
		name  string
		token conformance.Token
		steps []conformance.Step
		fail  contract.FailureCode
	}{
		{"wrong credentials", conformance.Token{}, []conformance.Step{tokenStep(401, "")}, contract.Unauthorized},
		{"token service is busy", conformance.Token{}, []conformance.Step{tokenStep(429, "")}, contract.RateLimited},
		{"token service is down", conformance.Token{}, []conformance.Step{tokenStep(503, "")}, contract.ProviderUnavailable},
		{"no answer", conformance.Token{}, []conformance.Step{{Request: "POST " + base + "/token",
			Error: &contract.ExchangeError{Kind: contract.ErrorTimeout, Sent: contract.SentMaybe}}}, contract.ProviderUnavailable},
		{"401 with a new token", conformance.Token{}, []conformance.Step{tokenStep(200, "new-token-2"), orderStep(401, "new-token-2")}, contract.Unauthorized},
		{"401 twice", kept, []conformance.Step{orderStep(401, kept.Value), tokenStep(200, "new-token-2"), orderStep(401, "new-token-2")}, contract.Unauthorized},
		{"401 once", kept, []conformance.Step{orderStep(401, kept.Value), tokenStep(200, "new-token-2"), orderStep(200, "new-token-2")}, ""},
		{"kept", kept, []conformance.Step{orderStep(200, kept.Value)}, ""},
		{"run out", stale, []conformance.Step{tokenStep(200, "new-token-2"), orderStep(200, "new-token-2")}, ""},
		{"missing", conformance.Token{}, []conformance.Step{tokenStep(200, "new-token-2"), orderStep(200, "new-token-2")}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			account := &conformance.Account{Secrets: map[string]string{"client": secret}}
			if tt.token.Value != "" {
				account.Tokens = map[string]conformance.Token{"access_token": tt.token}
			}
			tr := guesttest.Drive(t, acme{create: withToken}, conformance.Call{
				Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: payment}, Account: account,
				World: conformance.NewScript(tt.steps...),
			})
			res, err := conformance.Result[contract.CreateResult](tr)
			if tt.fail != "" {
				if tr.Answer.Failure == nil || tr.Answer.Failure.Code != tt.fail {
					t.Fatalf("got %+v, %v; want a failure %s", res, err, tt.fail)
				}
				return
			}
			if err != nil || res.ProviderReference != "ref_9" {
				t.Fatalf("got %+v, %v; want ref_9", res, err)
			}
		})
	}
}
