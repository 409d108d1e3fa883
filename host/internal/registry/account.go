package registry

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// ErrSchemas: plugins of one provider cannot share accounts.
var ErrSchemas = errors.New("plugins of one provider have the same settings_schema, since they share its accounts")

// ErrMethods: two plugins of one provider offer the same method.
var ErrMethods = errors.New("one method is offered by one plugin of a provider, or nobody knows which one makes a payment: retire the other plugin first")

// checkProviders compares the schemas of plugins that share accounts, and what
// they offer.
func checkProviders(active map[string]*version) error {
	var errs []error
	first, offers := map[string]*version{}, map[[2]string]*version{}
	for _, name := range slices.Sorted(maps.Keys(active)) {
		v := active[name]
		for _, m := range v.Manifest.Methods {
			at := [2]string{v.Manifest.Provider, m.ID}
			if other, ok := offers[at]; ok {
				errs = append(errs, &FileError{File: v.origin(), Err: fmt.Errorf("method %s of provider %s is also that of %s: %w", m.ID, v.Manifest.Provider, other.origin(), ErrMethods)})
			}
			offers[at] = v
		}
		other, ok := first[v.Manifest.Provider]
		switch {
		case !ok:
			first[v.Manifest.Provider] = v
		case !equalJSON(v.Manifest.SettingsSchema, other.Manifest.SettingsSchema):
			errs = append(errs, &FileError{File: v.origin(), Err: fmt.Errorf("provider %s is also that of %s: %w", v.Manifest.Provider, other.origin(), ErrSchemas)})
		}
	}
	return errors.Join(errs...)
}

// origin is the file that a version came from, or else its name.
func (v *version) origin() string { return cmp.Or(v.file, "plugin "+v.Name+"@"+v.Plugin.Version) }

func equalJSON(a, b json.RawMessage) bool {
	x, errX := jsonschema.UnmarshalJSON(bytes.NewReader(a))
	y, errY := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

// checkAccounts checks every account against the plugins of its provider. An
// account whose provider has no plugin stays as it is: its methods are gone.
func (r *Registry) checkAccounts(active map[string]*version) error {
	var errs []error
	for _, a := range r.options.Accounts() {
		found := false
		for _, name := range slices.Sorted(maps.Keys(active)) {
			if v := active[name]; v.Manifest.Provider == a.Provider {
				found = true
				errs = append(errs, CheckAccount(a, v.Manifest))
				break // all of the provider have the same schema
			}
		}
		if !found {
			r.options.Logger.Info("an account waits for a plugin of its provider", "account", a.ID, "provider", a.Provider)
		}
	}
	return errors.Join(errs...)
}

// OfProvider lists the active versions of a provider's plugins, by name.
func (r *Registry) OfProvider(provider string) []checkout.Version {
	active := r.serving.Load().active
	var list []checkout.Version
	for _, name := range slices.Sorted(maps.Keys(active)) {
		if v := active[name]; v.Manifest.Provider == provider {
			list = append(list, v.Version)
		}
	}
	return list
}

// Fits holds an account to the active plugins of its provider: its settings to
// their schema, its methods to theirs, its secrets to what they are granted.
// No error holds a secret.
func (r *Registry) Fits(a checkout.Account) error {
	var errs []error
	methods, granted := map[string]bool{}, map[string]bool{}
	taker := a.WebhookPlugin == ""
	active := r.serving.Load().active
	for i, of := range r.OfProvider(a.Provider) {
		v := active[of.Name]
		if v == nil { // it went this moment
			continue
		}
		if i == 0 { // all of the provider have the same schema
			errs = append(errs, CheckAccount(a, v.Manifest))
		}
		for _, secret := range r.grantOf(v).Secrets {
			granted[secret] = true
		}
		for _, m := range v.Manifest.Methods {
			methods[m.ID] = true
		}
		taker = taker || v.Name == a.WebhookPlugin
	}
	for _, id := range a.Methods {
		if !methods[id] {
			errs = append(errs, fmt.Errorf("methods: no active plugin of %s has %q", a.Provider, id))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Secrets)) {
		if !granted[name] {
			errs = append(errs, fmt.Errorf("/%s: no active plugin of %s is granted this secret: widen the grant, or leave the secret out", name, a.Provider))
		}
	}
	if !taker {
		errs = append(errs, fmt.Errorf("webhook_plugin: no active plugin of %s is called %q", a.Provider, a.WebhookPlugin))
	}
	return errors.Join(errs...)
}

// CheckAccount says what is wrong with an account's settings: they do not fit
// the plugin's schema, a secret stands among the open settings, or hosts and
// environment are not what a live account may have. No error holds a secret.
func CheckAccount(a checkout.Account, m contract.Manifest) error {
	info, err := contract.ReadSettings(m.SettingsSchema)
	if err != nil {
		return fmt.Errorf("account %s: %w", a.ID, err)
	}
	settings := map[string]any{}
	if len(a.Settings) > 0 {
		d := json.NewDecoder(bytes.NewReader(a.Settings))
		d.UseNumber()
		if err := d.Decode(&settings); err != nil {
			return fmt.Errorf("account %s: settings: %w", a.ID, err)
		}
	}
	errs := checkSecrets(a, settings, info)
	errs = append(errs, checkEnvironment(a, settings, info)...)
	whole := maps.Clone(settings)
	for name, value := range a.Secrets {
		whole[name] = value
	}
	errs = append(errs, checkSchema(m.SettingsSchema, whole, info))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("account %s: settings for %s@%s: %w", a.ID, m.Name, m.Version, err)
	}
	return nil
}

func checkSecrets(a checkout.Account, settings map[string]any, info contract.SettingsInfo) []error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(info.Secrets)) {
		if _, open := settings[name]; open {
			errs = append(errs, fmt.Errorf("/%s: it is a secret and belongs among the secrets", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Secrets)) {
		if _, known := info.Secrets[name]; !known {
			errs = append(errs, fmt.Errorf("/%s: the plugin has no secret of this name", name))
		}
	}
	return errs
}

// checkEnvironment keeps test and live apart, and live accounts on TLS.
func checkEnvironment(a checkout.Account, settings map[string]any, info contract.SettingsInfo) []error {
	var errs []error
	if name := info.Environment; name != "" {
		want := map[bool]string{true: "live", false: "test"}[a.Live]
		if got, ok := settings[name]; ok && got != want {
			errs = append(errs, fmt.Errorf("/%s: it is %q and the account is %s", name, got, want))
		}
	}
	for _, name := range info.Hosts {
		base, ok := settings[name].(string)
		if !ok {
			continue
		}
		u, err := url.Parse(base)
		switch {
		case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
			errs = append(errs, fmt.Errorf("/%s: it is no base URL such as https://host/path", name))
		case u.Scheme == "http" && !plainAllowed(a.Hosts, u):
			errs = append(errs, fmt.Errorf("/%s: %s is not TLS: use https, or allow_http for this host of the account", name, u.Host))
		}
	}
	return errs
}

func plainAllowed(rules map[string]checkout.HostRule, u *url.URL) bool {
	return rules[u.Host].AllowHTTP || rules[u.Hostname()+":80"].AllowHTTP && (u.Port() == "" || u.Port() == "80")
}

var english = message.NewPrinter(language.English)

func checkSchema(raw json.RawMessage, settings any, info contract.SettingsInfo) error {
	schema, err := compileSchema(raw)
	if err != nil {
		return err
	}
	b, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(doc); !errors.As(err, &invalid) {
		return err
	}
	return leaves(invalid, info)
}

func compileSchema(raw json.RawMessage) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("settings_schema: %w", err)
	}
	const name = "settings_schema.json"
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(jsonschema.SchemeURLLoader{}) // a schema refers to nothing outside
	if err := c.AddResource(name, doc); err != nil {
		return nil, fmt.Errorf("settings_schema: %w", err)
	}
	s, err := c.Compile(name)
	if err != nil {
		return nil, fmt.Errorf("settings_schema: %w", err)
	}
	return s, nil
}

// leaves writes the causes, each with its pointer. Of a secret only the rule
// is named, since the library's text quotes the value.
func leaves(e *jsonschema.ValidationError, info contract.SettingsInfo) error {
	if len(e.Causes) == 0 {
		at, text := strings.Join(e.InstanceLocation, "/"), e.ErrorKind.LocalizedString(english)
		if len(e.InstanceLocation) > 0 && info.Secrets[e.InstanceLocation[0]] != nil {
			text = "it breaks the rule " + strings.Join(e.ErrorKind.KeywordPath(), "/")
		}
		return fmt.Errorf("/%s: %s", at, text)
	}
	var errs []error
	for _, c := range e.Causes {
		errs = append(errs, leaves(c, info))
	}
	return errors.Join(errs...)
}
