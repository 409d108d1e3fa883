package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

var (
	idPattern     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	pluginPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{1,31}$`)
	accentPattern = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

// Validate says everything that is wrong with the configuration as a whole,
// as joined [Problem]s. Settings are held against a plugin's schema where
// plugins are known.
func (c Config) Validate() error {
	p := &problems{origin: c.origin}
	c.checkListen(p)
	c.checkState(p)
	c.checkPlugins(p)
	ids := map[string]string{}
	for i, s := range c.Shops {
		c.checkShop(p, fmt.Sprintf("shops[%d]", i), s, ids)
	}
	for i, a := range c.Accounts {
		c.checkAccount(p, fmt.Sprintf("accounts[%d]", i), a, ids)
	}
	for i, name := range c.ConfirmPrivate {
		if _, shop := ids["shop "+name]; !shop && ids["account "+name] == "" {
			p.at(fmt.Sprintf("confirm_private[%d]", i), "there is no shop or account %q", name)
		}
	}
	c.checkKeys(p)
	if c.Live() {
		c.checkLive(p)
	}
	return p.err()
}

func (c Config) checkListen(p *problems) {
	for _, l := range []struct{ name, addr string }{
		{"gateway", c.Listen.Gateway}, {"admin", c.Listen.Admin}, {"simulator", c.Listen.Simulator}, {"shop", c.Listen.Shop},
	} {
		if _, port, err := net.SplitHostPort(l.addr); err != nil || port == "" {
			p.at("listen."+l.name, "%q is no address: write host:port, such as 127.0.0.1:8080, or :8080 for all", l.addr)
		}
	}
	if err := checkURL(c.PublicURL, true, true); err != nil {
		p.at("public_url", "%v", err)
	}
	if c.AdminKey.Text() == "" {
		p.at("admin_key", "operators need a key: set KASSETTE_ADMIN_KEY, or admin_key: {file: PATH}")
	}
	for i, n := range c.TrustedProxies {
		if _, err := prefix(n); err != nil {
			p.at(fmt.Sprintf("trusted_proxies[%d]", i), "%v", err)
		}
	}
}

func (c Config) checkState(p *problems) {
	if u := c.Redis.URL.Text(); u != "" {
		if parsed, err := url.Parse(u); err != nil || parsed.Host == "" || !slices.Contains([]string{"redis", "rediss"}, parsed.Scheme) {
			p.at("redis.url", "it is no redis:// or rediss:// URL")
		}
		if len(c.StateKeyTexts()) == 0 {
			p.at("state_keys", "what is written to Redis is sealed: give a key of 32 bytes in base64, such as from openssl rand -base64 32")
		}
	}
	for i, v := range c.StateKeys {
		for _, text := range (Config{StateKeys: []Value{v}}).StateKeyTexts() {
			if !stateKey(text) {
				p.at(fmt.Sprintf("state_keys[%d]", i), "it is not 32 bytes in base64 or hex")
			}
		}
	}
}

func (c Config) checkPlugins(p *problems) {
	if c.Plugins.Folder == "" {
		p.at("plugins.folder", "name the folder with the plugins' .wasm files")
	}
	c.checkTrustedKeys(p)
	for name, g := range c.Plugins.Grants {
		at := "plugins.grants." + name
		if !pluginPattern.MatchString(name) {
			p.at(at, "%q is no plugin's name", name)
		}
		for i, h := range g.Hosts {
			if err := contract.CheckHostPattern(h); err != nil {
				p.at(fmt.Sprintf("%s.hosts[%d]", at, i), "%v", err)
			}
		}
		operations := operationNames()
		for i, o := range g.Operations {
			if !slices.Contains(operations, o) {
				p.at(fmt.Sprintf("%s.operations[%d]", at, i), "there is no operation %q, %s", o, didYouMean(o, operations))
			}
		}
	}
}

func (c Config) checkTrustedKeys(p *problems) {
	first := map[string]string{}
	for i, k := range c.Plugins.TrustedKeys {
		at := fmt.Sprintf("plugins.trusted_keys[%d]", i)
		if !idPattern.MatchString(k.Name) {
			p.at(at+".name", "%q is no name: small letters, digits, - and _", k.Name)
		}
		if b, err := base64.StdEncoding.DecodeString(k.Key); err != nil || len(b) != 42 || string(b[:2]) != "Ed" {
			p.at(at+".key", "it is no minisign public key: the line that begins with RW")
		}
		for j, name := range k.Plugins {
			if !pluginPattern.MatchString(name) {
				p.at(fmt.Sprintf("%s.plugins[%d]", at, j), "%q is no name of a plugin: small letters, digits and -, written out", name)
			}
		}
		for _, what := range []struct{ member, text string }{{".name", k.Name}, {".key", k.Key}} {
			if there := first[what.member+what.text]; there != "" {
				p.at(at+what.member, "it is that of %s already", there)
			}
			first[what.member+what.text] = at
		}
	}
}

func operationNames() []string {
	var names []string
	for _, kind := range []contract.Kind{contract.KindPayment, contract.KindShop} {
		for _, e := range contract.Exports(kind) {
			names = append(names, string(e))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// checkURL says what is wrong with a URL that people or programs are sent to.
func checkURL(text string, plain, path bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return fmt.Errorf("%q is no URL: write https://host", text)
	case u.Scheme == "http" && !plain:
		return fmt.Errorf("%q is without TLS: write https://", text)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || (!path && strings.Trim(u.Path, "/") != ""):
		return fmt.Errorf("%q holds more than it should: write https://host", text)
	}
	return nil
}

// prefix reads a network or a single address.
func prefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	n, err := netip.ParsePrefix(text)
	if err != nil {
		return n, fmt.Errorf("%q is no network: write 10.0.0.0/8 or an address", text)
	}
	return n.Masked(), nil
}
