package omnikassa

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// MaxAmount is the largest order, in cents (manual, order announcement).
const MaxAmount = 9_999_999

// RefundDays is how long a payment can be given back (manual, refunds).
const RefundDays = 60

// Name is a proper name, the same in every language that consumers read.
func Name(name string) contract.Text {
	t := contract.Text{}
	for _, locale := range []string{"nl", "en", "de", "fr", "sv", "bg", "ru"} {
		t[locale] = name
	}
	return t
}

//go:embed settings.json
var settingsSchema []byte

// Provider is a plugin on an OmniKassa account whose payments the bank's API
// does not give back. Name, Version, Title and Methods are its own, the rest is
// shared.
type Provider struct {
	Name    string
	Version string
	Title   contract.Text
	Methods []contract.Method
}

// Refunding is a [Provider] whose payments the bank's API gives back.
type Refunding struct{ Provider }

// Issuing is a [Refunding] provider that lists the consumers' banks.
type Issuing struct{ Refunding }

var (
	_ guest.Creator         = Provider{}
	_ guest.Completer       = Provider{}
	_ guest.Getter          = Provider{}
	_ guest.WebhookReceiver = Provider{}
	_ guest.SettingsChecker = Provider{}
	_ guest.Refunder        = Refunding{}
	_ guest.RefundGetter    = Refunding{}
	_ guest.OptionLister    = Issuing{}
)

// Describe gives the manifest. The bank may be asked about an order once, and
// only after its expiry: polling is forbidden (SDK README, order by id).
func (p Provider) Describe() contract.Manifest {
	return contract.Manifest{
		Name: p.Name, Version: p.Version, Kind: contract.KindPayment,
		Title: p.Title, ProviderTitle: Name("Rabo OnlineKassa"), // exactly so, in every language
		Vendor: "Kassette", License: "Apache-2.0", Homepage: "https://github.com/kassette-pay/kassette",
		Provider:       "omnikassa",
		Hosts:          []string{"api.pay.rabobank.nl", "api.pay-sandbox.rabobank.nl", "*.rabobank.nl", "*.pay.rabobank.nl", "*.pay-sandbox.rabobank.nl"},
		SettingsSchema: settingsSchema,
		Methods:        p.Methods,
		Rules: contract.Rules{
			Capture:   &contract.CaptureRule{Automatic: true},
			Polling:   &contract.PollingRule{FirstAfterS: 60, AtMost: 1, OnlyAfterExpiry: true},
			Reference: &contract.ReferenceRule{MaxLength: 24, Alphabet: "A-Z0-9"},
		},
	}
}

// method is the one of this id.
func (p Provider) method(id string) (contract.Method, bool) {
	for _, m := range p.Methods {
		if m.ID == id {
			return m, true
		}
	}
	return contract.Method{}, false
}

// settings of an account. Secrets: refresh_token, signing_key.
type settings struct {
	BaseURL    string `json:"base_url"`
	ForceBrand string `json:"force_brand"`
	ResultPage bool   `json:"bank_result_page"`
}

// secret names, and the kept access token.
const (
	refreshToken = "refresh_token"
	signingKey   = "signing_key"
	accessToken  = "access_token"
)

// api reaches one environment of the bank.
type api struct {
	call *guest.Call
	settings
	// calls is below what rows 1 to 9 of the path map lie, root below what the newest lie.
	calls, root string
}

// newAPI reads the settings. On the current hosts most calls lie below
// /omnikassa-api and the newest at the root; the older bases carry the prefix
// already, and everything lies below them.
func newAPI(c *guest.Call) (api, error) {
	a := api{call: c}
	if err := c.Settings(&a.settings); err != nil {
		return a, err
	}
	a.root = strings.TrimRight(a.BaseURL, "/")
	if !strings.HasPrefix(a.root, "https://") && !strings.HasPrefix(a.root, "http://") {
		return a, &contract.Failure{Code: contract.InvalidSettings, Message: "base_url is no address such as https://api.pay.rabobank.nl"}
	}
	a.calls = a.root + "/omnikassa-api"
	if strings.HasSuffix(a.root, "/omnikassa-api") || strings.HasSuffix(a.root, "/omnikassa-api-sandbox") {
		a.calls = a.root
	}
	if a.ForceBrand == "" {
		a.ForceBrand = "FORCE_ALWAYS"
	}
	return a, nil
}

// userAgent names the host to the bank (SDK README, X-Api-User-Agent).
const userAgent = "Kassette/1.0"

// fetchToken is the refresh call: an access token for the refresh token. The
// bank forbids fetching one per payment; the host keeps it.
func (a api) fetchToken() contract.Request {
	return contract.Request{
		Method: "GET", URL: a.calls + "/gatekeeper/refresh",
		Headers: map[string]string{"accept": "application/json"},
		Auth:    &contract.Auth{Bearer: refreshToken},
		Keep:    map[string]contract.Keep{accessToken: {Pointer: "/token", TTLPointer: "/durationInMillis", TTLUnit: contract.UnitMilliseconds, TTLS: 1800}},
	}
}

// do sends a request under the access token.
func (a api) do(r contract.Request) (contract.Response, error) {
	return a.call.DoWithToken(named(r), accessToken, a.fetchToken())
}

// send is do with a 2xx answer read. What is no 2xx, or bears an error code
// under one, is a failure.
func (a api) send(r contract.Request) (*node, error) {
	resp, err := a.do(r)
	if err != nil {
		return nil, err
	}
	return read(resp)
}

// named adds the headers that every call but the token's bears.
func named(r contract.Request) contract.Request {
	if r.Headers == nil {
		r.Headers = map[string]string{}
	}
	r.Headers["accept"], r.Headers["x-api-user-agent"] = "application/json", userAgent
	return r
}

// body writes v as a request's JSON body.
func body(r contract.Request, v any) (contract.Request, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return r, err
	}
	r.Body = string(b)
	r.Headers = map[string]string{"content-type": "application/json"}
	return r, nil
}
