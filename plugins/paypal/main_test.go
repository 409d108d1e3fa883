package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
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
	if m.Name != "paypal" || m.Provider != "paypal" || len(m.Methods) != 1 || m.Methods[0].ID != "paypal" || m.Methods[0].Rank != 70 {
		t.Errorf("got %+v", m)
	}
	if len(m.Methods[0].Currencies) != 24 {
		t.Errorf("got %d currencies, want 24", len(m.Methods[0].Currencies))
	}
	for code, multiple := range map[string]int64{"HUF": 100, "TWD": 100, "JPY": 0, "EUR": 0} {
		if r, ok := m.Methods[0].Currencies[code]; !ok || r.Multiple != multiple {
			t.Errorf("got %s %+v, want a multiple of %d", code, r, multiple)
		}
	}
	if r := m.Rules; r.Capture == nil || !r.Capture.Manual || !r.Capture.Multiple || r.Refund == nil || !r.Refund.Multiple || r.Polling == nil || !r.Polling.OnHint {
		t.Errorf("got rules %+v", r)
	}
	info, err := contract.ReadSettings(m.SettingsSchema)
	if err != nil {
		t.Fatal(err)
	}
	for name, label := range info.Labels {
		for _, locale := range []string{"nl", "en", "de", "fr", "sv", "bg", "ru"} {
			if label[locale] == "" {
				t.Errorf("setting %s has no label in %s", name, locale)
			}
		}
	}
}

// The logo holds nothing but shapes, which is all that a host lets through.
func TestLogo_shapesAlone(t *testing.T) {
	t.Parallel()
	d := xml.NewDecoder(strings.NewReader(logo))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && !slices.Contains([]string{"svg", "g", "rect", "path"}, e.Name.Local) {
			t.Errorf("got element %s", e.Name.Local)
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
