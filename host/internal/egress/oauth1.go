package egress

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
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

// param is a name with its value, decoded.
type param struct{ name, value string }

// oauth1 signs a request after RFC 5849 with a nonce and timestamp of its own.
func oauth1(req *http.Request, body []byte, v vault, a contract.OAuth1, now time.Time) error {
	mac := map[string]func() hash.Hash{"HMAC-SHA1": sha1.New, "HMAC-SHA256": sha256.New}[a.Method]
	if mac == nil {
		return fmt.Errorf("oauth1 method %q: use HMAC-SHA1 or HMAC-SHA256", a.Method)
	}
	if a.In != "header" && a.In != "query" {
		return fmt.Errorf("oauth1 in %q: use header or query", a.In)
	}
	var texts [4]string
	for i, parts := range []contract.Parts{a.ConsumerKey, a.ConsumerSecret, a.Token, a.TokenSecret} {
		var err error
		if texts[i], err = v.join(parts, contract.UseOAuth1); err != nil {
			return err
		}
	}
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails
	oauth := []param{
		{"oauth_consumer_key", texts[0]}, {"oauth_nonce", hex.EncodeToString(nonce)}, {"oauth_signature_method", a.Method},
		{"oauth_timestamp", strconv.FormatInt(now.Unix(), 10)}, {"oauth_version", "1.0"},
	}
	if len(a.Token) > 0 {
		oauth = append(oauth, param{"oauth_token", texts[2]})
	}
	base, err := signatureBase(req, body, oauth)
	if err != nil {
		return err
	}
	oauth = append(oauth, param{"oauth_signature", oauthMAC(mac, base, texts[1], texts[3])})
	if a.In == "header" {
		return credential(req, "Authorization", "OAuth "+joinParams(oauth, `="`, `", `)+`"`)
	}
	if req.URL.RawQuery != "" {
		req.URL.RawQuery += "&"
	}
	req.URL.RawQuery += joinParams(oauth, "=", "&")
	return nil
}

func oauthMAC(h func() hash.Hash, base, consumerSecret, tokenSecret string) string {
	m := hmac.New(h, []byte(percent(consumerSecret)+"&"+percent(tokenSecret)))
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
		params[i] = param{percent(p.name), percent(p.value)}
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
	path := orElse(req.URL.EscapedPath(), "/")
	return req.Method + "&" + percent(req.URL.Scheme+"://"+req.URL.Host+path) + "&" + percent(joined.String()), nil
}

func joinParams(params []param, equals, comma string) string {
	pairs := make([]string, len(params))
	for i, p := range params {
		pairs[i] = percent(p.name) + equals + percent(p.value)
	}
	return strings.Join(pairs, comma)
}

// percent encodes as section 3.6 wants it: all but unreserved characters.
func percent(s string) string {
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
