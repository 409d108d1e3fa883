package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aead.dev/minisign"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// signer is a key of the tests, with what trusts it.
type signer struct {
	key     minisign.PrivateKey
	trusted TrustedKey
}

func newSigner(t testing.TB, name string) signer {
	t.Helper()
	pair, err := NewKeyPair("")
	if err != nil {
		t.Fatal(err)
	}
	key, err := readSecretKey(pair.SecretText, "")
	if err != nil {
		t.Fatal(err)
	}
	return signer{key, TrustedKey{Name: name, Key: pair.Public}}
}

// sign gives the text of a signature.
func (s signer) sign(b []byte) []byte { return signBytes(s.key, b, "tulip of the tests") }

// trusting are options that trust keys and let nothing unsigned in.
func trusting(t *testing.T, files map[string][]byte, signers ...signer) Options {
	t.Helper()
	o := options(t, files)
	o.AllowUnsigned = false
	for _, s := range signers {
		o.TrustedKeys = append(o.TrustedKeys, s.trusted)
	}
	return o
}

func TestLoad_signature_refused(t *testing.T) {
	t.Parallel()
	us, them := newSigner(t, "us"), newSigner(t, "them")
	wasm := plugin(t, nil)
	for name, c := range map[string]struct {
		files   map[string][]byte
		trusted []signer
		want    error
	}{
		"no signature":                  {map[string][]byte{"bad.wasm": wasm}, []signer{us}, ErrUnsigned},
		"no signature, nobody trusted":  {map[string][]byte{"bad.wasm": wasm}, nil, ErrUnsigned},
		"signature of another name":     {map[string][]byte{"bad.wasm": wasm, "worse.wasm.minisig": us.sign(wasm)}, []signer{us}, ErrUnsigned},
		"signature without the .wasm":   {map[string][]byte{"bad.wasm": wasm, "bad.minisig": us.sign(wasm)}, []signer{us}, ErrUnsigned},
		"signed, nobody trusted":        {map[string][]byte{"bad.wasm": wasm, "bad.wasm.minisig": us.sign(wasm)}, nil, ErrNotTrusted},
		"signed by somebody else":       {map[string][]byte{"bad.wasm": wasm, "bad.wasm.minisig": them.sign(wasm)}, []signer{us}, ErrNotTrusted},
		"signed by the one, of another": {map[string][]byte{"bad.wasm": wasm, "bad.wasm.minisig": them.sign([]byte("other"))}, []signer{us, them}, ErrTampered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(t.Context(), trusting(t, c.files, c.trusted...))
			var file *FileError
			if !errors.Is(err, c.want) || !errors.As(err, &file) || filepath.Base(file.File) != "bad.wasm" || !strings.Contains(err.Error(), "signature bad.wasm.minisig: ") {
				t.Errorf("got %v, want %v of bad.wasm", err, c.want)
			}
		})
	}
}

func TestLoad_signature_holds(t *testing.T) {
	t.Parallel()
	us, them := newSigner(t, "us"), newSigner(t, "them")
	wasm := plugin(t, nil)
	crlf := func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }
	for name, c := range map[string]struct {
		signature []byte
		trusted   []signer
		signer    string
	}{
		"by the one key":            {us.sign(wasm), []signer{us}, "us"},
		"by the second of two":      {them.sign(wasm), []signer{us, them}, "them"},
		"with lines as Windows has": {crlf(us.sign(wasm)), []signer{us}, "us"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := trusting(t, map[string][]byte{"tulip.wasm": wasm, "tulip.wasm.minisig": c.signature}, c.trusted...)
			o.Accounts = listing(checkout.Account{
				ID: "acc_live", Provider: "tulipbank", Live: true, Settings: json.RawMessage(`{"merchant":"m1","environment":"live"}`), Secrets: map[string]string{"key": canary},
			})
			r := load(t, o)
			if got := r.serving.Load().active["tulip"].signature; got.State != Signed || got.Signer != c.signer || got.Comment != "tulip of the tests" {
				t.Errorf("got %+v, want it signed by %s", got, c.signer)
			}
		})
	}
}

// Two keys can have the same id, since it is no more than a hint.
func TestTrust_twoKeysOfOneID_bothTried(t *testing.T) {
	t.Parallel()
	us, them := newSigner(t, "us"), newSigner(t, "them")
	forged := withKeyID(t, them, us.key.ID())
	for _, order := range [][]TrustedKey{{us.trusted, forged}, {forged, us.trusted}} {
		keys, err := readTrust(order)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := keys.judge(us.sign([]byte("x")), []byte("x")); err != nil || s.Signer != "us" {
			t.Errorf("got %+v, %v, want it signed by us", s, err)
		}
	}
}

func TestLoad_unsignedAllowed_saidLoudly(t *testing.T) {
	t.Parallel()
	us := newSigner(t, "us")
	wasm, rose := plugin(t, nil), plugin(t, func(m *contract.Manifest) { m.Name = "rose" })
	o := trusting(t, map[string][]byte{"tulip.wasm": wasm, "rose.wasm": rose, "rose.wasm.minisig": us.sign(rose)}, us)
	o.AllowUnsigned = true
	var log bytes.Buffer
	o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	load(t, o)
	var warned struct {
		Level, Msg string
		Unsigned   []string
	}
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, `"WARN"`) {
			if err := json.Unmarshal([]byte(line), &warned); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !strings.Contains(warned.Msg, "NOBODY SIGNED") || len(warned.Unsigned) != 1 || filepath.Base(warned.Unsigned[0]) != "tulip.wasm" {
		t.Errorf("got %+v, want a warning of tulip.wasm alone:\n%s", warned, log.String())
	}
}

func TestLoad_unsignedAllowedBesideLiveAccount_refused(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": plugin(t, nil)})
	o.Accounts = listing(checkout.Account{ID: "acc_test"}, checkout.Account{ID: "acc_live", Live: true})
	_, err := Load(t.Context(), o)
	if !errors.Is(err, ErrUnsignedLive) || !strings.Contains(err.Error(), "acc_live") {
		t.Errorf("got %v, want ErrUnsignedLive", err)
	}
}

func TestLoad_trustedKeyUnreadable_refused(t *testing.T) {
	t.Parallel()
	o := options(t, nil)
	o.TrustedKeys = []TrustedKey{{Name: "us", Key: "RWabc"}}
	if _, err := Load(t.Context(), o); err == nil || !strings.Contains(err.Error(), "trusted key us: ") {
		t.Errorf("got %v, want a refusal that names the key", err)
	}
}

// fixture reads what the minisign tool made.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "minisign", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The minisign tool's signature holds here, and ours are the very bytes that
// it writes.
func TestSignature_minisignTool(t *testing.T) {
	t.Parallel()
	wasm, want := fixture(t, "plugin.wasm"), fixture(t, "plugin.wasm.minisig")
	keys, err := readTrust([]TrustedKey{{Name: "tool", Key: string(fixture(t, "minisign.pub"))}})
	if err != nil {
		t.Fatal(err)
	}
	_, got, err := keys.check(filepath.Join("testdata", "minisign", "plugin.wasm"), wasm)
	if want := (Signature{State: Signed, Signer: "tool", KeyID: "EE1559EEDAE7D8FF", Comment: "plugin of the tests 1.0.0"}); err != nil || got != want {
		t.Errorf("check: got %+v, %v, want %+v", got, err, want)
	}
	if _, err := keys.judge(fixture(t, "legacy.minisig"), wasm); !errors.Is(err, ErrNoSignature) || !strings.Contains(err.Error(), "legacy") {
		t.Errorf("legacy: got %v, want ErrNoSignature", err)
	}
	key, err := readSecretKey(fixture(t, "minisign.key"), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := signBytes(key, wasm, "plugin of the tests 1.0.0"); !bytes.Equal(got, want) {
		t.Errorf("sign: got\n%s, want\n%s", got, want)
	}
}

// FuzzJudge: no text is taken for a signature but one that says the same as
// the one that was made.
func FuzzJudge(f *testing.F) {
	wasm, text := fixture(f, "plugin.wasm"), fixture(f, "plugin.wasm.minisig")
	keys, err := readTrust([]TrustedKey{{Name: "tool", Key: string(fixture(f, "minisign.pub"))}})
	if err != nil {
		f.Fatal(err)
	}
	made, err := readSignature(text)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(fixture(f, "legacy.minisig"))
	f.Add(bytes.Replace(text, []byte("1.0.0"), []byte("1.0.1"), 1))
	f.Add([]byte("untrusted comment: \n\ntrusted comment: \n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := keys.judge(text, wasm)
		if (got.State == Signed) != (err == nil) {
			t.Fatalf("got %+v with %v", got, err)
		}
		if s, _ := readSignature(text); err == nil && !s.Equal(made) {
			t.Errorf("%q was taken", text)
		}
	})
}

// Bytes that came without a signature take one that comes later.
func TestInstall_signatureComesLater_isKept(t *testing.T) {
	t.Parallel()
	s := newSigner(t, "maker")
	o := trusted(t, options(t, nil), s)
	o.AllowUnsigned = true
	r := load(t, o)
	b := tulip(t, "1.0.0")
	if v := install(t, r, b); v.Signature != string(Unsigned) {
		t.Fatalf("first: %s", v.Signature)
	}
	v, _, err := r.Install(t.Context(), b, s.sign(b), "test")
	if err != nil || v.Signature != string(Signed) || v.Signer != "maker" {
		t.Errorf("signed: %s by %q, %v", v.Signature, v.Signer, err)
	}
	install(t, r, b)
	if rec := kept(t, o.State)["tulip"]; rec.Versions[0].Signature != Signed {
		t.Errorf("installed once more without: %s", rec.Versions[0].Signature)
	}
	o.AllowUnsigned = false
	if _, err := load(t, o).Version(t.Context(), v.Digest); err != nil {
		t.Errorf("where all must be signed: %v", err)
	}
}

// What another one signed than what serves is not activated before that was
// looked at; what served before comes back unasked.
func TestActivate_anotherSigner_isConfirmed(t *testing.T) {
	t.Parallel()
	us, them := newSigner(t, "us"), newSigner(t, "them")
	o := trusting(t, nil, us, them)
	o.AllowUnsigned = true
	r := load(t, o)
	bring := func(version string, s *signer) checkout.VersionStatus {
		t.Helper()
		wasm := tulip(t, version)
		var text []byte
		if s != nil {
			text = s.sign(wasm)
		}
		v, _, err := r.Install(t.Context(), wasm, text, "test")
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	bring("0.9.0", nil)
	activate(t, r, "0.9.0", checkout.Activation{})
	bring("1.0.0", &us) // nobody had signed: nobody's place is taken
	activate(t, r, "1.0.0", checkout.Activation{})
	for _, c := range []struct {
		version, want string
		by            *signer
	}{{"1.1.0", "signer them in place of us", &them}, {"1.2.0", "signer nobody in place of them", nil}} {
		if v := bring(c.version, c.by); v.State != checkout.VersionInstalled || !strings.Contains(v.Reason, c.want) {
			t.Errorf("installed: %s, %q", v.State, v.Reason)
		}
		var asks *checkout.AsksError
		if _, err := r.Activate(t.Context(), "tulip", c.version, checkout.Activation{Confirm: "0123"}); !errors.As(err, &asks) || asks.File || asks.Signer == nil || asks.Signer.String() != c.want {
			t.Fatalf("unconfirmed: %v", err)
		}
		activate(t, r, c.version, checkout.Activation{Confirm: asks.Digest})
	}
	if _, err := r.Rollback(t.Context(), "tulip", checkout.Activation{}); err != nil {
		t.Errorf("roll back: %v", err)
	}
	activate(t, r, "1.0.0", checkout.Activation{Force: true})
	if _, err := r.Retire(t.Context(), "tulip", "1.0.0", "test"); err != nil {
		t.Fatal(err)
	}
	file := tulip(t, "1.3.0")
	write(t, o, map[string][]byte{"tulip.wasm": file, "tulip.wasm.minisig": them.sign(file)})
	if _, err := Load(t.Context(), o); !errors.Is(err, ErrAsksMore) || !strings.Contains(err.Error(), "signer them in place of us") {
		t.Errorf("by the folder, though none serves: %v", err)
	}
}

// A key that is trusted for some plugins signs no other.
func TestTrust_keyOfOtherPlugins_isRefused(t *testing.T) {
	t.Parallel()
	us := newSigner(t, "us")
	wasm := tulip(t, "1.0.0")
	files := map[string][]byte{"tulip.wasm": wasm, "tulip.wasm.minisig": us.sign(wasm)}
	o := trusting(t, files, us)
	load(t, o) // a key for all
	narrow := func(names ...string) Options {
		o := o
		o.TrustedKeys = []TrustedKey{{Name: us.trusted.Name, Key: us.trusted.Key, Plugins: names}}
		return o
	}
	serves(t, load(t, narrow("rose", "tulip")), "1.0.0")
	if _, err := Load(t.Context(), narrow("rose")); !errors.Is(err, ErrNotForPlugin) {
		t.Errorf("by the folder: %v", err)
	}
	found, err := Inspect(t.Context(), narrow("rose"), filepath.Join(o.Dir, "tulip.wasm"))
	if err != nil || found.Signature.State != NotTrusted || found.Signature.Signer != "us" {
		t.Errorf("inspected: %+v, %v", found.Signature, err)
	}
	elsewhere := narrow("rose")
	elsewhere.Dir = t.TempDir()
	r := load(t, elsewhere)
	serves(t, r, "") // what the state has is not run either
	if _, _, err := r.Install(t.Context(), wasm, us.sign(wasm), "test"); !errors.Is(err, ErrNotForPlugin) {
		t.Errorf("installed: %v", err)
	}
}
