package registry

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestRegistry_methods_inOrderOfRankAndID(t *testing.T) {
	t.Parallel()
	method := func(id string, rank int) contract.Method {
		return contract.Method{ID: id, Rank: rank, Title: contract.Text{"en": id}, Flow: contract.FlowForm, Currencies: map[string]contract.Range{"EUR": {}}}
	}
	r := load(t, options(t, map[string][]byte{
		"a.wasm": plugin(t, func(m *contract.Manifest) { m.Methods = []contract.Method{method("zinnia", 10), method("aster", 30)} }),
		"b.wasm": plugin(t, func(m *contract.Manifest) {
			m.Name, m.Methods = "rose", []contract.Method{method("rose", 20), method("iris", 10)}
		}),
	}))
	var ids []string
	for _, o := range r.Methods() {
		ids = append(ids, o.Method.ID)
	}
	if got, want := strings.Join(ids, " "), "iris zinnia rose aster"; got != want {
		t.Errorf("methods: got %q, want %q", got, want)
	}
}

func TestRegistry_newerVersionIsActive_olderStaysKnown(t *testing.T) {
	t.Parallel()
	r := load(t, options(t, map[string][]byte{
		"tulip-1.10.0.wasm": plugin(t, func(m *contract.Manifest) { m.Version = "1.10.0" }),
		"tulip-1.9.0.wasm":  plugin(t, func(m *contract.Manifest) { m.Version = "1.9.0" }),
	}))
	active, err := r.Active("tulip")
	if err != nil || active.Plugin.Version != "1.10.0" {
		t.Fatalf("Active: got %v, %v, want 1.10.0", active.Plugin, err)
	}
	for digest, v := range r.byDigest {
		if got, err := r.Version(t.Context(), digest); err != nil || got.Plugin != v.Plugin {
			t.Errorf("Version(%s): got %v, %v", digest, got.Plugin, err)
		}
	}
	if _, err := r.Active("daisy"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("Active(daisy): got %v, want ErrNotFound", err)
	}
	if _, err := r.Version(t.Context(), "00"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("Version(00): got %v, want ErrNotFound", err)
	}
}

func TestRegistry_fileDeleted_methodGoneOpenPaymentsGoOn(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": plugin(t, nil)})
	before, err := load(t, o).Active("tulip")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(o.Dir, "tulip.wasm")); err != nil {
		t.Fatal(err)
	}
	r := load(t, o)
	if n := len(r.Methods()); n != 0 {
		t.Errorf("methods: got %d, want 0", n)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m, err := r.Module(context.Background(), before.Digest)
			if err != nil {
				t.Errorf("Module: %v", err)
				return
			}
			defer m.Done()
			if m.Version.Plugin != before.Plugin || len(m.Grant.Hosts) != 1 || m.Digest() != before.Digest {
				t.Errorf("Module: got %+v", m.Version.Plugin)
			}
		})
	}
	wg.Wait()
}

// swapped is a state that gives other bytes.
type swapped struct {
	State
	bytes []byte
}

func (s swapped) Plugin(context.Context, string) ([]byte, error) { return s.bytes, nil }

func TestRegistry_storedBytesDiffer_refused(t *testing.T) {
	t.Parallel()
	o := options(t, nil)
	r := load(t, o)
	v, _, err := r.Install(t.Context(), plugin(t, nil), nil, "test")
	if err != nil {
		t.Fatal(err)
	}
	o.State = swapped{o.State, plugin(t, func(m *contract.Manifest) { m.Vendor = "Somebody" })}
	if _, err := load(t, o).Version(t.Context(), v.Digest); err == nil || !strings.Contains(err.Error(), "the state holds others") {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestRegistry_close_waitsForUsesAndRefusesNew(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": plugin(t, nil)})
	r, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.Active("tulip")
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.Module(t.Context(), v.Digest)
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error)
	go func() { closed <- r.Close(context.Background()) }()
	for err == nil { // until Close has begun
		var other, e = r.Module(t.Context(), v.Digest)
		if err = e; e == nil {
			other.Done()
		}
	}
	if !errors.Is(err, sandbox.ErrClosed) {
		t.Errorf("Module after Close: got %v, want ErrClosed", err)
	}
	select {
	case err := <-closed:
		t.Fatalf("Close returned while a module was in use: %v", err)
	default:
	}
	m.Done()
	m.Done() // once is enough, twice does no harm
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestRegistry_close_givesUpAtItsDeadline(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": plugin(t, nil)})
	r, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := r.Active("tulip")
	m, err := r.Module(t.Context(), v.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Done()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := r.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close: got %v, want a deadline", err)
	}
}

func TestLoad_goPlugin(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"sample.wasm": plugintest.Build(t, "github.com/kassette-pay/kassette/host/plugintest/testdata/plugin")})
	o.Grants["sample"] = checkout.Grant{
		Hosts: []string{"api.sample.example"}, Secrets: []string{"key", "refresh"},
		Operations: []contract.Export{contract.CreatePayment, contract.GetPayment, contract.ReceiveWebhook},
	}
	r := load(t, o)
	if v, err := r.Active("sample"); err != nil || v.Manifest.Title["nl"] != "Voorbeeld" {
		t.Errorf("Active: got %+v, %v", v, err)
	}
}

// What nothing uses is let go, and loaded again when something needs it; what
// serves, what a rollback would bring back and what is in use stay.
func TestUnload(t *testing.T) {
	t.Parallel()
	o := options(t, nil)
	now := time.Now()
	o.Clock = func() time.Time { return now }
	r := load(t, o)
	digests := map[string]string{}
	for _, v := range []string{"1.0.0", "1.1.0", "1.2.0", "1.3.0"} {
		digests[v] = install(t, r, tulip(t, v)).Digest
		activate(t, r, v, checkout.Activation{})
	}
	used, err := r.Module(t.Context(), digests["1.0.0"])
	if err != nil {
		t.Fatal(err)
	}
	loaded := func() string {
		var names []string
		for v, digest := range digests {
			if _, ok := r.find(digest); ok {
				names = append(names, v)
			}
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{keepIdle - time.Second, "1.0.0 1.1.0 1.2.0 1.3.0"}, {2 * time.Second, "1.0.0 1.2.0 1.3.0"}} {
		now = now.Add(step.after)
		r.unload(t.Context())
		if got := loaded(); got != step.want {
			t.Errorf("loaded: %s, want %s", got, step.want)
		}
	}
	used.Done()
	if v, err := r.Version(t.Context(), digests["1.1.0"]); err != nil || v.Plugin.Version != "1.1.0" {
		t.Errorf("what was let go: %+v, %v", v.Plugin, err)
	}
}
