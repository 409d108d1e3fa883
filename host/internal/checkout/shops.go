package checkout

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// NewShop is a shop as an operator adds it while the gateway runs.
type NewShop struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Contact  Contact  `json:"contact"`
	TermsURL string   `json:"terms_url,omitempty"`
	Origins  []string `json:"origins"`
	// Platform is one of [Platforms], or "" for a shop of its own make.
	Platform        string `json:"platform,omitempty"`
	AllowPrivate    bool   `json:"allow_private,omitempty"`
	AllowHTTP       bool   `json:"allow_http,omitempty"`
	Accent          string `json:"accent,omitempty"`
	HideUnavailable bool   `json:"hide_unavailable,omitempty"`
	// ConfirmPrivate says that allow_private or allow_http is meant beside live accounts.
	ConfirmPrivate bool `json:"confirm_private,omitempty"`
	// NoticeSecret is whsec_…; "" has one made.
	NoticeSecret string   `json:"notice_secret,omitempty"`
	Keys         []NewKey `json:"keys"`
}

// NewKey is an API key as an operator adds it.
type NewKey struct {
	ID       string   `json:"id"`
	Live     bool     `json:"live,omitempty"`
	Scopes   []string `json:"scopes"`
	Networks []string `json:"networks,omitempty"`
	// Hash is the SHA-256 of a key that whoever asks has made, in hex, so that the
	// key itself goes nowhere; "" has one made.
	Hash string `json:"hash,omitempty"`
}

// NewFormKey is a key that signs a shop's HTML forms, as an operator adds it.
type NewFormKey struct {
	ID   string `json:"id"`
	Live bool   `json:"live,omitempty"`
	// Secret is form_…; "" has one made.
	Secret string `json:"secret,omitempty"`
}

// FormKeyAdded is what came of adding one. Secret is the one that the gateway
// made: shown here once.
type FormKeyAdded struct {
	Secret  string     `json:"secret,omitempty"`
	Created bool       `json:"created"`
	Shop    ShopStatus `json:"shop"`
}

// FormKeyStatus is a form key as operators see it.
type FormKeyStatus struct {
	ID   string `json:"id"`
	Live bool   `json:"live"`
	SecretStatus
}

// NewAccount is an account as an operator adds it. Its secrets are taken once
// and never shown.
type NewAccount struct {
	ID            string                     `json:"id"`
	Provider      string                     `json:"provider"`
	WebhookPlugin string                     `json:"webhook_plugin,omitempty"`
	Methods       []string                   `json:"methods,omitempty"`
	Live          bool                       `json:"live,omitempty"`
	Settings      map[string]any             `json:"settings,omitempty"`
	Secrets       map[string]string          `json:"secrets,omitempty"`
	Hosts         map[string]AccountHostRule `json:"hosts,omitempty"`
	// ConfirmPrivate says that a loosened rule of a host, or of the shop, is meant
	// beside a live account.
	ConfirmPrivate bool  `json:"confirm_private,omitempty"`
	SettleOverpaid bool  `json:"settle_overpaid,omitempty"`
	NumberStart    int64 `json:"number_start,omitempty"`
}

// AccountHostRule is a [HostRule] as it is written.
type AccountHostRule struct {
	AllowPrivate bool   `json:"allow_private,omitempty"`
	AllowHTTP    bool   `json:"allow_http,omitempty"`
	CA           string `json:"ca,omitempty"`
}

// Rotation asks for a new key or notice secret in place of one.
type Rotation struct {
	// Overlap is how long the old one works on, up to [MaxOverlap]; 0 ends it at once.
	Overlap time.Duration
	// EndOld makes no new one: those that work on beside the current one end now.
	EndOld bool
	// Hash is that of a key that whoever asks has made, Secret a notice secret;
	// "" has one made.
	Hash, Secret string
}

// Bounds of overlaps.
const (
	DefaultOverlap = 24 * time.Hour
	MaxOverlap     = 90 * 24 * time.Hour
)

// The platforms whose notice address is known.
const (
	WooCommerce = "woocommerce"
	Magento     = "magento"
)

// noticePaths are where a platform's extension takes notices: the README of
// each under platforms.
var noticePaths = map[string]string{WooCommerce: "/wc-api/kassette/", Magento: "/kassette/notify"}

// Platforms lists them.
func Platforms() []string { return []string{Magento, WooCommerce} }

// NoticeAddress is where a shop's extension takes notices; "" where the
// platform does not say.
func NoticeAddress(origins []string, platform string) string {
	path, ok := noticePaths[platform]
	if !ok || len(origins) == 0 {
		return ""
	}
	return strings.TrimRight(origins[0], "/") + path
}

// Where a shop or account stands.
const (
	SourceFile  = "file"
	SourceState = "state"
)

// ShopStatus is a shop as operators see it: without secrets.
type ShopStatus struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	Contact         Contact  `json:"contact"`
	TermsURL        string   `json:"terms_url,omitempty"`
	Origins         []string `json:"origins"`
	Platform        string   `json:"platform,omitempty"`
	AllowPrivate    bool     `json:"allow_private,omitempty"`
	AllowHTTP       bool     `json:"allow_http,omitempty"`
	Accent          string   `json:"accent,omitempty"`
	HideUnavailable bool     `json:"hide_unavailable,omitempty"`
	// Source is file or state: what stands in the configuration is changed there.
	Source string `json:"source"`
	// Gateway is the address that the shop speaks to.
	Gateway       string          `json:"gateway"`
	NoticeSecrets []SecretStatus  `json:"notice_secrets"`
	Keys          []KeyStatus     `json:"keys"`
	FormKeys      []FormKeyStatus `json:"form_keys"`
	Accounts      []AccountStatus `json:"accounts"`
	AddedAt       *time.Time      `json:"added_at,omitempty"`
	// History is what was done, the latest last; of the file's shops nothing is known.
	History []ShopChange `json:"history,omitempty"`
}

// ShopChange is an entry of a shop's audit trail.
type ShopChange struct {
	At time.Time `json:"at"`
	// What is add_shop, add_key, add_account, rotate_key, end_old_keys,
	// rotate_notice_secret, end_old_notice_secrets, add_form_key or end_form_key;
	// About is the key or account.
	What  string `json:"what"`
	Shop  string `json:"shop"`
	About string `json:"about,omitempty"`
	By    string `json:"by"`
}

// SecretStatus tells secrets apart without telling them.
type SecretStatus struct {
	// Fingerprint is the first 12 digits of the SHA-256 of the secret as it is written.
	Fingerprint string `json:"fingerprint"`
	// Until is when it ends; nil: it does not.
	Until *time.Time `json:"until,omitempty"`
}

// KeyStatus is an API key as operators see it.
type KeyStatus struct {
	ID       string   `json:"id"`
	Live     bool     `json:"live"`
	Scopes   []string `json:"scopes"`
	Networks []string `json:"networks,omitempty"`
	SecretStatus
	// Old are keys that it took the place of and that work on.
	Old []SecretStatus `json:"old,omitempty"`
}

// AccountStatus is an account as operators see it.
type AccountStatus struct {
	ID            string          `json:"id"`
	Provider      string          `json:"provider"`
	WebhookPlugin string          `json:"webhook_plugin,omitempty"`
	Methods       []string        `json:"methods,omitempty"`
	Live          bool            `json:"live"`
	Settings      json.RawMessage `json:"settings"`
	// Secrets are the names of those that it has.
	Secrets []string `json:"secrets"`
	// Webhook is the address that its provider tells of news.
	Webhook string     `json:"webhook,omitempty"`
	Source  string     `json:"source"`
	AddedAt *time.Time `json:"added_at,omitempty"`
}

// ShopAdded is what came of adding a shop.
type ShopAdded struct {
	Shop ShopStatus `json:"shop"`
	// Created is false where the same shop was there, and on a dry run.
	Created bool `json:"created"`
	// Keys and NoticeSecret are those that the gateway made: shown here once.
	Keys         []MadeKey `json:"keys,omitempty"`
	NoticeSecret string    `json:"notice_secret,omitempty"`
}

// MadeKey is a key that the gateway made.
type MadeKey struct {
	ID  string `json:"id"`
	Key string `json:"key"`
}

// AccountAdded is what came of adding an account.
type AccountAdded struct {
	Account AccountStatus `json:"account"`
	Created bool          `json:"created"`
}

// Rotated is what came of a rotation.
type Rotated struct {
	// Key or NoticeSecret is the new one, where the gateway made it: shown here once.
	Key          string `json:"key,omitempty"`
	NoticeSecret string `json:"notice_secret,omitempty"`
	// Changed is false where it was the current one already.
	Changed bool `json:"changed"`
	// OldUntil is when those before it end, the last of them.
	OldUntil *time.Time `json:"old_until,omitempty"`
	Shop     ShopStatus `json:"shop"`
}

// Errors of what operators do with shops.
var (
	// ErrInFile: what is to be changed stands in the configuration file.
	ErrInFile = errors.New("it stands in the configuration file")
	// ErrExists: there is another one of this id.
	ErrExists = errors.New("there is one of this id")
)

// MemberError is what is wrong with one member of what was asked.
type MemberError struct {
	Member string `json:"member"`
	Text   string `json:"text"`
}

// InvalidError is what is wrong with a shop, key or account. It holds no secret.
type InvalidError struct{ Members []MemberError }

// Error names every member.
func (e *InvalidError) Error() string {
	var all []string
	for _, m := range e.Members {
		all = append(all, strings.TrimPrefix(fmt.Sprintf("%s: %s", m.Member, m.Text), ": "))
	}
	return strings.Join(all, "; ")
}
