package config

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// write puts a configuration and other files into a folder, and gives its path.
func write(t *testing.T, text string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "kassette.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// of makes an environment.
func of(vars map[string]string) func(string) string { return func(n string) string { return vars[n] } }

const (
	stateKey1 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	stateKey2 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	notice    = "whsec_Y2FuYXJ5LW5vdGljZS1zZWNyZXQtMDEyMzQ1"
)

func exampleEnv() map[string]string {
	return map[string]string{
		"KASSETTE_ADMIN_KEY": "canary-admin", "KASSETTE_REDIS_URL": "redis://u:canary-redis@localhost:6379/0",
		"CHEESE_NOTICE_SECRET": notice, "CHEESE_TEST_KEY": "canary-api-key", "CHEESE_RABO_REFRESH_TOKEN": "canary-refresh", "TILL_LOGIN": "canary-login",
	}
}

func loadExample(t *testing.T) Config {
	t.Helper()
	text, err := os.ReadFile("../../../examples/deploy/kassette.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	path := write(t, string(text), map[string]string{
		"secrets/state-key": stateKey1, "secrets/old-state-key": stateKey2 + "\n", "secrets/cheese-old-notice-secret": notice, "secrets/cheese-form-secret": formed + "\n", "secrets/cheese-rabo-signing-key": "canary-signing\n",
		"secrets/till-ca.pem": string(ca),
	})
	c, err := Load(path, of(exampleEnv()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExample(t *testing.T) {
	t.Parallel()
	c := loadExample(t)
	if err := c.Validate(); err != nil {
		t.Errorf("the example is not valid: %v", err)
	}
	if got := c.Accounts[0].Secrets["signing_key"].Text(); got != "canary-signing" {
		t.Errorf("got %q", got)
	}
	if got := c.StateKeyTexts(); !reflect.DeepEqual(got, []string{stateKey1, stateKey2}) {
		t.Errorf("got %v", got)
	}
	if !c.Live() || c.Accounts[1].NumberStart != 1000 || !c.Accounts[1].Hosts["10.1.2.3:8443"].AllowPrivate {
		t.Errorf("got %+v", c.Accounts[1])
	}
}

// TestExample_showsEveryMember: nothing can be configured that the example does not name.
func TestExample_showsEveryMember(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for path := range loadExample(t).origin.lines {
		shown[generic(path)] = true
	}
	var walk func(typ reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		if path != "" && !strings.HasSuffix(path, "[]") && !strings.HasSuffix(path, ".*") && !shown[path] {
			t.Errorf("the example does not show %s", path)
		}
		switch {
		case typ == valueType:
		case typ.Kind() == reflect.Slice:
			walk(typ.Elem(), path+"[]")
		case typ.Kind() == reflect.Map:
			walk(typ.Elem(), path+".*")
		case typ.Kind() == reflect.Struct:
			for _, name := range memberNames(typ) {
				f, _ := member(typ, name)
				walk(f, strings.TrimPrefix(path+"."+name, "."))
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
}

// generic writes a path without indices and names that the operator chose.
func generic(path string) string {
	path = regexp.MustCompile(`\[\d+\]`).ReplaceAllString(path, "[]")
	path = regexp.MustCompile(`^plugins\.grants\.[^.]+`).ReplaceAllString(path, "plugins.grants.*")
	return regexp.MustCompile(`\.hosts\..+?(\.(allow_private|allow_http|ca))?$`).ReplaceAllString(path, ".hosts.*$1")
}

func TestConfig_printsNoSecret(t *testing.T) {
	t.Parallel()
	c := loadExample(t)
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "config", c, "account", c.Accounts[0], "value", c.AdminKey, "redis", c.Redis)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "config", c, "account", c.Accounts[0], "value", c.AdminKey, "pointer", &c)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	outputs := []string{logged.String(), string(asJSON), string(asYAML), c.String(), c.AdminKey.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		outputs = append(outputs, fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c), fmt.Sprintf(verb, c.Accounts), fmt.Sprintf(verb, c.Accounts[0].Secrets),
			fmt.Sprintf(verb, c.Shops), fmt.Sprintf(verb, c.AdminKey), fmt.Sprintf(verb, c.StateKeys), fmt.Sprintf(verb, c.Redis))
	}
	for _, out := range outputs {
		for _, secret := range []string{"canary", "63616e617279", notice[6:], formed[5:], stateKey1, stateKey2} {
			if strings.Contains(out, secret) {
				t.Errorf("%q is shown: %s", secret, out)
			}
		}
	}
	if s := c.String(); !strings.Contains(s, "cheese_rabo (omnikassa, live)") || !strings.Contains(s, "https://pay.example.com") {
		t.Errorf("got %s", s)
	}
}

func TestLoad_wrong(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"a member that is not known", "public_url: http://x\nlisten:\n  gatewy: 1.2.3.4:5\n", ":3: listen.gatewy: there is no member of this name, did you mean gateway?"},
		{"nothing like it", "zzzzzzzzzzzz: 1", ":1: zzzzzzzzzzzz: there is no member of this name, known are accounts, admin_key"},
		{"deep", "shops:\n  - id: a\n    contact:\n      mail: x\n", ":4: shops[0].contact.mail: there is no member of this name, did you mean email?"},
		{"a number for a text", "shops:\n- id: 12\n", ":2: shops[0].id: it is a text: put it in quotes"},
		{"a text for a number", "accounts:\n- number_start: '1'\n", "accounts[0].number_start: it is a whole number"},
		{"a fraction for a number", "accounts:\n- number_start: 1.5\n", "accounts[0].number_start: it is a whole number"},
		{"a text for yes", "accounts:\n- live: 'yes'\n", "accounts[0].live: it is true or false"},
		{"no list", "shops: x\n", "shops: it is a list"},
		{"no mapping", "listen: [x]\n", "listen: it has members"},
		{"not a value", "admin_key: {vault: x}\n", "admin_key: it is {env: NAME}, {file: PATH} or a text"},
		{"two places of a value", "admin_key: {env: A, file: b}\n", "admin_key: it is {env: NAME}"},
		{"a number for a value", "admin_key: 123\n", "admin_key: it is {env: NAME}"},
		{"a variable that is not set", "admin_key: {env: NOT_SET}\n", ":1: admin_key: the environment has no NOT_SET: set it"},
		{"a file that is not there", "public_url: http://x\nadmin_key: {file: not/there}\n", ":2: admin_key: there is no file "},
		{"a file that is empty", "admin_key: {file: empty}\n", "empty is empty"},
		{"a folder", "admin_key: {file: .}\n", "is no file"},
		{"twice", "public_url: a\npublic_url: b\n", ":2: "},
		{"an alias", "shops: &a []\naccounts: *a\n", "anchors, aliases and tags are not read"},
		{"a tag", "public_url: !!str x\n", "anchors, aliases and tags are not read"},
		{"not YAML", "a: [\n", ":1: "},
		{"tabs", "listen:\n\tgateway: x\n", ":2: "},
		{"two documents", "public_url: http://x\n---\npublic_url: http://y\n", "more than one document"},
		{"a list as a whole", "- x\n", "it has members"},
		{"a date in settings", "accounts:\n- settings: {a: .inf}\n", "accounts[0].settings.a: it is no text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, tc.text, map[string]string{"empty": "\n"})
			_, err := Load(path, of(nil))
			if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s…%s", err, path, tc.want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), of(nil)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestLoad_allProblems: one run tells everything, in the order of lines.
func TestLoad_allProblems(t *testing.T) {
	t.Parallel()
	_, err := Load(write(t, "lisen: {}\nshops:\n- nam: x\n  origin: [y]\naccounts:\n- live: 1\n", nil), of(nil))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 4 || !strings.Contains(lines[0], ":1: lisen") || !strings.Contains(lines[3], ":6: accounts[0].live") {
		t.Errorf("got %v", err)
	}
}

func TestLoad_layers(t *testing.T) {
	t.Parallel()
	c, err := Load("", of(nil))
	if err != nil || c.Listen.Gateway != "127.0.0.1:8080" || c.PublicURL != "http://127.0.0.1:8080" || c.Plugins.Folder != "plugins" || !c.Redis.URL.IsZero() {
		t.Errorf("defaults: got %+v, %v", c.Listen, err)
	}
	path := write(t, "listen: {gateway: ':1', admin: }\nredis: {url: {file: redis}}\nstate_keys: [a, b]\npublic_url: https://x/\nadmin_key: file\n", map[string]string{"redis": "redis://file"})
	if c, err = Load("", of(map[string]string{"KASSETTE_CONFIG": path})); err != nil {
		t.Fatal(err)
	}
	if c.Listen.Gateway != ":1" || c.Listen.Admin != "127.0.0.1:8081" || c.Redis.URL.Text() != "redis://file" || c.PublicURL != "https://x" || len(c.StateKeys) != 2 {
		t.Errorf("file: got %s %+v", c, c.Listen)
	}
	c, err = Load(path, of(map[string]string{
		"KASSETTE_PUBLIC_URL": "https://y", "KASSETTE_ADMIN_KEY": "env", "KASSETTE_REDIS_URL": "redis://env", "KASSETTE_STATE_KEY": "k1,k2",
		"KASSETTE_GATEWAY_ADDR": ":2", "KASSETTE_ADMIN_ADDR": ":3", "KASSETTE_SIMULATOR_ADDR": ":4", "KASSETTE_SHOP_ADDR": ":5",
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(c.PublicURL, c.AdminKey.Text(), c.Redis.URL.Text(), c.StateKeyTexts(), c.Listen)
	if want := "https://yenvredis://env[k1 k2]{:2 :3 :4 :5}"; strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("environment: got %s, want %s", got, want)
	}
}
