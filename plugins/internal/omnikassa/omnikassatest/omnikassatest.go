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
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
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

// Bench measures the rounds of an announcement by a method, with an access
// token that is kept already.
func Bench(b *testing.B, p guest.Provider, method string) {
	b.Helper()
	w, err := NewWorld()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	payment := contract.CannedPayment()
	payment.Method, payment.MethodOptions = method, nil
	r, native := plugintest.New(b, plugintest.Build(b, ".")), guesttest.New(p)
	create := conformance.Call{Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: payment}, Account: Account(), World: w}
	if _, err := conformance.Drive(b.Context(), native, create); err != nil { // it fetches the token
		b.Fatal(err)
	}
	plugintest.Bench(b, r, native, create)
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
