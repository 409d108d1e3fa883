package checkout

import (
	"encoding/json"
	"net/netip"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Directory knows shops, their API keys and their accounts.
type Directory interface {
	// Shop by id. Error: ErrNotFound.
	Shop(id string) (Shop, error)
	// Key by the key itself. Error: ErrNotFound.
	Key(secret string) (Key, error)
	// Account by id. Error: ErrNotFound.
	Account(id string) (Account, error)
	// Accounts of a shop, in the order of its configuration.
	Accounts(shop string) []Account
	// All accounts of all shops.
	All() []Account
}

// Shop is a web shop that takes payments.
type Shop struct {
	ID       string
	Name     string
	Contact  Contact
	TermsURL string
	// Origins are the https origins on which its URLs must be.
	Origins []string
	// NoticeSecrets sign notices and returns, the newest first: the decoded bytes of whsec_….
	NoticeSecrets [][]byte
	// FormKeys sign its HTML forms; without one it takes none.
	FormKeys []FormKey
	// AllowPrivate and AllowHTTP loosen the rules for its notices: a shop in the operator's own network.
	AllowPrivate bool
	AllowHTTP    bool
	// Accent is the colour of its pages, #rrggbb, or "".
	Accent string
	// HideUnavailable says that it wants methods that cannot be used now left out
	// of its pages, where they are shown with the reason otherwise.
	HideUnavailable bool
}

// Contact is how a consumer reaches the shop.
type Contact struct {
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	URL   string `json:"url,omitempty"`
}

// Scope is what an API key may do.
type Scope string

// The scopes.
const (
	OrdersWrite   Scope = "orders:write"
	OrdersRead    Scope = "orders:read"
	RefundsWrite  Scope = "refunds:write"
	StatementRead Scope = "statement:read"
)

// Key is an API key. The key itself is kept nowhere, only its hash.
type Key struct {
	ID     string
	Shop   string
	Live   bool
	Scopes []Scope
	// Networks is the IP allow-list; empty means anywhere.
	Networks []netip.Prefix
}

// Account is one set of a provider's credentials.
type Account struct {
	ID       string
	Shop     string
	Provider string
	// WebhookPlugin names the plugin that takes the account's webhooks.
	WebhookPlugin string
	// Methods are those that are switched on; empty means all of the provider's plugins.
	Methods []string
	Live    bool
	// Settings are without the secrets, Secrets are the secrets in clear: they leave the host only in requests.
	Settings json.RawMessage
	Secrets  map[string]string
	// Hosts are the operator's own for this account, by host pattern, with their rules.
	Hosts map[string]HostRule
	// SettleOverpaid lets the host give back a second payment.
	SettleOverpaid bool
	// NumberStart is the first number of the account's counter.
	NumberStart int64
}

// HostRule loosens or tightens what is allowed towards one host of an account.
type HostRule struct {
	AllowPrivate bool
	AllowHTTP    bool
	// CA is PEM, then the only trust for that host.
	CA string
}

// Clock tells the time. Tests give their own.
type Clock func() time.Time

// Grant is what the operator lets a plugin do.
type Grant struct {
	Hosts      []string
	Secrets    []string
	Operations []contract.Export
}
