// Package sample is a payment provider that uses all of the guest SDK. It is
// built both natively and as a plugin, to prove that the two answer alike.
package sample

import (
	"encoding/hex"
	"encoding/json"
	"net/url"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// Base is where the provider's API is said to be.
const Base = "https://api.sample.example"

// Provider implements some of the operations.
type Provider struct{}

// Describe gives the manifest.
func (Provider) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "sample", Version: "1.2.3", Kind: contract.KindPayment, Provider: "sample",
		Title: contract.Text{"en": "Sample", "nl": "Voorbeeld"},
		Hosts: []string{"api.sample.example"},
		SettingsSchema: json.RawMessage(`{"type":"object","properties":{
			"shop":{"type":"string"},
			"refresh":{"type":"string","x-secret-use":["bearer"]},
			"key":{"type":"string","x-secret-use":["mac:sha512","digest:md5"]}}}`),
		Methods: []contract.Method{{
			ID: "sample", Title: contract.Text{"en": "Sample"}, Flow: contract.FlowRedirect,
			Currencies: map[string]contract.Range{"EUR": {Min: 1}, "JPY": {Min: 1}, "TND": {Min: 1}},
		}},
	}
}

type settings struct {
	Shop string `json:"shop"`
}

type order struct {
	Shop      string         `json:"shop"`
	Reference string         `json:"reference"`
	Amount    contract.Money `json:"amount"`
	Nonce     string         `json:"nonce"`
	At        string         `json:"at"`
	Signature string         `json:"signature"`
}

// CreatePayment announces a signed order with a kept token.
func (Provider) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	var s settings
	if err := c.Settings(&s); err != nil {
		return contract.CreateResult{}, err
	}
	sum, err := c.MAC(contract.MACRequest{
		Algorithm: contract.SHA512, Key: contract.Parts{contract.Sec("key")}, KeyEncoding: contract.KeyBase64,
		Data: contract.Parts{contract.Lit(in.Payment.Reference)},
	})
	if err != nil {
		return contract.CreateResult{}, err
	}
	body, err := json.Marshal(order{
		Shop: s.Shop, Reference: in.Payment.Reference, Amount: in.Payment.Amount,
		Nonce: c.UUID(), At: c.Now().Format("2006-01-02T15:04:05.000Z"), Signature: hex.EncodeToString(sum),
	})
	if err != nil {
		return contract.CreateResult{}, err
	}
	c.Log(guest.LevelInfo, "announce "+in.Payment.Reference)
	resp, err := c.DoWithToken(contract.Request{
		Method: "POST", URL: Base + "/orders", Body: string(body), Effect: contract.Prepare,
		Headers: map[string]string{"content-type": "application/json"},
	}, "access_token", contract.Request{
		Method: "GET", URL: Base + "/refresh", Auth: &contract.Auth{Bearer: "refresh"},
		Keep: map[string]contract.Keep{"access_token": {Pointer: "/token", TTLPointer: "/duration", TTLUnit: contract.UnitMilliseconds}},
	})
	if err != nil {
		return contract.CreateResult{}, err
	}
	if !resp.OK() {
		return contract.CreateResult{}, &contract.Failure{Code: contract.Declined, Message: "announce", UserMessage: contract.Text{"nl": "Geweigerd: probeer een andere manier"}}
	}
	return contract.CreateResult{
		ProviderReference: resp.Body,
		Action:            contract.Action{Type: contract.ActionRedirect, URL: Base + "/pay?id=" + url.QueryEscape(resp.Body)},
		State:             json.RawMessage(`{"v":1}`),
	}, nil
}

// GetPayment panics, which is a failure and no trap.
func (Provider) GetPayment(*guest.Call, contract.PaymentInput) (contract.UpdatesResult, error) {
	var none []contract.Update
	return contract.UpdatesResult{Updates: none[:1]}, nil
}

// ReceiveWebhook checks a digest, then asks for two answers in parallel.
func (Provider) ReceiveWebhook(c *guest.Call, in contract.WebhookInput) (contract.WebhookResult, error) {
	sum, err := hex.DecodeString(in.Message.Header("x-signature"))
	if err != nil {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.BadSignature, Message: "x-signature is not hexadecimal"}
	}
	err = c.CheckDigest(contract.DigestRequest{
		Algorithm: contract.MD5, Data: contract.Parts{contract.Sec("key")}, DataBase64: in.Message.Bytes(),
	}, sum)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	outcomes, err := c.DoAll(
		contract.Request{Method: "GET", URL: Base + "/orders/1"},
		contract.Request{Method: "GET", URL: Base + "/orders/2"},
	)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	res := contract.WebhookResult{Response: contract.WebhookResponse{Status: 200, ContentType: "text/plain", Body: "OK"}}
	for _, o := range outcomes {
		if o.Err != nil {
			continue
		}
		res.Updates = append(res.Updates, contract.Update{
			Payment: contract.PaymentKey{Reference: o.Response.Body}, Type: contract.UpdatePending, Trust: contract.Verified, OccurredAt: o.At,
		})
	}
	return res, nil
}
