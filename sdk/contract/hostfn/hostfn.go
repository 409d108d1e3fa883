package hostfn

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Secrets is what the functions know of an account.
type Secrets interface {
	// Secret gives a secret by its name; false where none is set.
	Secret(name string) (Secret, bool)
	// Roots are what a chain must lead to: the operator's ca where the account
	// has one, else the host's own roots. Nil means those of the system.
	Roots() *x509.CertPool
}

// Secret is a value and what it may be used for, in the words of x-secret-use.
type Secret struct {
	Value string
	Uses  []string
}

// Do runs the function of this name. A refusal that the plugin is to learn of
// stands in the output's error member; the error says that the call itself was
// no proper one (no such function, not JSON, unknown members). Neither holds
// the value of a secret.
func Do(name contract.HostFunction, input []byte, s Secrets) ([]byte, error) {
	switch name {
	case contract.SecretMAC:
		return run(name, input, s, mac)
	case contract.SecretDigest:
		return run(name, input, s, digest)
	case contract.VerifySignature:
		return run(name, input, s, verify)
	}
	return nil, fmt.Errorf("host function %q: there is none of this name", name)
}

func run[In, Out any](name contract.HostFunction, input []byte, s Secrets, f func(In, Secrets) Out) ([]byte, error) {
	var in In
	d := json.NewDecoder(bytes.NewReader(input))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("read input of %s: %w", name, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read input of %s: more than one JSON value", name)
	}
	return json.Marshal(f(in, s))
}
