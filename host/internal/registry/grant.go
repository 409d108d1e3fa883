package registry

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

// Errors of grants.
var (
	// ErrNoGrant: the operator granted the plugin nothing.
	ErrNoGrant = errors.New("it has no grant: put one into the configuration, or remove the file")
	// ErrAsksMore: the version asks for more than the plugin's grant.
	ErrAsksMore = errors.New("it asks for more than its grant")
)

// checkGrant compares what a version asks for with what its plugin is granted.
func checkGrant(m contract.Manifest, grants map[string]checkout.Grant) error {
	g, ok := grants[m.Name]
	if !ok {
		return fmt.Errorf("%s@%s: %w", m.Name, m.Version, ErrNoGrant)
	}
	more, err := beyond(m, g)
	if err != nil {
		return err
	}
	if len(more) > 0 {
		return fmt.Errorf("%s@%s: %w: %s; grant it in the configuration, or go back to the version before", m.Name, m.Version, ErrAsksMore, strings.Join(more, ", "))
	}
	return nil
}

// beyond lists what a version asks for over what a grant has.
func beyond(m contract.Manifest, g checkout.Grant) ([]string, error) {
	info, err := contract.ReadSettings(m.SettingsSchema)
	if err != nil {
		return nil, fmt.Errorf("settings schema: %w", err)
	}
	return slices.Concat(
		missing("host", m.Hosts, g.Hosts),
		missing("secret", slices.Sorted(maps.Keys(info.Secrets)), g.Secrets),
		missing("operation", m.Operations, g.Operations),
	), nil
}

// missing lists what is asked for and not granted.
func missing[T ~string](what string, asked, granted []T) []string {
	var more []string
	for _, a := range asked {
		if !slices.Contains(granted, a) {
			more = append(more, what+" "+string(a))
		}
	}
	return more
}

// noSecrets is the account of the proof: it has none.
type noSecrets struct{}

// Secret implements [hostfn.Secrets].
func (noSecrets) Secret(string) (hostfn.Secret, bool) { return hostfn.Secret{}, false }

// Roots implements [hostfn.Secrets].
func (noSecrets) Roots() *x509.CertPool { return nil }

var _ hostfn.Secrets = noSecrets{}
