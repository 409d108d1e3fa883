package conformance

import (
	"context"
	"fmt"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Runner runs rounds of one plugin.
type Runner interface {
	// Round runs an export once: JSON in, JSON out. The error says that there
	// is no output; a failure that the plugin answers is no error.
	Round(ctx context.Context, export contract.Export, input []byte, host Host) ([]byte, error)
}

// Host is what a round reaches beside its input.
type Host struct {
	// Call runs one of the host's pure functions. An error ends the round.
	Call func(name contract.HostFunction, input []byte) ([]byte, error)
	// Log takes a line that the plugin logs.
	Log func(level, text string)
}

// Describe gives the plugin's manifest. One that is not valid is an error that
// names every problem.
func Describe(ctx context.Context, r Runner) (contract.Manifest, error) {
	out, err := r.Round(ctx, contract.Describe, nil, Host{
		Call: func(name contract.HostFunction, _ []byte) ([]byte, error) {
			return nil, fmt.Errorf("host function %s: not in describe", name)
		},
		Log: func(string, string) {},
	})
	if err != nil {
		return contract.Manifest{}, fmt.Errorf("run describe: %w", err)
	}
	return contract.DecodeManifest(out)
}
