package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// timeout of every request, in milliseconds: that of the provider's modules (2).
const timeout = 30_000

// settings of an account. Secrets: access_token, secret_token, md5_key.
type settings struct {
	MerchantNumber string `json:"merchant_number"`
	Checkout       string `json:"checkout_url"`
	Transaction    string `json:"transaction_url"`
	Merchant       string `json:"merchant_url"`
	Login          string `json:"login_url"`
	Environment    string `json:"environment"`
	WindowID       int64  `json:"window_id"`
	AllTypes       bool   `json:"all_payment_types"`
	ReceiptPage    bool   `json:"receipt_page"`
}

// api reaches the account.
type api struct {
	call *guest.Call
	settings
}

// newAPI reads the settings; addresses that are not given are the live ones (1).
func newAPI(c *guest.Call) (api, error) {
	a := api{call: c}
	if err := c.Settings(&a.settings); err != nil {
		return a, err
	}
	if a.MerchantNumber == "" {
		return a, &contract.Failure{Code: contract.InvalidSettings, Message: "merchant_number is missing: copy it from the back office, such as T123456789"}
	}
	for _, base := range []struct {
		url  *string
		live string
	}{
		{&a.Checkout, "https://api.v1.checkout.bambora.com"}, {&a.Transaction, "https://transaction-v1.api-eu.bambora.com"},
		{&a.Merchant, "https://merchant-v1.api-eu.bambora.com"}, {&a.Login, "https://login-v1.api-eu.bambora.com"},
	} {
		if *base.url = strings.TrimRight(*base.url, "/"); *base.url == "" {
			*base.url = base.live
		}
	}
	if a.WindowID == 0 {
		a.WindowID = 1
	}
	return a, nil
}

// request adds what every call bears (2).
func (a api) request(method, url string) contract.Request {
	return contract.Request{
		Method: method, URL: url, TimeoutMS: timeout,
		Headers: map[string]string{
			"accept": "application/json", "content-type": "application/json", "x-epay-system": "PluginHost/" + contract.Version + " Module/" + version,
		},
		Auth: &contract.Auth{Basic: &[2]contract.Parts{
			{contract.Sec("access_token"), contract.Lit("@" + a.MerchantNumber)}, {contract.Sec("secret_token")},
		}},
	}
}

// text is a JSON string or number as text: ids and amounts come as either, and
// none goes through a float.
type text string

// UnmarshalJSON reads a string or a number; null is "".
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		*t = ""
		return nil
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case b[0] == '{' || b[0] == '[':
		return errors.New("an object or array stands where a text or number belongs")
	}
	*t = text(b)
	return nil
}

// minor reads an amount in minor units: a whole number, none is 0.
func (t text) minor() (int64, error) {
	if t == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil || n < 0 {
		return 0, internal("the provider's amount " + strconv.Quote(string(t)) + " is no number of minor units")
	}
	return n, nil
}

// meta stands in every answer; its result decides, whatever the HTTP status (8).
type meta struct {
	Result  bool `json:"result"`
	Message struct {
		EndUser  text `json:"enduser"`
		Merchant text `json:"merchant"`
	} `json:"message"`
	Action struct {
		Code text `json:"code"`
	} `json:"action"`
}

// codes of a refusal by HTTP status, where the provider uses one (8: unknown).
var codes = map[int]contract.FailureCode{
	400: contract.InvalidRequest, 401: contract.Unauthorized, 403: contract.Unauthorized,
	404: contract.NotFound, 409: contract.Declined, 429: contract.RateLimited,
}

// reply is every answer's own part.
type reply struct {
	Meta *meta `json:"meta"`
}

func (r reply) meta() *meta { return r.Meta }

// read reads an answer into what into points to, a struct with a [reply] in it.
// A refusal is a failure. An answer without meta is a transport fault: of a write
// nobody knows what became.
func read(resp contract.Response, effect contract.Effect, into interface{ meta() *meta }) error {
	err := json.Unmarshal(resp.Bytes(), into)
	switch m := into.meta(); {
	case m == nil:
	case !m.Result:
		return refusal(resp.Status, *m)
	case err != nil:
		return internal("read the provider's answer: " + err.Error())
	default:
		return nil
	}
	f := &contract.Failure{Code: contract.ProviderUnavailable, Message: "the provider answered " + strconv.Itoa(resp.Status) + " without saying how it went"}
	switch {
	case resp.Status == 429:
		f.Code, f.RetryAfterMS = contract.RateLimited, retryAfter(resp)
	case effect == contract.Write:
		f.Code = contract.Internal // so that the host asks before anyone repeats it
	}
	return f
}

func refusal(status int, m meta) error {
	code, ok := codes[status]
	if !ok {
		code = contract.Declined
	}
	f := &contract.Failure{
		Code: code, Message: "the provider refused it", ProviderCode: string(m.Action.Code), ProviderMessage: string(m.Message.Merchant),
	}
	return f
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

// do sends a request and reads its answer.
func (a api) do(r contract.Request, into interface{ meta() *meta }) error {
	resp, err := a.call.Do(r)
	if err != nil {
		return err
	}
	return read(resp, r.Effective(), into)
}

func internal(message string) error {
	return &contract.Failure{Code: contract.Internal, Message: message}
}

// within says whether s is made of 1 to most characters of the alphabet.
func within(s, alphabet string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, alphabet) == ""
}

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
