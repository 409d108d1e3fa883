package omnikassa

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"maps"
	"net/http"
	"strings"
	"time"
)

// tokenKind is what a token is good for; each call takes exactly one kind.
type tokenKind int

const (
	refreshToken tokenKind = iota
	accessToken
	notificationToken
)

// token is an issued access or notification token.
type token struct {
	kind    tokenKind
	expires time.Time
	key     int // notification tokens: index of the signing key that signs the pull
}

// issue makes a token. It looks like the bank's, three parts as in a JWT, and is
// as opaque. The caller holds s.mu.
func (s *Simulator) issue(kind tokenKind, life time.Duration, key int) (string, time.Time) {
	now := s.clock.Now()
	s.issued[kind]++
	if s.issued[kind]%1024 == 0 {
		maps.DeleteFunc(s.tokens, func(_ string, t token) bool { return !now.Before(t.expires) })
	}
	expires := now.Add(life)
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(`{"jti":"`+randomText(15)+`"}`)) + "." + randomText(64)
	s.tokens[text] = token{kind: kind, expires: expires, key: key}
	return text, expires
}

// authorise checks the bearer token of a call.
func (s *Simulator) authorise(r *http.Request, call string, kind tokenKind) (token, *apiError) {
	text, ok := bearer(r)
	if !ok || s.faults.On(faultExpiredToken, call) {
		return token{}, errAuthentication()
	}
	if kind == refreshToken {
		if subtle.ConstantTimeCompare([]byte(text), []byte(s.cfg.RefreshToken)) != 1 {
			return token{}, errAuthentication()
		}
		return token{kind: refreshToken}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[text]
	if !ok || t.kind != kind || !s.clock.Now().Before(t.expires) {
		return token{}, errAuthentication()
	}
	return t, nil
}

func bearer(r *http.Request) (string, bool) {
	scheme, text, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	text = strings.TrimSpace(text)
	return text, ok && strings.EqualFold(scheme, "Bearer") && text != ""
}

// refresh trades the refresh token for an access token.
func (s *Simulator) refresh(w http.ResponseWriter, r *http.Request) {
	if _, e := s.authorise(r, callRefresh, refreshToken); e != nil {
		s.refuse(w, e)
		return
	}
	s.mu.Lock()
	text, expires := s.issue(accessToken, s.cfg.AccessTokenLife, 0)
	s.mu.Unlock()
	s.write(w, http.StatusOK, struct {
		Token      string `json:"token"`
		ValidUntil string `json:"validUntil"`
		Duration   int64  `json:"durationInMillis"`
	}{text, writeTokenTime(expires), s.cfg.AccessTokenLife.Milliseconds()})
}

// randomText is n random bytes in base64url.
func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never returns an error
	return base64.RawURLEncoding.EncodeToString(b)
}
