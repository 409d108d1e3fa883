package directory

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/config"
)

// view is what is served: the shops and accounts of the file and those of the
// record beside them, as they were at one time.
type view struct {
	*config.Directory
	version int64
	record  record
	// until is when the next key or secret ends; zero: none does.
	until time.Time
}

// view makes one of a record. With an error nothing of it can be served.
func (d *Directory) build(version int64, r record, now time.Time) (*view, error) {
	c, until := merge(d.o.Config, r, now, true)
	made, err := config.NewDirectory(c)
	if err != nil {
		return nil, err
	}
	return &view{Directory: made, version: version, record: r, until: until}, nil
}

// merge puts what a record has behind what a configuration has. An id that the
// configuration has is the configuration's, and so is a key. Old keys come with
// the id of those that took their place, if they are wanted. It tells when the
// next key or secret ends.
func merge(file config.Config, r record, now time.Time, old bool) (c config.Config, until time.Time) {
	ends := func(at time.Time) {
		if !at.IsZero() && (until.IsZero() || at.Before(until)) {
			until = at
		}
	}
	c = file
	c.Shops, c.Accounts, c.ConfirmPrivate = slices.Clone(file.Shops), slices.Clone(file.Accounts), slices.Clone(file.ConfirmPrivate)
	taken := hashesOf(file)
	for _, s := range r.Shops {
		if hasShop(file, s.ID) {
			continue
		}
		to := config.Shop{
			ID: s.ID, Name: s.Name, Contact: config.Contact(s.Contact), TermsURL: s.TermsURL, Origins: s.Origins, AllowPrivate: s.AllowPrivate,
			AllowHTTP: s.AllowHTTP, Accent: s.Accent, HideUnavailable: s.HideUnavailable,
		}
		for _, n := range s.NoticeSecrets {
			if n.Until.IsZero() || now.Before(n.Until) {
				ends(n.Until)
				to.NoticeSecrets = append(to.NoticeSecrets, config.Kept(n.Text))
			}
		}
		for _, k := range s.Keys {
			for _, h := range append([]secret{{Text: k.Hash}}, k.Old...) {
				if taken[h.Text] || !h.Until.IsZero() && (!old || !now.Before(h.Until)) {
					continue
				}
				ends(h.Until)
				to.Keys = append(to.Keys, config.Key{ID: k.ID, Hash: h.Text, Scopes: k.Scopes, Networks: k.Networks, Live: k.Live})
			}
		}
		for _, k := range s.FormKeys {
			to.FormKeys = append(to.FormKeys, config.FormKey{ID: k.ID, Live: k.Live, Secret: config.Kept(k.Secret)})
		}
		c.Shops = append(c.Shops, to)
		if s.ConfirmPrivate {
			c.ConfirmPrivate = append(c.ConfirmPrivate, s.ID)
		}
	}
	for _, a := range r.Accounts {
		if hasShop(file, a.Shop) || hasAccount(file, a.ID) {
			continue
		}
		c.Accounts = append(c.Accounts, a.config())
		if a.ConfirmPrivate {
			c.ConfirmPrivate = append(c.ConfirmPrivate, a.ID, a.Shop)
		}
	}
	return c, until
}

func (a account) config() config.Account {
	to := config.Account{
		ID: a.ID, Shop: a.Shop, Provider: a.Provider, WebhookPlugin: a.WebhookPlugin, Methods: a.Methods, Live: a.Live, Settings: map[string]any{},
		Secrets: map[string]config.Value{}, Hosts: map[string]config.HostRule{}, SettleOverpaid: a.SettleOverpaid, NumberStart: a.NumberStart,
	}
	d := json.NewDecoder(bytes.NewReader(a.Settings))
	d.UseNumber()
	_ = d.Decode(&to.Settings) // they were encoded here
	for name, text := range a.Secrets {
		to.Secrets[name] = config.Kept(text)
	}
	for pattern, rule := range a.Hosts {
		to.Hosts[pattern] = config.HostRule{AllowPrivate: rule.AllowPrivate, AllowHTTP: rule.AllowHTTP, CA: config.Kept(rule.CA)}
	}
	return to
}

func hasShop(c config.Config, id string) bool {
	return slices.ContainsFunc(c.Shops, func(s config.Shop) bool { return s.ID == id })
}

func hasAccount(c config.Config, id string) bool {
	return slices.ContainsFunc(c.Accounts, func(a config.Account) bool { return a.ID == id })
}

// hashesOf are the hashes of a configuration's API keys.
func hashesOf(c config.Config) map[string]bool {
	all := map[string]bool{}
	for _, s := range c.Shops {
		for _, k := range s.Keys {
			all[keyHash(k)] = true
		}
	}
	return all
}

func keyHash(k config.Key) string {
	if text := k.Key.Text(); text != "" {
		return hashOf(text)
	}
	return k.Hash
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// secrets are the values of a record that no log line may hold.
func (r record) secrets() []string {
	var all []string
	for _, s := range r.Shops {
		for _, n := range s.NoticeSecrets {
			all = append(all, n.Text)
		}
		for _, k := range s.FormKeys {
			all = append(all, k.Secret)
		}
	}
	for _, a := range r.Accounts {
		for _, text := range a.Secrets {
			all = append(all, text)
		}
	}
	return all
}

// Shop implements [checkout.Directory].
func (d *Directory) Shop(id string) (checkout.Shop, error) { return d.current().Shop(id) }

// Key implements [checkout.Directory].
func (d *Directory) Key(secret string) (checkout.Key, error) { return d.current().Key(secret) }

// Account implements [checkout.Directory].
func (d *Directory) Account(id string) (checkout.Account, error) { return d.current().Account(id) }

// Accounts implements [checkout.Directory].
func (d *Directory) Accounts(shop string) []checkout.Account { return d.current().Accounts(shop) }

// All lists every account: those of the file first.
func (d *Directory) All() []checkout.Account { return d.current().All() }

var _ checkout.Directory = (*Directory)(nil)
