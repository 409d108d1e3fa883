package omnikassatest

import (
	"testing"

	"github.com/kassette-pay/kassette/plugins/internal/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// The bank has the order that was announced, of the amount that was asked.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	r := guesttest.New(omnikassa.Provider{Name: "tulip", Version: "1.0.0", Title: contract.Text{"en": "Tulip"}, Methods: []contract.Method{{
		ID: "tulip", Title: contract.Text{"en": "Tulip"}, Brand: "IDEAL", Flow: contract.FlowRedirect, Currencies: map[string]contract.Range{"EUR": {Min: 1}},
	}}})
	got, want := Announce(t, r, "tulip"), contract.CannedPayment()
	if got.Announcement.MerchantOrderID != want.Reference {
		t.Errorf("the bank has %+v, want the order %s", got, want.Reference)
	}
}
