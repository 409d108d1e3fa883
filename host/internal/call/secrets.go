package call

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

// secrets are an account's secrets, as they were when the call began, and the
// tokens that are kept for it. The guest learns their names alone.
type secrets struct {
	vault   Vault
	logger  *slog.Logger
	account checkout.Account
	// uses has what the schema allows of each secret that is granted.
	uses map[string][]string
	// kept are tokens by name. They change between rounds only.
	kept map[string]string
}

// grantedSecrets are the schema's secrets that the operator granted.
func grantedSecrets(info contract.SettingsInfo, g checkout.Grant) map[string][]string {
	uses := map[string][]string{}
	for name, u := range info.Secrets {
		if slices.Contains(g.Secrets, name) {
			uses[name] = u
		}
	}
	return uses
}

// names are those that are set, in alphabetical order.
func (s *secrets) names() []string {
	names := slices.Collect(maps.Keys(s.kept))
	for name := range s.uses {
		if s.account.Secrets[name] != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// maxLoad bounds the reading of tokens: one that is not read is fetched again.
const maxLoad = 400 * time.Millisecond

// load reads the tokens of these names that are still valid.
func (s *secrets) load(ctx context.Context, names []string) {
	ctx, cancel := context.WithTimeout(ctx, maxLoad)
	defer cancel()
	for _, name := range names {
		value, err := s.token(ctx, name)
		if err == nil {
			s.kept[name] = value
		} else if !errors.Is(err, checkout.ErrNotFound) {
			s.logger.WarnContext(ctx, "read kept token", "account", s.account.ID, "token", name, "error", err)
		}
	}
}

// tokensAmong leaves out the names of the schema's secrets.
func (s *secrets) tokensAmong(names []string) []string {
	var tokens []string
	for _, name := range names {
		if _, secret := s.uses[name]; !secret && !slices.Contains(tokens, name) {
			tokens = append(tokens, name)
		}
	}
	return tokens
}

func (s *secrets) token(ctx context.Context, name string) (string, error) {
	value, _, err := s.vault.Token(ctx, s.account.ID, name)
	return value, err
}

// Secret gives a secret or a kept token with its uses.
func (s *secrets) Secret(name string) (string, []string, bool) {
	if uses, ok := s.uses[name]; ok {
		value := s.account.Secrets[name]
		return value, uses, value != ""
	}
	value, ok := s.kept[name]
	return value, []string{contract.UseBearer}, ok
}

// Values lists every value of the account, for masking.
func (s *secrets) Values() []string {
	return slices.AppendSeq(slices.Collect(maps.Values(s.account.Secrets)), maps.Values(s.kept))
}

// forSums shows the same secrets to the host functions, without the tokens:
// those are for bearer alone.
type forSums struct{ *secrets }

// Secret gives a secret of the schema.
func (s forSums) Secret(name string) (hostfn.Secret, bool) {
	value := s.account.Secrets[name]
	uses, ok := s.uses[name]
	return hostfn.Secret{Value: value, Uses: uses}, ok && value != ""
}

// Roots are the operator's own for the account, or nil for the system's.
func (s forSums) Roots() *x509.CertPool {
	var pool *x509.CertPool
	for _, rule := range s.account.Hosts {
		if rule.CA == "" {
			continue
		}
		if pool == nil {
			pool = x509.NewCertPool()
		}
		pool.AppendCertsFromPEM([]byte(rule.CA))
	}
	return pool
}

// tokenNames remembers which tokens the plugins of an account keep. It is
// only a hint: a name that it lacks costs one question of the guest, which is
// then answered from the vault.
type tokenNames struct {
	mu        sync.Mutex
	byAccount map[string]map[string]bool
}

// maxTokenNames bounds what is remembered of one account.
const maxTokenNames = 16

func (t *tokenNames) known(account string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.byAccount[account]))
}

func (t *tokenNames) learn(account, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	names := t.byAccount[account]
	if names == nil {
		names = map[string]bool{}
		t.byAccount[account] = names
	}
	if len(names) < maxTokenNames {
		names[name] = true
	}
}

var (
	_ egress.Secrets = (*secrets)(nil)
	_ hostfn.Secrets = forSums{}
)
