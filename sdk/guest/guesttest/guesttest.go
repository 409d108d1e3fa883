// Package guesttest tests plugins natively: fast, with a debugger, without
// Wasm. The Wasm module answers the same bytes; package plugintest proves it.
package guesttest

import (
	"context"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// New makes a provider a [conformance.Runner] that runs in this process.
func New(p guest.Provider) conformance.Runner { return runner{p} }

type runner struct{ provider guest.Provider }

// Round implements [conformance.Runner]. An error of a host function ends the
// round, as it does in the sandbox, whatever the plugin makes of it.
func (r runner) Round(_ context.Context, export contract.Export, input []byte, host conformance.Host) ([]byte, error) {
	var broken error
	out := guest.Run(r.provider, export, input, guest.HostFuncs{
		Call: func(name contract.HostFunction, input []byte) ([]byte, error) {
			b, err := host.Call(name, input)
			if err != nil && broken == nil {
				broken = err
			}
			return b, err
		},
		Log: func(level guest.Level, text string) { host.Log(string(level), text) },
	})
	if broken != nil {
		return nil, broken
	}
	return out, nil
}

// Drive runs one call of the provider to its end. A breach of the contract
// fails the test at once; so does a [conformance.Script] that is not over.
func Drive(t testing.TB, p guest.Provider, c conformance.Call) conformance.Transcript {
	t.Helper()
	transcript, err := conformance.Drive(t.Context(), New(p), c)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := c.World.(*conformance.Script); ok {
		if err := s.Done(); err != nil {
			t.Fatal(err)
		}
	}
	return transcript
}

// Conform runs every scenario of the conformance kit against a plugin as a
// subtest family/name. One that does not apply says in its log which field of
// the manifest is why; it is no skipped test, since no machine could run it.
func Conform(t *testing.T, r conformance.Runner, f conformance.Fixture) {
	t.Helper()
	m, err := conformance.Describe(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range conformance.Scenarios() {
		judged(t, s.Family+"/"+s.Name, func(t *testing.T) (conformance.Verdict, error) { return s.Check(t.Context(), r, m, f) })
	}
}

// ConformShop does the same with the scenarios of shop plugins.
func ConformShop(t *testing.T, r conformance.Runner, f conformance.ShopFixture) {
	t.Helper()
	m, err := conformance.Describe(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range conformance.ShopScenarios() {
		judged(t, s.Family+"/"+s.Name, func(t *testing.T) (conformance.Verdict, error) { return s.Check(t.Context(), r, m, f) })
	}
}

// judged makes a verdict a subtest.
func judged(t *testing.T, name string, check func(t *testing.T) (conformance.Verdict, error)) {
	t.Run(name, func(t *testing.T) {
		v, err := check(t)
		switch {
		case err != nil:
			t.Fatal(err)
		case v.NotApplicable != "":
			t.Log("not applicable: " + v.NotApplicable)
		case !v.Passed():
			t.Error(strings.Join(v.Problems, "\n"))
		}
	})
}
