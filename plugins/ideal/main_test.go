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
	if m.Name != "ideal" || m.Provider != "omnikassa" || len(m.Methods) != 1 || m.Methods[0].Brand != "IDEAL" || m.Methods[0].Options {
		t.Errorf("got %+v", m)
	}
	r := m.Methods[0].Over(m.Rules)
	if r.Polling == nil || !r.Polling.OnlyAfterExpiry || r.Polling.OnHint || r.Polling.AtMost != 1 {
		t.Errorf("got polling %+v: the bank forbids it but for one repair", r.Polling)
	}
	if r.Refund == nil || r.Refund.WindowDays != 60 || !r.Refund.Partial {
		t.Errorf("got refunds %+v", r.Refund)
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
		if err != nil || answer.Failure == nil {
			t.Errorf("%s: got %s, %v; want a failure", e, b, err)
		}
	}
	t.Logf("describe and failures use at most %d of fuel", wasm.Fuel())
}

func TestModule_size(t *testing.T) {
	t.Parallel()
	if n := len(plugintest.Build(t, ".")); n >= maxModule {
		t.Errorf("got a module of %d bytes, want less than %d", n, maxModule)
	}
}
