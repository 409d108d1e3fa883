package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/oauth1"
)

// authorize puts credentials in, where their schema allows it.
func (k keeper) authorize(r *http.Request, body []byte, a contract.Auth) error {
	switch {
	case a.Bearer != "":
		v, err := k.value(contract.Parts{contract.Sec(a.Bearer)}, contract.UseBearer)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+v)
	case a.Basic != nil:
		user, err := k.value(a.Basic[0], contract.UseBasic)
		if err != nil {
			return err
		}
		password, err := k.value(a.Basic[1], contract.UseBasic)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", basicValue(user, password))
	case a.Header != nil:
		v, err := k.value(a.Header.Value, contract.UseHeader)
		if err != nil {
			return err
		}
		r.Header.Set(a.Header.Name, v)
	default:
		return k.sign(r, body, *a.OAuth1)
	}
	return nil
}

// sign signs a request with OAuth 1. What is signed is told from what was
// signed before by the nonce: the same run signs the same way.
func (k keeper) sign(r *http.Request, body []byte, a contract.OAuth1) error {
	k.account.signed++
	s := oauth1.Signer{Method: a.Method, In: a.In, Nonce: fmt.Sprintf("nonce-%026d", k.account.signed), Now: k.now()}
	for _, t := range []struct {
		text  *string
		parts contract.Parts
	}{{&s.ConsumerKey, a.ConsumerKey}, {&s.ConsumerSecret, a.ConsumerSecret}, {&s.Token, a.Token}, {&s.TokenSecret, a.TokenSecret}} {
		var err error
		if *t.text, err = k.value(t.parts, contract.UseOAuth1); err != nil {
			return err
		}
	}
	return s.Sign(r, body)
}

// value joins parts of which the secrets may be used so.
func (k keeper) value(parts contract.Parts, use string) (string, error) {
	var b strings.Builder
	for _, p := range parts {
		if p.Secret == "" {
			b.WriteString(p.Text)
			continue
		}
		s, ok := k.Secret(p.Secret)
		if _, ours := k.info.Secrets[p.Secret]; !ok && !ours { // its fetch brought none
			return "", &contract.ExchangeError{Kind: contract.ErrorBlocked, Sent: contract.SentNo, Message: fmt.Sprintf("token %q is not kept", p.Secret)}
		}
		if !ok {
			return "", fmt.Errorf("auth: secret %q is not set", p.Secret)
		}
		if !slices.Contains(s.Uses, use) {
			return "", fmt.Errorf("auth: secret %q may not be used for %s: its schema allows %v", p.Secret, use, s.Uses)
		}
		b.WriteString(s.Value)
	}
	return b.String(), nil
}
