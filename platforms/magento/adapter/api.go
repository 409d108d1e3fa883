package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// timeout of every request, in milliseconds: shops are slow at saving orders.
const timeout = 30_000

// settings of an account. Secrets: consumer_key, consumer_secret, access_token,
// access_token_secret, envelope_secret, old_envelope_secret.
type settings struct {
	Environment string   `json:"environment"`
	URL         string   `json:"url"`
	Store       string   `json:"store"`
	Methods     []string `json:"methods"`
	TakeOrders  bool     `json:"take_orders"`
	MailPayLink bool     `json:"mail_pay_link"`
	PayWithin   int64    `json:"pay_within_hours"`
	Charged     string   `json:"charged"`
	Capture     string   `json:"capture"`
	OnShipment  bool     `json:"capture_on_shipment"`
	ReturnURL   string   `json:"return_url"`
}

// takes says whether an order of this payment method is the gateway's business.
func (s settings) takes(method string) bool { return slices.Contains(s.Methods, method) }

// readSettings reads the settings and fills in what is not given.
func readSettings(c *guest.Call) (settings, error) {
	s := settings{Methods: []string{"kassette"}, MailPayLink: true, PayWithin: 24, Charged: inOrder, Capture: string(contract.CaptureAutomatic)}
	err := c.Settings(&s)
	return s, err
}

// api reaches the shop.
type api struct {
	call *guest.Call
	settings
	base string
	auth *contract.Auth
}

// newAPI reads the settings. Requests are signed with OAuth 1.0a where all four
// values are there, else the access token is sent alone, as bearer (2.1).
func newAPI(c *guest.Call) (api, error) {
	a := api{call: c}
	var err error
	if a.settings, err = readSettings(c); err != nil {
		return a, err
	}
	wrong := func(message string) (api, error) {
		return a, failure(contract.InvalidSettings, message)
	}
	if a.URL == "" {
		return wrong("url is missing: fill in the shop's base address, such as https://shop.example")
	}
	if !c.HasSecret(accessToken) {
		return wrong("access_token is missing: make an integration in the shop (System, Extensions, Integrations) and copy its four values")
	}
	missing := 0
	for _, name := range []string{consumerKey, consumerSecret, tokenSecret} {
		if !c.HasSecret(name) {
			missing++
		}
	}
	switch missing {
	case 0:
		a.auth = &contract.Auth{OAuth1: &contract.OAuth1{
			Method: contract.OAuthSHA256, In: contract.OAuthHeader,
			ConsumerKey: secret(consumerKey), ConsumerSecret: secret(consumerSecret), Token: secret(accessToken), TokenSecret: secret(tokenSecret),
		}}
	case 3:
		a.auth = &contract.Auth{Bearer: accessToken}
	default:
		return wrong("of the integration's four values some are missing: consumer_key, consumer_secret and access_token_secret go together")
	}
	a.base = strings.TrimRight(a.URL, "/") + "/rest/"
	if a.Store != "" {
		a.base += a.Store + "/"
	}
	a.base += "V1/"
	return a, nil
}

// The names of secrets.
const (
	consumerKey    = "consumer_key"
	consumerSecret = "consumer_secret"
	accessToken    = "access_token"
	tokenSecret    = "access_token_secret"
	envelope       = "envelope_secret"
	oldEnvelope    = "old_envelope_secret"
)

func secret(name string) contract.Parts { return contract.Parts{contract.Sec(name)} }

// get makes a read of a path below V1, with its query.
func (a api) get(path string) contract.Request {
	return contract.Request{
		Method: "GET", URL: a.base + path, Headers: map[string]string{"accept": "application/json"}, Auth: a.auth, TimeoutMS: timeout,
	}
}

// write makes a write. Only JSON is taken, even where nothing is said (2).
func (a api) write(path string, body any) (contract.Request, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return contract.Request{}, internal("write a request: " + err.Error())
	}
	r := a.get(path)
	r.Method, r.Body = "POST", string(b)
	r.Headers["content-type"] = "application/json"
	return r, nil
}

// do sends a request and has its answer read.
func (a api) do(r contract.Request, read func(s scanner) bool) (contract.Response, error) {
	resp, err := a.call.Do(r)
	if err != nil {
		return resp, err
	}
	return resp, a.read(resp, read)
}

// send posts a body. The answer is a bare true, false or number, of which none is
// believed: 200 with false is a write that did nothing (2.2), so the order is read.
func (a api) send(path string, body any) error {
	r, err := a.write(path, body)
	if err != nil {
		return err
	}
	_, err = a.do(r, func(s scanner) bool {
		said := string(s.flag())
		return said == "true" || said == "false" || isNumber(said)
	})
	return err
}

// query is a parameter list in its order. Brackets and spaces are encoded, and
// never as +, which the shop signs as it is (2.1).
type query []string

func (q query) add(name, value string) query { return append(q, escape(name)+"="+escape(value)) }

func (q query) text() string { return strings.Join(q, "&") }

// filter adds a search criterion, each a group of its own: all must hold (2.2).
func (q query) filter(group, field, condition, value string) query {
	at := "searchCriteria[filter_groups][" + group + "][filters][0]"
	return q.add(at+"[field]", field).add(at+"[condition_type]", condition).add(at+"[value]", value)
}

// escape percent-encodes all but the unreserved characters of RFC 3986.
func escape(text string) string {
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, len(text))
	for _, c := range []byte(text) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			out = append(out, c)
			continue
		}
		out = append(out, '%', hex[c>>4], hex[c&15])
	}
	return string(out)
}

// failure is one function, and not inlined: the module would hold it forty times.
//
//go:noinline
func failure(code contract.FailureCode, message string) error {
	return &contract.Failure{Code: code, Message: message}
}

func internal(message string) error { return failure(contract.Internal, message) }
