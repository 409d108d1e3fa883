package woocommerce

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// nonceLife is how far a timestamp may be off, and how long a nonce is used up (1.1).
const nonceLife = 15 * time.Minute

// authenticate says who asks, or the 401 that the shop answers. Over TLS it looks
// at the query form first, then at Basic; what did not show a key that way may
// sign with OAuth, which is all there is over plain HTTP (1.1).
func (s *Simulator) authenticate(r *http.Request) *apiError {
	q := r.URL.Query()
	var known bool
	if s.secure(r) {
		user, password := q.Get("consumer_key"), q.Get("consumer_secret")
		if user == "" && !s.cfg.DropsAuthorization {
			user, password, _ = r.BasicAuth()
		}
		if known = user == s.cfg.Key; known && password != s.cfg.Secret {
			return unauthorized("Consumer secret is invalid.")
		}
	}
	if !known && q.Get("oauth_consumer_key") != "" {
		if err := s.oauth(r, q); err != nil {
			return err
		}
		known = true
	}
	verb := "list"
	if r.Method != http.MethodGet {
		verb = "edit"
	}
	switch {
	case !known: // a key that is unknown is as none; the rest of the code is this simulator's choice
		return &apiError{http.StatusUnauthorized, "woocommerce_rest_cannot_view", "Sorry, you cannot " + verb + " resources."}
	case r.Method == http.MethodGet && s.cfg.Permission == Writes:
		return unauthorized("The API key provided does not have read permissions.")
	case r.Method != http.MethodGet && s.cfg.Permission == Reads:
		return unauthorized("The API key provided does not have write permissions.")
	}
	return nil
}

// secure says whether WordPress believes that the request came by TLS.
func (s *Simulator) secure(r *http.Request) bool {
	return r.TLS != nil || !s.cfg.Unaware && strings.HasPrefix(s.cfg.PublicURL, "https://")
}

func unauthorized(message string) *apiError {
	return &apiError{http.StatusUnauthorized, "woocommerce_rest_authentication_error", message}
}

// oauth checks one-legged OAuth 1.0a in the query (1.1).
func (s *Simulator) oauth(r *http.Request, q url.Values) *apiError {
	h := map[string]func() hash.Hash{"HMAC-SHA1": sha1.New, "HMAC-SHA256": sha256.New}[q.Get("oauth_signature_method")]
	for _, name := range []string{"oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method"} {
		if q.Get(name) == "" {
			return unauthorized("Missing OAuth parameter " + name)
		}
	}
	at, err := strconv.ParseInt(q.Get("oauth_timestamp"), 10, 64)
	now := s.Now()
	off := now.Sub(time.Unix(at, 0)).Abs()
	switch {
	case q.Get("oauth_consumer_key") != s.cfg.Key:
		return unauthorized("Consumer key is invalid.")
	case h == nil:
		return unauthorized("Invalid signature - signature method is invalid.")
	case !hmac.Equal([]byte(q.Get("oauth_signature")), []byte(s.oauthSignature(r, q, h))):
		return unauthorized("Invalid signature - provided signature does not match.")
	case err != nil || off > nonceLife:
		return unauthorized("Invalid timestamp.")
	}
	for nonce, used := range s.nonces {
		if now.Sub(time.Unix(used, 0)) > nonceLife {
			delete(s.nonces, nonce)
		}
	}
	if _, used := s.nonces[q.Get("oauth_nonce")]; used {
		return unauthorized("Invalid nonce - nonce has already been used.")
	}
	s.nonces[q.Get("oauth_nonce")] = now.Unix()
	return nil
}

// oauthSignature is base64 of the HMAC of METHOD & url without query & sorted,
// encoded parameters, under secret and & (1.1). The URL is the shop's own address
// by the scheme that WordPress believes in.
func (s *Simulator) oauthSignature(r *http.Request, q url.Values, h func() hash.Hash) string {
	home := strings.TrimPrefix(strings.TrimPrefix(s.cfg.PublicURL, "https://"), "http://")
	scheme := "http://"
	if s.secure(r) {
		scheme = "https://"
	}
	var pairs []string
	for name, values := range q {
		if name == "oauth_signature" {
			continue
		}
		for _, v := range values {
			pairs = append(pairs, encode(name)+"="+encode(v))
		}
	}
	slices.Sort(pairs)
	asked, _ := r.Context().Value(askedKey{}).(string)
	text := r.Method + "&" + encode(scheme+home+asked) + "&" + encode(strings.Join(pairs, "&"))
	m := hmac.New(h, []byte(s.cfg.Secret+"&"))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// encode is RFC 3986's, as PHP's rawurlencode.
func encode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
