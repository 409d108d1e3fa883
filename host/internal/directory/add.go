package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/config"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// AddShop adds a shop. The same words again find the same shop, whose keys are
// not shown again. Errors: checkout.ErrInFile, checkout.ErrExists,
// *checkout.InvalidError, checkout.ErrUnavailable: then it may be there.
func (d *Directory) AddShop(ctx context.Context, n checkout.NewShop, by string, dry bool) (checkout.ShopAdded, error) {
	d.o.Learned(n.NoticeSecret)
	if err := d.inFile("shop", n.ID, hasShop(d.o.Config, n.ID)); err != nil {
		return checkout.ShopAdded{}, err
	}
	if n.Platform != "" && !slices.Contains(checkout.Platforms(), n.Platform) {
		return checkout.ShopAdded{}, wrong("platform", "%q is none: there are %s; leave it out for a shop of another make", n.Platform, strings.Join(checkout.Platforms(), ", "))
	}
	s := shop{
		ID: n.ID, Name: n.Name, Contact: n.Contact, TermsURL: n.TermsURL, Origins: n.Origins, Platform: n.Platform, AllowPrivate: n.AllowPrivate,
		AllowHTTP: n.AllowHTTP, Accent: n.Accent, HideUnavailable: n.HideUnavailable, ConfirmPrivate: n.ConfirmPrivate,
		added: added{Asked: asked(n), At: d.now()},
	}
	var made checkout.ShopAdded
	if n.NoticeSecret == "" {
		n.NoticeSecret = newNoticeSecret()
		made.NoticeSecret = n.NoticeSecret
	}
	s.NoticeSecrets = []secret{{Text: n.NoticeSecret}}
	if len(n.Keys) == 0 {
		n.Keys = []checkout.NewKey{{ID: "test"}}
	}
	for _, k := range n.Keys {
		to, text := d.keyOf(k)
		if s.Keys = append(s.Keys, to); text != "" {
			made.Keys = append(made.Keys, checkout.MadeKey{ID: k.ID, Key: text})
		}
	}
	if len(s.Keys) > maxKeys {
		return checkout.ShopAdded{}, wrong("keys", "a shop has at most %d", maxKeys)
	}
	about := subject{what: "add_shop", shop: n.ID, by: by, dry: dry}
	r, created, err := d.change(ctx, about, func(r record) (record, bool, error) { return r.addShop(s) })
	if err != nil {
		return checkout.ShopAdded{}, err
	}
	if !created {
		made = checkout.ShopAdded{}
	}
	made.Created = created
	made.Shop = d.statusOf(r, n.ID)
	return made, nil
}

// keyOf is a key as the record has it, with its text where it is made here.
func (d *Directory) keyOf(n checkout.NewKey) (k key, text string) {
	k = key{ID: n.ID, Live: n.Live, Scopes: n.Scopes, Networks: n.Networks, Hash: strings.ToLower(n.Hash)}
	if len(k.Scopes) == 0 {
		k.Scopes = usualScopes()
	}
	if k.Hash == "" {
		text, k.Hash = newKey(n.Live)
		d.o.Learned(text)
	}
	return k, text
}

// usualScopes are what a shop's extension needs.
func usualScopes() []string {
	return []string{string(checkout.OrdersWrite), string(checkout.OrdersRead), string(checkout.RefundsWrite)}
}

// AddKey gives a shop a further key, as AddShop does.
func (d *Directory) AddKey(ctx context.Context, id string, n checkout.NewKey, by string) (checkout.Rotated, error) {
	if err := d.inFile("shop", id, hasShop(d.o.Config, id)); err != nil {
		return checkout.Rotated{}, err
	}
	k, text := d.keyOf(n)
	r, changed, err := d.change(ctx, subject{what: "add_key", shop: id, key: n.ID, by: by}, func(r record) (record, bool, error) { return r.addKey(id, k) })
	if err != nil {
		return checkout.Rotated{}, err
	}
	return checkout.Rotated{Key: text, Changed: changed, Shop: d.statusOf(r, id)}, nil
}

// AddFormKey gives a shop a key that signs its HTML forms, as AddShop does.
func (d *Directory) AddFormKey(ctx context.Context, id string, n checkout.NewFormKey, by string) (checkout.FormKeyAdded, error) {
	d.o.Learned(n.Secret)
	if err := d.inFile("shop", id, hasShop(d.o.Config, id)); err != nil {
		return checkout.FormKeyAdded{}, err
	}
	made := ""
	if n.Secret == "" {
		made = config.NewFormSecret()
		n.Secret = made
		d.o.Learned(made)
	}
	about := subject{what: "add_form_key", shop: id, key: n.ID, by: by}
	r, created, err := d.change(ctx, about, func(r record) (record, bool, error) { return r.addFormKey(id, formKey(n)) })
	if err != nil {
		return checkout.FormKeyAdded{}, err
	}
	return checkout.FormKeyAdded{Secret: made, Created: created, Shop: d.statusOf(r, id)}, nil
}

// EndFormKey takes a form key away. Forms that it signed are taken no more.
func (d *Directory) EndFormKey(ctx context.Context, id, keyID, by string) (checkout.ShopStatus, error) {
	if err := d.inFile("shop", id, hasShop(d.o.Config, id)); err != nil {
		return checkout.ShopStatus{}, err
	}
	about := subject{what: didEndFormKey, shop: id, key: keyID, by: by}
	r, _, err := d.change(ctx, about, func(r record) (record, bool, error) { return r.endFormKey(id, keyID) })
	if err != nil {
		return checkout.ShopStatus{}, err
	}
	return d.statusOf(r, id), nil
}

// AddAccount gives a shop an account. What among the settings is a secret by
// the plugin's schema is taken as one.
func (d *Directory) AddAccount(ctx context.Context, id string, n checkout.NewAccount, by string, dry bool) (checkout.AccountAdded, error) {
	for _, text := range n.Secrets {
		d.o.Learned(text)
	}
	if err := d.inFile("shop", id, hasShop(d.o.Config, id)); err != nil {
		return checkout.AccountAdded{}, err
	}
	if err := d.inFile("account", n.ID, hasAccount(d.o.Config, n.ID)); err != nil {
		return checkout.AccountAdded{}, err
	}
	a, err := d.accountOf(id, n)
	if err != nil {
		return checkout.AccountAdded{}, err
	}
	about := subject{what: "add_account", shop: id, account: n.ID, by: by, dry: dry}
	r, created, err := d.change(ctx, about, func(r record) (record, bool, error) {
		next, changed, err := r.addAccount(a)
		if err != nil || !changed {
			return next, changed, err
		}
		return next, true, d.fits(a)
	})
	if err != nil {
		return checkout.AccountAdded{}, err
	}
	done := checkout.AccountAdded{Created: created}
	for _, has := range d.statusOf(r, id).Accounts {
		if has.ID == n.ID {
			done.Account = has
		}
	}
	return done, nil
}

// accountOf is an account as the record has it.
func (d *Directory) accountOf(shop string, n checkout.NewAccount) (account, error) {
	versions := d.plugins.OfProvider(n.Provider)
	if len(versions) == 0 {
		return account{}, wrong("provider", "no plugin of %q is active: bring one with kassette plugin install, kassette plugin list tells those there are", n.Provider)
	}
	info, err := contract.ReadSettings(versions[0].Manifest.SettingsSchema)
	if err != nil {
		return account{}, fmt.Errorf("settings schema: %w", err)
	}
	a := account{
		ID: n.ID, Shop: shop, Provider: n.Provider, WebhookPlugin: n.WebhookPlugin, Methods: n.Methods, Live: n.Live, Hosts: n.Hosts,
		ConfirmPrivate: n.ConfirmPrivate, SettleOverpaid: n.SettleOverpaid, NumberStart: n.NumberStart, added: added{Asked: asked([]any{shop, n}), At: d.now()},
	}
	if a.Settings, a.Secrets, err = config.Split(n.Settings, info); err != nil {
		return account{}, wrong("settings", "%v", err)
	}
	for name, text := range a.Secrets {
		if _, both := n.Secrets[name]; both {
			return account{}, wrong("settings."+name, "it stands among the secrets too")
		}
		d.o.Learned(text)
	}
	for name, text := range n.Secrets {
		a.Secrets[name] = text
	}
	if a.WebhookPlugin == "" {
		a.WebhookPlugin = taker(versions)
	}
	return a, nil
}

// taker is the one plugin that takes the account's webhooks, "" if that is to be
// decided, or there is none.
func taker(versions []checkout.Version) string {
	name := ""
	for _, v := range versions {
		if slices.Contains(v.Manifest.Operations, contract.ReceiveWebhook) {
			if name != "" {
				return ""
			}
			name = v.Name
		}
	}
	return name
}

// fits holds an account to its plugins.
func (d *Directory) fits(a account) error {
	c := d.o.Config
	c.Shops, c.Accounts = nil, []config.Account{a.config()}
	one, err := config.NewDirectory(c)
	if err != nil {
		return err
	}
	if err := d.plugins.Fits(one.All()[0]); err != nil {
		return &checkout.InvalidError{Members: []checkout.MemberError{{Member: "settings", Text: err.Error()}}}
	}
	return nil
}

func wrong(member, format string, args ...any) error {
	return &checkout.InvalidError{Members: []checkout.MemberError{{Member: member, Text: fmt.Sprintf(format, args...)}}}
}
