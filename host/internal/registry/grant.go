package registry

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
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
	ErrNoGrant = errors.New("it has no grant: put one into the configuration, or install it with kassette plugin install, which shows what it asks for; or remove the file")
	// ErrAsksMore: the version asks for more than the plugin's grant.
	ErrAsksMore = errors.New("it asks for more than its grant")
)

// asksOf lists what a manifest asks the operator for.
func asksOf(m contract.Manifest) (checkout.Asks, error) {
	info, err := contract.ReadSettings(m.SettingsSchema)
	if err != nil {
		return checkout.Asks{}, fmt.Errorf("settings schema: %w", err)
	}
	return checkout.Asks{Hosts: m.Hosts, Secrets: info.Secrets, Operations: m.Operations, HostSettings: info.Hosts}, nil
}

// beyond is what is asked for over a grant, which names secrets and leaves
// their uses open.
func beyond(asks checkout.Asks, g checkout.Grant) checkout.Asks {
	secrets := map[string][]string{}
	for _, name := range g.Secrets {
		secrets[name] = asks.Secrets[name]
	}
	return over(asks, checkout.Asks{Hosts: g.Hosts, Secrets: secrets, Operations: g.Operations})
}

// over is what is asked for and not in base.
func over(asks, base checkout.Asks) checkout.Asks {
	more := checkout.Asks{Hosts: without(asks.Hosts, base.Hosts), Operations: without(asks.Operations, base.Operations)}
	for name, uses := range asks.Secrets {
		known, ok := base.Secrets[name]
		if uses := without(uses, known); !ok || len(uses) > 0 {
			if more.Secrets == nil {
				more.Secrets = map[string][]string{}
			}
			more.Secrets[name] = uses
		}
	}
	return more
}

func without[T comparable](list, taken []T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return slices.Contains(taken, x) })
}

// checkGrant compares what a version asks for with what its plugin is granted:
// by the configuration, or else by what operators confirmed. Of a secret, a
// use must be confirmed too that neither the active version has nor this one
// had when it served before; and another signer.
func (r *Registry) checkGrant(v *version, rec record, confirm string) error {
	asks, err := asksOf(v.Manifest)
	if err != nil {
		return err
	}
	var more checkout.Asks
	grant, file := r.options.Grants[v.Name]
	if file {
		if more = beyond(asks, grant); more.Empty() {
			file = false
			active, serves := rec.find(rec.Active)
			known, _ := rec.find(v.Digest)
			if serves && known.ActivatedAt.IsZero() {
				more.Secrets = over(asks, active.Asks).Secrets
			}
		}
	} else {
		more = over(asks, rec.Granted)
	}
	signer := rec.signerChange(v)
	if more.Empty() && signer == nil {
		return nil
	}
	e := &checkout.AsksError{Difference: more, Signer: signer, Digest: digestOfAsks(more, signer), File: file}
	if !file && slices.Contains(strings.Split(confirm, ","), e.Digest) {
		return nil
	}
	return e
}

// signerChange says whether another signed a version than what served last;
// nil where it is the same, where the version served before, and where nobody
// had signed until now.
func (r record) signerChange(v *version) *checkout.SignerChange {
	var last recorded
	for _, known := range r.Versions {
		if known.ActivatedAt.After(last.ActivatedAt) {
			last = known
		}
	}
	state, to := v.signature.State, v.signature.Signer
	if known, ok := r.find(v.Digest); ok {
		if state, to = known.Signature, known.Signer; !known.ActivatedAt.IsZero() {
			return nil
		}
	}
	if state != Signed {
		to = ""
	}
	if last.Signature != Signed || last.Signer == to {
		return nil
	}
	return &checkout.SignerChange{From: last.Signer, To: to}
}

// checkFolderGrant is checkGrant where nobody can be asked.
func (r *Registry) checkFolderGrant(v *version, rec record) error {
	var asks *checkout.AsksError
	err := r.checkGrant(v, rec, "")
	if !errors.As(err, &asks) {
		return err
	}
	name := v.Name + "@" + v.Plugin.Version
	if _, file := r.options.Grants[v.Name]; !file && rec.Active == "" {
		return fmt.Errorf("%s: %w", name, ErrNoGrant)
	}
	if asks.File {
		return fmt.Errorf("%s: %w: %s; grant it in the configuration, or go back to the version before", name, ErrAsksMore, asks.Difference)
	}
	return fmt.Errorf("%s: %w: %s; look at it and activate it with kassette plugin activate %s %s", name, ErrAsksMore, strings.Join(asks.Lines(), ", "), v.Name, v.Plugin.Version)
}

// grantOf is what a version may do: what the configuration grants, or what of
// its asks operators confirmed.
func (r *Registry) grantOf(v *version) checkout.Grant {
	if g, ok := r.options.Grants[v.Name]; ok {
		return g
	}
	r.mu.Lock()
	granted := r.records[v.Name].Granted
	r.mu.Unlock()
	asks, err := asksOf(v.Manifest)
	if err != nil { // it was read when the version was loaded
		return checkout.Grant{}
	}
	more := over(asks, granted)
	g := checkout.Grant{Hosts: without(asks.Hosts, more.Hosts), Operations: without(asks.Operations, more.Operations)}
	for _, name := range slices.Sorted(maps.Keys(asks.Secrets)) {
		if _, missing := more.Secrets[name]; !missing {
			g.Secrets = append(g.Secrets, name)
		}
	}
	return g
}

// union is what is in one or the other.
func union(a, b checkout.Asks) checkout.Asks {
	more := over(b, a)
	sum := checkout.Asks{Hosts: slices.Concat(a.Hosts, more.Hosts), Operations: slices.Concat(a.Operations, more.Operations), Secrets: maps.Clone(a.Secrets)}
	for name, uses := range more.Secrets {
		if sum.Secrets == nil {
			sum.Secrets = map[string][]string{}
		}
		sum.Secrets[name] = slices.Concat(sum.Secrets[name], uses)
	}
	return sum
}

// digestOfAsks names a difference.
func digestOfAsks(a checkout.Asks, s *checkout.SignerChange) string {
	b, err := json.Marshal(struct {
		checkout.Asks
		Signer *checkout.SignerChange `json:"signer,omitempty"`
	}{a, s})
	if err != nil { // lists and maps of strings always encode
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// noSecrets is the account of the proof: it has none.
type noSecrets struct{}

// Secret implements [hostfn.Secrets].
func (noSecrets) Secret(string) (hostfn.Secret, bool) { return hostfn.Secret{}, false }

// Roots implements [hostfn.Secrets].
func (noSecrets) Roots() *x509.CertPool { return nil }

var _ hostfn.Secrets = noSecrets{}
