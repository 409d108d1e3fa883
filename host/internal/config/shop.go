package config

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// What stands before the base64 of a secret says what it is for: a notice
// secret, as in Standard Webhooks, or a form key's.
const (
	noticePrefix = "whsec_"
	formPrefix   = "form_"
)

func (c Config) checkShop(p *problems, at string, s Shop, ids map[string]string) {
	checkID(p, at, "shop", s.ID, ids)
	if s.Name == "" {
		p.at(at+".name", "consumers read the shop's name: give one")
	}
	if s.Contact.Email != "" {
		if a, err := mail.ParseAddress(s.Contact.Email); err != nil || a.Address != s.Contact.Email {
			p.at(at+".contact.email", "%q is no address of e-mail", s.Contact.Email)
		}
	}
	for name, u := range map[string]string{".contact.url": s.Contact.URL, ".terms_url": s.TermsURL} {
		if u != "" {
			if v, err := url.Parse(u); err != nil || v.Host == "" || (v.Scheme != "https" && (v.Scheme != "http" || !s.AllowHTTP)) {
				p.at(at+name, "%q is no https:// URL", u)
			}
		}
	}
	if len(s.Origins) == 0 {
		p.at(at+".origins", "name the origins of the shop's URLs: https://shop.example")
	}
	for i, o := range s.Origins {
		if err := checkURL(o, s.AllowHTTP, false); err != nil {
			p.at(fmt.Sprintf("%s.origins[%d]", at, i), "%v", err)
		}
	}
	for i, v := range s.NoticeSecrets {
		if _, err := noticeSecret(v); err != nil {
			p.at(fmt.Sprintf("%s.notice_secrets[%d]", at, i), "%v", err)
		}
	}
	s.checkFormKeys(p, at)
	if s.Accent != "" && !accentPattern.MatchString(s.Accent) {
		p.at(at+".accent", "%q is no colour: write #rrggbb", s.Accent)
	}
}

// checkFormKeys wants secrets of forms, each of one key alone.
func (s Shop) checkFormKeys(p *problems, at string) {
	ids, secrets := map[string]string{}, map[string]string{}
	for i, k := range s.FormKeys {
		where := fmt.Sprintf("%s.form_keys[%d]", at, i)
		checkID(p, where, "form key", k.ID, ids)
		secret, err := FormSecret(k.Secret.Text())
		if err != nil {
			p.at(where+".secret", "%v; kassette form keygen makes one", err)
			continue
		}
		if first := secrets[string(secret)]; first != "" {
			p.at(where+".secret", "it is that of %s already", first)
		}
		secrets[string(secret)] = where
	}
}

// checkID wants ids that are unique among their kind.
func checkID(p *problems, at, kind, id string, ids map[string]string) {
	switch {
	case !idPattern.MatchString(id):
		p.at(at+".id", "%q is no id: use up to 32 of a-z, 0-9, _ and -", id)
	case ids[kind+" "+id] != "":
		p.at(at+".id", "%q is the id of %s already", id, ids[kind+" "+id])
	default:
		ids[kind+" "+id] = at
	}
}

// checkKeys looks at the API keys of all shops: an id is there once in a shop,
// a key once in all.
func (c Config) checkKeys(p *problems) {
	sums := map[[sha256.Size]byte]string{}
	for i, s := range c.Shops {
		ids := map[string]string{}
		for j, k := range s.Keys {
			at := fmt.Sprintf("shops[%d].keys[%d]", i, j)
			checkID(p, at, "key", k.ID, ids)
			sum, err := k.sum()
			switch {
			case err != nil:
				p.at(at, "%v", err)
			case sums[sum] != "":
				p.at(at, "it is the same key as %s", sums[sum])
			default:
				sums[sum] = at
			}
			if len(k.Scopes) == 0 {
				p.at(at+".scopes", "name what the key may do: %s", strings.Join(scopes(), ", "))
			}
			for n, scope := range k.Scopes {
				if !slices.Contains(scopes(), scope) {
					p.at(fmt.Sprintf("%s.scopes[%d]", at, n), "there is no scope %q, %s", scope, didYouMean(scope, scopes()))
				}
			}
			for n, network := range k.Networks {
				if _, err := prefix(network); err != nil {
					p.at(fmt.Sprintf("%s.networks[%d]", at, n), "%v", err)
				}
			}
		}
	}
}

func scopes() []string {
	return []string{string(checkout.OrdersWrite), string(checkout.OrdersRead), string(checkout.RefundsWrite), string(checkout.StatementRead)}
}

// sum is the SHA-256 of the key.
func (k Key) sum() (sum [sha256.Size]byte, err error) {
	switch {
	case (k.Hash == "") == (k.Key.Text() == ""):
		return sum, fmt.Errorf("give either key or hash, its SHA-256 in hex")
	case k.Hash == "":
		return sha256.Sum256([]byte(k.Key.Text())), nil
	}
	b, err := hex.DecodeString(k.Hash)
	if err != nil || len(b) != sha256.Size {
		return sum, fmt.Errorf("hash is no SHA-256 in hex: take it of the key with sha256sum")
	}
	return [sha256.Size]byte(b), nil
}

// noticeSecret gives the bytes of whsec_….
func noticeSecret(v Value) ([]byte, error) { return secretOf(noticePrefix, v.Text()) }

// FormSecret gives the bytes of form_…. The error does not hold the text.
func FormSecret(text string) ([]byte, error) { return secretOf(formPrefix, text) }

// NewFormSecret makes a secret that signs forms.
func NewFormSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return formPrefix + base64.StdEncoding.EncodeToString(b)
}

func secretOf(prefix, text string) ([]byte, error) {
	text, ok := strings.CutPrefix(text, prefix)
	b, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(b) < 24 || len(b) > 64 {
		return nil, fmt.Errorf("it is not %s and the base64 of 24 to 64 bytes", prefix)
	}
	return b, nil
}

// stateKey says whether a text is one: 32 bytes, in base64 of any alphabet or hex.
func stateKey(text string) bool {
	if b, err := hex.DecodeString(text); err == nil && len(b) == 32 {
		return true
	}
	plain := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")
	b, err := base64.RawStdEncoding.DecodeString(plain)
	return err == nil && len(b) == 32
}

// checkPattern wants a host as an operator writes it: an address or a name,
// or a pattern of a plugin's grant.
func checkPattern(pattern string) error {
	if strings.Contains(pattern, "*") {
		return contract.CheckHostPattern(pattern)
	}
	if u, err := url.Parse("https://" + pattern); err != nil || u.Host != pattern || u.Hostname() == "" || u.User != nil {
		return fmt.Errorf("%q is no host: write host or host:port", pattern)
	}
	return nil
}
