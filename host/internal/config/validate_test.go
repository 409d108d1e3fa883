package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const (
	trustedKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
	otherKey   = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO4"
)

// formed is a form key's secret.
const formed = "form_bW9sZW4tZW4tbWFhbi1mb3JtLXNlY3JldC0wMQ=="

// sound is a configuration for tests in which nothing is wrong.
const sound = `
admin_key: demo
shops:
- id: shop
  name: Shop
  origins: [http://localhost:8083]
  allow_http: true
  allow_private: true
  notice_secrets: [` + notice + `]
  form_keys: [{id: donate, secret: ` + formed + `}]
  keys:
  - id: demo
    key: demo
    scopes: [orders:write, orders:read]
accounts:
- id: acc
  shop: shop
  provider: omnikassa
  settings: {environment: test, base_url: "http://127.0.0.1:8082", n: 3, list: [1, {a: b}], yes: true, f: 1.5}
  secrets: {refresh_token: refresh, signing_key: sign}
  hosts: {"127.0.0.1:8082": {allow_private: true, allow_http: true}}
`

func load(t *testing.T, text string, env map[string]string) Config {
	t.Helper()
	c, err := Load(write(t, text, nil), of(env))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestValidate_wrong(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ from, to, want string }{
		{"admin_key: demo", "", "admin_key: operators need a key: set KASSETTE_ADMIN_KEY"},
		{"admin_key: demo", "admin_key: demo\nlisten: {gateway: '8080'}", `:3: listen.gateway: "8080" is no address`},
		{"admin_key: demo", "admin_key: demo\npublic_url: pay.example", `:3: public_url: "pay.example" is no URL`},
		{"admin_key: demo", "admin_key: demo\npublic_url: https://pay.example?x=y", "public_url: \"https://pay.example?x=y\" holds more"},
		{"admin_key: demo", "admin_key: demo\ntrusted_proxies: [10.0.0.0/33]", "trusted_proxies[0]: \"10.0.0.0/33\" is no network"},
		{"admin_key: demo", "admin_key: demo\nredis: {url: localhost}", "redis.url: it is no redis://"},
		{"admin_key: demo", "admin_key: demo\nredis: {url: redis://localhost}", "state_keys: what is written to Redis is sealed"},
		{"admin_key: demo", "admin_key: demo\nstate_keys: [short]", ":3: state_keys[0]: it is not 32 bytes"},
		{"admin_key: demo", "admin_key: demo\nplugins: {folder: ''}", "plugins.folder: name the folder"},
		{"admin_key: demo", "admin_key: demo\nplugins: {trusted_keys: [{name: us, key: abc}]}", "plugins.trusted_keys[0].key: it is no minisign public key"},
		{"admin_key: demo", "admin_key: demo\nplugins: {trusted_keys: [{name: us, key: " + trustedKey[2:] + "}]}", "plugins.trusted_keys[0].key: it is no minisign public key"},
		{"admin_key: demo", "admin_key: demo\nplugins: {trusted_keys: [{name: us, key: " + trustedKey + ", plugins: [ideal, 'paypal*']}]}", `plugins.trusted_keys[0].plugins[1]: "paypal*" is no name of a plugin`},
		{"admin_key: demo", "admin_key: demo\nplugins: {trusted_keys: [{key: " + trustedKey + "}]}", `plugins.trusted_keys[0].name: "" is no name`},
		{"admin_key: demo", "admin_key: demo\nplugins: {trusted_keys: [{name: us, key: " + trustedKey + "}, {name: us, key: " + otherKey + "}]}", "plugins.trusted_keys[1].name: it is that of plugins.trusted_keys[0] already"},
		{"admin_key: demo", "admin_key: demo\nplugins: {trusted_keys: [{name: us, key: " + trustedKey + "}, {name: them, key: " + trustedKey + "}]}", "plugins.trusted_keys[1].key: it is that of plugins.trusted_keys[0] already"},
		{"admin_key: demo", "admin_key: demo\nplugins: {grants: {Ideal: {}}}", `plugins.grants.Ideal: "Ideal" is no plugin's name`},
		{"admin_key: demo", "admin_key: demo\nplugins: {grants: {ideal: {hosts: ['*.com']}}}", "plugins.grants.ideal.hosts[0]: "},
		{"admin_key: demo", "admin_key: demo\nplugins: {grants: {ideal: {operations: [create_paymnt]}}}", "operations[0]: there is no operation \"create_paymnt\", did you mean create_payment?"},
		{"admin_key: demo", "admin_key: demo\nconfirm_private: [akk]", `confirm_private[0]: there is no shop or account "akk"`},

		{"id: shop", "id: Shop", `shops[0].id: "Shop" is no id`},
		{"name: Shop", "", "shops[0].name: consumers read"},
		{"name: Shop", "name: Shop\n  contact: {email: 'a@'}", "shops[0].contact.email"},
		{"name: Shop", "name: Shop\n  contact: {url: 'javascript:alert(1)'}", "shops[0].contact.url"},
		{"name: Shop", "name: Shop\n  terms_url: ftp://x", "shops[0].terms_url"},
		{"origins: [http://localhost:8083]", "", "shops[0].origins: name the origins"},
		{"origins: [http://localhost:8083]", "origins: [http://localhost:8083/shop]", "shops[0].origins[0]: \"http://localhost:8083/shop\" holds more"},
		{"allow_http: true\n  allow_private", "allow_private", "shops[0].origins[0]: \"http://localhost:8083\" is without TLS"},
		{notice, "whsec_c2hvcnQ=", "shops[0].notice_secrets[0]: it is not whsec_"},
		{notice, notice[6:], "shops[0].notice_secrets[0]: it is not whsec_"},
		{formed, "form_c2hvcnQ=", "shops[0].form_keys[0].secret: it is not form_ and the base64 of 24 to 64 bytes; kassette form keygen"},
		{formed, notice, "shops[0].form_keys[0].secret: it is not form_"},
		{formed, "''", "shops[0].form_keys[0].secret: it is not form_"},
		{"{id: donate,", "{id: 'Do nate',", "shops[0].form_keys[0].id"},
		{"{id: donate,", "{id: old, secret: " + formed + "}, {id: donate,", "shops[0].form_keys[1].secret: it is that of shops[0].form_keys[0] already"},
		{"form_keys: [", "form_keys: [{id: donate, secret: form_bW9sZW4tZW4tbWFhbi1mb3JtLXNlY3JldC0wMg==}, ", "shops[0].form_keys[1].id: \"donate\" is the id of shops[0].form_keys[0] already"},
		{"name: Shop", "name: Shop\n  accent: red", "shops[0].accent: \"red\" is no colour"},
		{"id: demo\n", "id: ''\n", "shops[0].keys[0].id"},
		{"    key: demo\n", "", "shops[0].keys[0]: give either key or hash"},
		{"  key: demo\n", "  key: demo\n    hash: abc\n", "shops[0].keys[0]: give either key or hash"},
		{"  key: demo\n", "  hash: abc\n", "shops[0].keys[0]: hash is no SHA-256"},
		{"orders:read]", "order:read]", "there is no scope \"order:read\", did you mean orders:read?"},
		{"[orders:write, orders:read]", "[]", "shops[0].keys[0].scopes: name what"},
		{"[orders:write, orders:read]", "[orders:read]\n    networks: [x]", "shops[0].keys[0].networks[0]"},
		{"  - id: demo", "  - id: other\n    key: demo\n    scopes: [orders:read]\n  - id: demo", "shops[0].keys[1]: it is the same key as shops[0].keys[0]"},
		{"  - id: demo", "  - id: demo\n    key: x\n    scopes: [orders:read]\n  - id: demo", `shops[0].keys[1].id: "demo" is the id of shops[0].keys[0] already`},
		{"accounts:", "- {id: shop, name: B, origins: [https://b]}\naccounts:", "shops[1].id: \"shop\" is the id of shops[0] already"},

		{"shop: shop", "shop: shpo", `accounts[0].shop: there is no shop "shpo": did you mean shop?`},
		{"provider: omnikassa", "provider: ''", "accounts[0].provider"},
		{"provider: omnikassa", "provider: omnikassa\n  webhook_plugin: 'A b'", "accounts[0].webhook_plugin"},
		{"provider: omnikassa", "provider: omnikassa\n  methods: ['']", "accounts[0].methods[0]"},
		{"provider: omnikassa", "provider: omnikassa\n  number_start: -1", "accounts[0].number_start"},
		{"environment: test", "signing_key: x", "accounts[0].settings.signing_key: it stands among the secrets too"},
		{"environment: test", "token: {env: TOKEN}", "accounts[0].settings.token: a plugin sees its settings: put a secret under secrets"},
		{"signing_key: sign", "signing_key: ''", "accounts[0].secrets.signing_key: it is empty"},
		{`"127.0.0.1:8082":`, `"https://127.0.0.1":`, "is no host: write host or host:port"},
		{`"127.0.0.1:8082":`, `"a/b":`, "is no host"},
		{`"127.0.0.1:8082":`, `"*.com":`, "host pattern"},
		{"allow_http: true}}", "ca: nonsense}}", "ca: it is no certificate in PEM"},
	} {
		t.Run(tc.to, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(sound, tc.from) {
				t.Fatalf("%q is not in the text", tc.from)
			}
			err := load(t, strings.Replace(sound, tc.from, tc.to, 1), nil).Validate()
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
			var p Problem
			if !errors.As(err, &p) || p.File == "" {
				t.Errorf("%v names no file", err)
			}
		})
	}
	if err := load(t, sound, nil).Validate(); err != nil {
		t.Errorf("the sound configuration: %v", err)
	}
}

func TestValidate_live(t *testing.T) {
	t.Parallel()
	live := strings.NewReplacer("id: acc\n", "id: acc\n  live: true\n", "{id: donate,", "{id: donate, live: true,").Replace(sound)
	err := load(t, live, nil).Validate()
	for _, want := range []string{
		"redis.url: live accounts need a state", "admin_key: the key demo", "admin_key: a secret beside live accounts", "public_url: live accounts need TLS",
		"plugins: live accounts need plugins that are signed", "shops[0].keys[0]: the key demo is for tests", "shops[0].notice_secrets[0]: a secret beside live", "shops[0].form_keys[0].secret: a secret beside live",
		"shops[0].allow_private: it is loosened", "shops[0].allow_http: it is loosened", "accounts[0].secrets.refresh_token: a secret beside live",
		"accounts[0].hosts.127.0.0.1:8082.allow_private: it is loosened beside live accounts: if you mean it, add acc to confirm_private",
		"accounts[0].hosts.127.0.0.1:8082.allow_http",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("does not say %q:\n%v", want, err)
		}
	}
	// The hash of demo is demo too, and signed plugins may not be optional.
	sum := sha256.Sum256([]byte("demo"))
	c := load(t, strings.Replace(live, "  key: demo\n", "  hash: "+hex.EncodeToString(sum[:])+"\n", 1)+"plugins: {allow_unsigned: true, trusted_keys: [{name: us, key: "+trustedKey+"}]}\n", nil)
	if err := c.Validate(); !strings.Contains(err.Error(), "the key demo is for tests") || !strings.Contains(err.Error(), "take allow_unsigned out") {
		t.Errorf("got %v", err)
	}
	// A live key may not stand in the file.
	c = load(t, strings.Replace(live, "  key: demo\n", "  key: k\n    live: true\n", 1), nil)
	if err := c.Validate(); !strings.Contains(err.Error(), "shops[0].keys[0].key: a secret") {
		t.Errorf("got %v", err)
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	d, err := NewDirectory(load(t, sound, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, missing := range []error{
		func() error { _, err := d.Shop("other"); return err }(), func() error { _, err := d.Account("other"); return err }(),
		func() error { _, err := d.Key("other"); return err }(), func() error { _, err := d.Key(""); return err }(),
	} {
		if !errors.Is(missing, checkout.ErrNotFound) {
			t.Errorf("got %v, want not found", missing)
		}
	}
	k, err := d.Key("demo")
	if err != nil || k.Shop != "shop" || k.Live || fmt.Sprint(k.Scopes) != "[orders:write orders:read]" {
		t.Errorf("got %+v, %v", k, err)
	}
	s, err := d.Shop("shop")
	if err != nil || string(s.NoticeSecrets[0]) != "canary-notice-secret-012345" || s.Origins[0] != "http://localhost:8083" || !s.AllowPrivate {
		t.Errorf("got %+v, %v", s, err)
	}
	a, err := d.Account("acc")
	if err != nil || string(a.Settings) != `{"base_url":"http://127.0.0.1:8082","environment":"test","f":1.5,"list":[1,{"a":"b"}],"n":3,"yes":true}` {
		t.Errorf("got %s, %v", a.Settings, err)
	}
	if a.Secrets["signing_key"] != "sign" || !a.Hosts["127.0.0.1:8082"].AllowHTTP || a.NumberStart != 1 || a.Live {
		t.Errorf("got %+v", a)
	}
	if len(d.Accounts("shop")) != 1 || len(d.Accounts("other")) != 0 || len(d.All()) != 1 {
		t.Error("the accounts are not those of the file")
	}
}

func TestDirectory_hideUnavailable(t *testing.T) {
	t.Parallel()
	for member, want := range map[string]bool{"": false, "\n  hide_unavailable: false": false, "\n  hide_unavailable: true": true} {
		d, err := NewDirectory(load(t, strings.Replace(sound, "name: Shop", "name: Shop"+member, 1), nil))
		if err != nil {
			t.Fatal(err)
		}
		if s, err := d.Shop("shop"); err != nil || s.HideUnavailable != want {
			t.Errorf("%q: got %v, %v", member, s.HideUnavailable, err)
		}
	}
}

func TestDirectory_ofTheExample(t *testing.T) {
	t.Parallel()
	c := loadExample(t)
	d, err := NewDirectory(c)
	if err != nil {
		t.Fatal(err)
	}
	k, err := d.Key("password") // whose hash the example has
	if err != nil || !k.Live || k.Networks[0].String() != "192.0.2.0/24" {
		t.Errorf("got %+v, %v", k, err)
	}
	if k, err = d.Key("canary-api-key"); err != nil || k.ID != "cheese_test" {
		t.Errorf("got %+v, %v", k, err)
	}
	g := c.Grants()["ideal"]
	if len(g.Hosts) != 1 || len(g.Secrets) != 2 || g.Operations[0] != contract.CreatePayment {
		t.Errorf("got %+v", g)
	}
	if p, err := c.Proxies(); err != nil || p[0].String() != "10.0.0.0/8" || p[1].String() != "::1/128" {
		t.Errorf("got %v, %v", p, err)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	info := contract.SettingsInfo{Secrets: map[string][]string{"key": nil, "token": nil, "unset": nil}}
	open, secrets, err := Split(map[string]any{"key": "k", "token": "", "url": "u"}, info)
	if err != nil || string(open) != `{"url":"u"}` || len(secrets) != 1 || secrets["key"] != "k" {
		t.Errorf("got %s, %v, %v", open, secrets, err)
	}
	if _, _, err = Split(map[string]any{"key": 1}, info); err == nil {
		t.Error("a secret that is a number was taken")
	}
	if open, _, err = Split(nil, info); err != nil || string(open) != "{}" {
		t.Errorf("got %s, %v", open, err)
	}
}
