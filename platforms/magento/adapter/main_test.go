package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// maxModule is what the module may weigh, so that a host of many plugins stays small.
const maxModule = 4300 << 10

var locales = []string{"nl", "en", "de", "fr", "sv", "bg", "ru"}

func TestDescribe(t *testing.T) {
	t.Parallel()
	m, err := conformance.Describe(t.Context(), guesttest.New(provider{}))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "magento" || m.Kind != contract.KindShop || m.Provider != "magento" || !slices.Equal(m.Operations, contract.Exports(contract.KindShop)) {
		t.Errorf("got %+v", m)
	}
	info, err := contract.ReadSettings(m.SettingsSchema)
	if err != nil || !slices.Equal(info.Hosts, []string{"url"}) || info.Environment != "environment" {
		t.Errorf("got %+v, %v", info, err)
	}
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(m.SettingsSchema, &schema); err != nil {
		t.Fatal(err)
	}
	for name := range schema.Properties {
		for _, locale := range locales {
			if info.Labels[name][locale] == "" || m.Title[locale] == "" {
				t.Errorf("%s has no label in %s", name, locale)
			}
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
		if answer, err := contract.DecodeAnswer(e, b); err != nil || answer.Failure == nil {
			t.Errorf("%s: got %s, %v; want a failure", e, b, err)
		}
	}
}

func TestModule_size(t *testing.T) {
	t.Parallel()
	n := len(plugintest.Build(t, "."))
	if t.Logf("%d bytes", n); n >= maxModule {
		t.Errorf("got a module of %d bytes, want less than %d", n, maxModule)
	}
}

// As many lines as a turn takes, and an order with a long history, are one round's
// work: each must fit its budget with room to spare.
func TestFuel(t *testing.T) {
	t.Parallel()
	fits := func(what string, r *plugintest.Runner) {
		t.Helper()
		t.Logf("%s: fuel %d of %d", what, r.Fuel(), contract.RoundFuel)
		if r.Fuel() > contract.RoundFuel*3/4 {
			t.Errorf("%s used %d of %d", what, r.Fuel(), contract.RoundFuel)
		}
	}
	load := func() *plugintest.Runner { return plugintest.New(t, plugintest.Build(t, ".")) }

	r := load()
	s := newRigWith(t, r, draftOf(20))
	for range pageSize {
		if _, err := s.world.Sim.Place(draftOf(mostLines / mostOrders)); err != nil {
			t.Fatal(err)
		}
	}
	s.sync("")
	fits(fmt.Sprintf("a list of %d orders, %d of them whole, with %d lines", pageSize, mostOrders, mostLines), r)

	r = load()
	s = newRigWith(t, guesttest.New(provider{}), draftOf(150))
	for i := range 200 {
		if _, err := s.world.Sim.Comment(s.number, fmt.Sprintf("A person wrote this, for the %d. time, and a [kassette ord_%d.%d]", i, i, i)); err != nil {
			t.Fatal(err)
		}
	}
	s.runner = r
	s.told(s.pays(s.order.Amount.Value))
	fits("a payment of an order with 200 comments", r)
	s.told(s.refunds(1, 100))
	fits("a refund of a part of 150 lines", r)
}

// TestFuel_message is an order that comes whole.
func TestFuel_message(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, plugintest.Build(t, "."))
	newRigWith(t, r, draftOf(25))
	t.Logf("25 lines: fuel %d of %d", r.Fuel(), contract.RoundFuel)
	if r.Fuel() > contract.RoundFuel*3/4 {
		t.Errorf("it used %d of %d", r.Fuel(), contract.RoundFuel)
	}
}
