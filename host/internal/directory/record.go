package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// Bounds of the record.
const (
	recordSchema = 1
	maxShops     = 500
	maxKeys      = 16 // of a shop
	maxAccounts  = 64 // of a shop
	maxOld       = 8  // keys or secrets that another took the place of
	maxHistory   = 1000
)

// record is what the state keeps of shops and accounts: all of them, so that
// one compare-and-set holds ids to be unique. Its methods change a copy that
// they return: nothing is true before it is in the state.
type record struct {
	Schema   int       `json:"schema"`
	Shops    []shop    `json:"shops"`
	Accounts []account `json:"accounts"`
	// History is the audit trail, the latest last.
	History []checkout.ShopChange `json:"history"`
}

// did gives a copy with an entry in its history.
func (r record) did(c checkout.ShopChange) record {
	r.Schema = recordSchema
	r.History = append(slices.Clone(r.History), c)
	r.History = r.History[max(0, len(r.History)-maxHistory):]
	return r
}

// shop is a shop in a record.
type shop struct {
	ID              string           `json:"id"`
	Name            string           `json:"name"`
	Contact         checkout.Contact `json:"contact"`
	TermsURL        string           `json:"terms_url,omitempty"`
	Origins         []string         `json:"origins"`
	Platform        string           `json:"platform,omitempty"`
	AllowPrivate    bool             `json:"allow_private,omitempty"`
	AllowHTTP       bool             `json:"allow_http,omitempty"`
	Accent          string           `json:"accent,omitempty"`
	HideUnavailable bool             `json:"hide_unavailable,omitempty"`
	ConfirmPrivate  bool             `json:"confirm_private,omitempty"`
	// NoticeSecrets are whsec_…, the newest first.
	NoticeSecrets []secret `json:"notice_secrets"`
	Keys          []key    `json:"keys"`
	// FormKeys sign its HTML forms.
	FormKeys []formKey `json:"form_keys,omitempty"`
	added
}

// formKey is a form key, with its secret: form_….
type formKey struct {
	ID     string `json:"id"`
	Live   bool   `json:"live,omitempty"`
	Secret string `json:"secret"`
}

// added says how a shop or account came about. Asked is the digest of what was
// asked for: by it the same request is known again, whatever was rotated since.
type added struct {
	Asked string    `json:"asked"`
	At    time.Time `json:"added_at"`
}

// secret is a text with its end, zero for none.
type secret struct {
	Text  string    `json:"text"`
	Until time.Time `json:"until,omitzero"`
}

// key is an API key, of which the state knows the hash.
type key struct {
	ID       string   `json:"id"`
	Live     bool     `json:"live,omitempty"`
	Scopes   []string `json:"scopes"`
	Networks []string `json:"networks,omitempty"`
	// Hash is a SHA-256 in hex. Old are those before it that work on, the newest first.
	Hash string   `json:"hash"`
	Old  []secret `json:"old,omitempty"`
}

// account is an account in a record.
type account struct {
	ID             string                              `json:"id"`
	Shop           string                              `json:"shop"`
	Provider       string                              `json:"provider"`
	WebhookPlugin  string                              `json:"webhook_plugin,omitempty"`
	Methods        []string                            `json:"methods,omitempty"`
	Live           bool                                `json:"live,omitempty"`
	Settings       json.RawMessage                     `json:"settings"`
	Secrets        map[string]string                   `json:"secrets,omitempty"`
	Hosts          map[string]checkout.AccountHostRule `json:"hosts,omitempty"`
	ConfirmPrivate bool                                `json:"confirm_private,omitempty"`
	SettleOverpaid bool                                `json:"settle_overpaid,omitempty"`
	NumberStart    int64                               `json:"number_start,omitempty"`
	added
}

// errUnreadable is all that is said of bytes that may hold secrets.
var errUnreadable = errors.New("the record of shops cannot be read")

// readRecord reads what the state has, nil for nothing. The error quotes
// nothing of it.
func readRecord(doc []byte) (record, error) {
	var head struct {
		Schema int `json:"schema"`
	}
	if doc == nil {
		return record{}, nil
	}
	if json.Unmarshal(doc, &head) != nil {
		return record{}, errUnreadable
	}
	if head.Schema > recordSchema {
		return record{}, fmt.Errorf("%w: the record of shops has schema %d and this gateway reads up to %d; run the version that wrote it", checkout.ErrSchema, head.Schema, recordSchema)
	}
	var r record
	if json.Unmarshal(doc, &r) != nil {
		return record{}, errUnreadable
	}
	return r, nil
}

// findShop gives a shop.
func (r record) findShop(id string) (shop, bool) {
	i := slices.IndexFunc(r.Shops, func(s shop) bool { return s.ID == id })
	if i < 0 {
		return shop{}, false
	}
	return r.Shops[i], true
}

// withoutLive gives a copy without the accounts that move real money.
func (r record) withoutLive() record {
	r.Accounts = slices.DeleteFunc(slices.Clone(r.Accounts), func(a account) bool { return a.Live })
	return r
}

// addShop takes a shop in. One that was asked for in the same words is left
// as it is. Error: checkout.ErrExists.
func (r record) addShop(s shop) (record, bool, error) {
	if known, ok := r.findShop(s.ID); ok {
		if known.Asked == s.Asked {
			return r, false, nil
		}
		return r, false, fmt.Errorf("shop %s: %w, and it is another one: kassette shop show %s tells it", s.ID, checkout.ErrExists, s.ID)
	}
	if len(r.Shops) >= maxShops {
		return r, false, fmt.Errorf("there are %d shops, and no more are kept", maxShops)
	}
	r.Shops = append(slices.Clone(r.Shops), s)
	return r, true, nil
}

// addAccount takes an account of one of its shops in, as addShop does.
func (r record) addAccount(a account) (record, bool, error) {
	of := 0
	for _, known := range r.Accounts {
		if known.ID == a.ID {
			if known.Asked == a.Asked {
				return r, false, nil
			}
			return r, false, fmt.Errorf("account %s: %w, and it is another one", a.ID, checkout.ErrExists)
		}
		if known.Shop == a.Shop {
			of++
		}
	}
	if _, ok := r.findShop(a.Shop); !ok {
		return r, false, fmt.Errorf("shop %q: %w", a.Shop, checkout.ErrNotFound)
	}
	if of >= maxAccounts {
		return r, false, fmt.Errorf("the shop has %d accounts, and no more are kept", maxAccounts)
	}
	r.Accounts = append(slices.Clone(r.Accounts), a)
	return r, true, nil
}

// addKey gives a shop a further key. The same one is left as it is.
func (r record) addKey(id string, k key) (record, bool, error) {
	changed := false
	r, err := r.changeShop(id, func(s *shop) error {
		i := slices.IndexFunc(s.Keys, func(has key) bool { return has.ID == k.ID })
		switch {
		case i >= 0 && s.Keys[i].Hash == k.Hash:
			return nil
		case i >= 0:
			return fmt.Errorf("key %s: %w: kassette shop rotate-key %s --key %s gives it a new one", k.ID, checkout.ErrExists, id, k.ID)
		case len(s.Keys) >= maxKeys:
			return fmt.Errorf("the shop has %d keys, and no more are kept", maxKeys)
		}
		s.Keys, changed = append(slices.Clone(s.Keys), k), true
		return nil
	})
	return r, changed, err
}

// addFormKey gives a shop a form key. The same one is left as it is. A form
// names its key, so that a new one stands beside the old until that is ended.
func (r record) addFormKey(id string, k formKey) (record, bool, error) {
	changed := false
	r, err := r.changeShop(id, func(s *shop) error {
		i := slices.IndexFunc(s.FormKeys, func(has formKey) bool { return has.ID == k.ID })
		switch {
		case i >= 0 && s.FormKeys[i] == k:
			return nil
		case i >= 0:
			return fmt.Errorf("form key %s: %w: forms name their key, so take another id for a new one", k.ID, checkout.ErrExists)
		case len(s.FormKeys) >= maxKeys:
			return fmt.Errorf("the shop has %d form keys, and no more are kept", maxKeys)
		}
		s.FormKeys, changed = append(slices.Clone(s.FormKeys), k), true
		return nil
	})
	return r, changed, err
}

// endFormKey takes a form key away: forms that it signed are taken no more. One
// that was ended before is ended.
func (r record) endFormKey(id, keyID string) (record, bool, error) {
	changed := false
	ended := slices.ContainsFunc(r.History, func(c checkout.ShopChange) bool {
		return c.What == didEndFormKey && c.Shop == id && c.About == keyID
	})
	r, err := r.changeShop(id, func(s *shop) error {
		i := slices.IndexFunc(s.FormKeys, func(has formKey) bool { return has.ID == keyID })
		switch {
		case i >= 0:
			s.FormKeys, changed = slices.Delete(slices.Clone(s.FormKeys), i, i+1), true
		case !ended:
			return fmt.Errorf("form key %q of shop %s: %w", keyID, id, checkout.ErrNotFound)
		}
		return nil
	})
	return r, changed, err
}

// didEndFormKey is what the history says of it.
const didEndFormKey = "end_form_key"

// rotateKey puts a new key in place of one, which works on until then; those
// before it end at the same time at the latest.
func (r record) rotateKey(id, keyID, hash string, now, until time.Time) (record, bool, error) {
	changed := false
	r, err := r.changeShop(id, func(s *shop) error {
		i := slices.IndexFunc(s.Keys, func(k key) bool { return k.ID == keyID })
		if i < 0 {
			return fmt.Errorf("key %q of shop %s: %w", keyID, id, checkout.ErrNotFound)
		}
		s.Keys = slices.Clone(s.Keys)
		k := &s.Keys[i]
		old := k.Old
		if k.Hash != hash {
			old = append([]secret{{Text: k.Hash, Until: until}}, old...)
		}
		if old = ending(old, hash, now, until); len(old) > maxOld {
			return tooMany(id)
		}
		changed = k.Hash != hash || !slices.Equal(old, k.Old)
		k.Hash, k.Old = hash, old
		return nil
	})
	return r, changed, err
}

// rotateNotice is rotateKey for the notice secret.
func (r record) rotateNotice(id, text string, now, until time.Time) (record, bool, error) {
	changed := false
	r, err := r.changeShop(id, func(s *shop) error {
		var old []secret
		for _, has := range s.NoticeSecrets {
			if has.Until.IsZero() {
				has.Until = until
			}
			old = append(old, has)
		}
		next := append([]secret{{Text: text}}, ending(old, text, now, until)...)
		if len(next) > maxOld+1 {
			return tooMany(id)
		}
		changed = !slices.Equal(next, s.NoticeSecrets)
		s.NoticeSecrets = next
		return nil
	})
	return r, changed, err
}

// ending leaves out of what a new one took the place of itself, and what has
// ended; the rest ends by then.
func ending(old []secret, current string, now, until time.Time) []secret {
	var left []secret
	for _, o := range old {
		if o.Until.After(until) {
			o.Until = until
		}
		if o.Text != current && now.Before(o.Until) {
			left = append(left, o)
		}
	}
	return left
}

func tooMany(shop string) error {
	return fmt.Errorf("%d earlier ones still work, and no more are kept: kassette shop rotate-key %s --end-old ends those of a key", maxOld, shop)
}

// changeShop gives a copy with one shop changed. Error: checkout.ErrNotFound.
func (r record) changeShop(id string, f func(*shop) error) (record, error) {
	i := slices.IndexFunc(r.Shops, func(s shop) bool { return s.ID == id })
	if i < 0 {
		return r, fmt.Errorf("shop %q: %w", id, checkout.ErrNotFound)
	}
	next := r
	next.Shops = slices.Clone(r.Shops)
	if err := f(&next.Shops[i]); err != nil {
		return r, err
	}
	return next, nil
}
