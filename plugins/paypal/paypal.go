package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// settings of an account. Secret: client_secret.
type settings struct {
	Environment        string `json:"environment"`
	BaseURL            string `json:"base_url"`
	ClientID           string `json:"client_id"`
	WebhookID          string `json:"webhook_id"`
	Verification       string `json:"webhook_verification"`
	CertificateBaseURL string `json:"certificate_base_url"`
	BrandName          string `json:"brand_name"`
}

// accessToken is the name of the kept token.
const accessToken = "access_token"

// api reaches one environment of PayPal.
type api struct {
	call *guest.Call
	settings
}

func newAPI(c *guest.Call) (api, error) {
	a := api{call: c}
	if err := c.Settings(&a.settings); err != nil {
		return a, err
	}
	a.BaseURL = strings.TrimRight(a.BaseURL, "/")
	if !strings.HasPrefix(a.BaseURL, "https://") && !strings.HasPrefix(a.BaseURL, "http://") {
		return a, &contract.Failure{Code: contract.InvalidSettings, Message: "base_url is no address such as https://api-m.paypal.com"}
	}
	return a, nil
}

// fetchToken is the OAuth call (openapi, oauth2/token). PayPal limits how often
// it may be called; the host keeps the token for the account.
func (a api) fetchToken() contract.Request {
	return contract.Request{
		Method: "POST", URL: a.BaseURL + "/v1/oauth2/token", Effect: contract.Read, Body: "grant_type=client_credentials",
		Headers: map[string]string{"accept": "application/json", "content-type": "application/x-www-form-urlencoded"},
		Auth:    &contract.Auth{Basic: &[2]contract.Parts{{contract.Lit(a.ClientID)}, {contract.Sec("client_secret")}}},
		Keep:    map[string]contract.Keep{accessToken: {Pointer: "/access_token", TTLPointer: "/expires_in", TTLS: 3600}},
	}
}

// get reads a resource.
func (a api) get(path string, into any) error {
	resp, err := a.call.DoWithToken(contract.Request{
		Method: "GET", URL: a.BaseURL + path, Headers: map[string]string{"accept": "application/json"},
	}, accessToken, a.fetchToken())
	if err != nil {
		return err
	}
	return read(resp, into)
}

// post carries an action out under a request id, which PayPal carries out once
// however often it comes (developer.paypal.com, idempotency). While an earlier
// one is under way it is waited for.
func (a api) post(path string, effect contract.Effect, id string, body any) (contract.Response, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return contract.Response{}, err
	}
	repeat := true
	req := contract.Request{
		Method: "POST", URL: a.BaseURL + path, Effect: effect, Repeat: &repeat, Body: string(text),
		Headers: map[string]string{
			"accept": "application/json", "content-type": "application/json",
			"prefer": "return=representation", "paypal-request-id": id,
		},
	}
	resp, err := a.call.DoWithToken(req, accessToken, a.fetchToken())
	if err != nil || resp.Status != 409 || issue(read(resp, nil)) != "PREVIOUS_REQUEST_IN_PROGRESS" {
		return resp, err
	}
	req.AfterMS = inProgressPause
	return a.call.DoWithToken(req, accessToken, a.fetchToken())
}

// inProgressPause is how long an earlier request of the same id is waited for.
const inProgressPause = 3000

// codes by HTTP status; the rest is invalid_request.
var codes = map[int]contract.FailureCode{
	401: contract.Unauthorized,
	403: contract.Unauthorized,
	404: contract.NotFound,
	408: contract.ProviderUnavailable,
	409: contract.Conflict,
	422: contract.Declined,
	429: contract.RateLimited,
}

// read reads a 2xx answer, or makes the failure of any other: it is decided by
// status and issue, never by texts (openapi, error). A 2xx that nobody can
// read is internal: what it meant is not known.
func read(resp contract.Response, into any) error {
	if resp.OK() && into == nil {
		return nil
	}
	if resp.OK() {
		if err := json.Unmarshal(resp.Bytes(), into); err != nil {
			return internal("read PayPal's answer: " + err.Error())
		}
		return nil
	}
	var e struct {
		Name    string `json:"name"`
		Message string `json:"message"`
		DebugID string `json:"debug_id"`
		Details []struct {
			Issue string `json:"issue"`
			Field string `json:"field"`
		} `json:"details"`
	}
	_ = json.Unmarshal(resp.Bytes(), &e) // a proxy's page has no name
	code, ok := codes[resp.Status]
	switch {
	case resp.Status >= 500, resp.Status >= 300 && resp.Status < 400: // redirects are not followed
		code = contract.ProviderUnavailable
	case !ok:
		code = contract.InvalidRequest
	}
	f := &contract.Failure{Code: code, Message: "PayPal answered " + strconv.Itoa(resp.Status), ProviderCode: e.Name, ProviderMessage: e.Message, RetryAfterMS: retryAfter(resp)}
	if len(e.Details) > 0 {
		f.ProviderCode = e.Details[0].Issue
		f.Message += " about " + cut(e.Details[0].Field, maxText)
	}
	if e.DebugID != "" {
		f.Message += ", debug id " + cut(e.DebugID, maxText)
	}
	return f
}

// issue is the code by which PayPal says what is wrong, or "".
func issue(err error) string {
	var f *contract.Failure
	if errors.As(err, &f) {
		return f.ProviderCode
	}
	return ""
}

// unknown says whether PayPal does not know what it was asked about.
func unknown(err error) bool {
	var f *contract.Failure
	return errors.As(err, &f) && f.Code == contract.NotFound
}

// retryAfter reads the header of that name where it counts seconds.
func retryAfter(resp contract.Response) int64 {
	const aDay = 24 * 3600
	seconds, err := strconv.ParseUint(resp.Header("retry-after"), 10, 64)
	if err != nil {
		return 0
	}
	return int64(min(seconds, aDay)) * 1000
}

// CheckSettings tries the credentials with a new token, and looks whether the
// webhook is this app's.
func (provider) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	a, err := newAPI(c)
	if err != nil {
		return contract.CheckResult{}, err
	}
	var out contract.CheckResult
	wrong := func(text, fix string) {
		out.Findings = append(out.Findings, contract.Finding{Level: contract.FindingError, Text: text, Fix: fix})
	}
	sandbox := strings.Contains(a.BaseURL, ".sandbox.paypal.com")
	if a.Environment == "live" && sandbox || a.Environment == "test" && !sandbox && strings.Contains(a.BaseURL, ".paypal.com") {
		wrong("The address of the API is not of this environment.", "Use https://api-m.paypal.com for live, https://api-m.sandbox.paypal.com for test.")
	}
	resp, err := c.Do(a.fetchToken())
	if err != nil {
		return out, err
	}
	if resp.Status == 400 || resp.Status == 401 {
		wrong("PayPal does not take client ID and secret.", "Copy both from the same app in PayPal's developer dashboard, and see that the address is of the same environment.")
		return out, nil
	}
	if err := read(resp, nil); err != nil {
		return out, err
	}
	resp, err = c.Do(contract.Request{
		Method: "GET", URL: a.BaseURL + "/v1/notifications/webhooks/" + a.WebhookID,
		Headers: map[string]string{"accept": "application/json"}, Auth: &contract.Auth{Bearer: accessToken},
	})
	switch {
	case err != nil:
		return out, err
	case resp.Status == 400 || resp.Status == 404:
		wrong("The app has no webhook of this id.", "Make one for this account's webhook address in the app, for all events of checkout orders and payments, and copy its id.")
	default:
		var hook resource
		if err := read(resp, &hook); err != nil {
			return out, err
		}
		if hook.ID != a.WebhookID {
			return out, internal("PayPal answered with another webhook")
		}
	}
	out.OK = len(out.Findings) == 0
	return out, nil
}
