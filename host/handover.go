package host

import (
	"time"

	"github.com/kassette-pay/kassette/host/internal/handover"
)

// What is handed over, and with which keys.
type (
	// Handover is what a hand-over file of secrets says.
	Handover = handover.Document
	// HandoverLock is what such a file is sealed with.
	HandoverLock = handover.Lock
	// HandoverKey opens one.
	HandoverKey = handover.Key
	// HandoverIdentity is a new key pair of an installer.
	HandoverIdentity = handover.Identity
	// HandoverFile is one that is written of it.
	HandoverFile = handover.File
	// Secret is a secret's value. It prints as ***.
	Secret = handover.Value
)

// MaxHandover bounds a hand-over file, in bytes.
const MaxHandover = handover.MaxFile

// SealHandover encrypts secrets for whoever can open the lock. What is given
// back is the file, and the document with its fingerprints.
func SealHandover(d Handover, l HandoverLock) ([]byte, Handover, error) { return handover.Seal(d, l) }

// OpenHandover decrypts a file and holds it to everything that a hand-over
// must be, at a time.
func OpenHandover(file []byte, k HandoverKey, now time.Time) (Handover, error) {
	return handover.Open(file, k, now)
}

// NewHandoverIdentity makes an installer's key pair.
func NewHandoverIdentity(now time.Time) (HandoverIdentity, error) { return handover.NewIdentity(now) }

// LockFor makes a lock that each of the recipients, age1…, can open.
func LockFor(to ...string) (HandoverLock, error) { return handover.LockFor(to...) }

// LockWith makes a lock that a passphrase opens.
func LockWith(passphrase string) (HandoverLock, error) { return handover.LockWith(passphrase) }

// NewPassphrase makes a passphrase that can be read out and not be guessed.
func NewPassphrase() string { return handover.NewPassphrase() }

// KeyWith is the key that a passphrase is.
func KeyWith(passphrase string) (HandoverKey, error) { return handover.KeyWith(passphrase) }

// ReadIdentity reads the text of an identity's file.
func ReadIdentity(text []byte) (HandoverKey, error) { return handover.ReadIdentity(text) }

// CleanSecret makes a secret of what was typed or stands in a file.
func CleanSecret(text []byte) (Secret, error) { return handover.Clean(text) }

// ParseSecrets reads a text of lines NAME=VALUE.
func ParseSecrets(text []byte) (map[string]Secret, error) { return handover.ParseLines(text) }

// IsSecretName says whether a text can be a secret's name.
func IsSecretName(s string) bool { return handover.IsName(s) }

// WriteSecrets writes files that only their owner can read: all, or none where
// one is there already.
func WriteSecrets(files ...HandoverFile) error { return handover.WriteNew(files...) }
