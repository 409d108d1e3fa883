package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"aead.dev/minisign"
)

// Errors of signing.
var (
	// ErrPassword: the key has a password, and none was given, or another.
	ErrPassword = errors.New("the key has a password, and this is not it (or the file is damaged)")
	// ErrBadKey: the file is no minisign secret key.
	ErrBadKey = errors.New("it is no minisign secret key: kassette plugin keygen makes one")
)

// maxComment bounds what is signed beside the bytes, in bytes.
const maxComment = 1024

// KeyPair is a new key, as the texts of minisign's two files.
type KeyPair struct {
	// ID and Public are for everybody. Public is what trusted_keys want.
	ID, Public string
	// SecretText and PublicText are the files' contents.
	SecretText, PublicText []byte
}

// NewKeyPair makes a key to sign plugins with. With a password the secret half
// is sealed by it, which takes seconds and a gibibyte of memory, as does every
// use; that is minisign's protection against guessing.
func NewKeyPair(password string) (KeyPair, error) {
	public, secret, err := minisign.GenerateKey(nil)
	if err != nil {
		return KeyPair{}, fmt.Errorf("make a key: %w", err)
	}
	k := KeyPair{ID: keyID(public.ID()), Public: public.String()}
	if password == "" {
		k.SecretText, err = secret.MarshalText()
	} else {
		k.SecretText, err = minisign.EncryptKey(password, secret)
	}
	k.SecretText = append(k.SecretText, '\n')
	k.PublicText = fmt.Appendf(nil, "untrusted comment: minisign public key %s\n%s\n", k.ID, k.Public)
	return k, err
}

// Signing is what a plugin is signed with.
type Signing struct {
	// Key is the text of a minisign secret key, Password what opens it or "".
	Key      []byte
	Password string
	// Comment is signed with the bytes, one line; "" stands for the time and the
	// file's name, as minisign writes them.
	Comment string
	// Now is when it is signed.
	Now time.Time
}

// SignedFile is what became of it.
type SignedFile struct {
	File string `json:"file"`
	// Signature is the file that was written.
	Signature string `json:"signature"`
	KeyID     string `json:"key_id"`
	// PublicKey is what trusted_keys want.
	PublicKey string `json:"public_key"`
	Comment   string `json:"comment"`
}

// SignFile signs a plugin's file and writes the signature beside it, in place
// of one that is there. The error never holds the key or its password.
func SignFile(file string, s Signing) (SignedFile, error) {
	key, err := readSecretKey(s.Key, s.Password)
	if err != nil {
		return SignedFile{}, err
	}
	b, err := readModule(file)
	if err == nil && !bytes.HasPrefix(b, []byte("\x00asm")) {
		err = errors.New("not a Wasm module")
	}
	if err != nil {
		return SignedFile{}, &FileError{File: file, Err: err}
	}
	if s.Comment == "" {
		s.Comment = fmt.Sprintf("timestamp:%d\tfile:%s\thashed", s.Now.Unix(), filepath.Base(file))
	}
	if err := checkComment(s.Comment); err != nil {
		return SignedFile{}, err
	}
	text := signBytes(key, b, s.Comment)
	public, _ := key.Public().(minisign.PublicKey)
	if !minisign.Verify(public, b, text) {
		return SignedFile{}, fmt.Errorf("secret key %s: its two halves do not fit each other: %w", keyID(key.ID()), ErrBadKey)
	}
	signed := SignedFile{File: file, Signature: file + SignatureSuffix, KeyID: keyID(key.ID()), PublicKey: public.String(), Comment: s.Comment}
	return signed, replaceFile(signed.Signature, text)
}

// signBytes makes the text that the minisign tool would.
func signBytes(key minisign.PrivateKey, b []byte, comment string) []byte {
	r := minisign.NewReader(bytes.NewReader(b))
	_, _ = io.Copy(io.Discard, r) // hashes it; memory is read without an error
	return r.SignWithComments(key, comment, "signature from minisign secret key")
}

func readSecretKey(text []byte, password string) (minisign.PrivateKey, error) {
	var key minisign.PrivateKey
	if !minisign.IsEncrypted(text) {
		if key.UnmarshalText(text) != nil { // its error may hold what was read
			return key, ErrBadKey
		}
		return key, nil
	}
	if password == "" {
		return key, ErrPassword
	}
	key, err := minisign.DecryptKey(password, text)
	if err != nil {
		return key, ErrPassword
	}
	return key, nil
}

func checkComment(comment string) error {
	control := strings.ContainsFunc(comment, func(r rune) bool { return unicode.IsControl(r) && r != '\t' })
	if control || len(comment) > maxComment {
		return fmt.Errorf("the comment is signed too: write one line of at most %d bytes", maxComment)
	}
	return nil
}

// replaceFile writes a file whole: whoever reads it meanwhile has the old one.
func replaceFile(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".minisig-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
