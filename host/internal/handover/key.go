package handover

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"
)

const (
	// MaxIdentity bounds the file of an identity, in bytes.
	MaxIdentity = 64 << 10
	// MinPassphrase is how many characters a passphrase has at least: a file
	// that lies in a mailbox can be tried at leisure.
	MinPassphrase = 12
	// workFactor is scrypt's, as log2: a second and 256 MiB for each try. A file
	// that wants more is refused: it would take the installer's memory.
	workFactor, maxWorkFactor = 18, 20
)

// Errors of keys. Each says what to do.
var (
	// ErrRecipient: a text is no recipient.
	ErrRecipient = errors.New("it is not what kassette secrets keygen prints: ask the installer for the text that begins with age1, and copy all of it")
	// ErrIdentityGiven: the secret half was given as the recipient.
	ErrIdentityGiven = errors.New("it is an identity, which its owner keeps secret: consider it seen, have a new one made with kassette secrets keygen, and ask for the text that begins with age1")
	// ErrIdentity: a file holds no identity.
	ErrIdentity = errors.New("it holds no identity: give the file that kassette secrets keygen made")
	// ErrIdentityLocked: the identity's file is encrypted itself.
	ErrIdentityLocked = errors.New("it is encrypted itself: open it with age -d first, into a file that nobody else can read")
	// ErrPassphrase: a passphrase is too short.
	ErrPassphrase = fmt.Errorf("a passphrase has at least %d characters and none that does not show: take a longer one, or have one made", MinPassphrase)
)

// Lock is what a hand-over is sealed with.
type Lock struct {
	recipients []age.Recipient
	// To are the recipients; none where it is a passphrase.
	To []string
}

// LockFor makes a lock that each of the recipients can open.
func LockFor(to ...string) (Lock, error) {
	var l Lock
	for i, text := range to {
		text = strings.TrimSpace(text)
		var r age.Recipient
		var err error
		switch {
		case strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-"):
			err = ErrIdentityGiven
		case strings.HasPrefix(text, "age1pq1"):
			r, err = age.ParseHybridRecipient(text)
		default:
			r, err = age.ParseX25519Recipient(text)
		}
		if err != nil && !errors.Is(err, ErrIdentityGiven) {
			err = ErrRecipient // age's words quote it, and it may be anything
		}
		if err != nil {
			return l, fmt.Errorf("recipient %d: %w", i+1, err)
		}
		l.recipients, l.To = append(l.recipients, r), append(l.To, text)
	}
	if len(l.recipients) == 0 {
		return l, errors.New("nobody could open it: name a recipient")
	}
	return l, nil
}

// LockWith makes a lock that a passphrase opens.
func LockWith(passphrase string) (Lock, error) {
	if utf8.RuneCountInString(passphrase) < MinPassphrase || !printable(passphrase) {
		return Lock{}, ErrPassphrase
	}
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return Lock{}, ErrPassphrase
	}
	r.SetWorkFactor(workFactor)
	return Lock{recipients: []age.Recipient{r}}, nil
}

// NewPassphrase makes one of a hundred random bits, in groups that can be read
// out.
func NewPassphrase() string {
	text := strings.ToLower(rand.Text()[:20])
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:]
}

// Key opens a hand-over.
type Key struct {
	identities []age.Identity
	// Recipients are the public halves; none where it is a passphrase.
	Recipients []string
}

// KeyWith is the key that a passphrase is.
func KeyWith(passphrase string) (Key, error) {
	i, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return Key{}, errors.New("the passphrase is empty: ask whoever sealed the file for it")
	}
	i.SetMaxWorkFactor(maxWorkFactor)
	return Key{identities: []age.Identity{i}}, nil
}

// ReadIdentity reads the text of an identity's file, of one identity or more.
func ReadIdentity(text []byte) (Key, error) {
	if bytes.HasPrefix(text, []byte(armor.Header)) || bytes.HasPrefix(text, []byte("age-encryption.org/")) {
		return Key{}, ErrIdentityLocked
	}
	if len(text) > MaxIdentity {
		return Key{}, ErrIdentity
	}
	identities, err := age.ParseIdentities(bytes.NewReader(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
	if err != nil {
		return Key{}, ErrIdentity // age's words stay here, to be sure
	}
	k := Key{identities: identities}
	for _, i := range identities {
		switch i := i.(type) {
		case *age.X25519Identity:
			k.Recipients = append(k.Recipients, i.Recipient().String())
		case *age.HybridIdentity:
			k.Recipients = append(k.Recipients, i.Recipient().String())
		}
	}
	return k, nil
}

// Identity is a new key pair of an installer.
type Identity struct {
	// Recipient is the public half, age1….
	Recipient string
	// Text is the file of the secret half, as age-keygen writes it.
	Text []byte
}

// NewIdentity makes a key pair.
func NewIdentity(now time.Time) (Identity, error) {
	i, err := age.GenerateX25519Identity()
	if err != nil {
		return Identity{}, fmt.Errorf("make an identity: %w", err)
	}
	to := i.Recipient().String()
	text := fmt.Sprintf("# created: %s\n# public key: %s\n%s\n", now.UTC().Format(time.RFC3339), to, i.String())
	return Identity{Recipient: to, Text: []byte(text)}, nil
}
