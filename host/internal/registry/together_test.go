package registry

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// rose is a plugin of the tulip's provider, with a method of its own.
func rose(m *contract.Manifest) {
	m.Name = "rose"
	m.Methods[0].ID = "rose"
}

// plainer has a schema that asks for one setting less.
func plainer(m *contract.Manifest) {
	m.SettingsSchema = json.RawMessage(strings.Replace(schema, `"required":["merchant","key"]`, `"required":["key"]`, 1))
}

// Plugins that share a provider change their settings schema at once, in one
// write, or not at all.
func TestActivateAll_sharedSchema_changesAtOnce(t *testing.T) {
	t.Parallel()
	o := options(t, nil)
	r := load(t, o)
	both := func(tulip, rose string) []checkout.PluginRef {
		return []checkout.PluginRef{{Name: "tulip", Version: tulip}, {Name: "rose", Version: rose}}
	}
	active := func() string {
		a, errA := r.Active("tulip")
		b, errB := r.Active("rose")
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		return a.Plugin.Version + " " + b.Plugin.Version
	}
	for _, wasm := range [][]byte{tulip(t, "1.0.0"), tulip(t, "1.0.0", rose)} {
		install(t, r, wasm)
	}
	if _, err := r.ActivateAll(t.Context(), both("1.0.0", "1.0.0"), checkout.Activation{}); err != nil {
		t.Fatal(err)
	}
	for _, wasm := range [][]byte{tulip(t, "2.0.0", plainer), tulip(t, "2.0.0", rose, plainer)} {
		install(t, r, wasm)
	}
	for _, name := range []string{"tulip", "rose"} {
		if _, err := r.Activate(t.Context(), name, "2.0.0", checkout.Activation{}); !errors.Is(err, ErrSchemas) {
			t.Errorf("%s alone: %v", name, err)
		}
	}
	for _, c := range []struct {
		refs []checkout.PluginRef
		want error
	}{
		{both("2.0.0", "1.0.0"), ErrSchemas},
		{both("2.0.0", "9.0.0"), checkout.ErrNotFound},
		{append(both("2.0.0", "2.0.0"), both("1.0.0", "1.0.0")...), checkout.ErrAmbiguous},
	} {
		if _, err := r.ActivateAll(t.Context(), c.refs, checkout.Activation{}); !errors.Is(err, c.want) {
			t.Errorf("%v: got %v, want %v", c.refs, err, c.want)
		}
	}
	if got := active(); got != "1.0.0 1.0.0" {
		t.Errorf("what was refused changed something: %s", got)
	}
	before, err := o.State.PluginsRevision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done, err := r.ActivateAll(t.Context(), both("2.0.0", "2.0.0"), checkout.Activation{})
	if err != nil || len(done.Versions) != 2 || done.Versions[1].Name != "rose" || done.Versions[1].State != checkout.VersionActive {
		t.Fatalf("got %+v, %v", done, err)
	}
	if got, writes := active(), r.served.Load()-before; got != "2.0.0 2.0.0" || writes != 1 {
		t.Errorf("active are %s after %d writes, want one", got, writes)
	}
}

// Each version's difference is confirmed for itself.
func TestActivateAll_differencesAreConfirmedEach(t *testing.T) {
	t.Parallel()
	o := options(t, nil)
	o.Grants = nil
	r := load(t, o)
	install(t, r, tulip(t, "1.0.0"))
	install(t, r, tulip(t, "1.0.0", rose, func(m *contract.Manifest) { m.Hosts = []string{"api.rose.example"} }))
	refs := []checkout.PluginRef{{Name: "tulip", Version: "1.0.0"}, {Name: "rose", Version: "1.0.0"}}
	var confirmed []string
	for _, want := range []string{"api.tulip.example", "api.rose.example"} {
		var asks *checkout.AsksError
		_, err := r.ActivateAll(t.Context(), refs, checkout.Activation{Confirm: strings.Join(confirmed, ",")})
		if !errors.As(err, &asks) || !strings.Contains(asks.Error(), want) {
			t.Fatalf("with %q confirmed: %v, want that it asks for %s", confirmed, err, want)
		}
		confirmed = append(confirmed, asks.Digest)
	}
	if _, err := r.ActivateAll(t.Context(), refs, checkout.Activation{Confirm: strings.Join(confirmed, ",")}); err != nil {
		t.Error(err)
	}
}
