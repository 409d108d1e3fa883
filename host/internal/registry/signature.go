package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"aead.dev/minisign"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// SignatureSuffix follows the name of a plugin's file in that of its
// signature: ideal.wasm.minisig lies beside ideal.wasm. It is what minisign
// writes (https://jedisct1.github.io/minisign), of the prehashed kind.
const SignatureSuffix = ".minisig"

// maxSignature bounds a signature's file, in bytes; one has about 300.
const maxSignature = 16 << 10

// Errors of signatures. Each says what to do.
var (
	// ErrUnsigned: there is no signature.
	ErrUnsigned = errors.New("there is no such file, and plugins must be signed: get it from whoever made the plugin, or look at the plugin with kassette plugin inspect and sign it with kassette plugin sign (for development alone: plugins.allow_unsigned)")
	// ErrNotTrusted: nobody who is trusted made the signature.
	ErrNotTrusted = errors.New("not in plugins.trusted_keys: make sure whose key it is and put it there, or look at the plugin with kassette plugin inspect and sign it with a key that is")
	// ErrTampered: the plugin, its signature or the signature's comment was changed.
	ErrTampered = errors.New("it does not fit the plugin, so one of the two was changed: get both anew from whoever made the plugin, or sign it again if you changed it yourself")
	// ErrNoSignature: the file is not a signature that is read here.
	ErrNoSignature = errors.New("get it anew from whoever made the plugin, or sign the plugin again with kassette plugin sign")
	// ErrNotForPlugin: the key is trusted for other plugins.
	ErrNotForPlugin = errors.New("plugins.trusted_keys trusts this key for other plugins alone: make sure that whoever has it makes this one too and name it there, or get the plugin from who does")
	// ErrUnsignedLive: unsigned plugins were to run with real money.
	ErrUnsignedLive = errors.New("plugins that nobody signed do not run beside it: take plugins.allow_unsigned out, and sign them with kassette plugin sign")
)

var errTooLarge = errors.New("larger than the most")

// TrustedKey is a key whose holder may bring plugins.
type TrustedKey struct {
	// Name is the operator's word for it.
	Name string
	// Key is a minisign public key: the line that begins with RW.
	Key string
	// Plugins are those that it may sign; none named: all.
	Plugins []string
}

// Signature is what is known of a plugin's signature.
type Signature struct {
	State SignatureState `json:"state"`
	// Signer is the name of the trusted key that made it, KeyID its id; without
	// a signer the id is what the signature claims.
	Signer string `json:"signer,omitempty"`
	KeyID  string `json:"key_id,omitempty"`
	// Comment was signed with the bytes.
	Comment string `json:"comment,omitempty"`
}

// SignatureState says how far a plugin's bytes can be trusted.
type SignatureState string

// The states of a signature.
const (
	// Signed: by a trusted key, and it holds.
	Signed SignatureState = "signed"
	// NotTrusted: by a key that is not trusted, so it cannot be checked.
	NotTrusted SignatureState = "not_trusted"
	// Unsigned: there is none.
	Unsigned SignatureState = "unsigned"
)

// trust are the keys that are trusted, read.
type trust []trustedKey

type trustedKey struct {
	name    string
	key     minisign.PublicKey
	plugins []string
}

func readTrust(keys []TrustedKey) (trust, error) {
	var t trust
	for _, k := range keys {
		read := trustedKey{name: k.Name, plugins: k.Plugins}
		if err := read.key.UnmarshalText([]byte(k.Key)); err != nil {
			return nil, fmt.Errorf("trusted key %s: it is no minisign public key, the line that begins with RW: %w", k.Name, err)
		}
		t = append(t, read)
	}
	return t, nil
}

// check holds the bytes of a file against the signature beside it, and gives
// that one's text. Unless it is [Signed] there is an error too.
func (t trust) check(file string, b []byte) ([]byte, Signature, error) {
	file += SignatureSuffix
	text, s, err := t.verify(file, b)
	if err != nil {
		err = fmt.Errorf("signature %s: %w", filepath.Base(file), err)
	}
	return text, s, err
}

func (t trust) verify(file string, b []byte) ([]byte, Signature, error) {
	text, err := readAtMost(file, maxSignature)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, Signature{State: Unsigned}, ErrUnsigned
	case errors.Is(err, errTooLarge):
		return nil, Signature{}, fmt.Errorf("%w; %w", err, ErrNoSignature)
	case err != nil:
		return nil, Signature{}, err
	}
	s, err := t.judge(text, b)
	return text, s, err
}

// judge holds bytes against the text of a signature.
func (t trust) judge(text, b []byte) (Signature, error) {
	s, err := readSignature(text)
	if err != nil {
		return Signature{}, fmt.Errorf("%w; %w", err, ErrNoSignature)
	}
	id, name := keyID(s.KeyID), ""
	for _, k := range t { // ids are no secret: more than one key may have the same
		if k.key.ID() != s.KeyID {
			continue
		}
		if minisign.Verify(k.key, b, text) {
			return Signature{State: Signed, Signer: k.name, KeyID: id, Comment: s.TrustedComment}, nil
		}
		name = k.name
	}
	if name != "" {
		return Signature{}, fmt.Errorf("made with key %s (%s): %w", id, name, ErrTampered)
	}
	return Signature{State: NotTrusted, KeyID: id}, fmt.Errorf("made with key %s, which is %w", id, ErrNotTrusted)
}

// allows says whether who signed a plugin may sign one of this name.
func (t trust) allows(s Signature, plugin string) error {
	for _, k := range t {
		if s.State == Signed && k.name == s.Signer && len(k.plugins) > 0 && !slices.Contains(k.plugins, plugin) {
			return fmt.Errorf("plugin %s is signed by %s: %w", plugin, k.name, ErrNotForPlugin)
		}
	}
	return nil
}

// readSignature reads a signature without checking it. One of the legacy kind
// is refused: taken for a prehashed one it would hold for other bytes.
func readSignature(text []byte) (minisign.Signature, error) {
	var s minisign.Signature
	switch {
	case len(strings.TrimSpace(string(text))) == 0:
		return s, errors.New("it is empty")
	case !utf8.Valid(text):
		return s, errors.New("it is no text")
	}
	if err := s.UnmarshalText(text); err != nil {
		return s, fmt.Errorf("it cannot be read: %w", err)
	}
	if s.Algorithm != minisign.HashEdDSA {
		return s, errors.New("it is of the legacy kind, over bytes that were not hashed first (minisign -l)")
	}
	return s, nil
}

func keyID(id uint64) string { return fmt.Sprintf("%016X", id) }

// checkUnsigned refuses to let unsigned plugins run beside real money.
func checkUnsigned(allowed bool, accounts []checkout.Account) error {
	for _, a := range accounts {
		if a.Live && allowed {
			return fmt.Errorf("account %s is live: %w", a.ID, ErrUnsignedLive)
		}
	}
	return nil
}

// warnUnsigned says loudly that plugins run of which nobody knows the maker.
func (r *Registry) warnUnsigned(ctx context.Context) {
	if !r.options.AllowUnsigned {
		return
	}
	var files []string
	for _, v := range r.serving.Load().active {
		if v.signature.State == Unsigned {
			files = append(files, cmp.Or(v.file, v.Name+"@"+v.Plugin.Version))
		}
	}
	slices.Sort(files)
	r.options.Logger.WarnContext(ctx, "plugins that NOBODY SIGNED may run: whoever can write to their folder decides what they are; take plugins.allow_unsigned out before real money moves", "folder", r.options.Dir, "unsigned", files)
}

// readAtMost reads a file of at most so many bytes.
func readAtMost(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		return nil, fmt.Errorf("%w of %d bytes", errTooLarge, most)
	}
	return b, err
}
