package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/config"
)

// Shops lists every shop as the state has them now, the file's first.
func (d *Directory) Shops(ctx context.Context) ([]checkout.ShopStatus, error) {
	if err := d.look(ctx); err != nil {
		return nil, err
	}
	v := d.current()
	all := []checkout.ShopStatus{}
	for _, s := range d.o.Config.Shops {
		all = append(all, d.statusOf(v.record, s.ID))
	}
	for _, s := range v.record.Shops {
		if !hasShop(d.o.Config, s.ID) {
			all = append(all, d.statusOf(v.record, s.ID))
		}
	}
	return all, nil
}

// ShopStatus tells of one shop. Error: checkout.ErrNotFound.
func (d *Directory) ShopStatus(ctx context.Context, id string) (checkout.ShopStatus, error) {
	if err := d.look(ctx); err != nil {
		return checkout.ShopStatus{}, err
	}
	v := d.current()
	if _, ok := v.record.findShop(id); !ok && !hasShop(d.o.Config, id) {
		return checkout.ShopStatus{}, fmt.Errorf("shop %q: %w", id, checkout.ErrNotFound)
	}
	return d.statusOf(v.record, id), nil
}

// statusOf is a shop as operators see it.
func (d *Directory) statusOf(r record, id string) checkout.ShopStatus {
	for _, s := range d.o.Config.Shops {
		if s.ID == id {
			return d.statusOfFile(s)
		}
	}
	s, _ := r.findShop(id)
	now := d.now()
	to := checkout.ShopStatus{
		ID: s.ID, Name: s.Name, Contact: s.Contact, TermsURL: s.TermsURL, Origins: s.Origins, Platform: s.Platform, AllowPrivate: s.AllowPrivate,
		AllowHTTP: s.AllowHTTP, Accent: s.Accent, HideUnavailable: s.HideUnavailable, Source: checkout.SourceState, Gateway: d.o.Config.PublicURL,
		NoticeSecrets: statuses(s.NoticeSecrets, now, fingerprint), Keys: []checkout.KeyStatus{}, FormKeys: []checkout.FormKeyStatus{}, Accounts: []checkout.AccountStatus{}, AddedAt: moment(s.At),
	}
	for _, k := range s.Keys {
		to.Keys = append(to.Keys, checkout.KeyStatus{
			ID: k.ID, Live: k.Live, Scopes: k.Scopes, Networks: k.Networks, SecretStatus: checkout.SecretStatus{Fingerprint: short(k.Hash)}, Old: statuses(k.Old, now, short),
		})
	}
	for _, k := range s.FormKeys {
		to.FormKeys = append(to.FormKeys, checkout.FormKeyStatus{ID: k.ID, Live: k.Live, SecretStatus: checkout.SecretStatus{Fingerprint: fingerprint(k.Secret)}})
	}
	for _, a := range r.Accounts {
		if a.Shop == id && !hasAccount(d.o.Config, a.ID) {
			one := d.accountStatus(a.config(), checkout.SourceState)
			one.AddedAt = moment(a.At)
			to.Accounts = append(to.Accounts, one)
		}
	}
	for _, c := range r.History {
		if c.Shop == id {
			to.History = append(to.History, c)
		}
	}
	return to
}

func (d *Directory) statusOfFile(s config.Shop) checkout.ShopStatus {
	to := checkout.ShopStatus{
		ID: s.ID, Name: s.Name, Contact: checkout.Contact(s.Contact), TermsURL: s.TermsURL, Origins: s.Origins, AllowPrivate: s.AllowPrivate, AllowHTTP: s.AllowHTTP,
		Accent: s.Accent, HideUnavailable: s.HideUnavailable, Source: checkout.SourceFile, Gateway: d.o.Config.PublicURL,
		NoticeSecrets: []checkout.SecretStatus{}, Keys: []checkout.KeyStatus{}, FormKeys: []checkout.FormKeyStatus{}, Accounts: []checkout.AccountStatus{},
	}
	for _, v := range s.NoticeSecrets {
		to.NoticeSecrets = append(to.NoticeSecrets, checkout.SecretStatus{Fingerprint: fingerprint(v.Text())})
	}
	for _, k := range s.Keys {
		to.Keys = append(to.Keys, checkout.KeyStatus{ID: k.ID, Live: k.Live, Scopes: k.Scopes, Networks: k.Networks, SecretStatus: checkout.SecretStatus{Fingerprint: short(keyHash(k))}})
	}
	for _, k := range s.FormKeys {
		to.FormKeys = append(to.FormKeys, checkout.FormKeyStatus{ID: k.ID, Live: k.Live, SecretStatus: checkout.SecretStatus{Fingerprint: fingerprint(k.Secret.Text())}})
	}
	for _, a := range d.o.Config.Accounts {
		if a.Shop == s.ID {
			to.Accounts = append(to.Accounts, d.accountStatus(a, checkout.SourceFile))
		}
	}
	return to
}

func (d *Directory) accountStatus(a config.Account, source string) checkout.AccountStatus {
	settings, err := json.Marshal(a.Settings)
	if err != nil || a.Settings == nil { // they are trees of JSON
		settings = json.RawMessage("{}")
	}
	to := checkout.AccountStatus{
		ID: a.ID, Provider: a.Provider, WebhookPlugin: a.WebhookPlugin, Methods: a.Methods, Live: a.Live, Settings: settings,
		Secrets: slices.Sorted(maps.Keys(a.Secrets)), Source: source,
	}
	if to.Secrets == nil {
		to.Secrets = []string{}
	}
	if a.WebhookPlugin != "" {
		to.Webhook = d.o.Config.PublicURL + "/webhooks/" + a.ID
	}
	return to
}

// statuses tells secrets that work now, each by its fingerprint.
func statuses(all []secret, now time.Time, tell func(string) string) []checkout.SecretStatus {
	list := []checkout.SecretStatus{}
	for _, s := range all {
		if s.Until.IsZero() || now.Before(s.Until) {
			list = append(list, checkout.SecretStatus{Fingerprint: tell(s.Text), Until: moment(s.Until)})
		}
	}
	return list
}

func fingerprint(text string) string { return short(hashOf(text)) }

// short is as much of a hash as tells secrets apart.
func short(hash string) string { return hash[:min(12, len(hash))] }

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
