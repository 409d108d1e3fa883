package config

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Directory knows the shops, keys and accounts of a configuration. It does
// not change: a new configuration is a new directory.
type Directory struct {
	shops    map[string]checkout.Shop
	accounts []checkout.Account
	keys     []hashedKey
}

type hashedKey struct {
	sum [sha256.Size]byte
	key checkout.Key
}

// NewDirectory makes the directory of a configuration that is valid.
func NewDirectory(c Config) (*Directory, error) {
	d := &Directory{shops: map[string]checkout.Shop{}}
	for _, s := range c.Shops {
		shop, err := s.shop()
		if err != nil {
			return nil, fmt.Errorf("shop %s: %w", s.ID, err)
		}
		d.shops[s.ID] = shop
		for _, k := range s.Keys {
			hashed, err := k.hashed(s.ID)
			if err != nil {
				return nil, fmt.Errorf("key %s: %w", k.ID, err)
			}
			d.keys = append(d.keys, hashed)
		}
	}
	for _, a := range c.Accounts {
		account, err := a.account()
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", a.ID, err)
		}
		d.accounts = append(d.accounts, account)
	}
	return d, nil
}

// Shop implements checkout.Directory.
func (d *Directory) Shop(id string) (checkout.Shop, error) {
	s, ok := d.shops[id]
	if !ok {
		return s, fmt.Errorf("shop %q: %w", id, checkout.ErrNotFound)
	}
	return s, nil
}

// Key implements checkout.Directory. Every key is compared, in constant time.
func (d *Directory) Key(secret string) (checkout.Key, error) {
	sum := sha256.Sum256([]byte(secret))
	found := -1
	for i := range d.keys {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], d.keys[i].sum[:]), i, found)
	}
	if found < 0 {
		return checkout.Key{}, fmt.Errorf("API key: %w", checkout.ErrNotFound)
	}
	return d.keys[found].key, nil
}

// Account implements checkout.Directory.
func (d *Directory) Account(id string) (checkout.Account, error) {
	for _, a := range d.accounts {
		if a.ID == id {
			return a, nil
		}
	}
	return checkout.Account{}, fmt.Errorf("account %q: %w", id, checkout.ErrNotFound)
}

// Accounts implements checkout.Directory.
func (d *Directory) Accounts(shop string) []checkout.Account {
	var of []checkout.Account
	for _, a := range d.accounts {
		if a.Shop == shop {
			of = append(of, a)
		}
	}
	return of
}

// All lists every account, in the order of the configuration.
func (d *Directory) All() []checkout.Account { return slices.Clone(d.accounts) }

// Grants are what each plugin may do, by its name.
func (c Config) Grants() map[string]checkout.Grant {
	grants := make(map[string]checkout.Grant, len(c.Plugins.Grants))
	for name, g := range c.Plugins.Grants {
		grant := checkout.Grant{Hosts: g.Hosts, Secrets: g.Secrets}
		for _, o := range g.Operations {
			grant.Operations = append(grant.Operations, contract.Export(o))
		}
		grants[name] = grant
	}
	return grants
}

// Proxies are the networks whose X-Forwarded-For is believed.
func (c Config) Proxies() ([]netip.Prefix, error) { return prefixes(c.TrustedProxies) }

func (s Shop) shop() (checkout.Shop, error) {
	shop := checkout.Shop{
		ID: s.ID, Name: s.Name, Contact: checkout.Contact(s.Contact), TermsURL: s.TermsURL,
		AllowPrivate: s.AllowPrivate, AllowHTTP: s.AllowHTTP, Accent: s.Accent, HideUnavailable: s.HideUnavailable,
	}
	for _, o := range s.Origins {
		shop.Origins = append(shop.Origins, strings.TrimRight(strings.ToLower(o), "/"))
	}
	for _, v := range s.NoticeSecrets {
		secret, err := noticeSecret(v)
		if err != nil {
			return shop, fmt.Errorf("notice secret: %w", err)
		}
		shop.NoticeSecrets = append(shop.NoticeSecrets, secret)
	}
	for _, k := range s.FormKeys {
		secret, err := FormSecret(k.Secret.Text())
		if err != nil {
			return shop, fmt.Errorf("form key %s: %w", k.ID, err)
		}
		shop.FormKeys = append(shop.FormKeys, checkout.FormKey{ID: k.ID, Live: k.Live, Secret: secret})
	}
	return shop, nil
}

func (k Key) hashed(shop string) (hashedKey, error) {
	sum, err := k.sum()
	if err != nil {
		return hashedKey{}, err
	}
	key := checkout.Key{ID: k.ID, Shop: shop, Live: k.Live}
	for _, s := range k.Scopes {
		key.Scopes = append(key.Scopes, checkout.Scope(s))
	}
	key.Networks, err = prefixes(k.Networks)
	return hashedKey{sum, key}, err
}

func (a Account) account() (checkout.Account, error) {
	settings := a.Settings
	if settings == nil {
		settings = map[string]any{}
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return checkout.Account{}, fmt.Errorf("settings: %w", err)
	}
	account := checkout.Account{
		ID: a.ID, Shop: a.Shop, Provider: a.Provider, WebhookPlugin: a.WebhookPlugin, Methods: a.Methods, Live: a.Live,
		Settings: text, Secrets: map[string]string{}, Hosts: map[string]checkout.HostRule{},
		SettleOverpaid: a.SettleOverpaid, NumberStart: max(a.NumberStart, 1),
	}
	for name, v := range a.Secrets {
		account.Secrets[name] = v.Text()
	}
	for pattern, rule := range a.Hosts {
		account.Hosts[pattern] = checkout.HostRule{AllowPrivate: rule.AllowPrivate, AllowHTTP: rule.AllowHTTP, CA: rule.CA.Text()}
	}
	return account, nil
}

func prefixes(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, t := range texts {
		n, err := prefix(t)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

var _ checkout.Directory = (*Directory)(nil)
