package guest

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// MAC has the host compute an HMAC with secrets that the plugin does not see.
// A use that the settings schema does not allow, or a secret that is not set,
// is a failure invalid_settings.
func (c *Call) MAC(r contract.MACRequest) ([]byte, error) {
	r.Expect = nil
	out, err := c.sum(contract.SecretMAC, r)
	return out.Sum, err
}

// CheckMAC has the host compare an HMAC with what was received, in constant
// time. It returns nil if they are equal, a failure bad_signature if not.
func (c *Call) CheckMAC(r contract.MACRequest, received []byte) error {
	r.Expect = received
	return c.check(contract.SecretMAC, c.ofBody(r), received)
}

// Digest has the host compute a hash over text and secrets.
func (c *Call) Digest(r contract.DigestRequest) ([]byte, error) {
	r.Expect = nil
	out, err := c.sum(contract.SecretDigest, r)
	return out.Sum, err
}

// CheckDigest has the host compare a hash with what was received, in constant
// time. It returns nil if they are equal, a failure bad_signature if not.
func (c *Call) CheckDigest(r contract.DigestRequest, received []byte) error {
	r.Expect = received
	return c.check(contract.SecretDigest, r, received)
}

// Verify has the host check a signature with a public key. It returns nil if
// it holds, a failure bad_signature that says why if not.
func (c *Call) Verify(r contract.VerifyRequest) error {
	var out contract.VerifyResult
	if err := c.ask(contract.VerifySignature, r, &out); err != nil {
		return err
	}
	if !out.Valid {
		return badSignature("verify signature: " + out.Error)
	}
	return nil
}

func (c *Call) sum(name contract.HostFunction, in any) (contract.SumResult, error) {
	var out contract.SumResult
	if err := c.ask(name, in, &out); err != nil {
		return out, err
	}
	if out.Error != "" {
		return out, &contract.Failure{Code: contract.InvalidSettings, Message: string(name) + ": " + out.Error}
	}
	return out, nil
}

func (c *Call) check(name contract.HostFunction, in any, received []byte) error {
	if len(received) == 0 { // an empty Expect would ask for the sum
		return badSignature("there is no signature")
	}
	out, err := c.sum(name, in)
	if err != nil {
		return err
	}
	if !out.Equal {
		return badSignature("the signature does not match")
	}
	return nil
}

func (c *Call) ask(name contract.HostFunction, in, out any) error {
	if c.host.Call == nil {
		return errors.New("host function " + string(name) + ": there is none here")
	}
	b, ready := in.([]byte)
	var err error
	if !ready {
		b, err = json.Marshal(in)
	}
	if err != nil {
		return errors.New("write input of " + string(name) + ": " + err.Error())
	}
	if b, err = c.host.Call(name, b); err != nil {
		return errors.New(string(name) + ": " + err.Error())
	}
	if err := json.Unmarshal(b, out); err != nil {
		return errors.New("read output of " + string(name) + ": " + err.Error())
	}
	return nil
}

// ofBody writes the input of a MAC over the message's body, which may be large, with
// the body as the host wrote it: nothing is quoted anew. Any other stays as it is.
func (c *Call) ofBody(r contract.MACRequest) any {
	if len(r.Data) != 1 || r.Data[0].Secret != "" || r.Data[0].Text == "" || r.Data[0].Text != c.body.text {
		return r
	}
	bare := r
	bare.Data = nil
	b, err := json.Marshal(bare)
	if err != nil {
		return r
	}
	before, after, _ := bytes.Cut(b, []byte(`"data":null`)) // in a text the quotes would be escaped
	out := make([]byte, 0, len(b)+len(c.body.quoted)+8)
	out = append(append(out, before...), `"data":[`...)
	return append(append(append(out, c.body.quoted...), ']'), after...)
}

func badSignature(message string) error {
	return &contract.Failure{Code: contract.BadSignature, Message: message}
}
