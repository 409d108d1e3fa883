// Package seal keeps what is written to Redis unreadable to whoever holds
// only Redis: AES-256-GCM under keys that the operator holds.
//
// A sealed value is
//
//	format (1 byte, 0x01) | key id (8 bytes) | nonce (12 bytes) | ciphertext and tag
//
// The place of a value, which is the name of its Redis key, is associated
// data: a value that was copied to another place does not open. A [Ring] has
// one key or more: the first seals, all open, so that keys are rotated by
// putting a new one in front.
//
// What it does not hide: the length of a value, that it changed, and its
// place. Nonces are random; NIST SP 800-38D bounds a key at 2^32 values, so a
// gateway that seals a thousand values a second wants a new key every month
// and a half, and one of a shop's size every few years.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// Errors of Open. They say nothing of the value.
var (
	// ErrNotSealed: the bytes are no sealed value, or one of a newer format.
	ErrNotSealed = errors.New("not a sealed value")
	// ErrUnknownKey: the value was sealed with a key that the ring does not have.
	ErrUnknownKey = errors.New("sealed with a key that is not in state_keys")
	// ErrTampered: the value was changed, cut, or belongs to another place.
	ErrTampered = errors.New("sealed value was changed or belongs elsewhere")
	// ErrNoKeys: a ring needs a key.
	ErrNoKeys = errors.New("no state key")
)

const (
	format    = 0x01
	header    = 1 + idSize
	nonceSize = 12
	tagSize   = 16
	// Overhead is how many bytes a sealed value is longer than its plaintext.
	Overhead = header + nonceSize + tagSize
)

// Ring seals and opens values. It is safe for concurrent use.
type Ring struct {
	first ID
	aeads map[ID]cipher.AEAD
}

// NewRing makes a ring of keys: the first seals, all open. A key that is
// given twice counts once.
func NewRing(keys ...Key) (*Ring, error) {
	if len(keys) == 0 {
		return nil, ErrNoKeys
	}
	r := &Ring{first: keys[0].ID(), aeads: make(map[ID]cipher.AEAD, len(keys))}
	for _, k := range keys {
		block, err := aes.NewCipher(k[:])
		if err != nil {
			return nil, fmt.Errorf("state key %s: %w", k.ID(), err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("state key %s: %w", k.ID(), err)
		}
		r.aeads[k.ID()] = aead
	}
	return r, nil
}

// Seal seals a value for a place. Two seals of the same value differ.
func (r *Ring) Seal(place string, plaintext []byte) []byte {
	sealed := make([]byte, header, Overhead+len(plaintext))
	sealed[0] = format
	copy(sealed[1:], r.first[:])
	return r.aeads[r.first].Seal(sealed, nil, plaintext, associated(sealed, place))
}

// Open gives the value that was sealed for a place. Errors: [ErrNotSealed],
// [ErrUnknownKey], [ErrTampered].
func (r *Ring) Open(place string, sealed []byte) ([]byte, error) {
	id, err := KeyOf(sealed)
	if err != nil {
		return nil, err
	}
	aead, ok := r.aeads[id]
	if !ok {
		return nil, fmt.Errorf("key %s: %w", id, ErrUnknownKey)
	}
	plaintext, err := aead.Open(nil, nil, sealed[header:], associated(sealed, place))
	if err != nil {
		return nil, ErrTampered // the cipher's own words add nothing
	}
	return plaintext, nil
}

// First is the id of the key that seals.
func (r *Ring) First() ID { return r.first }

// KeyOf reads which key a value was sealed with. Error: [ErrNotSealed].
func KeyOf(sealed []byte) (ID, error) {
	if len(sealed) < Overhead || sealed[0] != format {
		return ID{}, ErrNotSealed
	}
	return ID(sealed[1:header]), nil
}

// associated binds format and key id as well: nothing of a sealed value can be changed.
func associated(sealed []byte, place string) []byte {
	return append(append(make([]byte, 0, header+len(place)), sealed[:header]...), place...)
}
