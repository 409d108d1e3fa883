package registry

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// secretLine changes the bytes of a secret key's text.
func secretLine(t *testing.T, text []byte, change func([]byte)) []byte {
	t.Helper()
	return line(t, text, 1, inBase64(t, change))
}

func TestSignFile_badKey(t *testing.T) {
	t.Parallel()
	tool := fixture(t, "minisign.key")
	half := len("EdScB2") + 32 + 8 + 8 + 8 // where the key begins
	for name, c := range map[string]struct {
		key      []byte
		password string
		want     error
	}{
		"empty":                      {nil, "", ErrBadKey},
		"no key":                     {[]byte("hello"), "", ErrBadKey},
		"public key":                 {fixture(t, "minisign.pub"), "", ErrBadKey},
		"signature":                  {fixture(t, "plugin.wasm.minisig"), "", ErrBadKey},
		"cut off":                    {tool[:len(tool)-20], "", ErrBadKey},
		"unknown kind of seal":       {secretLine(t, tool, func(b []byte) { b[2] = 1 }), "", ErrBadKey},
		"halves do not fit":          {secretLine(t, tool, func(b []byte) { b[half+40] ^= 1 }), "", ErrBadKey},
		"sealed, no password":        {secretLine(t, tool, func(b []byte) { copy(b[2:], "Sc") }), "", ErrPassword},
		"sealed, wrong password":     {secretLine(t, tool, func(b []byte) { copy(b[2:], "Sc") }), "guessed", ErrPassword},
		"sealed at too great a cost": {secretLine(t, tool, func(b []byte) { copy(b[2:], "Sc"); b[45] = 0xff }), "guessed", ErrPassword},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "plugin.wasm")
			if err := os.WriteFile(file, fixture(t, "plugin.wasm"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := SignFile(file, Signing{Key: c.key, Password: c.password, Now: time.Unix(1, 0)})
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if _, err := os.Stat(file + SignatureSuffix); err == nil {
				t.Error("a signature was written")
			}
			if secret := base64.StdEncoding.EncodeToString(tool); err != nil && strings.Contains(err.Error(), secret[:16]) {
				t.Errorf("the error holds the key: %v", err)
			}
		})
	}
}

func TestSignFile_comment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ comment, want string }{
		"two lines":     {"a\nb", ""},
		"carriage":      {"a\rb", ""},
		"steering":      {"\x1b[2J", ""},
		"too long":      {strings.Repeat("x", maxComment+1), ""},
		"as long as is": {strings.Repeat("x", maxComment), strings.Repeat("x", maxComment)},
		"not ASCII":     {"geprüft", "geprüft"},
		"none":          {"", "timestamp:1790000000\tfile:plugin.wasm\thashed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "plugin.wasm")
			for _, f := range []string{file, file + SignatureSuffix} { // an old signature is replaced
				if err := os.WriteFile(f, fixture(t, "plugin.wasm"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			signed, err := SignFile(file, Signing{Key: fixture(t, "minisign.key"), Comment: c.comment, Now: time.Unix(1790000000, 0)})
			if (err == nil) != (c.want != "") || signed.Comment != c.want {
				t.Fatalf("got %+v, %v, want the comment %q", signed, err, c.want)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
				t.Errorf("got %v, %v, want the plugin and its signature", left, err)
			}
			if c.want == "" {
				return
			}
			keys, err := readTrust([]TrustedKey{{Name: "tool", Key: signed.PublicKey}})
			if err != nil {
				t.Fatal(err)
			}
			if _, s, err := keys.check(file, fixture(t, "plugin.wasm")); err != nil || s.Comment != c.want {
				t.Errorf("check: got %+v, %v", s, err)
			}
		})
	}
}

func TestNewKeyPair_publicTextIsMinisigns(t *testing.T) {
	t.Parallel()
	pair, err := NewKeyPair("")
	if err != nil {
		t.Fatal(err)
	}
	want := "untrusted comment: minisign public key " + pair.ID + "\n" + pair.Public + "\n"
	if string(pair.PublicText) != want || len(pair.ID) != 16 || bytes.Contains(pair.PublicText, pair.SecretText[60:80]) {
		t.Errorf("got %q, want %q", pair.PublicText, want)
	}
}
