package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
	"github.com/knadh/koanf/v2"
)

// defaults stand where neither the file nor the environment says anything.
var defaults = tree{
	"listen":  tree{"gateway": "127.0.0.1:8080", "admin": "127.0.0.1:8081", "simulator": "127.0.0.1:8082", "shop": "127.0.0.1:8083"},
	"plugins": tree{"folder": "plugins"},
}

// environment names the variables that win over the file, with what they set.
// Those that hold secrets are read as {env: NAME}.
var environment = []struct {
	name   string
	path   []string
	secret bool
}{
	{"KASSETTE_PUBLIC_URL", []string{"public_url"}, false},
	{"KASSETTE_ADMIN_KEY", []string{"admin_key"}, true},
	{"KASSETTE_REDIS_URL", []string{"redis", "url"}, true},
	{"KASSETTE_STATE_KEY", []string{"state_keys"}, true},
	{"KASSETTE_GATEWAY_ADDR", []string{"listen", "gateway"}, false},
	{"KASSETTE_ADMIN_ADDR", []string{"listen", "admin"}, false},
	{"KASSETTE_SIMULATOR_ADDR", []string{"listen", "simulator"}, false},
	{"KASSETTE_SHOP_ADDR", []string{"listen", "shop"}, false},
}

// Load reads the file at path, else the one that KASSETTE_CONFIG names, else
// none, and the environment over it. The error joins every [Problem] of the
// text: what is said in it is for [Config.Validate].
func Load(path string, env func(string) string) (Config, error) {
	path = orElse(path, env("KASSETTE_CONFIG"))
	w := &walker{problems{origin: origin{file: path, lines: map[string]int{}}}}
	file := tree{}
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return Config{}, fmt.Errorf("read configuration: %w", err)
		}
		if file, err = w.parse(text); err != nil {
			return Config{}, err
		}
	}
	if err := w.err(); err != nil {
		return Config{}, err
	}
	c, err := layer(defaults, file, overrides(env))
	if err != nil {
		return Config{}, fmt.Errorf("read configuration %s: %w", path, err)
	}
	c.origin = w.origin
	c.PublicURL = strings.TrimRight(orElse(c.PublicURL, "http://"+c.Listen.Gateway), "/")
	c.resolve(&w.problems, filepath.Dir(path), env)
	if err := w.err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// parse makes the tree of a document that is the configuration's.
func (w *walker) parse(text []byte) (tree, error) {
	doc, err := parser.ParseBytes(text, 0)
	if err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			return nil, Problem{File: w.origin.file, Line: at.GetToken().Position.Line, Text: at.GetMessage()}
		}
		return nil, fmt.Errorf("read configuration %s: %w", w.origin.file, err)
	}
	if len(doc.Docs) == 0 || doc.Docs[0].Body == nil {
		return tree{}, nil
	}
	if len(doc.Docs) > 1 {
		w.wrong("", "there is more than one document in the file")
	}
	t, _ := w.read(doc.Docs[0].Body, reflect.TypeFor[Config](), "").(map[string]any)
	return t, nil
}

// overrides is what the environment says.
func overrides(env func(string) string) tree {
	all := tree{}
	for _, e := range environment {
		text := env(e.name)
		if text == "" {
			continue
		}
		var value any = text
		if e.secret {
			value = Value{env: e.name}.encode()
		}
		if e.name == "KASSETTE_STATE_KEY" {
			value = []any{value}
		}
		at := all
		for _, p := range e.path[:len(e.path)-1] {
			if at[p] == nil {
				at[p] = tree{}
			}
			at, _ = at[p].(tree)
		}
		at[e.path[len(e.path)-1]] = value
	}
	return all
}

// tree is a layer of the configuration.
type tree = map[string]any

// given is a layer that has been read already.
type given struct{ tree tree }

// Read implements koanf.Provider.
func (g given) Read() (map[string]any, error) { return g.tree, nil }

// ReadBytes implements koanf.Provider; there are none.
func (given) ReadBytes() ([]byte, error) { return nil, errors.New("this layer has no bytes") }

// layer puts layers one over the other.
func layer(layers ...tree) (Config, error) {
	// Names may hold dots; nothing is looked up by a joined path.
	k := koanf.New("\x1f")
	for _, l := range layers {
		if err := k.Load(given{dropNil(l)}, nil); err != nil {
			return Config{}, err
		}
	}
	var c Config
	err := k.UnmarshalWithConf("", &c, koanf.UnmarshalConf{
		Tag: "yaml", DecoderConfig: &mapstructure.DecoderConfig{ErrorUnused: true, DecodeHook: decodeValue},
	})
	return c, err
}

// decodeValue makes values of what [Value.encode] wrote.
func decodeValue(_, to reflect.Type, data any) (any, error) {
	if list, ok := data.([]any); ok && to == valueType {
		return decode(list)
	}
	return data, nil
}

// dropNil leaves out what is written without a value, so that it hides no default.
func dropNil(t tree) tree {
	out := tree{}
	for name, v := range t {
		if sub, ok := v.(tree); ok {
			v = dropNil(sub)
		}
		if v != nil {
			out[name] = v
		}
	}
	return out
}

// resolve reads every value from where it is.
func (c *Config) resolve(p *problems, folder string, env func(string) string) {
	one := func(v *Value, path string) {
		resolved, err := v.resolve(folder, env)
		if err != nil {
			p.at(path, "%v", err)
		}
		*v = resolved
	}
	one(&c.AdminKey, "admin_key")
	one(&c.Redis.URL, "redis.url")
	for i := range c.StateKeys {
		one(&c.StateKeys[i], fmt.Sprintf("state_keys[%d]", i))
	}
	for i := range c.Shops {
		for j := range c.Shops[i].NoticeSecrets {
			one(&c.Shops[i].NoticeSecrets[j], fmt.Sprintf("shops[%d].notice_secrets[%d]", i, j))
		}
		for j := range c.Shops[i].FormKeys {
			one(&c.Shops[i].FormKeys[j].Secret, fmt.Sprintf("shops[%d].form_keys[%d].secret", i, j))
		}
		for j := range c.Shops[i].Keys {
			one(&c.Shops[i].Keys[j].Key, fmt.Sprintf("shops[%d].keys[%d].key", i, j))
		}
	}
	for i, a := range c.Accounts {
		for _, name := range slices.Sorted(maps.Keys(a.Secrets)) {
			v := a.Secrets[name]
			one(&v, fmt.Sprintf("accounts[%d].secrets.%s", i, name))
			a.Secrets[name] = v
		}
		for _, pattern := range slices.Sorted(maps.Keys(a.Hosts)) {
			rule := a.Hosts[pattern]
			one(&rule.CA, fmt.Sprintf("accounts[%d].hosts.%s.ca", i, pattern))
			a.Hosts[pattern] = rule
		}
	}
}
