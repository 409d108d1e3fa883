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
	m, err := conformance.Describe(t.Context(), guesttest.New(provider))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "terminal" || len(m.Methods) != 1 || m.Methods[0].ID != "terminal" || m.Methods[0].Flow != contract.FlowTerminal || m.Methods[0].Rank <= 100 {
		t.Errorf("got %+v", m)
	}
	info, err := contract.ReadSettings(m.SettingsSchema)
	if err != nil || len(info.Hosts) != 1 || info.Hosts[0] != "base_url" || info.Environment != "environment" || len(info.Secrets) != 0 {
		t.Errorf("got settings %+v, %v", info, err)
	}
	texts := map[string]contract.Text{"title": m.Title, "provider_title": m.ProviderTitle, "method": m.Methods[0].Title,
		"wait": lookAtTerminal, "declined": cardDeclined, "PIN": wrongPIN, "away": terminalAway}
	for name, label := range info.Labels {
		texts["label of "+name] = label
	}
	for name, text := range texts {
		for _, locale := range []string{"nl", "en", "de", "fr", "sv", "bg", "ru"} {
			if text[locale] == "" {
				t.Errorf("%s has no text in %s", name, locale)
			}
		}
	}
	if len(texts) < 7+13 {
		t.Errorf("only %d texts: a setting has no label", len(texts))
	}
}

// The logo has shapes alone: a host's sanitiser takes nothing else.
func TestLogo(t *testing.T) {
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
		if e, ok := token.(xml.StartElement); ok && !slices.Contains([]string{"svg", "title", "rect", "path"}, e.Name.Local) {
			t.Errorf("element %s", e.Name.Local)
		}
	}
}

// A host proves each export by its canned input, without settings.
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
