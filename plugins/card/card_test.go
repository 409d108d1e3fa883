package main

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/plugins/internal/omnikassa/omnikassatest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

func TestConformance(t *testing.T) { omnikassatest.Conform(t, provider, "mastercard") }

// The bank's logo rules fix the order: Mastercard, Visa, Maestro, V PAY.
func TestDescribe(t *testing.T) {
	t.Parallel()
	m, err := conformance.Describe(t.Context(), guesttest.New(provider))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, one := range m.Methods {
		got = append(got, one.ID+" "+one.Brand)
		if one.Rank != 20+10*i || one.Logo == "" || one.Options {
			t.Errorf("%s: got rank %d, options %v, a logo of %d bytes", one.ID, one.Rank, one.Options, len(one.Logo))
		}
	}
	if want := "mastercard MASTERCARD, visa VISA, maestro MAESTRO, vpay V_PAY"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
	if m.Provider != "omnikassa" {
		t.Errorf("got provider %s: it would have an account of its own", m.Provider)
	}
}

// Each method is announced by its brand, which the bank's page holds on to.
func TestCreate_brand(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{"mastercard": "MASTERCARD", "visa": "VISA", "maestro": "MAESTRO", "vpay": "V_PAY"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			o := omnikassatest.Announce(t, guesttest.New(provider), id)
			if o.Announcement.Brand != want || o.Announcement.Force != "FORCE_ALWAYS" {
				t.Errorf("announced as %s, %s; want %s, FORCE_ALWAYS", o.Announcement.Brand, o.Announcement.Force, want)
			}
		})
	}
}

// iDEAL is another plugin's.
func TestCreate_foreignMethod(t *testing.T) {
	t.Parallel()
	p := contract.CannedPayment()
	p.Method = "ideal"
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	tr := guesttest.Drive(t, provider, conformance.Call{Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: p}, Account: world.Account(), World: w})
	_, err = conformance.Result[contract.CreateResult](tr)
	if err == nil || !strings.Contains(err.Error(), string(contract.Unsupported)) {
		t.Errorf("got %v, want unsupported", err)
	}
}

func TestModule_size(t *testing.T) {
	t.Parallel()
	const most = 4 << 20
	if n := len(plugintest.Build(t, ".")); n >= most {
		t.Errorf("got a module of %d bytes, want less than %d", n, most)
	}
}
