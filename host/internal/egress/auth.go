package egress

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/oauth1"
	"golang.org/x/net/http/httpguts"
)

// authorize puts credentials into a request. It gives those it made of
// secrets, so that an echo of them can be masked. No error holds a secret.
func authorize(req *http.Request, body []byte, o Outbound, now time.Time) (made []string, err error) {
	a := o.Request.Auth
	if a == nil {
		return nil, nil
	}
	if n := members(a); n != 1 {
		return nil, fmt.Errorf("auth has %d members, it needs exactly one", n)
	}
	v := vault{o.Secrets}
	switch {
	case a.Bearer != "":
		token, err := v.secret(a.Bearer, contract.UseBearer)
		if err != nil {
			return nil, err
		}
		return nil, credential(req, "Authorization", "Bearer "+token)
	case a.Basic != nil:
		pair, err := basic(v, *a.Basic)
		if err != nil {
			return nil, err
		}
		return []string{pair}, credential(req, "Authorization", "Basic "+pair)
	case a.Header != nil:
		value, err := v.join(a.Header.Value, contract.UseHeader)
		if err != nil {
			return nil, err
		}
		return []string{value}, credential(req, a.Header.Name, value)
	}
	return nil, sign(req, body, v, *a.OAuth1, now)
}

// sign signs a request with OAuth 1, with a nonce and timestamp of its own.
func sign(req *http.Request, body []byte, v vault, a contract.OAuth1, now time.Time) error {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails
	s := oauth1.Signer{Method: a.Method, In: a.In, Nonce: hex.EncodeToString(nonce), Now: now}
	for _, t := range []struct {
		text  *string
		parts contract.Parts
	}{{&s.ConsumerKey, a.ConsumerKey}, {&s.ConsumerSecret, a.ConsumerSecret}, {&s.Token, a.Token}, {&s.TokenSecret, a.TokenSecret}} {
		var err error
		if *t.text, err = v.join(t.parts, contract.UseOAuth1); err != nil {
			return err
		}
	}
	if hasHeader(req.Header, "Authorization") {
		return errors.New("header authorization is set beside auth")
	}
	return s.Sign(req, body)
}

func members(a *contract.Auth) int {
	n := 0
	for _, set := range []bool{a.Bearer != "", a.Basic != nil, a.Header != nil, a.OAuth1 != nil} {
		if set {
			n++
		}
	}
	return n
}

func basic(v vault, parts [2]contract.Parts) (string, error) {
	user, err := v.join(parts[0], contract.UseBasic)
	if err != nil {
		return "", err
	}
	password, err := v.join(parts[1], contract.UseBasic)
	if err != nil {
		return "", err
	}
	if strings.Contains(user, ":") {
		return "", errors.New("the user of basic authentication holds a colon")
	}
	if strings.ContainsFunc(user+password, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", errors.New("basic authentication holds a control character")
	}
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password)), nil
}

// credential sets the header of a credential, whose value is not quoted.
func credential(req *http.Request, name, value string) error {
	if !httpguts.ValidHeaderFieldValue(value) {
		return fmt.Errorf("the value for header %s holds a control character", strings.ToLower(name))
	}
	if err := checkHeader(name, ""); err != nil {
		return err
	}
	if hasHeader(req.Header, name) {
		return fmt.Errorf("header %s is set beside auth", strings.ToLower(name))
	}
	setHeader(req.Header, name, value)
	return nil
}

// vault gives secrets for the uses that they are for.
type vault struct{ from Secrets }

func (v vault) secret(name, use string) (string, error) {
	value, uses, ok := v.from.Secret(name)
	switch {
	case !ok || value == "":
		return "", fmt.Errorf("secret %q is not set", name)
	case !slices.Contains(uses, use):
		return "", fmt.Errorf("secret %q may not be used for %s, only for %s", name, use, strings.Join(uses, ", "))
	}
	return value, nil
}

func (v vault) join(parts contract.Parts, use string) (string, error) {
	var b strings.Builder
	for _, part := range parts {
		text := part.Text
		if part.Secret != "" {
			var err error
			if text, err = v.secret(part.Secret, use); err != nil {
				return "", err
			}
		}
		b.WriteString(text)
	}
	return b.String(), nil
}
