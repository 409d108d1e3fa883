// Command house is a small plugin for the tests of the call room: it fetches a
// token, signs, announces and asks.
package main

import (
	"encoding/hex"
	"encoding/json"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

func init() { guest.Register(house{}) }

func main() {}

type house struct{}

// Describe gives the manifest.
func (house) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "house", Version: "1.0.0", Kind: contract.KindPayment, Provider: "house", Title: contract.Text{"en": "House"},
		SettingsSchema: json.RawMessage(`{"type":"object","required":["base","key"],"properties":{
			"base":{"type":"string","x-host":true},"key":{"type":"string","x-secret-use":["bearer","mac:sha256"]}}}`),
		Methods: []contract.Method{{
			ID: "house", Title: contract.Text{"en": "House"}, Flow: contract.FlowRedirect, Currencies: map[string]contract.Range{"EUR": {}},
		}},
	}
}

func base(c *guest.Call) (string, error) {
	var s struct {
		Base string `json:"base"`
	}
	err := c.Settings(&s)
	return s.Base, err
}

// CreatePayment announces a signed order under a kept token.
func (house) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	b, err := base(c)
	if err != nil {
		return contract.CreateResult{}, err
	}
	sum, err := c.MAC(contract.MACRequest{
		Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec("key")}, Data: contract.Parts{contract.Lit(in.Payment.Reference)},
	})
	if err != nil {
		return contract.CreateResult{}, err
	}
	resp, err := c.DoWithToken(contract.Request{Method: "POST", URL: b + "/orders", Body: hex.EncodeToString(sum)}, "token", contract.Request{
		Method: "GET", URL: b + "/token", Auth: &contract.Auth{Bearer: "key"},
		Keep: map[string]contract.Keep{"token": {Pointer: "/token", TTLS: 600}},
	})
	if err != nil {
		return contract.CreateResult{}, err
	}
	if !resp.OK() {
		return contract.CreateResult{}, &contract.Failure{Code: contract.Declined, Message: "the order was refused"}
	}
	c.Log(guest.LevelInfo, "announced")
	return contract.CreateResult{ProviderReference: resp.Body, Action: contract.Action{Type: contract.ActionRedirect, URL: b + "/pay/" + resp.Body}}, nil
}

// GetPayment asks.
func (house) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	b, err := base(c)
	if err != nil {
		return contract.UpdatesResult{}, err
	}
	_, err = c.Do(contract.Request{Method: "GET", URL: b + "/orders/1"})
	return contract.UpdatesResult{Updates: []contract.Update{{
		Payment: contract.PaymentKey{Reference: in.Payment.Reference}, Type: contract.UpdatePending, Trust: contract.Verified,
	}}}, err
}
