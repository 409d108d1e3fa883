package host_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host"
)

// wasmWithoutDescribe is a module with a memory and the one function "other",
// which gives 0.
const wasmWithoutDescribe = "\x00asm\x01\x00\x00\x00\x01\x05\x01\x60\x00\x01\x7f\x03\x02\x01\x00\x05\x03\x01\x00\x01\x07\x09\x01\x05other\x00\x00\x0a\x06\x01\x04\x00\x41\x00\x0b"

// startError is why a host does not start with this configuration.
func startError(t *testing.T, text string) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kassette.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := host.LoadConfig(path)
	if err != nil {
		return err
	}
	h, err := host.New(t.Context(), host.Options{Config: cfg, Logger: slog.New(slog.DiscardHandler), CacheDir: testCache()})
	if err == nil {
		_ = h.Close(t.Context())
	}
	return err
}

// refused wants a start to fail with an error that holds all the words and no secret.
func refused(t *testing.T, text string, words ...string) {
	t.Helper()
	err := startError(t, text)
	if err == nil {
		t.Fatal("it started")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q: %v", w, err)
		}
	}
	for _, secret := range bankSecrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells a secret: %v", err)
		}
	}
}

// plainHouse has bank and shop, and no gateway yet.
func plainHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, gateway: "http://127.0.0.1:1", logs: &lockedBuffer{}}
	h.openShop()
	h.openBank(options{})
	return h
}

// A file in the plugin folder that is not a sound plugin stops the start: the
// error names the file and says what is wrong with it.
func TestBadInput_pluginFile_startIsRefused(t *testing.T) {
	t.Parallel()
	h := plainHouse(t)
	good, err := os.ReadFile(filepath.Join(pluginDir(t), "ideal.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bytes []byte
		words []string
	}{
		"no Wasm":            {[]byte("#!/bin/sh\necho pay\n"), []string{"bad.wasm", "format"}},
		"empty":              {nil, []string{"bad.wasm", "format"}},
		"cut":                {good[:len(good)/2], []string{"bad.wasm"}},
		"Wasm, no plugin":    {[]byte(wasmWithoutDescribe), []string{"bad.wasm", "it is no plugin of Kassette", "describe"}},
		"bad manifest":       {bytes.Replace(good, []byte(`"x-secret-use": ["bearer"]`), []byte(`"x-secret-use": ["beaver"]`), 1), []string{"bad.wasm", "manifest", "beaver"}},
		"same version twice": {append(bytes.Clone(good), 0, 2, 1, 'x'), []string{"1.0.0", "raise the version or remove one"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := pluginDir(t)
			if err := os.WriteFile(filepath.Join(dir, "bad.wasm"), c.bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, h.config("127.0.0.1:1", dir, options{}), c.words...)
		})
	}
	t.Run("no folder", func(t *testing.T) {
		refused(t, h.config("127.0.0.1:1", filepath.Join(t.TempDir(), "nowhere"), options{}), "plugin folder", "nowhere")
	})
}

// A plugin that asks for more than it is granted does not run: the error
// names the file, the difference, and what to do.
func TestBadInput_pluginAsksForMore_startIsRefused(t *testing.T) {
	t.Parallel()
	h := plainHouse(t)
	for name, c := range map[string]struct {
		from, to string
		words    []string
	}{
		"a secret":     {"secrets: [refresh_token, signing_key]", "secrets: [refresh_token]", []string{"secret signing_key", "grant it"}},
		"a host":       {`"*.rabobank.nl", `, "", []string{"host *.rabobank.nl", "grant it"}},
		"an operation": {"refund_payment, ", "", []string{"operation refund_payment", "grant it"}},
		"no grant":     {"    ideal:\n", "    other:\n", []string{"it has no grant", "remove the file"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := h.config("127.0.0.1:1", pluginDir(t), options{})
			if !strings.Contains(text, c.from) {
				t.Fatalf("the configuration lacks %q", c.from)
			}
			refused(t, strings.Replace(text, c.from, c.to, 1), append(c.words, "ideal.wasm", "ideal@1.0.0")...)
		})
	}
}

// Settings that are missing or wrong stop the start; the error points at them
// and tells no secret.
func TestBadInput_settings_startIsRefused(t *testing.T) {
	t.Parallel()
	h := plainHouse(t)
	for name, c := range map[string]struct {
		from, to string
		words    []string
	}{
		"missing secret":         {`, signing_key: "` + bankSecrets[1] + `"`, "", []string{"account rabo", "signing_key"}},
		"unknown secret":         {"signing_key: \"", "pin: \"1234567890\", signing_key: \"", []string{"account rabo", "/pin", "no secret of this name"}},
		"secret in the open":     {"settings: {", `settings: {signing_key: "c2VjcmV0LXNlY3JldA==", `, []string{"signing_key", "secrets"}},
		"missing setting":        {"environment: test, ", "", []string{"account rabo", "environment"}},
		"another environment":    {"environment: test", "environment: live", []string{"account rabo", "/environment", "live"}},
		"unknown setting":        {"environment: test", "environment: test, colour: red", []string{"account rabo", "colour"}},
		"no address":             {`base_url: "` + h.bankURL + `/omnikassa"`, "base_url: bank", []string{"account rabo", "/base_url"}},
		"without TLS":            {"allow_http: true}\n\n", "allow_http: false}\n\n", []string{"account rabo", "/base_url", "not TLS"}},
		"key of another shape":   {"state_keys: []", "state_keys: [short]", []string{"state_keys[0]", "32 bytes"}},
		"origin without a host":  {"origins: [", `origins: ["https://", `, []string{"origins[0]", "kassette.yaml:"}},
		"scope that is not one":  {`"orders:write", `, `"orders:rite", `, []string{"scopes[0]", "did you mean orders:write"}},
		"member that is not one": {"admin_key: ", "admin_kee: ", []string{"kassette.yaml:4", "admin_kee"}},
		"broken YAML":            {"accounts:", "accounts: [", []string{"kassette.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := h.config("127.0.0.1:1", pluginDir(t), options{}) + "\nstate_keys: []\n"
			if !strings.Contains(text, c.from) {
				t.Fatalf("the configuration lacks %q", c.from)
			}
			refused(t, strings.Replace(text, c.from, c.to, 1), c.words...)
		})
	}
}
