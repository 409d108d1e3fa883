package hostfn

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/crypto/ripemd160" //nolint:staticcheck // some providers sign with it; nothing of ours is

	"github.com/kassette-pay/kassette/sdk/contract"
)

// What a sum must cover besides secrets, in bytes, so that it is never just a
// secret's fingerprint.
const (
	minDigestData = 4
	minMACData    = 1
)

var hashes = map[contract.Algorithm]func() hash.Hash{
	contract.MD5:       md5.New,
	contract.SHA1:      sha1.New,
	contract.SHA256:    sha256.New,
	contract.SHA384:    sha512.New384,
	contract.SHA512:    sha512.New,
	contract.RIPEMD160: ripemd160.New,
}

func mac(in contract.MACRequest, s Secrets) contract.SumResult {
	newHash, err := hashFor(in.Algorithm)
	if err != nil {
		return refuse(err)
	}
	use := contract.UseMAC(in.Algorithm)
	if len(in.Key.Secrets()) == 0 {
		return refuse(errors.New("the key names no secret"))
	}
	key, err := keyBytes(in, use, s)
	if err != nil {
		return refuse(err)
	}
	data, err := dataBytes(in.Data, in.DataBase64, use, minMACData, s)
	if err != nil {
		return refuse(err)
	}
	h := hmac.New(newHash, key)
	h.Write(data)
	return answer(h.Sum(nil), in.Expect)
}

func digest(in contract.DigestRequest, s Secrets) contract.SumResult {
	newHash, err := hashFor(in.Algorithm)
	if err != nil {
		return refuse(err)
	}
	data, err := dataBytes(in.Data, in.DataBase64, contract.UseDigest(in.Algorithm), minDigestData, s)
	if err != nil {
		return refuse(err)
	}
	h := newHash()
	h.Write(data)
	return answer(h.Sum(nil), in.Expect)
}

func refuse(err error) contract.SumResult { return contract.SumResult{Error: err.Error()} }

func answer(sum, expect []byte) contract.SumResult {
	if expect != nil {
		return contract.SumResult{Equal: subtle.ConstantTimeCompare(sum, expect) == 1}
	}
	return contract.SumResult{Sum: sum}
}

func hashFor(a contract.Algorithm) (func() hash.Hash, error) {
	h, ok := hashes[a]
	if !ok {
		return nil, fmt.Errorf("algorithm %q: use one of %v", a, contract.HashAlgorithms())
	}
	return h, nil
}

func keyBytes(in contract.MACRequest, use string, s Secrets) ([]byte, error) {
	text, _, err := join(in.Key, use, s)
	if err != nil {
		return nil, err
	}
	key := []byte(text)
	switch in.KeyEncoding {
	case "", contract.KeyText:
	case contract.KeyBase64:
		if key, err = decodeKey(text); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("key_encoding %q: use text or base64", in.KeyEncoding)
	}
	if len(key) == 0 {
		return nil, errors.New("the key is empty")
	}
	return key, nil
}

// decodeKey takes base64 as people paste it: padded or not, with white space.
func decodeKey(text string) ([]byte, error) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil, errors.New("the key is not base64")
	}
	return key, nil
}

func dataBytes(parts contract.Parts, tail []byte, use string, least int, s Secrets) ([]byte, error) {
	text, open, err := join(parts, use, s)
	if err != nil {
		return nil, err
	}
	if open+len(tail) < least {
		return nil, fmt.Errorf("the data needs at least %d byte(s) that are not secret", least)
	}
	return append([]byte(text), tail...), nil
}

// join gives the parts' text and how many bytes of it are not secret.
func join(parts contract.Parts, use string, s Secrets) (text string, open int, err error) {
	var b strings.Builder
	for _, p := range parts {
		if p.Secret == "" {
			b.WriteString(p.Text)
			open += len(p.Text)
			continue
		}
		secret, ok := s.Secret(p.Secret)
		if !ok {
			return "", 0, fmt.Errorf("secret %q is not set", p.Secret)
		}
		if !slices.Contains(secret.Uses, use) {
			return "", 0, fmt.Errorf("secret %q may not be used for %s: its schema allows %v", p.Secret, use, secret.Uses)
		}
		b.WriteString(secret.Value)
	}
	return b.String(), open, nil
}
