package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// signing asks for the one kind of signature that forms bear: the hash of
// parts, password and our own fields, joined by colons (protocol, 3).
func (s shop) signing(password string, parts, shp []string) contract.DigestRequest {
	data := contract.Parts{contract.Lit(strings.Join(parts, ":") + ":"), contract.Sec(password)}
	if len(shp) > 0 {
		data = append(data, contract.Lit(":"+strings.Join(sorted(shp), ":")))
	}
	return contract.DigestRequest{Algorithm: s.Hash, Data: data}
}

// sorted puts pairs Name=value in the order of their names, whatever their
// case (protocol, 3.2).
func sorted(shp []string) []string {
	list := slices.Clone(shp)
	slices.SortStableFunc(list, func(a, b string) int {
		a, _, _ = strings.Cut(a, "=")
		b, _, _ = strings.Cut(b, "=")
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
	return list
}

// sign gives a signature in lower-case hex.
func (s shop) sign(password string, parts, shp []string) (string, error) {
	sum, err := s.call.Digest(s.signing(password, parts, shp))
	return hex.EncodeToString(sum), err
}

// check compares a signature, in hex of any case, in constant time.
func (s shop) check(password, signature string, parts, shp []string) error {
	sum, err := hex.DecodeString(signature)
	if err != nil {
		return &contract.Failure{Code: contract.BadSignature, Message: "the signature is no hexadecimal number"}
	}
	return s.call.CheckDigest(s.signing(password, parts, shp), sum)
}

var base64url = base64.RawURLEncoding

// refundToken writes the JWT of a refund: HS256 under the third password
// (protocol, 10).
func (s shop) refundToken(payload []byte) (string, error) {
	text := base64url.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64url.EncodeToString(payload)
	sum, err := s.call.MAC(contract.MACRequest{
		Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec(password3)}, Data: contract.Parts{contract.Lit(text)},
	})
	return text + "." + base64url.EncodeToString(sum), err
}

// openToken verifies a notification of ResultUrl2, a compact JWS, and gives
// its payload. RS256 alone is taken: never none, never a hash under a key that
// is public (protocol, 6.4).
func (s shop) openToken(token string) ([]byte, error) {
	signed, signature, _ := cutLast(token, ".")
	head, body, _ := strings.Cut(signed, ".")
	var parts [3][]byte
	var errs [3]error
	for i, part := range []string{head, body, signature} {
		parts[i], errs[i] = base64url.DecodeString(part)
	}
	var header struct {
		Alg string `json:"alg"`
	}
	switch {
	case errors.Join(errs[:]...) != nil, json.Unmarshal(parts[0], &header) != nil:
		return nil, &contract.Failure{Code: contract.BadSignature, Message: "the notification is no compact JWS"}
	case header.Alg != string(contract.RS256):
		return nil, &contract.Failure{Code: contract.BadSignature, Message: "the notification is not signed with RS256"}
	case s.ResultKey == "":
		return nil, &contract.Failure{Code: contract.InvalidSettings, Message: "result_key is missing: news of holds cannot be verified"}
	}
	err := s.call.Verify(contract.VerifyRequest{
		Algorithm: contract.RS256, KeyPEM: s.ResultKey, Data: []byte(signed), Signature: parts[2],
	})
	return parts[1], err
}

// cutLast cuts around the last instance of sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
