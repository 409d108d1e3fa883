package guesttest_test

import (
	"encoding/json"
	"errors"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

const base = "https://api.acme.example"

// acme is a provider whose create_payment and capture_payment can be swapped
// by a test.
type acme struct {
	create  func(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error)
	capture func(c *guest.Call, in contract.CaptureInput) (contract.OperationResult, error)
}

func (acme) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "acme", Version: "1.0.0", Kind: contract.KindPayment, Provider: "acme",
		Title: contract.Text{"en": "Acme"}, Hosts: []string{"*.acme.example"},
		Operations: []contract.Export{contract.RefundPayment}, // a lie
		SettingsSchema: json.RawMessage(`{"type": "object", "properties": {
			"shop": {"type": "string"},
			"client": {"type": "string", "x-secret-use": ["basic"]},
			"key": {"type": "string", "x-secret-use": ["mac:sha512", "digest:md5", "header"]}}}`),
		Methods: []contract.Method{{
			ID: "acme", Title: contract.Text{"en": "Acme"}, Flow: contract.FlowRedirect,
			Currencies: map[string]contract.Range{"EUR": {Min: 1}},
		}},
	}
}

func (a acme) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	return a.create(c, in)
}

func (acme) GetPayment(*guest.Call, contract.PaymentInput) (contract.UpdatesResult, error) {
	return contract.UpdatesResult{}, nil
}

func (a acme) CapturePayment(c *guest.Call, in contract.CaptureInput) (contract.OperationResult, error) {
	if a.capture == nil {
		return contract.OperationResult{}, errors.New("this test captures nothing")
	}
	return a.capture(c, in)
}

func (acme) ListOptions(*guest.Call, contract.OptionsInput) ([]contract.Option, error) {
	return nil, nil
}

// fetch is how acme's token is had.
func fetch() contract.Request {
	return contract.Request{
		Method: "POST", URL: base + "/token", Body: "grant_type=client_credentials", Effect: contract.Read,
		Auth: &contract.Auth{Basic: &[2]contract.Parts{{contract.Lit("shop")}, {contract.Sec("client")}}},
		Keep: map[string]contract.Keep{"access_token": {Pointer: "/access_token", TTLPointer: "/expires_in"}},
	}
}

func announce() contract.Request {
	return contract.Request{
		Method: "POST", URL: base + "/orders", Body: `{"amount":4999}`, Effect: contract.Prepare,
		Headers: map[string]string{"content-type": "application/json"},
	}
}

var payment = contract.Payment{ID: "pay_1", Reference: "A1B2C3D4E5F6G7H8J9K0L1M2", Amount: contract.Money{Value: 4999, Currency: "EUR"}}
