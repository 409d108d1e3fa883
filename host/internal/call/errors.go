package call

import (
	"errors"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Breaches of the contract. Each ends the call as a failure internal whose
// message names the plugin, its version and the bound.
var (
	// ErrRounds: the plugin asks for more after its last round.
	ErrRounds = errors.New("too many rounds")
	// ErrInput: the envelope with its answers is over contract.MaxInput.
	ErrInput = errors.New("the input grew too large")
	// ErrAnswer: the output is not an answer of the contract.
	ErrAnswer = errors.New("the output breaks the contract")
	// ErrCircle: a request comes out again though its answer is there, or a
	// write that may have arrived is asked for again.
	ErrCircle = errors.New("the plugin is not deterministic")
	// ErrInterim: an interim where the operation may have none.
	ErrInterim = errors.New("no interim is possible here")
	// ErrToken: a kept token bears the name of a secret.
	ErrToken = errors.New("a kept token may not have the name of a secret")
	// ErrURL: a consumer would be sent to a host that is not granted.
	ErrURL = errors.New("a consumer may only be sent to granted hosts")
	// ErrHostCalls: the plugin asks for too many MACs, digests and signatures.
	ErrHostCalls = errors.New("too many calls of host functions")
	// ErrRound: the plugin's run itself failed; the sandbox says why.
	ErrRound = errors.New("the round failed")
)

// ErrReplay: the journal holds an answer by its digest alone, so the call cannot go on.
var ErrReplay = errors.New("an answer was too large for the journal")

// ErrElsewhere: another node runs the call, or has taken it over.
var ErrElsewhere = errors.New("the call runs elsewhere")

// breach is a plugin that breaks its contract.
type breach struct {
	call checkout.Call
	err  error
}

func (b *breach) Error() string {
	return fmt.Sprintf("%s %s@%s: %v", b.call.Export, b.call.Plugin.Name, b.call.Plugin.Version, b.err)
}

func (b *breach) Unwrap() error { return b.err }

// refusal ends a call by the host's word with a failure that is nobody's breach.
type refusal struct{ failure contract.Failure }

func (r *refusal) Error() string { return r.failure.Error() }

// breach names the plugin that broke kind, with what it did.
func (p *process) breach(kind error, format string, args ...any) error {
	return &breach{p.call, fmt.Errorf("%w: %s", kind, fmt.Sprintf(format, args...))}
}
