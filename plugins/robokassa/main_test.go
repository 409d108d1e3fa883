package main

import (
	"bytes"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// maxModule is what the module may weigh, so that a host of many plugins stays small.
const maxModule = 4 << 20

func TestDescribe(t *testing.T) {
	t.Parallel()
	m, err := conformance.Describe(t.Context(), guesttest.New(provider))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Methods) != 1 {
		t.Fatalf("got %d methods", len(m.Methods))
	}
	one := m.Methods[0]
	if m.Name != "robokassa" || one.ID != "robokassa" || !one.Options || one.Rank <= 100 || one.Flow != contract.FlowForm || len(one.Currencies) != 2 {
		t.Errorf("got %+v", m)
	}
	r := one.Over(m.Rules)
	if r.Reference == nil || !r.Reference.Number || !r.Capture.Manual || !r.Capture.Partial || r.Capture.Multiple || r.Capture.WindowDays != holdDays || !r.Polling.OnHint {
		t.Errorf("got rules %+v", r)
	}
	for _, text := range []contract.Text{m.Title, m.ProviderTitle, one.Title} {
		for _, locale := range []string{"nl", "en", "de", "fr", "sv", "bg", "ru"} {
			if text[locale] == "" {
				t.Errorf("%v has no text in %s", text, locale)
			}
		}
	}
	info, err := contract.ReadSettings(m.SettingsSchema)
	if err != nil || len(info.Secrets["password1"]) != 6 || len(info.Secrets["password2"]) != 6 || len(info.Secrets["password3"]) != 1 || info.Environment != "environment" || len(info.Hosts) != 2 {
		t.Errorf("got settings %+v, %v", info, err)
	}
	for name, label := range info.Labels {
		if len(label) != 7 {
			t.Errorf("the label of %s has %d languages", name, len(label))
		}
	}
}

// A host proves each export by its canned input, without settings or secrets.
func TestCanned_sameBytes(t *testing.T) {
	t.Parallel()
	wasm, native := plugintest.New(t, plugintest.Build(t, ".")), guesttest.New(provider)
	host := conformance.Host{
		Call: func(contract.HostFunction, []byte) ([]byte, error) { return []byte(`{"error":"not set"}`), nil },
		Log:  func(string, string) {},
	}
	exports := append([]contract.Export{contract.Describe}, contract.CannedExports()...)
	for _, e := range exports {
		a, err := native.Round(t.Context(), e, contract.Canned(e), host)
		if err != nil {
			t.Fatal(err)
		}
		b, err := wasm.Round(t.Context(), e, contract.Canned(e), host)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s\nnative: %s\nWasm:   %s", e, a, b)
		}
		if e == contract.Describe {
			continue
		}
		answer, err := contract.DecodeAnswer(e, b)
		if err != nil || answer.Failure == nil {
			t.Errorf("%s: got %s, %v; want a failure", e, b, err)
		}
	}
}

func TestModule_size(t *testing.T) {
	t.Parallel()
	if n := len(plugintest.Build(t, ".")); n >= maxModule {
		t.Errorf("got a module of %d bytes, want less than %d", n, maxModule)
	}
}
