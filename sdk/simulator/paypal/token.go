package paypal

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// oauthError is an error of the token call: of OAuth's form, not of the REST form.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// token answers POST /v1/oauth2/token.
func (s *Simulator) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	id, secret, ok := r.BasicAuth()
	if !ok || !equal(id, s.cfg.ClientID) || !equal(secret, s.cfg.ClientSecret) {
		s.write(w, http.StatusUnauthorized, oauthError{"invalid_client", "Client Authentication failed"})
		return
	}
	if err := r.ParseForm(); err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		s.write(w, http.StatusBadRequest, oauthError{"invalid_request", "The request is no form"})
		return
	}
	switch r.PostForm.Get("grant_type") {
	case "client_credentials":
	case "":
		s.write(w, http.StatusBadRequest, oauthError{"unsupported_grant_type", "Grant Type is NULL"})
		return
	default:
		s.write(w, http.StatusBadRequest, oauthError{"unsupported_grant_type", "unsupported grant_type"})
		return
	}
	text := "A21AA" + randomText(60)
	s.mu.Lock()
	now := s.clock.Now()
	for t, expires := range s.tokens {
		if !now.Before(expires) {
			delete(s.tokens, t)
		}
	}
	s.tokens[text] = now.Add(s.cfg.TokenLife)
	s.issued++
	s.mu.Unlock()
	s.write(w, http.StatusOK, struct {
		Scope     string `json:"scope"`
		Token     string `json:"access_token"`
		Type      string `json:"token_type"`
		AppID     string `json:"app_id"`
		ExpiresIn int64  `json:"expires_in"`
		Nonce     string `json:"nonce"`
	}{scopes, text, "Bearer", "APP-80W284485P519543T", int64(s.cfg.TokenLife / time.Second), now.UTC().Format(time.RFC3339) + randomText(24)})
}

// scopes of a token, as the sandbox names them.
const scopes = "https://uri.paypal.com/services/payments/payment/authcapture https://uri.paypal.com/services/payments/refund " +
	"https://uri.paypal.com/services/checkout/one-click-with-merchant-issued-token openid https://uri.paypal.com/services/applications/webhooks"

// authorised checks the bearer token of a call.
func (s *Simulator) authorised(r *http.Request, call string) bool {
	scheme, text, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || s.faults.On(faultExpiredToken, call) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	expires, known := s.tokens[strings.TrimSpace(text)]
	return known && s.clock.Now().Before(expires)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// randomText is n random bytes in base64url.
func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never returns an error
	return base64.RawURLEncoding.EncodeToString(b)
}

// debugID is the id under which PayPal finds a call.
func debugID() string {
	b := make([]byte, 7)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)[:13]
}

// newID makes an id of so many characters of A-Z0-9, as PayPal's are.
func newID(n int) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPRSTUVWXY"
	b := make([]byte, n)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b)
}

// write sends an answer. debug_id of an error is the header's too.
func (s *Simulator) write(w http.ResponseWriter, status int, v any) {
	id := debugID()
	if e, ok := v.(*apiError); ok {
		id = e.DebugID
	}
	w.Header().Set("PayPal-Debug-Id", id)
	w.Header().Set("Cache-Control", "max-age=0, no-cache, no-store, must-revalidate")
	if v == nil {
		w.WriteHeader(status)
		return
	}
	body, err := json.Marshal(v)
	if err != nil {
		s.cfg.Logger.Error("encode an answer", "error", err)
		http.Error(w, "the simulator could not encode its answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		s.cfg.Logger.Debug("write an answer", "error", err)
	}
}
