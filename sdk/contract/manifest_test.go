package contract_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

const svg = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>`

func paymentManifest() contract.Manifest {
	return contract.Manifest{
		Contract: "1", Name: "acme", Version: "1.2.3-rc.1+build.05", Kind: contract.KindPayment, Provider: "acme-pay",
		Title: contract.Text{"en": "Acme", "nl-BE": "Acme"}, ProviderTitle: contract.Text{"en": "Acme Pay"},
		Homepage: "https://acme.example/plugin", Hosts: []string{"*.acme.example"},
		Operations: []contract.Export{contract.CreatePayment, contract.GetPayment, contract.ReceiveWebhook, contract.CapturePayment, contract.RefundPayment, contract.ListOptions},
		SettingsSchema: json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["key"],"properties":{
			"key":{"type":"string","x-secret-use":["mac:sha512","digest:md5","bearer"],"x-label":{"en":"Signing key"}},
			"base_url":{"type":"string","format":"uri","x-host":true},
			"environment":{"type":"string","enum":["test","live"],"x-environment":true},
			"x-host":{"type":"boolean"}}}`),
		Methods: []contract.Method{{
			ID: "acme_card", Title: contract.Text{"en": "Card"}, Brand: "CARD", Logo: svg, Rank: 20, Flow: contract.FlowRedirect, Options: true,
			Currencies: map[string]contract.Range{"EUR": {Min: 1, Max: 9_999_999}, "JPY": {Multiple: 1}, "TND": {Multiple: 10}},
			Countries:  []string{"NL"}, RequiredFields: []string{"/customer/email"},
			Rules: contract.Rules{Refund: &contract.RefundRule{Full: true, Partial: true, Multiple: true, WindowDays: 60}},
		}},
		Rules: contract.Rules{
			Capture: &contract.CaptureRule{Automatic: true, Manual: true, Partial: true, Multiple: true},
			Polling: &contract.PollingRule{FirstAfterS: 60, Factor: 2, AtMost: 10, OnHint: true},
		},
		Lacks: contract.Lacks{contract.SignsReturns: "4.2", contract.FindsLost: strings.Repeat("é", 200)},
	}
}

func TestManifest_Validate(t *testing.T) {
	t.Parallel()
	type manifest = contract.Manifest
	tests := []struct {
		name   string
		change func(m *manifest)
		want   string // the beginning of a line of the error
	}{
		{"contract", func(m *manifest) { m.Contract = "2" }, "/contract: "},
		{"name", func(m *manifest) { m.Name = "Acme" }, "/name: "},
		{"name too short", func(m *manifest) { m.Name = "a" }, "/name: "},
		{"name with a digit in front", func(m *manifest) { m.Name = "1acme" }, "/name: "},
		{"version", func(m *manifest) { m.Version = "1.2" }, "/version: "},
		{"version with v", func(m *manifest) { m.Version = "v1.2.3" }, "/version: "},
		{"version with a leading zero", func(m *manifest) { m.Version = "1.02.3" }, "/version: "},
		{"pre-release with a leading zero", func(m *manifest) { m.Version = "1.2.3-01" }, "/version: "},
		{"empty build", func(m *manifest) { m.Version = "1.2.3+" }, "/version: "},
		{"kind", func(m *manifest) { m.Kind = "bank" }, "/kind: "},
		{"provider", func(m *manifest) { m.Provider = "" }, "/provider: "},
		{"no title", func(m *manifest) { m.Title = nil }, "/title: "},
		{"empty title", func(m *manifest) { m.Title["en"] = " " }, "/title/en: "},
		{"locale", func(m *manifest) { m.Title["english"] = "x" }, "/title/english: "},
		{"homepage", func(m *manifest) { m.Homepage = "javascript:alert(1)" }, "/homepage: "},
		{"host", func(m *manifest) { m.Hosts = []string{"ok.example", "*.com"} }, "/hosts/1: "},
		{"host twice", func(m *manifest) { m.Hosts = []string{"ok.example", "ok.example"} }, "/hosts/1: "},
		{"no host at all", func(m *manifest) { m.Hosts, m.SettingsSchema = nil, json.RawMessage(`{"type":"object"}`) }, "/hosts: "},
		{"operation of a shop", func(m *manifest) { m.Operations = append(m.Operations, contract.TellShop) }, "/operations/6: "},
		{"describe as an operation", func(m *manifest) { m.Operations = append(m.Operations, contract.Describe) }, "/operations/6: "},
		{"operation twice", func(m *manifest) { m.Operations = append(m.Operations, contract.GetPayment) }, "/operations/6: "},
		{"no create_payment", func(m *manifest) { m.Operations = m.Operations[1:] }, "/operations: "},
		{"no way to hear", func(m *manifest) { m.Operations = []contract.Export{contract.CreatePayment} }, "/operations: "},
		{"get_refund alone", func(m *manifest) {
			m.Operations = []contract.Export{contract.CreatePayment, contract.GetPayment, contract.GetRefund}
		}, "/operations: "},
		{"no methods", func(m *manifest) { m.Methods = nil }, "/methods: "},
		{"method twice", func(m *manifest) { m.Methods = append(m.Methods, m.Methods[0]) }, "/methods/1/id: "},
		{"method id", func(m *manifest) { m.Methods[0].ID = "card/1" }, "/methods/0/id: "},
		{"method title", func(m *manifest) { m.Methods[0].Title = nil }, "/methods/0/title: "},
		{"logo", func(m *manifest) { m.Methods[0].Logo = "data:image/png;base64,AAAA" }, "/methods/0/logo: "},
		{"logo of another kind", func(m *manifest) { m.Methods[0].Logo = "<html/>" }, "/methods/0/logo: "},
		{"logo cut off", func(m *manifest) { m.Methods[0].Logo = svg[:60] }, "/methods/0/logo: "},
		{"no currencies", func(m *manifest) { m.Methods[0].Currencies = nil }, "/methods/0/currencies: "},
		{"currency", func(m *manifest) { m.Methods[0].Currencies["EURO"] = contract.Range{} }, "/methods/0/currencies/EURO: "},
		{"range", func(m *manifest) { m.Methods[0].Currencies["EUR"] = contract.Range{Min: 2, Max: 1} }, "/methods/0/currencies/EUR/max: "},
		{"country", func(m *manifest) { m.Methods[0].Countries = []string{"NLD"} }, "/methods/0/countries/0: "},
		{"rank", func(m *manifest) { m.Methods[0].Rank = -1 }, "/methods/0/rank: "},
		{"flow", func(m *manifest) { m.Methods[0].Flow = "iframe" }, "/methods/0/flow: "},
		{"required field", func(m *manifest) { m.Methods[0].RequiredFields = []string{"email"} }, "/methods/0/required_fields/0: "},
		{"options without list_options", func(m *manifest) { m.Operations = m.Operations[:5] }, "/methods/0/options: "},
		{"no capture mode", func(m *manifest) { m.Capture = &contract.CaptureRule{} }, "/capture: "},
		{"manual without capture_payment", func(m *manifest) { m.Operations = m.Operations[:3] }, "/capture/manual: "},
		{"refund without refund_payment", func(m *manifest) { m.Operations = m.Operations[:4] }, "/methods/0/refund: "},
		{"refund nowhere", func(m *manifest) { m.Refund = &contract.RefundRule{} }, "/refund: "},
		{"polling without get_payment", func(m *manifest) { m.Operations = []contract.Export{contract.CreatePayment, contract.ReceiveWebhook} }, "/polling: "},
		{"polling without a pause", func(m *manifest) { m.Polling = &contract.PollingRule{AtMost: 3} }, "/polling/first_after_s: "},
		{"reference too short", func(m *manifest) { m.Reference = &contract.ReferenceRule{MaxLength: 6} }, "/reference/max_length: "},
		{"lacks what nobody has", func(m *manifest) { m.Lacks["signs/all"] = "4.2" }, "/lacks/signs~1all: "},
		{"lacks without a place", func(m *manifest) { m.Lacks[contract.SignsReturns] = " " }, "/lacks/signs_returns: "},
		{"lacks with a long story", func(m *manifest) { m.Lacks[contract.FindsLost] += "." }, "/lacks/finds_lost: "},
		{"a shop that lacks what payments need", func(m *manifest) { m.Kind = contract.KindShop }, "/lacks/signs_returns: "},
		{"a payment that lacks what shops do", func(m *manifest) { m.Lacks[contract.Pings] = "2" }, "/lacks/pings: "},
		{"schema missing", func(m *manifest) { m.SettingsSchema = nil }, "/settings_schema: "},
		{"schema of a list", func(m *manifest) { m.SettingsSchema = json.RawMessage(`{"type":"array"}`) }, "/settings_schema/type: "},
		{"methods of a shop", func(m *manifest) { m.Kind, m.Operations = contract.KindShop, []contract.Export{contract.TellShop} }, "/methods: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := paymentManifest()
			tt.change(&m)
			err := m.Validate()
			if err == nil || !strings.Contains("\n"+err.Error(), "\n"+tt.want) {
				t.Errorf("got %v, want a line that begins with %q", err, tt.want)
			}
		})
	}
	if err := paymentManifest().Validate(); err != nil {
		t.Errorf("a good payment plugin: %v", err)
	}
	shop := contract.Manifest{
		Contract: "1", Name: "shop", Version: "0.1.0", Kind: contract.KindShop, Provider: "shop", Title: contract.Text{"en": "Shop"},
		Operations:     []contract.Export{contract.ReadOrder, contract.TellShop},
		Lacks:          contract.Lacks{contract.Disables: "shop.md 3"},
		SettingsSchema: json.RawMessage(`{"type":"object","properties":{"url":{"type":"string","x-host":true}}}`),
	}
	if err := shop.Validate(); err != nil {
		t.Errorf("a good shop plugin: %v", err)
	}
}

func TestManifest_Validate_joins(t *testing.T) {
	t.Parallel()
	err := contract.Manifest{}.Validate()
	if err == nil {
		t.Fatal("got no error for an empty manifest")
	}
	for _, want := range []string{"/contract: ", "/name: ", "/version: ", "/kind: ", "/provider: ", "/title: ", "/settings_schema: "} {
		if !strings.Contains("\n"+err.Error(), "\n"+want) {
			t.Errorf("got %v, want a line that begins with %q too", err, want)
		}
	}
}

func TestReadSettings(t *testing.T) {
	t.Parallel()
	bad := []struct{ name, schema, want string }{
		{"no JSON", `{`, "read settings schema"},
		{"unknown use", `{"type":"object","properties":{"k":{"type":"string","x-secret-use":["bearer","mac"]}}}`, "/properties/k/x-secret-use/1: "},
		{"unknown hash", `{"type":"object","properties":{"k":{"type":"string","x-secret-use":["mac:sha3"]}}}`, "/properties/k/x-secret-use/0: "},
		{"no use", `{"type":"object","properties":{"k":{"type":"string","x-secret-use":[]}}}`, "/properties/k/x-secret-use: "},
		{"secret that is no text", `{"type":"object","properties":{"a/b":{"type":"object","x-secret-use":["bearer"]}}}`, "/properties/a~1b/type: "},
		{"secret and host", `{"type":"object","properties":{"k":{"type":"string","x-host":true,"x-secret-use":["bearer"]}}}`, "/properties/k: "},
		{"two environments", `{"type":"object","properties":{"a":{"type":"string","x-environment":true},"b":{"type":"string","x-environment":true}}}`, "/properties/b/x-environment: "},
		{"a secret deeper", `{"type":"object","properties":{"a":{"type":"object","properties":{"k":{"type":"string","x-secret-use":["bearer"]}}}}}`, "/properties/a/properties/k/x-secret-use: "},
		{"a secret in a branch", `{"type":"object","allOf":[{"properties":{"k":{"x-secret-use":["bearer"]}}}]}`, "/allOf/0/properties/k/x-secret-use: "},
	}
	for _, tt := range bad {
		if _, err := contract.ReadSettings(json.RawMessage(tt.schema)); err == nil || !strings.Contains("\n"+err.Error(), "\n"+tt.want) {
			t.Errorf("%s: got %v, want a line that begins with %q", tt.name, err, tt.want)
		}
	}
	info, err := contract.ReadSettings(paymentManifest().SettingsSchema)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Secrets) != 1 || len(info.Secrets["key"]) != 3 || len(info.Hosts) != 1 || info.Hosts[0] != "base_url" ||
		info.Environment != "environment" || info.Labels["key"]["en"] != "Signing key" {
		t.Errorf("got %+v", info)
	}
}

func TestDecodeManifest(t *testing.T) {
	t.Parallel()
	good, err := json.Marshal(paymentManifest())
	if err != nil {
		t.Fatal(err)
	}
	if m, err := contract.DecodeManifest(good); err != nil || m.Name != "acme" {
		t.Errorf("got %+v, %v", m, err)
	}
	for output, want := range map[string]string{
		"": "output: it is empty",
		`{"failure":{"code":"internal","message":"no provider"}}`: "describe: internal: no provider",
		`{"contract":"1","tilte":"acme"}`:                         "unknown field",
		`{"contract":"1","name":"acme"}`:                          "/version: ",
		string(good) + "x":                                        "read manifest: ",
	} {
		if _, err := contract.DecodeManifest([]byte(output)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", output, err, want)
		}
	}
}
