package conformance_test

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// acmeBase is where the kit's own provider lives; world_test.go says what it is like.
const acmeBase = "https://acme.example"

// acme is a healthy plugin for it. The members are where a plugin can be
// broken in one way; nil or zero is healthy.
type acme struct {
	check      func(c *guest.Call, data string, signature []byte) error
	update     updating // of all news
	hook       updating // of those that a webhook brings
	decimal    func(m contract.Money) string
	failure    func(resp contract.Response) error
	token      func(c *guest.Call, req contract.Request) (contract.Response, error)
	createKey  func(p contract.Payment) string
	refundKey  func(in contract.RefundInput) string
	firstPage  bool
	anyBytes   bool
	alwaysDone bool
	lacks      contract.Lacks
}

// updating changes an update of an order, or drops it.
type updating = func(u contract.Update, o acmeOrder, c *guest.Call) (contract.Update, bool)

// acmeOrder is an order as the provider shows it.
type acmeOrder struct {
	ID         string    `json:"id"`
	Reference  string    `json:"reference"`
	Status     string    `json:"status"`
	Currency   string    `json:"currency"`
	Capture    string    `json:"capture"`
	Asked      string    `json:"asked"`
	Authorized string    `json:"authorized"`
	Captured   string    `json:"captured"`
	At         time.Time `json:"at"`
}

var acmeSchema = json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{` +
	`"client":{"type":"string","x-secret-use":["basic"]},"key":{"type":"string","x-secret-use":["mac:sha256"]}}}`)

func (a acme) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "acme", Version: "1.0.0", Kind: contract.KindPayment, Title: contract.Text{"en": "Acme"}, Provider: "acme",
		Hosts: []string{"acme.example"}, SettingsSchema: acmeSchema,
		Methods: []contract.Method{{
			ID: "acme", Title: contract.Text{"en": "Acme"}, Flow: contract.FlowRedirect, Options: true,
			Currencies: map[string]contract.Range{"EUR": {Min: 1}, "JPY": {Min: 1}, "KWD": {Min: 10, Multiple: 10}},
		}},
		Rules: contract.Rules{
			Capture: &contract.CaptureRule{Automatic: true, Manual: true, Partial: true, Multiple: true, WindowDays: 7},
			Refund:  &contract.RefundRule{Full: true, Partial: true, Multiple: true},
			Polling: &contract.PollingRule{FirstAfterS: 60, OnHint: true},
		},
		Lacks: a.lacks,
	}
}

// do sends a request under the token, and reads a 2xx answer.
func (a acme) do(c *guest.Call, req contract.Request, into any) (contract.Response, error) {
	send := a.token
	if send == nil {
		send = func(c *guest.Call, req contract.Request) (contract.Response, error) {
			return c.DoWithToken(req, "access", acmeToken(map[string]contract.Keep{"access": {Pointer: "/access_token", TTLS: 3600}}))
		}
	}
	resp, err := send(c, req)
	if err != nil {
		return resp, err
	}
	read := a.failure
	if read == nil {
		read = acmeFailure
	}
	if err := read(resp); err != nil {
		return resp, err
	}
	if err := json.Unmarshal(resp.Bytes(), into); (err != nil || !a.anyBytes && !utf8.Valid(resp.Bytes())) && a.failure == nil {
		return resp, &contract.Failure{Code: contract.Internal, Message: "the answer is no JSON"}
	}
	return resp, nil
}

func acmeToken(keep map[string]contract.Keep) contract.Request {
	return contract.Request{
		Method: "POST", URL: acmeBase + "/token", Effect: contract.Read, Keep: keep,
		Auth: &contract.Auth{Basic: &[2]contract.Parts{{contract.Lit("acme")}, {contract.Sec("client")}}},
	}
}

// acmeFailure is what a status means.
func acmeFailure(resp contract.Response) error {
	f := &contract.Failure{Message: "the provider answered " + strconv.Itoa(resp.Status), RetryAfterMS: resp.RetryAfterMS()}
	switch s := resp.Status; {
	case resp.OK():
		return nil
	case s == 401:
		f.Code = contract.Unauthorized
	case s == 404:
		f.Code = contract.NotFound
	case s == 429:
		f.Code = contract.RateLimited
	case s >= 500 || s < 400:
		f.Code = contract.ProviderUnavailable
	default:
		f.Code = contract.Declined
	}
	return f
}

func acmePost(path, key string, body any) contract.Request {
	b, _ := json.Marshal(body) // of texts and booleans alone
	return contract.Request{
		Method: "POST", URL: acmeBase + path, Effect: contract.Write, Body: string(b),
		Headers: map[string]string{"content-type": "application/json", "idempotency-key": key},
	}
}

func (a acme) amount(m contract.Money) map[string]any {
	decimal := contract.Money.Decimal
	if a.decimal != nil {
		decimal = a.decimal
	}
	return map[string]any{"decimal": decimal(m), "currency": m.Currency}
}

// The types of update by the provider's word.
var acmeTypes = map[string]contract.UpdateType{
	"open": contract.UpdatePending, "declined": contract.UpdatePending, "approved": contract.UpdateApproved,
	"authorized": contract.UpdateAuthorized, "captured": contract.UpdateCaptured,
	"cancelled": contract.UpdateCancelled, "expired": contract.UpdateExpired,
}

// updates are an order's news. A word that is not known is no news.
func (a acme) updates(c *guest.Call, orders ...acmeOrder) ([]contract.Update, error) {
	list := []contract.Update{}
	for _, o := range orders {
		t, ok := acmeTypes[o.Status]
		if !ok {
			continue
		}
		u := contract.Update{
			Payment: contract.PaymentKey{Reference: o.Reference, ProviderReference: o.ID}, NewProviderReference: o.ID,
			Type: t, Trust: contract.Verified, OccurredAt: o.At,
		}
		var err error
		switch t {
		case contract.UpdateAuthorized:
			u.Amount, err = contract.ParseDecimal(o.Authorized, o.Currency)
		case contract.UpdateCaptured:
			u.Amount, err = contract.ParseDecimal(o.Captured, o.Currency)
		}
		if err != nil {
			return nil, &contract.Failure{Code: contract.Internal, Message: err.Error()}
		}
		if a.update != nil {
			u, ok = a.update(u, o, c)
		}
		if ok {
			list = append(list, u)
		}
	}
	return list, nil
}

// verify holds a text to its signature.
func (a acme) verify(c *guest.Call, data, signature string) error {
	sum, err := hex.DecodeString(signature)
	if err != nil {
		return &contract.Failure{Code: contract.BadSignature, Message: "the signature is no hex"}
	}
	if a.check != nil {
		return a.check(c, data, sum)
	}
	return c.CheckMAC(acmeMAC(data), sum)
}

func acmeMAC(data string) contract.MACRequest {
	return contract.MACRequest{Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec("key")}, Data: contract.Parts{contract.Lit(data)}}
}
