package robokassa

import (
	"crypto"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/crypto/ripemd160" //nolint:staticcheck // the provider offers it
)

var hashes = map[string]func() hash.Hash{
	"md5": md5.New, "ripemd160": ripemd160.New, "sha1": sha1.New,
	"sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

// shopParam is one of the shop's own parameters, Shp_…, with its name as sent.
type shopParam struct{ Name, Value string }

// sortShop orders them by name, whatever its letter case: the official modules
// mix Shp_ and shp_ and sort so.
func sortShop(list []shopParam) {
	slices.SortStableFunc(list, func(a, b shopParam) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
}

// sign is the provider's signature: parts, password and the shop's own
// parameters, joined by colons and hashed; lower-case hex.
func (s *Simulator) sign(parts []string, password string, shop []shopParam) string {
	all := append(slices.Clone(parts), password)
	for _, p := range shop {
		all = append(all, p.Name+"="+p.Value)
	}
	h := hashes[s.cfg.Hash]()
	h.Write([]byte(strings.Join(all, ":")))
	return hex.EncodeToString(h.Sum(nil))
}

// equal compares signatures without regard to case, in constant time.
func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(strings.ToLower(a)), []byte(strings.ToLower(b))) == 1
}

// passwords is the pair of a payment's mode.
func (s *Simulator) passwords(test bool) (one, two string) {
	if test {
		return s.cfg.TestPassword1, s.cfg.TestPassword2
	}
	return s.cfg.Password1, s.cfg.Password2
}

// jws signs a notification to ResultUrl2.
func (s *Simulator) jws(payload any) string {
	body, _ := json.Marshal(payload) // structs of texts always encode
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"RS256"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		s.cfg.Logger.Error("sign a notification", "error", err)
		return ""
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// certificate serves the certificate of the key that signs ResultUrl2.
func (s *Simulator) certificate(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-x509-ca-cert")
	s.write(w, demoCertificate)
}

// jwtHashes are the hashes of JWTs by alg: those of refunds, and the plain
// names that invoices use as well.
var jwtHashes = map[string]string{
	"MD5": "md5", "RIPEMD160": "ripemd160", "SHA1": "sha1", "HS1": "sha1", "SHA256": "sha256", "HS256": "sha256",
	"SHA384": "sha384", "HS384": "sha384", "SHA512": "sha512", "HS512": "sha512",
}

// openJWT reads a JWT, raw or as a JSON string, and verifies its HMAC. Its
// payload is given whenever it could be read; ok says that the signature holds.
func openJWT(body []byte, key, unset string, algs ...string) (payload []byte, ok bool) {
	var token string
	if json.Unmarshal(body, &token) != nil {
		token = strings.TrimSpace(string(body))
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, false
	}
	var header struct {
		Alg string `json:"alg"`
	}
	head, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil || json.Unmarshal(head, &header) != nil {
		return nil, false
	}
	if payload, err = base64.RawURLEncoding.DecodeString(parts[1]); err != nil {
		return nil, false
	}
	name, known := jwtHashes[strings.ToUpper(header.Alg)]
	if header.Alg == "" {
		name, known = unset, unset != ""
	}
	if !known || len(algs) > 0 && !slices.Contains(algs, header.Alg) {
		return payload, false
	}
	given, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[2], "="))
	mac := hmac.New(hashes[name], []byte(key))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	return payload, err == nil && hmac.Equal(given, mac.Sum(nil))
}
