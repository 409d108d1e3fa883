// Package omnikassatest is what the tests of the plugins on an OmniKassa
// account share: the kit run natively and in Wasm, rounds that are measured, and
// orders as the bank keeps them.
package omnikassatest

import (
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// Conform runs the kit against the plugin of the test's folder, paying by a
// method of its: natively, and in Wasm beside it.
func Conform(t *testing.T, p guest.Provider, method string) {
	t.Helper()
	f := world.Fixture()
	f.Method = method
	plugintest.Conform(t, p, f)
}

// Bench measures the rounds of an announcement by a method, with an access
// token that is kept already.
func Bench(b *testing.B, p guest.Provider, method string) {
	b.Helper()
	w, err := world.New()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	payment := contract.CannedPayment()
	payment.Method, payment.MethodOptions = method, nil
	r, native := plugintest.New(b, plugintest.Build(b, ".")), guesttest.New(p)
	create := conformance.Call{Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: payment}, Account: world.Account(), World: w}
	if _, err := conformance.Drive(b.Context(), native, create); err != nil { // it fetches the token
		b.Fatal(err)
	}
	plugintest.Bench(b, r, native, create)
}

// Announce creates a payment by a method and gives the order as the bank keeps it.
func Announce(t *testing.T, r conformance.Runner, method string) omnikassa.OrderRecord {
	t.Helper()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	p := contract.CannedPayment()
	p.Method, p.MethodOptions = method, nil
	if _, err := conformance.Drive(t.Context(), r, conformance.Call{
		Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: p}, Account: world.Account(), World: w,
	}); err != nil {
		t.Fatal(err)
	}
	o, ok := w.Sim.Books().Order(p.Reference)
	if !ok {
		t.Fatal("the bank knows no such order")
	}
	return o
}
