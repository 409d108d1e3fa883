package registry

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"aead.dev/minisign"

	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// counting is an engine that counts what it is given to load.
type counting struct {
	sandbox.Engine
	loads atomic.Int64
}

func (c *counting) Load(ctx context.Context, label string, b []byte) (sandbox.Module, error) {
	c.loads.Add(1)
	return c.Engine.Load(ctx, label, b)
}

// custom is a custom section.
func custom(name string) []byte {
	return append([]byte{0, byte(len(name) + 1)}, text(name)...)
}

// flipped changes the last byte of a section of a module, found by its id.
func flipped(t *testing.T, module []byte, id byte) []byte {
	t.Helper()
	for at := 8; at < len(module); {
		size, n := binary.Uvarint(module[at+1:])
		end := at + 1 + n + int(size)
		if module[at] == id {
			changed := slices.Clone(module)
			changed[end-1] ^= 1
			return changed
		}
		at = end
	}
	t.Fatalf("the module has no section %d", id)
	return nil
}

// line changes one line of a signature's text: 1 is the signature, 2 the
// trusted comment, 3 what signs that.
func line(t *testing.T, signature []byte, n int, change func([]byte) []byte) []byte {
	t.Helper()
	lines := bytes.Split(slices.Clone(signature), []byte("\n"))
	lines[n] = change(lines[n])
	return bytes.Join(lines, []byte("\n"))
}

// inBase64 changes the bytes behind a line.
func inBase64(t *testing.T, change func([]byte)) func([]byte) []byte {
	return func(line []byte) []byte {
		b, err := base64.StdEncoding.DecodeString(string(line))
		if err != nil {
			t.Fatal(err)
		}
		change(b)
		return []byte(base64.StdEncoding.EncodeToString(b))
	}
}

// withKeyID is a signer's public key under the id of another.
func withKeyID(t *testing.T, s signer, id uint64) TrustedKey {
	t.Helper()
	key := inBase64(t, func(b []byte) { binary.LittleEndian.PutUint64(b[2:], id) })([]byte(s.trusted.Key))
	return TrustedKey{Name: s.trusted.Name, Key: string(key)}
}

// Whatever was changed after a trusted key signed it is refused before it is
// looked at: nothing reaches the engine, nothing the state. It is so even
// where unsigned plugins may run. Each plugin, signed as it is, would have
// reached the engine.
func TestTampered(t *testing.T) {
	t.Parallel()
	us, them := newSigner(t, "us"), newSigner(t, "them")
	wasm := append(plugin(t, nil), custom("made by us")...)
	good, other := us.sign(wasm), us.sign(plugin(t, func(m *contract.Manifest) { m.Version = "0.9.0" }))
	id := func(s signer) func([]byte) {
		return func(b []byte) { binary.LittleEndian.PutUint64(b[2:], s.key.ID()) }
	}
	algorithm := func(a uint16) func([]byte) { return func(b []byte) { binary.LittleEndian.PutUint16(b, a) } }
	bit := func(b []byte) { b[len(b)-9] ^= 1 }
	for name, c := range map[string]struct {
		wasm, signature []byte
		want            error
	}{
		"a bit of the code":                  {flipped(t, wasm, 10), good, ErrTampered},
		"a bit of the data":                  {flipped(t, wasm, 11), good, ErrTampered},
		"a bit of an export's name":          {flipped(t, wasm, 7), good, ErrTampered},
		"a bit of a custom section":          {flipped(t, wasm, 0), good, ErrTampered},
		"a section more":                     {append(slices.Clone(wasm), custom("made by them")...), good, ErrTampered},
		"a section less":                     {wasm[:len(wasm)-len(custom("made by us"))], good, ErrTampered},
		"a byte less":                        {wasm[:len(wasm)-1], good, ErrTampered},
		"nothing left":                       {nil, good, ErrTampered},
		"another plugin":                     {plugin(t, func(m *contract.Manifest) { m.Name = "rose" }), good, ErrTampered},
		"signature of another file":          {wasm, other, ErrTampered},
		"signature by another key":           {wasm, them.sign(wasm), ErrNotTrusted},
		"the same under the trusted id":      {wasm, line(t, them.sign(wasm), 1, inBase64(t, id(us))), ErrTampered},
		"ours under another id":              {wasm, line(t, good, 1, inBase64(t, id(them))), ErrNotTrusted},
		"a bit of the signature":             {wasm, line(t, good, 1, inBase64(t, bit)), ErrTampered},
		"trusted comment altered":            {wasm, bytes.Replace(good, []byte("tulip of the tests"), []byte("tulip of the world"), 1), ErrTampered},
		"trusted comment longer":             {wasm, line(t, good, 2, func(b []byte) []byte { return append(b, ' ') }), ErrTampered},
		"a bit of the comment's signature":   {wasm, line(t, good, 3, inBase64(t, bit)), ErrTampered},
		"comment's signature of another":     {wasm, line(t, good, 3, func([]byte) []byte { return bytes.Split(other, []byte("\n"))[3] }), ErrTampered},
		"said to be legacy":                  {wasm, line(t, good, 1, inBase64(t, algorithm(minisign.EdDSA))), ErrNoSignature},
		"legacy":                             {wasm, minisign.SignWithComments(us.key, wasm, "tulip of the tests", "legacy"), ErrNoSignature},
		"legacy, said to be prehashed":       {wasm, line(t, minisign.SignWithComments(us.key, wasm, "x", "legacy"), 1, inBase64(t, algorithm(minisign.HashEdDSA))), ErrTampered},
		"no algorithm of minisign's":         {wasm, line(t, good, 1, inBase64(t, algorithm(0))), ErrNoSignature},
		"empty signature":                    {wasm, []byte{}, ErrNoSignature},
		"blank signature":                    {wasm, []byte("\n\n \n\n"), ErrNoSignature},
		"signature of a gigantic comment":    {wasm, signBytes(us.key, wasm, string(make([]byte, maxSignature))), ErrNoSignature},
		"signature behind a lot of nothing":  {wasm, append(make([]byte, 1<<20), good...), ErrNoSignature},
		"not base64":                         {wasm, line(t, good, 1, func(b []byte) []byte { b[7] = '!'; return b }), ErrNoSignature},
		"signature too short":                {wasm, line(t, good, 1, func(b []byte) []byte { return b[:96] }), ErrNoSignature},
		"cut off":                            {wasm, good[:len(good)-20], ErrNoSignature},
		"a line less":                        {wasm, bytes.Join(bytes.Split(good, []byte("\n"))[:3], []byte("\n")), ErrNoSignature},
		"a second signature behind":          {wasm, append(slices.Clone(good), good...), ErrNoSignature},
		"not text":                           {wasm, bytes.Replace(good, []byte("tulip"), []byte("tuli\xff"), 1), ErrNoSignature},
		"a page that says it was not found":  {wasm, []byte("<html>\n<h1>404</h1>\n\n</html>"), ErrNoSignature},
		"the public key instead of it":       {wasm, []byte(us.trusted.Key), ErrNoSignature},
		"the plugin itself as its signature": {wasm, wasm, ErrNoSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string][]byte{"bad.wasm": c.wasm, "bad.wasm.minisig": c.signature}
			for _, unsigned := range []bool{false, true} {
				o := trusting(t, files, us)
				o.AllowUnsigned = unsigned
				engine := &counting{Engine: o.Engine}
				o.Engine = engine
				_, err := Load(t.Context(), o)
				var file *FileError
				if !errors.Is(err, c.want) || !errors.As(err, &file) || filepath.Base(file.File) != "bad.wasm" {
					t.Errorf("got %v, want %v of bad.wasm", err, c.want)
				}
				if n, kept := engine.loads.Load(), len(kept(t, o.State)); n != 0 || kept != 0 {
					t.Errorf("loaded %d times and kept %d times, want never", n, kept)
				}
				if _, err := Inspect(t.Context(), o, filepath.Join(o.Dir, "bad.wasm")); !errors.Is(c.want, ErrNotTrusted) && (!errors.Is(err, c.want) || engine.loads.Load() != 0) {
					t.Errorf("inspect: got %v after %d loads, want %v after none", err, engine.loads.Load(), c.want)
				}
				engine.loads.Store(0)
				at := o
				at.Dir = t.TempDir()
				door := load(t, at)
				if _, _, err := door.Install(t.Context(), c.wasm, c.signature, "test"); !errors.Is(err, c.want) || engine.loads.Load() != 0 || len(kept(t, o.State)) != 0 {
					t.Errorf("install: got %v after %d loads, want %v after none", err, engine.loads.Load(), c.want)
				}
				engine.loads.Store(0)
				write(t, o, map[string][]byte{"bad.wasm.minisig": us.sign(c.wasm)})
				r, err := Load(t.Context(), o)
				if n := engine.loads.Load(); n != 1 {
					t.Errorf("signed as it is: loaded %d times (%v), want once", n, err)
				}
				if err == nil {
					if err := r.Close(context.Background()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// A folder in a signature's place is none, and not the lack of one.
func TestTampered_folderAsSignature(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"bad.wasm": plugin(t, nil)})
	engine := &counting{Engine: o.Engine}
	o.Engine = engine
	if err := os.Mkdir(filepath.Join(o.Dir, "bad.wasm.minisig"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), o); err == nil || engine.loads.Load() != 0 {
		t.Errorf("got %v after %d loads, want a refusal", err, engine.loads.Load())
	}
}
