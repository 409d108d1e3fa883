// Package oauth1 signs requests with OAuth 1.0a (RFC 5849), for hosts: the
// gateway signs so for plugins, and so does the conformance kit, the same way.
package oauth1

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Signer is how one request is signed.
type Signer struct {
	// Method is [contract.OAuthSHA1] or [contract.OAuthSHA256], In
	// [contract.OAuthHeader] or [contract.OAuthQuery].
	Method, In                  string
	ConsumerKey, ConsumerSecret string
	// Token is left out where it is empty: one-legged.
	Token, TokenSecret string
	// Nonce is never the same twice, Now the timestamp.
	Nonce string
	Now   time.Time
}

// param is a name with its value, decoded.
type param struct{ name, value string }

// Sign signs a request with this body and puts the signature in. No error
// holds a secret.
func (s Signer) Sign(req *http.Request, body []byte) error {
	mac := map[string]func() hash.Hash{contract.OAuthSHA1: sha1.New, contract.OAuthSHA256: sha256.New}[s.Method]
	if mac == nil {
		return fmt.Errorf("oauth1 method %q: use HMAC-SHA1 or HMAC-SHA256", s.Method)
	}
	if s.In != contract.OAuthHeader && s.In != contract.OAuthQuery {
		return fmt.Errorf("oauth1 in %q: use header or query", s.In)
	}
	oauth := []param{
		{"oauth_consumer_key", s.ConsumerKey}, {"oauth_nonce", s.Nonce}, {"oauth_signature_method", s.Method},
		{"oauth_timestamp", strconv.FormatInt(s.Now.Unix(), 10)}, {"oauth_version", "1.0"},
	}
	if s.Token != "" {
		oauth = append(oauth, param{"oauth_token", s.Token})
	}
	base, err := signatureBase(req, body, oauth)
	if err != nil {
		return err
	}
	oauth = append(oauth, param{"oauth_signature", oauthMAC(mac, base, s.ConsumerSecret, s.TokenSecret)})
	if s.In == contract.OAuthHeader {
		req.Header.Set("Authorization", "OAuth "+joinParams(oauth, `="`, `", `)+`"`)
		return nil
	}
	if req.URL.RawQuery != "" {
		req.URL.RawQuery += "&"
	}
	req.URL.RawQuery += joinParams(oauth, "=", "&")
	return nil
}

func oauthMAC(h func() hash.Hash, base, consumerSecret, tokenSecret string) string {
	m := hmac.New(h, []byte(Encode(consumerSecret)+"&"+Encode(tokenSecret)))
	m.Write([]byte(base))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// signatureBase is the signature base string of section 3.4.1.
func signatureBase(req *http.Request, body []byte, oauth []param) (string, error) {
	params := slices.Clone(oauth)
	forms := []string{req.URL.RawQuery}
	if kind, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" {
		forms = append(forms, string(body))
	}
	for _, form := range forms {
		for pair := range strings.SplitSeq(form, "&") {
			if pair == "" {
				continue
			}
			name, value, _ := strings.Cut(pair, "=")
			n, err1 := url.QueryUnescape(name)
			v, err2 := url.QueryUnescape(value)
			if err1 != nil || err2 != nil {
				return "", errors.New("oauth1: a parameter is not percent-encoded as it should be")
			}
			params = append(params, param{n, v})
		}
	}
	for i, p := range params {
		params[i] = param{Encode(p.name), Encode(p.value)}
	}
	slices.SortFunc(params, func(a, b param) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	var joined strings.Builder
	for i, p := range params {
		if i > 0 {
			joined.WriteByte('&')
		}
		joined.WriteString(p.name + "=" + p.value)
	}
	// The URL's host is without the default port already.
	path := req.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return req.Method + "&" + Encode(req.URL.Scheme+"://"+req.URL.Host+path) + "&" + Encode(joined.String()), nil
}

func joinParams(params []param, equals, comma string) string {
	pairs := make([]string, len(params))
	for i, p := range params {
		pairs[i] = Encode(p.name) + equals + Encode(p.value)
	}
	return strings.Join(pairs, comma)
}

// Encode encodes as section 3.6 wants it: all but unreserved characters.
func Encode(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
