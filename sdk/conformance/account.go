package conformance

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

// minScrubbed is the length from which a secret's value is hidden in answers.
const minScrubbed = 8

// hidden stands where a secret or a kept token was.
const hidden = "***"

// Account is one merchant's account: settings and secrets as the operator
// wrote them, and the tokens that calls have kept. It is not for concurrent use.
type Account struct {
	// Settings are those that are no secrets, by name.
	Settings map[string]any
	// Secrets are the values of those that are set, by name.
	Secrets map[string]string
	// Tokens are kept by calls; a test may put some there beforehand.
	Tokens map[string]Token
	// Roots are what certificate chains must lead to; nil means the system's.
	Roots *x509.CertPool
	// signed counts the requests that OAuth 1 signed.
	signed int
}

// Token is a kept value. A zero Expires means that it does not expire.
type Token struct {
	Value   string
	Expires time.Time
}

func (t Token) alive(now time.Time) bool { return t.Expires.IsZero() || now.Before(t.Expires) }

// keeper is an account under a manifest, at a moment: what host functions and
// requests may use.
type keeper struct {
	account *Account
	info    contract.SettingsInfo
	now     func() time.Time
}

// Secret implements [hostfn.Secrets]. Tokens serve for bearer alone.
func (k keeper) Secret(name string) (hostfn.Secret, bool) {
	if uses, ok := k.info.Secrets[name]; ok {
		v, ok := k.account.Secrets[name]
		return hostfn.Secret{Value: v, Uses: uses}, ok
	}
	t, ok := k.account.Tokens[name]
	return hostfn.Secret{Value: t.Value, Uses: []string{contract.UseBearer}}, ok && t.alive(k.now())
}

// Roots implements [hostfn.Secrets].
func (k keeper) Roots() *x509.CertPool { return k.account.Roots }

// names lists what the envelope's secrets name.
func (k keeper) names() []string {
	names := slices.Collect(maps.Keys(k.account.Secrets))
	for name, t := range k.account.Tokens {
		if t.alive(k.now()) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// scrub hides the account's secrets in a text, the longest first.
func (k keeper) scrub(text string) string {
	var values []string
	for _, v := range k.account.Secrets {
		values = append(values, v)
	}
	for _, t := range k.account.Tokens {
		values = append(values, t.Value)
	}
	sort.Slice(values, func(i, j int) bool { return len(values[i]) > len(values[j]) })
	for _, v := range values {
		if len(v) >= minScrubbed {
			text = strings.ReplaceAll(text, v, hidden)
		}
	}
	return text
}

// check says whether the account fits the manifest's schema, as far as the
// contract's own words go.
func (k keeper) check() error {
	for name := range k.account.Secrets {
		if _, ok := k.info.Secrets[name]; !ok {
			return fmt.Errorf("account: %q is no secret of the settings schema", name)
		}
	}
	for name := range k.account.Settings {
		if _, ok := k.info.Secrets[name]; ok {
			return fmt.Errorf("account: %q is a secret and must not be among the settings", name)
		}
	}
	return nil
}

// granted says whether requests may go to this host: one of the manifest's
// patterns, or the host of a setting marked x-host.
func (k keeper) granted(patterns []string, u *url.URL) error {
	for _, p := range patterns {
		if u.Scheme == "https" && contract.MatchHost(p, u.Host) {
			return nil
		}
	}
	for _, name := range k.info.Hosts {
		text, _ := k.account.Settings[name].(string)
		base, err := url.Parse(text)
		if err == nil && base.Scheme == u.Scheme && strings.EqualFold(base.Host, u.Host) {
			return nil
		}
	}
	return fmt.Errorf("host %s://%s is neither in the manifest's hosts nor a setting marked x-host", u.Scheme, u.Host)
}

func (k keeper) settings() (json.RawMessage, error) {
	if k.account.Settings == nil {
		return json.RawMessage("{}"), nil
	}
	return json.Marshal(k.account.Settings)
}

var _ hostfn.Secrets = keeper{}
