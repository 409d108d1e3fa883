package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// newState is an empty state in this process.
func newState(t testing.TB) State {
	t.Helper()
	ring, err := seal.NewRing(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenEmbedded(t.Context(), store.Options{Seal: ring, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// kept are the plugins' records in the state.
func kept(t testing.TB, s State) map[string]record {
	t.Helper()
	docs, _, err := s.PluginRecords(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	records := map[string]record{}
	for name, doc := range docs {
		if records[name], err = readRecord(doc.Doc); err != nil {
			t.Fatal(err)
		}
	}
	return records
}

var tulipGrant = checkout.Grant{
	Hosts: []string{"api.tulip.example"}, Secrets: []string{"key"},
	Operations: []contract.Export{contract.CreatePayment, contract.GetPayment},
}

// cacheDir keeps compiled plugins between runs of the tests; "" where there is no place for it.
var cacheDir = func() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "kassette-plugintest")
}()

func options(t *testing.T, files map[string][]byte) Options {
	t.Helper()
	engine, err := sandbox.New(sandbox.Limits{CacheDir: cacheDir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	o := Options{
		Dir: t.TempDir(), Engine: engine, AllowUnsigned: true, State: newState(t), Node: "one", Logger: slog.New(slog.DiscardHandler),
		Grants: map[string]checkout.Grant{"tulip": tulipGrant, "rose": tulipGrant},
	}
	write(t, o, files)
	return o
}

// listing is a list of accounts as the registry asks for it.
func listing(all ...checkout.Account) func() []checkout.Account {
	return func() []checkout.Account { return all }
}

func write(t *testing.T, o Options, files map[string][]byte) {
	t.Helper()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(o.Dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func load(t *testing.T, o Options) *Registry {
	t.Helper()
	r, err := Load(t.Context(), o)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestLoad_badFile_stopsTheStart(t *testing.T) {
	t.Parallel()
	truncated := plugin(t, nil)
	unknown := strings.Replace(manifest(t, nil), `"contract"`, `"colour":"red","contract"`, 1)
	with := func(describe, answer string, exports ...contract.Export) []byte {
		return handmade{describe, answer, exports}.bytes()
	}
	tests := []struct {
		name  string
		bytes []byte
		want  string
	}{
		{"empty file", nil, "not a Wasm module"},
		{"no Wasm", []byte("<html>404</html>"), "not a Wasm module"},
		{"cut off", truncated[:len(truncated)/2], "admit plugin bad.wasm"},
		{"too large", make([]byte, contract.MaxModule+1), "strip it"},
		{"no export describe", []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x05\x03\x01\x00\x01\x0a\x04\x01\x02\x00\x0b"), "no plugin of Kassette"},
		{"describe says nothing", with("", fairAnswer), "no output"},
		{"describe fails", with(`{"failure":{"code":"internal","message":"it broke"}}`, fairAnswer), "it broke"},
		{"manifest is no JSON", with("hello", fairAnswer), "read manifest"},
		{"manifest is not UTF-8", with("{\"name\":\"\xff\"}", fairAnswer), "not UTF-8"},
		{"two manifests", with(manifest(t, nil)+"{}", fairAnswer), "more than one JSON value"},
		{"unknown member", with(unknown, fairAnswer), "colour"},
		{"no version", plugin(t, func(m *contract.Manifest) { m.Version = "" }), "/version"},
		{"another contract", plugin(t, func(m *contract.Manifest) { m.Contract = "2" }), "/contract"},
		{"operation without export", with(manifest(t, nil), fairAnswer, contract.CreatePayment), "does not export get_payment"},
		{"no grant", plugin(t, func(m *contract.Manifest) { m.Name = "daisy" }), "no grant"},
		{"asks for another host", plugin(t, func(m *contract.Manifest) { m.Hosts = append(m.Hosts, "evil.example") }), "more than its grant: host evil.example"},
		{"asks for another secret", plugin(t, func(m *contract.Manifest) {
			m.SettingsSchema = json.RawMessage(strings.Replace(schema, `"key":`, `"pin":{"type":"string","x-secret-use":["bearer"]},"key":`, 1))
		}), "secret pin"},
		{"asks for another operation", with(manifest(t, func(m *contract.Manifest) { m.Operations = append(m.Operations, contract.ListOptions) }),
			fairAnswer, contract.CreatePayment, contract.GetPayment, contract.ListOptions), "operation list_options"},
		{"answers against the contract", with(manifest(t, nil), `{"result":null}`, contract.CreatePayment, contract.GetPayment), "proof of tulip@1.0.0: create_payment"},
		{"answers nothing", with(manifest(t, nil), ``, contract.CreatePayment, contract.GetPayment), "no output"},
		{"logo is no SVG", plugin(t, func(m *contract.Manifest) { m.Methods[0].Logo = "<p>hello</p>" }), "/methods/0/logo"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := options(t, map[string][]byte{"bad.wasm": tt.bytes, "good.wasm": plugin(t, func(m *contract.Manifest) { m.Name = "rose" })})
			_, err := Load(t.Context(), o)
			var file *FileError
			if !errors.As(err, &file) || filepath.Base(file.File) != "bad.wasm" || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Load: got %v, want an error of bad.wasm with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "good.wasm") {
				t.Errorf("the good file is blamed too: %v", err)
			}
			if n := len(kept(t, o.State)); n != 0 {
				t.Errorf("plugins kept: got %d, want 0", n)
			}
		})
	}
}

func TestLoad_twoBadFiles_bothNamed(t *testing.T) {
	t.Parallel()
	_, err := Load(t.Context(), options(t, map[string][]byte{"one.wasm": []byte("x"), "two.wasm": []byte("y")}))
	if err == nil || !strings.Contains(err.Error(), "one.wasm") || !strings.Contains(err.Error(), "two.wasm") {
		t.Errorf("got %v, want both files named", err)
	}
}

func TestLoad_sameVersionOtherBytes_refused(t *testing.T) {
	t.Parallel()
	_, err := Load(t.Context(), options(t, map[string][]byte{
		"a.wasm": plugin(t, nil), "b.wasm": plugin(t, func(m *contract.Manifest) { m.Vendor = "Somebody" }),
	}))
	if !errors.Is(err, ErrTwice) {
		t.Errorf("got %v, want ErrTwice", err)
	}
}

func TestLoad_sameBytesTwice_onePlugin(t *testing.T) {
	t.Parallel()
	r := load(t, options(t, map[string][]byte{"a.wasm": plugin(t, nil), "b.wasm": plugin(t, nil)}))
	if n := len(r.Methods()); n != 1 {
		t.Errorf("methods: got %d, want 1", n)
	}
}

func TestLoad_differentSchemasOfOneProvider_refused(t *testing.T) {
	t.Parallel()
	_, err := Load(t.Context(), options(t, map[string][]byte{"a.wasm": plugin(t, nil), "b.wasm": plugin(t, func(m *contract.Manifest) {
		m.Name, m.SettingsSchema = "rose", json.RawMessage(`{"type":"object"}`)
	})}))
	if !errors.Is(err, ErrSchemas) {
		t.Errorf("got %v, want ErrSchemas", err)
	}
}

// Two plugins that offer the same method of a provider would take turns.
func TestLoad_sameMethodTwice_refused(t *testing.T) {
	t.Parallel()
	_, err := Load(t.Context(), options(t, map[string][]byte{"a.wasm": plugin(t, nil), "b.wasm": plugin(t, func(m *contract.Manifest) {
		m.Name, m.Methods = "rose", append([]contract.Method{{ID: "rose", Title: contract.Text{"en": "Rose"}, Flow: contract.FlowForm, Currencies: map[string]contract.Range{"EUR": {}}}}, m.Methods...)
	})}))
	if !errors.Is(err, ErrMethods) || !strings.Contains(err.Error(), "method tulip") {
		t.Errorf("got %v, want ErrMethods", err)
	}
}

// A message that nobody signed is no verified news, whatever the plugin says.
func TestBelieves(t *testing.T) {
	t.Parallel()
	const update = `{"type":"captured","trust":"%s","payment":{"reference":"C4NNED00000000000000REF1"},"amount":{"value":1,"currency":"EUR"}}`
	news := func(trust string) []byte {
		return fmt.Appendf(nil, `{"result":{"response":{"status":200,"content_type":"text/plain","body":"ok"},"updates":[`+update+`]}}`, trust)
	}
	for _, c := range []struct {
		name   string
		export contract.Export
		output []byte
		ok     bool
	}{
		{"verified news of a forged message", contract.ReceiveWebhook, news("verified"), false},
		{"a hint", contract.ReceiveWebhook, news("hint"), true},
		{"a failure", contract.ReceiveWebhook, []byte(fairAnswer), true},
		{"an operation of the host", contract.GetPayment, news("verified"), true},
	} {
		if _, err := contract.DecodeAnswer(contract.ReceiveWebhook, c.output); err != nil {
			t.Fatalf("%s: the case itself is no answer: %v", c.name, err)
		}
		if err := believes(c.export, c.output); (err == nil) != c.ok {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func TestLoad_noFolder_saysSo(t *testing.T) {
	t.Parallel()
	o := options(t, nil)
	o.Dir = filepath.Join(o.Dir, "nowhere")
	if _, err := Load(t.Context(), o); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want ErrNotExist", err)
	}
}

// drifting is an engine whose modules use other fuel each time.
type drifting struct{ sandbox.Engine }

func (d drifting) Load(ctx context.Context, label string, b []byte) (sandbox.Module, error) {
	m, err := d.Engine.Load(ctx, label, b)
	return &driftingModule{Module: m}, err
}

type driftingModule struct {
	sandbox.Module
	calls int64
}

func (d *driftingModule) Call(ctx context.Context, c sandbox.Call) (sandbox.Result, error) {
	d.calls++
	res, err := d.Module.Call(ctx, c)
	res.Fuel += d.calls
	return res, err
}

func TestLoad_notDeterministic_refused(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"a.wasm": plugin(t, nil)})
	o.Engine = drifting{o.Engine}
	if _, err := Load(t.Context(), o); err == nil || !strings.Contains(err.Error(), "pure function") {
		t.Errorf("got %v, want a refusal", err)
	}
}
