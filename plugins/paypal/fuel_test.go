package main

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
)

// An order of many captures and refunds is one round's work: it must fit its
// budget with room to spare.
func TestFuel_manyCaptures(t *testing.T) {
	t.Parallel()
	const parts = 10 // more than PayPal allows by default
	r := plugintest.New(t, plugintest.Build(t, "."))
	s := newShopper(t, r, contract.CaptureManual)
	s.announce()
	back := s.press(paypal.Success)
	s.complete(&back)
	for i := range parts {
		if _, err := s.capture("cap_"+string(rune('A'+i)), 100, false); err != nil {
			t.Fatal(err)
		}
	}
	for i := range parts {
		if _, err := s.refund("ref_"+string(rune('A'+i)), 100); err != nil {
			t.Fatal(err)
		}
	}
	if list := drive[contract.UpdatesResult](s, contract.GetPayment, contract.PaymentInput{Payment: s.payment}).Updates; len(list) != 1+2*parts {
		t.Errorf("got %d updates, want %d", len(list), 1+2*parts)
	}
	if r.Fuel() > contract.RoundFuel*3/4 {
		t.Errorf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
	}
	t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
}
