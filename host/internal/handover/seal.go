package handover

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// Errors of Open. Each says what to do.
var (
	// ErrNotAge: the file is no armored age file.
	ErrNotAge = fmt.Errorf("it is no hand-over file: that begins with the line %q. Ask for it as an attachment, and save it as it is", armor.Header)
	// ErrTooLarge: the file is larger than [MaxFile].
	ErrTooLarge = fmt.Errorf("it has more than %d bytes, and so is no hand-over file: look which file was meant", MaxFile)
	// ErrOtherIdentity: it was sealed for somebody else.
	ErrOtherIdentity = errors.New("it was sealed for another recipient: ask for a file that is sealed for yours, or give another identity")
	// ErrNeedsPassphrase: it was sealed with a passphrase, and an identity was given.
	ErrNeedsPassphrase = errors.New("it was sealed with a passphrase: give that, and no identity")
	// ErrNeedsIdentity: it was sealed for a recipient, and a passphrase was given.
	ErrNeedsIdentity = errors.New("it was sealed for a recipient, and not with a passphrase: give the identity")
	// ErrWrongPassphrase: it was sealed with another.
	ErrWrongPassphrase = errors.New("the passphrase is not the one: type it once more, or ask for it again")
	// ErrChanged: what arrived is not what was sealed.
	ErrChanged = errors.New("it was changed or cut on its way: ask for it again, as an attachment")
)

// Seal encrypts a document. What is given back is the file, and the document
// with the salt of its fingerprints.
func Seal(d Document, l Lock) ([]byte, Document, error) {
	_, _ = rand.Read(d.salt[:]) // never fails
	d.MadeAt, d.ExpiresAt = d.MadeAt.UTC().Truncate(time.Second), d.ExpiresAt.UTC().Truncate(time.Second)
	if err := d.check(); err != nil {
		return nil, d, err
	}
	text, err := d.encode()
	if err != nil {
		return nil, d, err
	}
	if len(text) > maxDocument {
		return nil, d, fmt.Errorf("the secrets have more than %d bytes together: look what was copied", maxDocument)
	}
	var file bytes.Buffer
	armored := armor.NewWriter(&file)
	w, err := age.Encrypt(armored, l.recipients...)
	if err != nil {
		return nil, d, fmt.Errorf("seal for these recipients: %w", err)
	}
	if _, err = w.Write(text); err == nil {
		err = errors.Join(w.Close(), armored.Close())
	}
	if err == nil && file.Len() > MaxFile {
		err = fmt.Errorf("the file would have more than %d bytes: name fewer recipients", MaxFile)
	}
	if err != nil {
		return nil, d, fmt.Errorf("seal: %w", err)
	}
	return file.Bytes(), d, nil
}

// Open decrypts a file and holds it to everything that a hand-over must be.
func Open(file []byte, k Key, now time.Time) (Document, error) {
	if len(file) > MaxFile {
		return Document{}, ErrTooLarge
	}
	file = bytes.TrimPrefix(file, []byte(byteOrderMark))
	if !bytes.HasPrefix(bytes.TrimSpace(file), []byte(armor.Header)) {
		return Document{}, ErrNotAge
	}
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(file)), k.identities...)
	if err != nil {
		return Document{}, reason(err, k)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	switch {
	case err != nil:
		return Document{}, ErrChanged
	case len(text) > maxDocument:
		return Document{}, ErrNotHandover
	}
	d, err := parse(text)
	if err != nil {
		return Document{}, err
	}
	return d, d.at(now)
}

// reason says in our words why a file does not open.
func reason(err error, k Key) error {
	var none *age.NoIdentityMatchError
	if !errors.As(err, &none) {
		if strings.Contains(err.Error(), "work factor too large") {
			return fmt.Errorf("its passphrase asks for more memory than any of ours: %w", ErrNotHandover)
		}
		return ErrChanged
	}
	sealed := slices.Contains(none.StanzaTypes, "scrypt")
	switch {
	case len(k.Recipients) > 0 && sealed:
		return ErrNeedsPassphrase
	case len(k.Recipients) > 0:
		return fmt.Errorf("%w; yours: %s", ErrOtherIdentity, strings.Join(k.Recipients, ", "))
	case sealed:
		return ErrWrongPassphrase
	}
	return ErrNeedsIdentity
}
