package seal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
)

const (
	keySize = 32
	idSize  = 8
)

// ErrKey is the error of a text that is no state key.
var ErrKey = errors.New("a state key is 32 bytes in base64 or hex")

// Key is a key of AES-256. It prints as its id.
type Key [keySize]byte

// ID names a key in what it sealed. It tells nothing of the key.
type ID [idSize]byte

// NewKey makes a random key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k[:]) // never fails
	return k
}

// ParseKey reads a key as [Key.Secret] writes it, in any base64 alphabet with
// or without padding, or in hex. The error does not hold the text.
func ParseKey(text string) (Key, error) {
	decoders := []func(string) ([]byte, error){
		hex.DecodeString,
		base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	}
	for _, decode := range decoders {
		if b, err := decode(text); err == nil && len(b) == keySize {
			return Key(b), nil
		}
	}
	return Key{}, fmt.Errorf("%w, not %d characters of something else", ErrKey, len(text))
}

// ID is the first bytes of a hash of the key, with a label of its own.
func (k Key) ID() ID {
	sum := sha256.Sum256(append([]byte("kassette state key\x00"), k[:]...))
	return ID(sum[:idSize])
}

// Secret writes the key itself in base64, for a configuration.
func (k Key) Secret() string { return base64.StdEncoding.EncodeToString(k[:]) }

// String writes the key's id: a key that gets into a log gives nothing away.
func (k Key) String() string { return "state key " + k.ID().String() }

// GoString is String: %#v would print the bytes.
func (k Key) GoString() string { return k.String() }

// Format is String for every verb: %x would print the bytes.
func (k Key) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, k.String()) }

// String writes the id in hex.
func (id ID) String() string { return hex.EncodeToString(id[:]) }
