package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// timeout of every request, in milliseconds.
const timeout = 20_000

// settings of an account. Secrets: consumer_key, consumer_secret, webhook_secret.
type settings struct {
	Environment     string   `json:"environment"`
	URL             string   `json:"url"`
	WebhookURL      string   `json:"webhook_url"`
	EnableWebhooks  *bool    `json:"enable_webhooks"`
	Auth            string   `json:"auth"`
	PlainPermalinks bool     `json:"plain_permalinks"`
	PaymentMethods  []string `json:"payment_methods"`
	MailPayLink     *bool    `json:"mail_pay_link"`
	PayWithin       int64    `json:"pay_within_hours"`
	Capture         string   `json:"capture"`
	Reopen          bool     `json:"reopen_cancelled"`
	Locale          string   `json:"locale"`
}

// payWithin is for how many hours an order can be paid: its link is mailed.
const payWithin = 24

// api reaches the shop.
type api struct {
	call *guest.Call
	now  time.Time
	settings
}

func newAPI(c *guest.Call) (api, error) {
	a := api{call: c, now: c.Now()}
	if err := c.Settings(&a.settings); err != nil {
		return a, err
	}
	if a.URL = strings.TrimRight(a.URL, "/"); a.URL == "" {
		return a, &contract.Failure{Code: contract.InvalidSettings, Message: "url is missing: write the shop's address, such as https://shop.example"}
	}
	if a.PayWithin == 0 {
		a.PayWithin = payWithin
	}
	if a.WebhookURL == "" {
		a.WebhookURL = "/v1/shops/"
	}
	return a, nil
}

// plain says whether the shop is reached without TLS.
func (a api) plain() bool { return strings.HasPrefix(a.URL, "http://") }

// request makes one; query is written as it goes out. Over plain HTTP WooCommerce
// does not look at Basic at all (1.1), so there OAuth signs.
func (a api) request(method, path, query string) contract.Request {
	r := contract.Request{
		Method: method, URL: a.URL + "/wp-json/wc/v3" + path, TimeoutMS: timeout,
		Headers: map[string]string{"accept": "application/json", "content-type": "application/json"},
	}
	mark := "?"
	if a.PlainPermalinks {
		r.URL, mark = a.URL+"/?rest_route=/wc/v3"+path, "&"
	}
	if query != "" {
		r.URL += mark + query
	}
	key, secret := contract.Parts{contract.Sec("consumer_key")}, contract.Parts{contract.Sec("consumer_secret")}
	if a.Auth == "oauth1" || a.Auth == "" && a.plain() {
		r.Auth = &contract.Auth{OAuth1: &contract.OAuth1{Method: contract.OAuthSHA256, ConsumerKey: key, ConsumerSecret: secret, In: contract.OAuthQuery}}
	} else {
		r.Auth = &contract.Auth{Basic: &[2]contract.Parts{key, secret}}
	}
	return r
}

// send changes something, and reads the answer.
func (a api) send(method, path, query string, body any, scan func(*guest.Scanner)) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r := a.request(method, path, query)
	r.Body = string(b)
	resp, err := a.call.Do(r)
	if err != nil {
		return err
	}
	return a.read(resp, scan)
}

// unreadable is an answer that is not WooCommerce's.
func unreadable(status int) error {
	return &contract.Failure{Code: contract.ProviderUnavailable, Message: "the shop answered " + strconv.Itoa(status) + " with something that is not WooCommerce's: is it under maintenance, or the address another site's?"}
}

// refusal is the body of a refused request (1.1, 1.5). A page in place of JSON says
// nothing.
type refusal struct{ Code, Message string }

func scanRefusal(body []byte) (r refusal) {
	s := guest.Scan(body)
	for name := range s.Members {
		switch name {
		case "code":
			r.Code = s.Text()
		case "message":
			r.Message = s.Text()
		default:
			s.Skip()
		}
	}
	if s.Err() != nil {
		return refusal{}
	}
	return r
}

// codes of a refusal by HTTP status. A 500 is final where WooCommerce says why
// (1.5): see [api.read].
var codes = map[int]contract.FailureCode{
	400: contract.InvalidRequest, 401: contract.Unauthorized, 403: contract.Unauthorized, 404: contract.NotFound,
	405: contract.InvalidSettings, 410: contract.NotFound, 413: contract.InvalidRequest, 429: contract.RateLimited,
}

// final begins the codes of errors that WooCommerce itself makes. WordPress's own,
// for a crash or a maintenance, are others.
const final = "woocommerce_rest_"

// read reads an answer. What WooCommerce refuses by a code of its own is final,
// whatever the status; what has none may pass (1.5).
func (a api) read(resp contract.Response, scan func(*guest.Scanner)) error {
	if resp.OK() {
		s := guest.Scan(resp.Bytes())
		if scan(s); s.Err() != nil {
			return unreadable(resp.Status)
		}
		return nil
	}
	r := scanRefusal(resp.Bytes())
	f := &contract.Failure{Code: contract.ProviderUnavailable, ProviderCode: r.Code, ProviderMessage: plainText(r.Message, 300)}
	f.Message = "the shop answered " + strconv.Itoa(resp.Status)
	code, known := codes[resp.Status]
	ours := strings.HasPrefix(r.Code, final)
	switch {
	case resp.Status == 404 && !ours: // also while the shop is brought up to date
		f.Message = "there is no WooCommerce at " + a.URL + ": check url; a shop without pretty permalinks needs plain_permalinks"
	case resp.Status == 403 && r.Code == "": // something before the shop, for now
		f.Message += ": " + a.locked(r.Code)
	case known:
		f.Code = code
	case resp.Status >= 300 && resp.Status < 400:
		f.Message = "the shop redirects: write the address to which it redirects as url"
	case resp.Status >= 500 && ours:
		f.Code = contract.Declined
	case resp.Status < 500:
		f.Code = contract.InvalidRequest
	}
	switch f.Code {
	case contract.Unauthorized:
		f.Message += ": " + a.locked(r.Code)
	case contract.RateLimited:
		f.RetryAfterMS = retryAfter(resp)
	default:
		f.Message += advice[f.Code]
	}
	return f
}

// advice says what to do about a refusal that does not say so itself.
var advice = map[contract.FailureCode]string{
	contract.NotFound:       ": it has no such order any more; take it out of the trash, or settle the payment at the gateway by hand",
	contract.Declined:       ": it will not do this, however often it is asked; do by hand in the shop's admin what is missing there",
	contract.InvalidRequest: ": it does not understand the request; check that it is WooCommerce 9.9 or newer, and what extensions change in its REST interface",
}

// locked explains a 401, which looks like a permission that is missing and most
// often is not (1.1).
func (a api) locked(code string) string {
	basic := a.Auth == "basic" || a.Auth == "" && !a.plain()
	switch {
	case basic && a.plain():
		return "over plain HTTP WooCommerce does not look at Basic: use https, or leave auth empty so that OAuth is used"
	case basic && code == "woocommerce_rest_cannot_view":
		return "WooCommerce did not see the key. Either the key is wrong; or TLS ends at a proxy and WordPress believes that it is on plain HTTP, where Basic is not looked at " +
			"(have the proxy send X-Forwarded-Proto and wp-config.php set HTTPS); or the server drops the Authorization header (then set auth to oauth1)"
	case code == final+"authentication_error":
		return "WooCommerce does not take the key or what it may do: make one that may read and write; with OAuth the clocks must agree within 15 minutes and url be the shop's own address"
	}
	return "check consumer_key and consumer_secret, that the key may read and write, and that no security plugin blocks REST"
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

// on gives a setting that is on unless it says otherwise.
func on(b *bool) bool { return b == nil || *b }
