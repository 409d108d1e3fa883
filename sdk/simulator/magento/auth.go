package magento

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// farAhead is by how much a timestamp may be in the future.
const farAhead = 600 * time.Second

// adminLife is how long an administrator's token lives.
const adminLife = 4 * time.Hour

// caller is who asks. Nobody has no rights.
type caller struct {
	rights []string
}

func (c caller) may(right string) bool { return slices.Contains(c.rights, right) }

// caller finds out who asks: by OAuth 1.0a with all four values, or by a bearer
// token where that is switched on (document, 2.1). The caller holds s.mu.
func (s *Simulator) caller(r *http.Request) (caller, *apiError) {
	kind, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(kind) {
	case "oauth":
		if e := s.checkOAuth(r, text); e != nil {
			return caller{}, e
		}
		return caller{s.cfg.Rights}, nil
	case "bearer":
		if until, ok := s.admins[text]; ok && s.clock.Now().Before(until) {
			return caller{Rights()}, nil
		}
		if text == s.cfg.AccessToken && s.cfg.Bearer {
			return caller{s.cfg.Rights}, nil
		}
	}
	return caller{}, nil
}

func oauthRefusal(message string, parameters ...any) *apiError {
	e := refusal(http.StatusUnauthorized, message)
	if len(parameters) > 0 {
		e.parameters = parameters
	}
	return e
}

// checkOAuth checks a header of OAuth 1.0a. The texts of its refusals are those of
// Magento_Framework_Oauth, about which the document is silent.
func (s *Simulator) checkOAuth(r *http.Request, text string) *apiError {
	given := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		value, err := url.PathUnescape(strings.Trim(value, `"`))
		if err != nil {
			return bad("The %1 parameter is not percent-encoded.", name)
		}
		given[name] = value
	}
	for _, name := range []string{"oauth_consumer_key", "oauth_token", "oauth_signature", "oauth_signature_method", "oauth_nonce", "oauth_timestamp"} {
		if given[name] == "" {
			return bad("%1 is required. Enter and try again.", name)
		}
	}
	at, err := strconv.ParseInt(given["oauth_timestamp"], 10, 64)
	nonce := given["oauth_timestamp"] + " " + given["oauth_nonce"]
	switch {
	case given["oauth_signature_method"] != "HMAC-SHA256":
		return bad("Signature method %1 is not supported", given["oauth_signature_method"])
	case given["oauth_consumer_key"] != s.cfg.ConsumerKey:
		return oauthRefusal("A consumer having the specified key does not exist")
	case given["oauth_token"] != s.cfg.AccessToken:
		return oauthRefusal("Specified token does not exist")
	case err != nil || at <= 0 || at > s.clock.Now().Add(farAhead).Unix():
		return oauthRefusal("The timestamp value in the oauth_timestamp parameter is incorrect.")
	case s.nonces[nonce]:
		return oauthRefusal("The nonce is already being used by the consumer with ID %1.", 1)
	case !hmac.Equal([]byte(s.signature(r, given)), []byte(given["oauth_signature"])):
		return oauthRefusal("The signature is invalid. Verify and try again.")
	}
	s.nonces[nonce] = true
	return nil
}

// signature is what a request's signature must be: HMAC-SHA256 with the key
// enc(consumer secret)&enc(token secret) (document, 2.1).
func (s *Simulator) signature(r *http.Request, given map[string]string) string {
	var params [][2]string
	add := func(name, value string) { params = append(params, [2]string{encode(name), encode(value)}) }
	for name, value := range given {
		if strings.HasPrefix(name, "oauth_") && name != "oauth_signature" {
			add(name, value)
		}
	}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, both := strings.Cut(pair, "=")
		name, err1 := url.PathUnescape(name) // the shop reads + as + here, by rawurldecode
		value, err2 := url.PathUnescape(value)
		if both && err1 == nil && err2 == nil {
			add(name, value)
		}
	}
	slices.SortFunc(params, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	pairs := make([]string, len(params))
	for i, p := range params {
		pairs[i] = p[0] + "=" + p[1]
	}
	text := r.Method + "&" + encode(s.publicURL(r)+r.URL.EscapedPath()) + "&" + encode(strings.Join(pairs, "&"))
	h := hmac.New(sha256.New, []byte(encode(s.cfg.ConsumerSecret)+"&"+encode(s.cfg.TokenSecret)))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// encode percent-encodes after RFC 3986.
func encode(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// publicURL is the shop's base address, from the configuration or the request.
func (s *Simulator) publicURL(r *http.Request) string {
	switch {
	case s.cfg.PublicURL != "":
		return s.cfg.PublicURL
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// adminToken serves POST /V1/integration/admin/token: a bare JSON string, which
// two-factor authentication blocks on normal shops (document, 2.1).
func (s *Simulator) adminToken(c call) (any, *apiError) {
	var in struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	if e := c.read(&in); e != nil {
		return nil, e
	}
	wrong := s.cfg.Admin == "" || in.Username != s.cfg.Admin || in.Password != s.cfg.Password
	switch {
	case wrong:
		return nil, refusal(http.StatusUnauthorized, "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.")
	case s.cfg.TwoFactor:
		return nil, refusal(http.StatusUnauthorized, "Please use the 2fa provider-specific endpoints to obtain a token.")
	}
	token := strings.ToLower(rand.Text())
	s.admins[token] = s.clock.Now().Add(adminLife)
	return token, nil
}
