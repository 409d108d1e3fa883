// Package config reads the configuration: a YAML file, and over it the
// environment. It knows what a sound configuration is and says of an unsound
// one everything that is wrong, with line, path and what to do. Nothing it
// holds prints a secret.
package config

import (
	"fmt"
	"log/slog"
	"strings"
)

// Config is a configuration. Members stand in the order of the file.
type Config struct {
	Listen Listen `yaml:"listen"`
	// PublicURL is where consumers and providers reach the gateway, without a final slash.
	PublicURL string `yaml:"public_url"`
	// AdminKey is asked of operators on their listener.
	AdminKey Value `yaml:"admin_key"`
	Redis    Redis `yaml:"redis"`
	// StateKeys seal what is in Redis: the first writes, all read. See [Config.StateKeyTexts].
	StateKeys []Value `yaml:"state_keys"`
	// TrustedProxies are networks whose X-Forwarded-For is believed. See [Config.Proxies].
	TrustedProxies []string `yaml:"trusted_proxies"`
	Plugins        Plugins  `yaml:"plugins"`
	// ConfirmPrivate names the live accounts, and the shops that have some,
	// that may reach private addresses or speak without TLS.
	ConfirmPrivate []string  `yaml:"confirm_private"`
	Shops          []Shop    `yaml:"shops"`
	Accounts       []Account `yaml:"accounts"`

	origin origin
}

// Listen are the addresses that are listened on, host:port. The last two are
// the demo's.
type Listen struct {
	Gateway   string `yaml:"gateway"`
	Admin     string `yaml:"admin"`
	Simulator string `yaml:"simulator"`
	Shop      string `yaml:"shop"`
}

// Redis is where the state lies.
type Redis struct {
	// URL is a redis:// or rediss:// URL; empty means embedded, lost at exit.
	URL Value `yaml:"url"`
}

// Plugins says which plugins run and what they may do.
type Plugins struct {
	// Folder holds the .wasm files.
	Folder string `yaml:"folder"`
	// TrustedKeys are those of which one must have signed each plugin.
	TrustedKeys []TrustedKey `yaml:"trusted_keys"`
	// AllowUnsigned lets plugins run that nobody signed; never beside live accounts.
	AllowUnsigned bool `yaml:"allow_unsigned"`
	// Grants are what each plugin may do, by its name.
	Grants map[string]Grant `yaml:"grants"`
}

// TrustedKey is a key whose holder may bring plugins.
type TrustedKey struct {
	// Name is the operator's word for it.
	Name string `yaml:"name"`
	// Key is a minisign public key: the line that begins with RW.
	Key string `yaml:"key"`
	// Plugins are the names of those that it may sign; none: all.
	Plugins []string `yaml:"plugins"`
}

// Grant is what the operator lets a plugin do.
type Grant struct {
	Hosts      []string `yaml:"hosts"`
	Secrets    []string `yaml:"secrets"`
	Operations []string `yaml:"operations"`
}

// Shop is a web shop.
type Shop struct {
	ID       string  `yaml:"id"`
	Name     string  `yaml:"name"`
	Contact  Contact `yaml:"contact"`
	TermsURL string  `yaml:"terms_url"`
	// Origins are those on which its URLs must be: https://host[:port].
	Origins []string `yaml:"origins"`
	// NoticeSecrets are whsec_…, the newest first.
	NoticeSecrets []Value `yaml:"notice_secrets"`
	// FormKeys sign its HTML forms.
	FormKeys []FormKey `yaml:"form_keys"`
	// AllowPrivate and AllowHTTP are for its notices and pages.
	AllowPrivate bool `yaml:"allow_private"`
	AllowHTTP    bool `yaml:"allow_http"`
	// Accent is the colour of its pages, #rrggbb.
	Accent string `yaml:"accent"`
	// HideUnavailable leaves methods that cannot be used now out of its pages.
	HideUnavailable bool  `yaml:"hide_unavailable"`
	Keys            []Key `yaml:"keys"`
}

// FormKey signs a shop's HTML forms, and nothing else.
type FormKey struct {
	ID string `yaml:"id"`
	// Secret is form_ and the base64 of 24 to 64 bytes.
	Secret Value `yaml:"secret"`
	Live   bool  `yaml:"live"`
}

// Contact is how a consumer reaches the shop.
type Contact struct {
	Email string `yaml:"email"`
	Phone string `yaml:"phone"`
	URL   string `yaml:"url"`
}

// Key is an API key of a shop: its hash, or the key itself.
type Key struct {
	ID string `yaml:"id"`
	// Hash is the SHA-256 of the key in hex.
	Hash     string   `yaml:"hash"`
	Key      Value    `yaml:"key"`
	Scopes   []string `yaml:"scopes"`
	Networks []string `yaml:"networks"`
	Live     bool     `yaml:"live"`
}

// Account is one set of a provider's credentials.
type Account struct {
	ID       string `yaml:"id"`
	Shop     string `yaml:"shop"`
	Provider string `yaml:"provider"`
	// WebhookPlugin takes the account's webhooks.
	WebhookPlugin string `yaml:"webhook_plugin"`
	// Methods are those that are switched on; none means all.
	Methods []string `yaml:"methods"`
	Live    bool     `yaml:"live"`
	// Settings are what the plugin sees, Secrets what it never sees.
	Settings       map[string]any      `yaml:"settings"`
	Secrets        map[string]Value    `yaml:"secrets"`
	Hosts          map[string]HostRule `yaml:"hosts"`
	SettleOverpaid bool                `yaml:"settle_overpaid"`
	NumberStart    int64               `yaml:"number_start"`
}

// HostRule loosens or tightens what is allowed towards one host.
type HostRule struct {
	AllowPrivate bool `yaml:"allow_private"`
	AllowHTTP    bool `yaml:"allow_http"`
	// CA is PEM, then the only trust for the host.
	CA Value `yaml:"ca"`
}

// Live says whether any account moves real money.
func (c Config) Live() bool {
	for _, a := range c.Accounts {
		if a.Live {
			return true
		}
	}
	return false
}

// liveShop says whether a shop has an account that moves real money.
func (c Config) liveShop(id string) bool {
	for _, a := range c.Accounts {
		if a.Live && a.Shop == id {
			return true
		}
	}
	return false
}

// StateKeyTexts are the state keys as they are written. One value may hold
// several with commas between, as KASSETTE_STATE_KEY does in a rotation.
func (c Config) StateKeyTexts() []string {
	var keys []string
	for _, v := range c.StateKeys {
		keys = append(keys, strings.FieldsFunc(v.Text(), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })...)
	}
	return keys
}

// String tells what is configured, without secrets.
func (c Config) String() string {
	var shops, accounts []string
	for _, s := range c.Shops {
		shops = append(shops, s.ID)
	}
	for _, a := range c.Accounts {
		mode := "test"
		if a.Live {
			mode = "live"
		}
		accounts = append(accounts, a.ID+" ("+a.Provider+", "+mode+")")
	}
	return fmt.Sprintf("configuration %s: public_url %s, gateway %s, admin %s, plugins %s, shops [%s], accounts [%s]",
		orElse(c.origin.file, "of the environment"), c.PublicURL, c.Listen.Gateway, c.Listen.Admin, c.Plugins.Folder,
		strings.Join(shops, ", "), strings.Join(accounts, ", "))
}

// GoString is String: %#v shows no more than %v.
func (c Config) GoString() string { return c.String() }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
