// Command echo is a plugin that tells its provider what the host told it: the
// addresses of a payment, and from where the consumer came back.
package main

import (
	"encoding/json"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

func init() { guest.Register(echo{}) }

func main() {}

type echo struct{}

// Describe gives the manifest.
func (echo) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "echo", Version: "1.0.0", Kind: contract.KindPayment, Provider: "echo", Title: contract.Text{"en": "Echo"},
		SettingsSchema: json.RawMessage(`{"type":"object","required":["base"],"properties":{"base":{"type":"string","x-host":true}}}`),
		Methods: []contract.Method{{
			ID: "echo", Title: contract.Text{"en": "Echo"}, Flow: contract.FlowRedirect, Currencies: map[string]contract.Range{"EUR": {}},
		}},
	}
}

// CreatePayment tells the payment's addresses and leads to the provider's page.
func (echo) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	p := in.Payment
	base, err := tell(c, "/create", map[string]string{"return": p.ReturnURL, "cancel": p.CancelURL, "webhook": p.WebhookURL})
	if err != nil {
		return contract.CreateResult{}, err
	}
	return contract.CreateResult{ProviderReference: p.Reference, Action: contract.Action{Type: contract.ActionRedirect, URL: base + "/page"}}, nil
}

// CompletePayment tells what the consumer's browser brought.
func (echo) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	if in.Message == nil {
		return contract.UpdatesResult{}, nil
	}
	_, err := tell(c, "/complete", map[string]string{"remote_ip": in.Message.RemoteIP, "path": in.Message.Path})
	return contract.UpdatesResult{}, err
}

// tell posts to a path below the provider's address, which it gives.
func tell(c *guest.Call, path string, what map[string]string) (string, error) {
	var s struct {
		Base string `json:"base"`
	}
	if err := c.Settings(&s); err != nil {
		return "", err
	}
	body, err := json.Marshal(what)
	if err != nil {
		return "", err
	}
	_, err = c.Do(contract.Request{Method: "POST", URL: s.Base + path, Body: string(body), Effect: contract.Prepare})
	return s.Base, err
}
