package main

import (
	"bytes"
	"slices"
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
	m, err := conformance.Describe(t.Context(), guesttest.New(provider{}))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "bambora" || len(m.Methods) != 1 || m.Methods[0].ID != "card" || m.Methods[0].Rank <= 100 {
		t.Errorf("got %+v", m)
	}
	r := m.Methods[0].Over(m.Rules)
	if !r.Capture.Automatic || !r.Capture.Manual || !r.Capture.Partial || !r.Capture.Multiple || !r.Refund.Partial || !r.Refund.Multiple || !r.Polling.OnHint {
		t.Errorf("got %+v, %+v, %+v", r.Capture, r.Refund, r.Polling)
	}
	for _, locale := range []string{"nl", "en", "de", "fr", "sv", "bg", "ru"} {
		if m.Title[locale] == "" || m.ProviderTitle[locale] == "" || m.Methods[0].Title[locale] == "" {
			t.Errorf("a title lacks %s", locale)
		}
	}
	for _, e := range contract.Exports(contract.KindPayment) {
		if has := slices.Contains(m.Operations, e); has != (e != contract.ListOptions) {
			t.Errorf("%s is there: %v", e, has)
		}
	}
}

// The provider's table of minor units errs for these, or knows them from days
// gone by (11): none is offered.
func TestDescribe_currenciesThatDiffer_areNotOffered(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"CLF", "TTD", "UGX", "VND", "UYI", "ADP", "BYR", "MGF", "TPE", "TRL"} {
		if slices.Contains(currencies, code) {
			t.Errorf("%s is offered", code)
		}
	}
	zero := []string{"ISK", "JPY"}
	for _, code := range currencies {
		n, ok := contract.Exponent(code)
		if !ok || n != 2 && !slices.Contains(zero, code) {
			t.Errorf("%s has %d decimals by ISO 4217, which is not what the provider counts", code, n)
		}
	}
}

// A host proves each export by its canned input, without settings or secrets.
func TestCanned_sameBytes(t *testing.T) {
	t.Parallel()
	wasm, native := plugintest.New(t, plugintest.Build(t, ".")), guesttest.New(provider{})
	host := conformance.Host{
		Call: func(contract.HostFunction, []byte) ([]byte, error) { return []byte(`{"error":"not set"}`), nil },
		Log:  func(string, string) {},
	}
	for _, e := range append(contract.CannedExports(), contract.Describe) {
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
		if err != nil || answer.Failure == nil && e != contract.CompletePayment { // of which the canned return is not this provider's
			t.Errorf("%s: got %s, %v; want a failure", e, b, err)
		}
	}
	t.Logf("describe and failures use at most %d of fuel", wasm.Fuel())
}

func TestModule_size(t *testing.T) {
	t.Parallel()
	n := len(plugintest.Build(t, "."))
	if t.Logf("%d bytes", n); n >= maxModule {
		t.Errorf("got a module of %d bytes, want less than %d", n, maxModule)
	}
}
