package main

import (
	"slices"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/plugins/internal/omnikassa/omnikassatest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

func TestConformance(t *testing.T) { omnikassatest.Conform(t, provider, "bancontact") }

// Refunds are said to be elsewhere, in every language, and not tried.
func TestDescribe_refundsElsewhere(t *testing.T) {
	t.Parallel()
	m, err := conformance.Describe(t.Context(), guesttest.New(provider))
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(m.Operations, contract.RefundPayment) || slices.Contains(m.Operations, contract.ListOptions) {
		t.Errorf("got operations %v, want neither refunds nor options", m.Operations)
	}
	r := m.Methods[0].Over(m.Rules).Refund
	if r == nil || r.Full || r.Partial || len(r.Elsewhere) != 7 {
		t.Errorf("got refunds %+v, want elsewhere in seven languages", r)
	}
	for locale, text := range r.Elsewhere {
		if locale != "en" && text == r.Elsewhere["en"] {
			t.Errorf("%s: the text is the English one", locale)
		}
	}
}

func TestCreate_brand(t *testing.T) {
	t.Parallel()
	o := omnikassatest.Announce(t, guesttest.New(provider), "bancontact")
	if o.Announcement.Brand != "BANCONTACT" || o.Announcement.Force != "FORCE_ALWAYS" {
		t.Errorf("announced as %s, %s", o.Announcement.Brand, o.Announcement.Force)
	}
}

func TestModule_size(t *testing.T) {
	t.Parallel()
	const most = 4 << 20
	if n := len(plugintest.Build(t, ".")); n >= most {
		t.Errorf("got a module of %d bytes, want less than %d", n, most)
	}
}
