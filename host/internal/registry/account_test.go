package registry

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const canary = "canary-51c0ffee"

func TestCheckAccount(t *testing.T) {
	t.Parallel()
	var m contract.Manifest
	if err := json.Unmarshal([]byte(manifest(t, nil)), &m); err != nil {
		t.Fatal(err)
	}
	good := map[string]string{"key": canary}
	tests := []struct {
		name     string
		settings string
		secrets  map[string]string
		live     bool
		hosts    map[string]checkout.HostRule
		want     string
	}{
		{name: "good", settings: `{"merchant":"m1"}`, secrets: good},
		{name: "no object", settings: `[]`, secrets: good, want: "settings"},
		{name: "setting missing", settings: `{}`, secrets: good, want: "merchant"},
		{name: "nothing at all", want: "merchant"},
		{name: "wrong type", settings: `{"merchant":1}`, secrets: good, want: "/merchant"},
		{name: "unknown setting", settings: `{"merchant":"m1","colour":"red"}`, secrets: good, want: "colour"},
		{name: "secret missing", settings: `{"merchant":"m1"}`, want: "key"},
		{name: "unknown secret", settings: `{"merchant":"m1"}`, secrets: map[string]string{"key": canary, "pin": canary}, want: "no secret of this name"},
		{name: "secret too short", settings: `{"merchant":"m1"}`, secrets: map[string]string{"key": canary[:6]}, want: "/key: it breaks the rule minLength"},
		{name: "secret among the settings", settings: `{"merchant":"m1","key":"` + canary + `"}`, secrets: good, want: "belongs among the secrets"},
		{name: "live settings of a test account", settings: `{"merchant":"m1","environment":"live"}`, secrets: good, want: "/environment"},
		{name: "test settings of a live account", settings: `{"merchant":"m1","environment":"test"}`, secrets: good, live: true, want: "/environment"},
		{name: "live", settings: `{"merchant":"m1","environment":"live"}`, secrets: good, live: true},
		{name: "host without TLS", settings: `{"merchant":"m1","base_url":"http://shop.test/api"}`, secrets: good, want: "not TLS"},
		{name: "host without TLS by name", settings: `{"merchant":"m1","base_url":"http://shop.test/api"}`, secrets: good,
			hosts: map[string]checkout.HostRule{"shop.test:80": {AllowHTTP: true}}},
		{name: "host is no URL", settings: `{"merchant":"m1","base_url":"shop.test"}`, secrets: good, want: "no base URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := CheckAccount(checkout.Account{
				ID: "acc_1", Provider: "tulipbank", Live: tt.live, Settings: json.RawMessage(tt.settings), Secrets: tt.secrets, Hosts: tt.hosts,
			}, m)
			if tt.want == "" && err != nil {
				t.Fatalf("got %v, want none", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "acc_1")) {
				t.Fatalf("got %v, want account acc_1 and %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), canary[:6]) {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

func TestLoad_accountsSettingsDoNotFit_stopsTheStart(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": plugin(t, nil)})
	o.Accounts = listing(
		checkout.Account{ID: "acc_other", Provider: "nobody"},
		checkout.Account{ID: "acc_1", Provider: "tulipbank", Settings: json.RawMessage(`{"merchant":"m1"}`)},
	)
	_, err := Load(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "acc_1") || strings.Contains(err.Error(), "acc_other") {
		t.Errorf("got %v, want acc_1 refused and acc_other left alone", err)
	}
}

func TestCheckAccount_schemaRefersOutside_refused(t *testing.T) {
	t.Parallel()
	m := contract.Manifest{Name: "tulip", Version: "1.0.0", SettingsSchema: json.RawMessage(`{"type":"object","$ref":"file:///etc/passwd"}`)}
	if err := CheckAccount(checkout.Account{ID: "acc_1"}, m); err == nil {
		t.Error("a schema that refers to a file was taken")
	}
}

// An account that is added is held to what is active: schema, methods, granted
// secrets, and who takes its news.
func TestFits(t *testing.T) {
	t.Parallel()
	r := load(t, options(t, map[string][]byte{"tulip.wasm": plugin(t, nil)}))
	manifest := r.OfProvider("tulipbank")
	if len(manifest) != 1 || len(r.OfProvider("rosebank")) != 0 {
		t.Fatalf("got %+v", manifest)
	}
	method := manifest[0].Manifest.Methods[0].ID
	good := checkout.Account{ID: "acc_1", Provider: "tulipbank", Settings: json.RawMessage(`{"merchant":"m1"}`), Secrets: map[string]string{"key": canary}}
	for name, c := range map[string]struct {
		change func(*checkout.Account)
		want   string
	}{
		"settings":           {func(a *checkout.Account) { a.Settings = json.RawMessage(`{}`) }, "merchant"},
		"an unknown method":  {func(a *checkout.Account) { a.Methods = []string{method, "rose"} }, `methods: no active plugin of tulipbank has "rose"`},
		"an unknown secret":  {func(a *checkout.Account) { a.Secrets = map[string]string{"key": canary, "pin": canary} }, "/pin: no active plugin of tulipbank is granted this secret"},
		"another's news":     {func(a *checkout.Account) { a.WebhookPlugin = "rose" }, `webhook_plugin: no active plugin of tulipbank is called "rose"`},
		"good":               {func(a *checkout.Account) { a.Methods, a.WebhookPlugin = []string{method}, "tulip" }, ""},
		"good, of few words": {func(*checkout.Account) {}, ""},
	} {
		a := good
		c.change(&a)
		err := r.Fits(a)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
