package call

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

// maxSums bounds the different calls of host functions in one call.
const maxSums = 256

// sums answers the host functions. Each answer is kept by its input and
// journaled, so that later rounds see the same, in a resumed call too: whoever
// changes an account's secrets does not change a call that is under way.
type sums struct {
	secrets *secrets
	known   map[string]sum
	fresh   []string
}

// sum is an answer and whether it is a verification that held.
type sum struct {
	Output json.RawMessage `json:"output"`
	Holds  bool            `json:"holds,omitempty"`
}

func (s *sums) do(_ context.Context, name contract.HostFunction, input []byte) ([]byte, error) {
	h := sha256.Sum256(append([]byte(name+"\x00"), input...))
	key := hex.EncodeToString(h[:])
	if found, ok := s.known[key]; ok {
		return found.Output, nil
	}
	if len(s.known) >= maxSums {
		return nil, ErrHostCalls
	}
	output, err := hostfn.Do(name, input, forSums{s.secrets})
	if err != nil {
		return nil, err
	}
	s.known[key] = sum{Output: output, Holds: holds(name, input, output)}
	s.fresh = append(s.fresh, key)
	return output, nil
}

// takeFresh gives those that are new since it was last asked.
func (s *sums) takeFresh() map[string]sum {
	fresh := make(map[string]sum, len(s.fresh))
	for _, key := range s.fresh {
		fresh[key] = s.known[key]
	}
	s.fresh = nil
	return fresh
}

// holds says whether an answer verifies something: a MAC or a digest that was
// as expected, or a signature. A digest over nothing secret anyone can make.
func holds(name contract.HostFunction, input, output []byte) bool {
	if name == contract.VerifySignature {
		var v contract.VerifyResult
		return json.Unmarshal(output, &v) == nil && v.Valid
	}
	var r contract.SumResult
	if json.Unmarshal(output, &r) != nil || !r.Equal {
		return false
	}
	if name == contract.SecretDigest {
		var in contract.DigestRequest
		return json.Unmarshal(input, &in) == nil && len(in.Data.Secrets()) > 0
	}
	return true
}

// verified says whether any verification of the call held.
func (s *sums) verified() bool {
	for _, k := range s.known {
		if k.Holds {
			return true
		}
	}
	return false
}
