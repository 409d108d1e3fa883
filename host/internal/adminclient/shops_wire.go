package adminclient

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"
)

// NewShop is a shop that is to be added.
type NewShop struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	Contact         Contact  `json:"contact"`
	TermsURL        string   `json:"terms_url,omitempty"`
	Origins         []string `json:"origins"`
	Platform        string   `json:"platform,omitempty"`
	AllowPrivate    bool     `json:"allow_private,omitempty"`
	AllowHTTP       bool     `json:"allow_http,omitempty"`
	ConfirmPrivate  bool     `json:"confirm_private,omitempty"`
	Accent          string   `json:"accent,omitempty"`
	HideUnavailable bool     `json:"hide_unavailable,omitempty"`
	NoticeSecret    string   `json:"notice_secret,omitempty"`
	Keys            []NewKey `json:"keys"`
}

// Contact is how a consumer reaches a shop.
type Contact struct {
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	URL   string `json:"url,omitempty"`
}

// NewKey is an API key that is to be added, by its hash.
type NewKey struct {
	ID       string   `json:"id"`
	Live     bool     `json:"live,omitempty"`
	Scopes   []string `json:"scopes"`
	Networks []string `json:"networks,omitempty"`
	Hash     string   `json:"hash,omitempty"`
}

// NewFormKey is a key for HTML forms that is to be added.
type NewFormKey struct {
	ID     string `json:"id"`
	Live   bool   `json:"live,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// FormKeyAdded is what came of adding one.
type FormKeyAdded struct {
	Created bool `json:"created"`
	Shop    Shop `json:"shop"`
}

// FormKey is a key for HTML forms of a shop.
type FormKey struct {
	ID   string `json:"id"`
	Live bool   `json:"live"`
	Secret
}

// NewAccount is an account that is to be added.
type NewAccount struct {
	ID             string              `json:"id"`
	Provider       string              `json:"provider"`
	WebhookPlugin  string              `json:"webhook_plugin,omitempty"`
	Methods        []string            `json:"methods,omitempty"`
	Live           bool                `json:"live,omitempty"`
	Settings       map[string]any      `json:"settings,omitempty"`
	Secrets        map[string]string   `json:"secrets,omitempty"`
	Hosts          map[string]HostRule `json:"hosts,omitempty"`
	ConfirmPrivate bool                `json:"confirm_private,omitempty"`
}

// HostRule loosens what is allowed towards one host of an account.
type HostRule struct {
	AllowPrivate bool `json:"allow_private,omitempty"`
	AllowHTTP    bool `json:"allow_http,omitempty"`
}

// Rotation asks for a new key, by its hash, or a new notice secret.
type Rotation struct {
	Overlap string `json:"overlap,omitempty"`
	Now     bool   `json:"now,omitempty"`
	EndOld  bool   `json:"end_old,omitempty"`
	Hash    string `json:"hash,omitempty"`
	Secret  string `json:"secret,omitempty"`
}

// Shop is a shop as a gateway tells it: without secrets.
type Shop struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Contact  Contact  `json:"contact"`
	TermsURL string   `json:"terms_url,omitempty"`
	Origins  []string `json:"origins"`
	Platform string   `json:"platform,omitempty"`
	// Source is file or state.
	Source        string    `json:"source"`
	Gateway       string    `json:"gateway"`
	NoticeSecrets []Secret  `json:"notice_secrets"`
	Keys          []Key     `json:"keys"`
	FormKeys      []FormKey `json:"form_keys"`
	Accounts      []Account `json:"accounts"`
	AllowPrivate  bool      `json:"allow_private,omitempty"`
	AllowHTTP     bool      `json:"allow_http,omitempty"`
	// History is what was done, the latest last.
	History []ShopChange `json:"history,omitempty"`
}

// Secret tells secrets apart. Until is when it ends, nil for never.
type Secret struct {
	Fingerprint string     `json:"fingerprint"`
	Until       *time.Time `json:"until,omitempty"`
}

// Key is an API key of a shop. Old are those before it that still work.
type Key struct {
	ID       string   `json:"id"`
	Live     bool     `json:"live"`
	Scopes   []string `json:"scopes"`
	Networks []string `json:"networks,omitempty"`
	Secret
	Old []Secret `json:"old,omitempty"`
}

// Account is an account of a shop, its secrets by their names.
type Account struct {
	ID            string          `json:"id"`
	Provider      string          `json:"provider"`
	WebhookPlugin string          `json:"webhook_plugin,omitempty"`
	Methods       []string        `json:"methods,omitempty"`
	Live          bool            `json:"live"`
	Settings      json.RawMessage `json:"settings"`
	Secrets       []string        `json:"secrets"`
	Webhook       string          `json:"webhook,omitempty"`
	Source        string          `json:"source"`
}

// ShopChange is an entry of a shop's audit trail.
type ShopChange struct {
	At    time.Time `json:"at"`
	What  string    `json:"what"`
	About string    `json:"about,omitempty"`
	By    string    `json:"by"`
}

// ShopAdded is what came of adding a shop. Created is false where the same was
// there, and on a dry run.
type ShopAdded struct {
	Shop    Shop `json:"shop"`
	Created bool `json:"created"`
}

// AccountAdded is what came of adding an account.
type AccountAdded struct {
	Account Account `json:"account"`
	Created bool    `json:"created"`
}

// Rotated is what came of a rotation, or of adding a key.
type Rotated struct {
	Changed  bool       `json:"changed"`
	OldUntil *time.Time `json:"old_until,omitempty"`
	Shop     Shop       `json:"shop"`
}

// ShopTestSpec says where a shop takes notices.
type ShopTestSpec struct {
	NoticeURL string `json:"notice_url,omitempty"`
	Platform  string `json:"platform,omitempty"`
}

// ShopTest is what was tried for a shop.
type ShopTest struct {
	Shop   Shop        `json:"shop"`
	Checks []ShopCheck `json:"checks"`
}

// ShopCheck is one thing that was tried. State is ok, warning, failed or skipped.
type ShopCheck struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Text  string `json:"text"`
	Fix   string `json:"fix,omitempty"`
}

// NewAPIKey makes an API key of 256 random bits. The gateway gets its hash, the
// SHA-256 in hex, and never the key.
func NewAPIKey(live bool) (key, hash string) {
	prefix := "kas_test_"
	if live {
		prefix = "kas_live_"
	}
	key = prefix + base64.RawURLEncoding.EncodeToString(random())
	return key, HashOf(key)
}

// NewNoticeSecret makes a notice secret of 256 random bits.
func NewNoticeSecret() string { return "whsec_" + base64.StdEncoding.EncodeToString(random()) }

// NewFormSecret makes a form key's secret of 256 random bits.
func NewFormSecret() string { return "form_" + base64.StdEncoding.EncodeToString(random()) }

// HashOf is what a gateway knows of a key. Its first 12 digits are the fingerprint.
func HashOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func random() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return b
}
