package config

import (
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (c Config) checkAccount(p *problems, at string, a Account, ids map[string]string) {
	checkID(p, at, "account", a.ID, ids)
	if ids["shop "+a.Shop] == "" {
		p.at(at+".shop", "there is no shop %q%s", a.Shop, suggest(a.Shop, c.shopIDs()))
	}
	if !pluginPattern.MatchString(a.Provider) {
		p.at(at+".provider", "%q is no provider: it is the name that its plugins say", a.Provider)
	}
	if a.WebhookPlugin != "" && !pluginPattern.MatchString(a.WebhookPlugin) {
		p.at(at+".webhook_plugin", "%q is no plugin's name", a.WebhookPlugin)
	}
	for i, m := range a.Methods {
		if m == "" {
			p.at(fmt.Sprintf("%s.methods[%d]", at, i), "name a method, or leave methods out for all")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Settings)) {
		where := at + ".settings." + name
		if _, both := a.Secrets[name]; both {
			p.at(where, "it stands among the secrets too: a plugin sees settings, so take it out here")
		}
		if m, ok := a.Settings[name].(map[string]any); ok && len(m) == 1 && (m["env"] != nil || m["file"] != nil) {
			p.at(where, "a plugin sees its settings: put a secret under secrets")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Secrets)) {
		if a.Secrets[name].Text() == "" {
			p.at(at+".secrets."+name, "it is empty: leave it out, or give it as {env: NAME} or {file: PATH}")
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(a.Hosts)) {
		where := at + ".hosts." + pattern
		if err := checkPattern(pattern); err != nil {
			p.at(where, "%v", err)
		}
		if ca := a.Hosts[pattern].CA.Text(); ca != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(ca)) {
			p.at(where+".ca", "it is no certificate in PEM")
		}
	}
	if a.NumberStart < 0 {
		p.at(at+".number_start", "numbers are counted upwards from 1: give 1 or more")
	}
}

func (c Config) shopIDs() []string {
	var ids []string
	for _, s := range c.Shops {
		ids = append(ids, s.ID)
	}
	return ids
}

func suggest(name string, names []string) string {
	if n := nearest(name, names); n != "" {
		return ": did you mean " + n + "?"
	}
	if len(names) == 0 {
		return ""
	}
	return ": there are " + strings.Join(names, ", ")
}

// checkLive holds a configuration that moves real money to more.
func (c Config) checkLive(p *problems) {
	if c.Redis.URL.Text() == "" {
		p.at("redis.url", "live accounts need a state that outlives the process: set KASSETTE_REDIS_URL")
	}
	if c.AdminKey.Text() == "demo" {
		p.at("admin_key", "the key demo is for tests alone: set KASSETTE_ADMIN_KEY to one that cannot be guessed")
	}
	if !strings.HasPrefix(c.PublicURL, "https://") {
		p.at("public_url", "live accounts need TLS: write https://")
	}
	if c.Plugins.AllowUnsigned || len(c.Plugins.TrustedKeys) == 0 {
		p.at("plugins", "live accounts need plugins that are signed: give trusted_keys, and take allow_unsigned out")
	}
	literal := func(v Value, path string) {
		if v.literal() {
			p.at(path, "a secret beside live accounts does not stand in the file: write {env: NAME} or {file: PATH}")
		}
	}
	literal(c.AdminKey, "admin_key")
	for i, v := range c.StateKeys {
		literal(v, fmt.Sprintf("state_keys[%d]", i))
	}
	for i, s := range c.Shops {
		at := fmt.Sprintf("shops[%d]", i)
		demo, _ := Key{Key: Literal("demo")}.sum()
		for j, k := range s.Keys {
			if sum, err := k.sum(); err == nil && sum == demo {
				p.at(fmt.Sprintf("%s.keys[%d]", at, j), "the key demo is for tests alone: take it out")
			}
			if k.Live {
				literal(k.Key, fmt.Sprintf("%s.keys[%d].key", at, j))
			}
		}
		for j, k := range s.FormKeys {
			if k.Live {
				literal(k.Secret, fmt.Sprintf("%s.form_keys[%d].secret", at, j))
			}
		}
		if !c.liveShop(s.ID) {
			continue
		}
		for j, v := range s.NoticeSecrets {
			literal(v, fmt.Sprintf("%s.notice_secrets[%d]", at, j))
		}
		c.checkConfirmed(p, at, s.ID, s.AllowPrivate, s.AllowHTTP)
	}
	for i, a := range c.Accounts {
		if a.Live {
			c.checkLiveAccount(p, fmt.Sprintf("accounts[%d]", i), a, literal)
		}
	}
}

func (c Config) checkLiveAccount(p *problems, at string, a Account, literal func(Value, string)) {
	for _, name := range slices.Sorted(maps.Keys(a.Secrets)) {
		literal(a.Secrets[name], at+".secrets."+name)
	}
	for _, pattern := range slices.Sorted(maps.Keys(a.Hosts)) {
		rule := a.Hosts[pattern]
		c.checkConfirmed(p, at+".hosts."+pattern, a.ID, rule.AllowPrivate, rule.AllowHTTP)
	}
}

// checkConfirmed wants a name among confirm_private.
func (c Config) checkConfirmed(p *problems, at, id string, private, plain bool) {
	for _, rule := range []struct {
		name string
		set  bool
	}{{"allow_private", private}, {"allow_http", plain}} {
		if rule.set && !slices.Contains(c.ConfirmPrivate, id) {
			p.at(at+"."+rule.name, "it is loosened beside live accounts: if you mean it, add %s to confirm_private", id)
		}
	}
}
