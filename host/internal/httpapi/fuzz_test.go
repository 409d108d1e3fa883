package httpapi

import (
	"testing"

	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
)

// FuzzReadCreate: whatever is taken asks for an amount above zero that is
// exact everywhere, and has a fingerprint that white space does not change.
func FuzzReadCreate(f *testing.F) {
	for _, seed := range []string{
		`{"reference":"bar-1","amount":{"value":4999,"currency":"EUR"},"return_url":"https://shop.example/"}`,
		`{"reference":"bar-1","amount":{"value":1.5,"currency":"EUR"}}`,
		`{"reference":"a","amount":{"value":9007199254740991,"currency":"JPY"},"lines":[{"name":"x","kind":"fee","quantity":"1","amount":{"value":-1,"currency":"JPY"},"codes":{"a":"b"}}]}`,
		`{"reference":"a","amount":{"value":1,"currency":"TND"},"customer":{"ip":"::1"},"metadata":{"k":"v"},"methods":["a"],"method":"a","method_options":{"option":"b"},"expires_at":"2026-11-22T14:30:00Z"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := strict.Parse(in)
		if err != nil {
			return
		}
		doc := strict.NewDocument(v)
		o := doc.Object()
		spec := readCreate(o)
		o.End()
		if len(doc.Problems()) > 0 {
			return
		}
		if spec.Amount.Value < 1 || spec.Amount.Value > strict.MaxInteger || spec.Amount.Currency == "" {
			t.Fatalf("%q asks for %+v", in, spec.Amount)
		}
		one, err := fingerprint("POST", "/v1/orders", in)
		if err != nil {
			t.Fatalf("%q has no fingerprint: %v", in, err)
		}
		if other, err := fingerprint("POST", "/v1/orders", append(append([]byte(" "), in...), '\n')); err != nil || one != other {
			t.Fatalf("%q: %s, with white space %s (%v)", in, one, other, err)
		}
	})
}
