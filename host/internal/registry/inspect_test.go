package registry

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	us, them := newSigner(t, "us"), newSigner(t, "them")
	wasm := plugin(t, nil)
	for name, c := range map[string]struct {
		signature []byte
		grants    map[string]checkout.Grant
		state     SignatureState
		granted   bool
		beyond    []string
	}{
		"unsigned, no grant": {nil, nil, Unsigned, false, []string{"host api.tulip.example", "secret key (bearer)", "operation create_payment", "operation get_payment"}},
		"not trusted":        {them.sign(wasm), map[string]checkout.Grant{"tulip": tulipGrant}, NotTrusted, true, []string{}},
		"signed, asks more": {us.sign(wasm), map[string]checkout.Grant{"tulip": {Hosts: tulipGrant.Hosts, Secrets: tulipGrant.Secrets, Operations: tulipGrant.Operations[:1]}},
			Signed, true, []string{"operation get_payment"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string][]byte{"tulip.wasm": wasm}
			if c.signature != nil {
				files["tulip.wasm.minisig"] = c.signature
			}
			o := trusting(t, files, us)
			o.Grants = c.grants
			got, err := Inspect(t.Context(), o, filepath.Join(o.Dir, "tulip.wasm"))
			if err != nil {
				t.Fatal(err)
			}
			if got.Signature.State != c.state || got.Granted != c.granted || !reflect.DeepEqual(got.Beyond, c.beyond) {
				t.Errorf("got %+v, %v, %q, want %v, %v, %q", got.Signature, got.Granted, got.Beyond, c.state, c.granted, c.beyond)
			}
			asks := checkout.Asks{Hosts: []string{"api.tulip.example"}, Secrets: map[string][]string{"key": {"bearer"}}, HostSettings: []string{"base_url"},
				Operations: []contract.Export{contract.CreatePayment, contract.GetPayment}}
			if !reflect.DeepEqual(got.Asks, asks) || got.Digest != digestOf(wasm) || got.Size != len(wasm) || got.Manifest.Name != "tulip" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestInspect_refused(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"text.wasm": []byte("hello")})
	for _, name := range []string{"text.wasm", "none.wasm"} {
		var file *FileError
		if _, err := Inspect(t.Context(), o, filepath.Join(o.Dir, name)); !errors.As(err, &file) || filepath.Base(file.File) != name {
			t.Errorf("got %v, want an error of %s", err, name)
		}
	}
	o.TrustedKeys = []TrustedKey{{Name: "us", Key: "RWabc"}}
	if _, err := Inspect(t.Context(), o, filepath.Join(o.Dir, "text.wasm")); err == nil {
		t.Error("a trusted key that cannot be read was taken")
	}
}
