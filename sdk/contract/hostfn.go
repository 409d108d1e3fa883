package contract

import "time"

// Algorithm names a hash of secret_mac and secret_digest, or a signature of
// verify_signature.
type Algorithm string

// The algorithms of secret_mac and secret_digest.
const (
	MD5       Algorithm = "md5"
	SHA1      Algorithm = "sha1"
	SHA256    Algorithm = "sha256"
	SHA384    Algorithm = "sha384"
	SHA512    Algorithm = "sha512"
	RIPEMD160 Algorithm = "ripemd160"
)

// The algorithms of verify_signature, named as RFC 7518 does.
const (
	RS256 Algorithm = "RS256"
	RS384 Algorithm = "RS384"
	RS512 Algorithm = "RS512"
	PS256 Algorithm = "PS256"
	ES256 Algorithm = "ES256"
)

// HashAlgorithms lists what secret_mac and secret_digest know.
func HashAlgorithms() []Algorithm {
	return []Algorithm{MD5, SHA1, SHA256, SHA384, SHA512, RIPEMD160}
}

// The encodings of a MAC's key.
const (
	KeyText   = "text"
	KeyBase64 = "base64"
)

// MACRequest is the input of secret_mac: an HMAC over Data, of which at least
// one byte is not secret.
type MACRequest struct {
	Algorithm Algorithm `json:"algorithm"`
	Key       Parts     `json:"key"`
	// KeyEncoding is [KeyText] (the default) or [KeyBase64]: with or without padding and white space.
	KeyEncoding string `json:"key_encoding,omitempty"`
	Data        Parts  `json:"data"`
	// DataBase64 holds the data where it is no text; it follows Data.
	DataBase64 []byte `json:"data_base64,omitempty"`
	// Expect makes the host compare in constant time and answer Equal alone.
	Expect []byte `json:"expect,omitempty"`
}

// DigestRequest is the input of secret_digest: a hash over Data, of which at
// least four bytes are not secret.
type DigestRequest struct {
	Algorithm  Algorithm `json:"algorithm"`
	Data       Parts     `json:"data"`
	DataBase64 []byte    `json:"data_base64,omitempty"`
	Expect     []byte    `json:"expect,omitempty"`
}

// SumResult is the output of secret_mac and secret_digest.
type SumResult struct {
	// Sum is the MAC or digest; missing where the request said what to expect.
	Sum []byte `json:"sum,omitempty"`
	// Equal says whether it was as expected.
	Equal bool `json:"equal,omitempty"`
	// Error says why there is no sum: an unknown secret, or a use that its schema does not allow.
	Error string `json:"error,omitempty"`
}

// VerifyRequest is the input of verify_signature: a public key, or a chain
// that leads to the host's roots (or the operator's ca) at the time At.
type VerifyRequest struct {
	Algorithm Algorithm `json:"algorithm"`
	KeyPEM    string    `json:"key_pem,omitempty"`
	ChainPEM  string    `json:"chain_pem,omitempty"`
	// Name is the DNS name that the chain's leaf must bear.
	Name      string    `json:"name,omitempty"`
	Data      []byte    `json:"data"`
	Signature []byte    `json:"signature"`
	At        time.Time `json:"at,omitzero"`
}

// VerifyResult is the output of verify_signature.
type VerifyResult struct {
	Valid bool `json:"valid"`
	// Error says why not.
	Error string `json:"error,omitempty"`
}
