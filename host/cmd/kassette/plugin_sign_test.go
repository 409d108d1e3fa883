package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// sample is a plugin's bytes.
func sample(t *testing.T) string {
	t.Helper()
	return string(plugintest.Build(t, "github.com/kassette-pay/kassette/host/plugintest/testdata/plugin"))
}

// answer reads what a command says in JSON.
func answer[T any](t *testing.T, r result) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.out), &v); err != nil || r.status != 0 || r.err != "" {
		t.Fatalf("got %+v (%v), want JSON", r, err)
	}
	return v
}

func TestPlugin_bad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"text.wasm": "hello", "good.wasm": "\x00asm\x01\x00\x00\x00", "no.key": secret, "empty": "\n", "password": secret + "\n", "there.key": "x", "half.pub": "x",
		"broken.wasm": "\x00asm\x01\x00\x00\x00", "broken.wasm.minisig": "hello",
	} {
		write(t, dir, name, text)
	}
	runIn(t, dir, nil, "plugin", "keygen", "--out", "open", "--no-password").says(t, 0, []string{"open.key"}, nil)
	sealed, err := os.ReadFile(filepath.Join(dir, "open.key"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "sealed.key", strings.Replace(string(sealed), "RWQAAEIy", "RWRTY0Iy", 1)) // says that it has a password
	for name, c := range map[string]struct {
		args   string
		status int
		err    []string
	}{
		"half a command":            {"plugin", 2, []string{`"build"`, "See: kassette plugin --help"}},
		"keygen, no decision":       {"plugin keygen", 2, []string{"--password-file FILE", "--no-password", "See: kassette plugin keygen --help"}},
		"keygen, both":              {"plugin keygen --no-password --password-file password", 2, []string{"--no-password", "--password-file"}},
		"keygen, key is there":      {"plugin keygen --out there --no-password", 1, []string{"there.key", "choose another name with --out"}},
		"keygen, half is there":     {"plugin keygen --out half --no-password", 1, []string{"half.pub", "choose another name with --out"}},
		"keygen, no folder":         {"plugin keygen --out nowhere/key --no-password", 1, []string{"nowhere"}},
		"keygen, no password file":  {"plugin keygen --password-file none", 1, []string{"read the key's password", "none"}},
		"keygen, empty password":    {"plugin keygen --password-file empty", 1, []string{"password in ", "is empty"}},
		"sign, no file":             {"plugin sign --key open.key", 2, []string{"<file>", "See: kassette plugin sign --help"}},
		"sign, no key":              {"plugin sign good.wasm", 2, []string{"--key", "See: kassette plugin sign --help"}},
		"sign, file not there":      {"plugin sign none.wasm --key open.key", 1, []string{"none.wasm", "no such file"}},
		"sign, key not there":       {"plugin sign good.wasm --key none.key", 1, []string{"read the key", "none.key"}},
		"sign, no key in the file":  {"plugin sign good.wasm --key no.key", 1, []string{"no.key: it is no minisign secret key", "kassette plugin keygen"}},
		"sign, public key":          {"plugin sign good.wasm --key open.pub", 1, []string{"open.pub: it is no minisign secret key"}},
		"sign, password missing":    {"plugin sign good.wasm --key sealed.key", 1, []string{"sealed.key: the key has a password", "--password-file FILE"}},
		"sign, no Wasm":             {"plugin sign text.wasm --key open.key", 1, []string{"text.wasm: not a Wasm module"}},
		"sign, comment of lines":    {"plugin sign good.wasm --key open.key --comment a\nb", 1, []string{"one line"}},
		"inspect, no file":          {"plugin inspect", 2, []string{"<plugin>", "See: kassette plugin inspect --help"}},
		"inspect, not there":        {"plugin inspect none.wasm", 1, []string{"none.wasm", "no such file"}},
		"inspect, no plugin":        {"plugin inspect good.wasm", 1, []string{"good.wasm"}},
		"inspect, broken signature": {"plugin inspect broken.wasm", 1, []string{"signature broken.wasm.minisig: it cannot be read"}},
		"inspect, no configuration": {"--config none.yaml plugin inspect good.wasm", 1, []string{"none.yaml", "--config FILE or KASSETTE_CONFIG"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runIn(t, dir, nil, strings.Split(c.args, " ")...)
			r.says(t, c.status, nil, append(c.err, "kassette: "))
		})
	}
	t.Cleanup(func() {
		for _, name := range []string{"half.key", "there.pub", "good.wasm.minisig", "text.wasm.minisig", "kassette-plugins.key"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				t.Errorf("%s was left behind", name)
			}
		}
	})
}

// A key is made, a plugin signed, and a gateway that trusts the key takes it
// and, once it was touched, does not.
func TestPlugin_signed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wasm := write(t, dir, "sample.wasm", sample(t))
	key := answer[struct {
		KeyID     string `json:"key_id"`
		PublicKey string `json:"public_key"`
	}](t, runIn(t, dir, nil, "plugin", "keygen", "--no-password", "--json"))
	if info, err := os.Stat(filepath.Join(dir, "kassette-plugins.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("secret key: got %v, %v, want it for its owner alone", info, err)
	}
	inspect := func(args ...string) host.Inspected {
		t.Helper()
		return answer[host.Inspected](t, runIn(t, dir, nil, append(args, "plugin", "inspect", wasm, "--json", "--cache-dir", "cache")...))
	}
	if got := inspect(); got.Signature.State != host.Unsigned || got.Manifest.Name != "sample" || got.Granted || len(got.Asks.Secrets["key"]) == 0 {
		t.Errorf("unsigned: got %+v", got)
	}
	signed := answer[host.SignedFile](t, runIn(t, dir, nil, "plugin", "sign", wasm, "--key", "kassette-plugins.key", "--comment", "sample, reviewed", "--json"))
	if signed.KeyID != key.KeyID || signed.PublicKey != key.PublicKey || signed.Signature != wasm+".minisig" {
		t.Errorf("got %+v of key %+v", signed, key)
	}
	if got := inspect(); got.Signature.State != host.NotTrusted || got.Signature.KeyID != key.KeyID {
		t.Errorf("without a configuration: got %+v", got.Signature)
	}
	config := write(t, dir, "kassette.yaml", fmt.Sprintf("admin_key: x\nplugins:\n  folder: .\n  trusted_keys: [{name: us, key: %s}]\n  grants: {sample: {hosts: [api.sample.example], secrets: [key], operations: [%s, %s, %s]}}\n",
		key.PublicKey, contract.CreatePayment, contract.GetPayment, contract.ReceiveWebhook))
	got := inspect("--config", config)
	if got.Signature.State != host.Signed || got.Signature.Signer != "us" || got.Signature.Comment != "sample, reviewed" {
		t.Errorf("signed: got %+v", got.Signature)
	}
	if !got.Granted || len(got.Beyond) != 1 || got.Beyond[0] != "secret refresh (bearer)" {
		t.Errorf("beyond its grant: got %q, want secret refresh (bearer)", got.Beyond)
	}
	runIn(t, dir, nil, "--config", config, "plugin", "inspect", wasm, "--cache-dir", "cache").
		says(t, 0, []string{"sample 1.", "it holds, by the trusted key us", "sample, reviewed", "it asks for MORE: secret refresh", `secrets: ["key", "refresh"]`}, nil)

	bytesOf, err := os.ReadFile(wasm)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "sample.wasm", string(append(bytes.Clone(bytesOf), 0, 2, 1, 'x'))) // a custom section more
	for _, args := range [][]string{{"plugin", "inspect", wasm, "--cache-dir", "cache"}, {"serve", "--cache-dir", "cache"}} {
		r := runIn(t, dir, nil, append([]string{"--config", config}, args...)...)
		r.says(t, 1, nil, []string{"signature sample.wasm.minisig: ", "(us)", "one of the two was changed"})
	}
}

// A key is made that does not open without its password, and what a gateway
// needs to trust it is there to copy. It takes seconds, as minisign means it to.
func TestPlugin_keygen_sealed(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("sealing a key takes seconds and a gibibyte of memory")
	}
	dir := t.TempDir()
	write(t, dir, "password", secret+"\n")
	wasm := write(t, dir, "some.wasm", "\x00asm\x01\x00\x00\x00")
	runIn(t, dir, nil, "plugin", "keygen", "--out", "k", "--password-file", "password").says(t, 0, []string{"k.key", "keep that secret", "trusted_keys:", "key: RW"}, nil)
	runIn(t, dir, nil, "plugin", "sign", wasm, "--key", "k.key").says(t, 1, nil, []string{"k.key: the key has a password", "--password-file FILE"})
}

// A sealed key signs with its password, and with no other.
func TestPlugin_sign_sealedKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, err := filepath.Abs("../../internal/registry/testdata/minisign/sealed.key")
	if err != nil {
		t.Fatal(err)
	}
	wasm := write(t, dir, "some.wasm", "\x00asm\x01\x00\x00\x00")
	write(t, dir, "password", secret+"\n")
	write(t, dir, "wrong", "guessed")
	runIn(t, dir, nil, "plugin", "sign", wasm, "--key", key, "--password-file", "wrong").says(t, 1, nil, []string{"this is not it"})
	runIn(t, dir, nil, "plugin", "sign", wasm, "--key", key, "--password-file", "password").
		says(t, 0, []string{"signed with key EE1559EEDAE7D8FF: ", "some.wasm.minisig", "trusted_keys:", "key: RWT/2Ofa7lkV7su0Tl0OIGVMS2tt1mJccoj+bfnVMG2THLhnC/ASdbC0"}, nil)
	text, err := os.ReadFile(wasm + ".minisig")
	if err != nil || !strings.Contains(string(text), "trusted comment: timestamp:") || !strings.Contains(string(text), "\tfile:some.wasm\t") {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Café & Co €": "Café & Co €", "a\tb": "a b", "x\nsignature  it holds": "x\ufffdsignature  it holds", "\x1b[2J": "\ufffd[2J", "\u202eabc": "\ufffdabc", "a\u2028b": "a\ufffdb",
	} {
		if got := plain(text); got != want {
			t.Errorf("plain(%q): got %q, want %q", text, got, want)
		}
	}
}
