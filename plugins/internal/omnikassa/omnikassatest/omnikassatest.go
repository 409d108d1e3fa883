// Package omnikassatest is what the tests of the plugins on an OmniKassa
// account share: the simulated bank as the conformance kit meets it, a
// consumer's browser on its pages, and the kit run natively and in Wasm.
package omnikassatest

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// Conform runs the kit against the plugin of the test's folder, paying by a
// method of its: natively, and in Wasm beside it.
func Conform(t *testing.T, p guest.Provider, method string) {
	t.Helper()
	plugintest.Conform(t, p, conformance.Fixture{
		Method: method, Account: Account, World: NewWorld, PageSize: 100, Payment: func(c *contract.Payment) { c.Method = method },
	})
}

// Announce creates a payment by a method and gives the order as the bank keeps it.
func Announce(t *testing.T, r conformance.Runner, method string) omnikassa.OrderRecord {
	t.Helper()
	w, err := NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	p := contract.CannedPayment()
	p.Method, p.MethodOptions = method, nil
	if _, err := conformance.Drive(t.Context(), r, conformance.Call{
		Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: p}, Account: Account(), World: w,
	}); err != nil {
		t.Fatal(err)
	}
	o, ok := w.(*World).Sim.Books().Order(p.Reference)
	if !ok {
		t.Fatal("the bank knows no such order")
	}
	return o
}
