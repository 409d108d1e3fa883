package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// heard counts what an observer is told.
type heard struct {
	mu              sync.Mutex
	counted, others int
	changes         []string
}

func (h *heard) PluginTrapped(_, _ string, counted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if counted {
		h.counted++
	} else {
		h.others++
	}
}

func (h *heard) PluginChanged(plugin, what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes = append(h.changes, plugin+" "+what)
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		abouts []string
		want   string
	}{
		{"three payments", []string{"pay_1", "pay_2", "pay_3"}, "1.0.0"},
		{"more than three", []string{"pay_1", "pay_2", "pay_3", "pay_4", "pay_5"}, "1.0.0"},
		{"the same payment over and over", []string{"pay_1", "pay_1", "pay_1", "pay_1"}, "1.1.0"},
		{"what anybody can send", []string{"", "", "", ""}, "1.1.0"},
		{"two and a forged one", []string{"pay_1", "", "pay_2"}, "1.1.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
			told := &heard{}
			o.Observer = told
			r := load(t, o)
			install(t, r, tulip(t, "1.1.0"))
			v := activate(t, r, "1.1.0", checkout.Activation{}).Version
			active, err := r.Active("tulip")
			if err != nil {
				t.Fatal(err)
			}
			for _, about := range c.abouts {
				r.Trapped(t.Context(), call.Trap{Plugin: active.Plugin, About: about})
			}
			r.besides.Wait()
			serves(t, r, c.want)
			got, err := r.PluginVersion(t.Context(), "tulip", v.Digest)
			if quarantined := got.State == checkout.VersionQuarantined; err != nil || quarantined != (c.want == "1.0.0") {
				t.Errorf("the version is %s, %q, %v", got.State, got.Reason, err)
			}
			if told.counted+told.others != len(c.abouts) {
				t.Errorf("heard of %d and %d traps of %d", told.counted, told.others, len(c.abouts))
			}
		})
	}
}

// The only version there is goes too: no method is better than one that loses
// payments. An operator may bring it back.
func TestQuarantine_noOtherVersion(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	r := load(t, o)
	active, _ := r.Active("tulip")
	for i := range 3 {
		r.Trapped(t.Context(), call.Trap{Plugin: active.Plugin, About: fmt.Sprintf("pay_%d", i)})
	}
	r.besides.Wait()
	serves(t, r, "")
	serves(t, load(t, o), "")
	activate(t, r, "1.0.0", checkout.Activation{})
	serves(t, r, "1.0.0")
}

// trap has a version trap for so many payments.
func trap(t testing.TB, r *Registry, payments int) {
	t.Helper()
	active, err := r.Active("tulip")
	if err != nil {
		t.Fatal(err)
	}
	for i := range payments {
		r.Trapped(t.Context(), call.Trap{Plugin: active.Plugin, About: fmt.Sprintf("pay_%d", i)})
		r.besides.Wait()
	}
}

// What an operator activates again begins anew: two traps of before and one
// more are not three.
func TestQuarantine_activatedAgain_earlierTrapsAreForgotten(t *testing.T) {
	t.Parallel()
	r := load(t, options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")}))
	install(t, r, tulip(t, "1.1.0"))
	activate(t, r, "1.1.0", checkout.Activation{})
	trap(t, r, 3)
	serves(t, r, "1.0.0")
	activate(t, r, "1.1.0", checkout.Activation{})
	trap(t, r, 2)
	serves(t, r, "1.1.0")
	trap(t, r, 3)
	serves(t, r, "1.0.0")
}

// The version that comes back is held to what accounts and grants are now, and
// where no earlier one holds, none comes back and operators hear of it.
func TestQuarantine_lastGoodNoLongerFits_isPassedBy(t *testing.T) {
	t.Parallel()
	wider := func(m *contract.Manifest) { m.Hosts = append(m.Hosts, "old.tulip.example") }
	stricter := func(m *contract.Manifest) {
		m.SettingsSchema = json.RawMessage(strings.Replace(schema, `"required":["merchant"`, `"required":["environment","merchant"`, 1))
	}
	account := checkout.Account{ID: "acc_1", Provider: "tulipbank", Settings: json.RawMessage(`{"merchant":"m-1"}`), Secrets: map[string]string{"key": "12345678"}}
	for _, c := range []struct {
		name   string
		before func(*contract.Manifest)
		first  bool // whether a version was good before that
		want   string
	}{
		{"it asks for more than its grant, an earlier one does not", wider, true, "0.9.0"},
		{"it asks for more than its grant", wider, false, ""},
		{"an account no longer fits, an earlier one's does", stricter, true, "0.9.0"},
		{"an account no longer fits", stricter, false, ""},
		{"it still fits", func(*contract.Manifest) {}, true, "1.0.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(t, nil)
			now := o
			o.Grants = map[string]checkout.Grant{"tulip": {
				Hosts: []string{"api.tulip.example", "old.tulip.example"}, Secrets: tulipGrant.Secrets, Operations: tulipGrant.Operations,
			}}
			r := load(t, o)
			if c.first {
				install(t, r, tulip(t, "0.9.0"))
				activate(t, r, "0.9.0", checkout.Activation{})
			}
			install(t, r, tulip(t, "1.0.0", c.before))
			activate(t, r, "1.0.0", checkout.Activation{})
			install(t, r, tulip(t, "1.1.0"))
			activate(t, r, "1.1.0", checkout.Activation{})

			told := &heard{}
			var logged bytes.Buffer
			now.Observer, now.Logger = told, slog.New(slog.NewTextHandler(&logged, nil))
			now.Accounts = func() []checkout.Account { return []checkout.Account{account} }
			r = load(t, now)
			trap(t, r, 3)
			serves(t, r, c.want)
			alarm := slices.Contains(told.changes, "tulip nothing_left") && strings.Contains(logged.String(), "ALARM: "+nothingGood)
			v, err := r.PluginVersion(t.Context(), "tulip", "1.1.0")
			if alarm != (c.want == "") || err != nil || strings.Contains(v.Reason, nothingGood) != alarm {
				t.Errorf("told %q, the reason is %q (%v), logged %s", told.changes, v.Reason, err, logged.String())
			}
		})
	}
}

// A revoked version makes way for the last good one and comes back in no way,
// while its own payments' calls go on with it.
func TestRevoke_isNotTakenBack(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	r := load(t, o)
	bad := tulip(t, "1.1.0")
	digest := install(t, r, bad).Digest
	activate(t, r, "1.1.0", checkout.Activation{})
	if _, err := r.Revoke(t.Context(), "tulip", "9.0.0", "test"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("an unknown version: %v", err)
	}
	for range 2 { // twice is once
		v, err := r.Revoke(t.Context(), "tulip", "1.1.0", "test")
		if err != nil || v.State != checkout.VersionRevoked || !strings.Contains(v.Reason, "revoked") {
			t.Fatalf("Revoke: %+v, %v", v, err)
		}
	}
	serves(t, r, "1.0.0")
	if _, err := r.Activate(t.Context(), "tulip", digest, checkout.Activation{Force: true}); !errors.Is(err, errRevoked) {
		t.Errorf("activated: %v", err)
	}
	if v := install(t, r, bad); v.State != checkout.VersionRevoked {
		t.Errorf("installed again it is %s", v.State)
	}
	if _, err := r.Retire(t.Context(), "tulip", digest, "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Rollback(t.Context(), "tulip", checkout.Activation{}); !errors.Is(err, checkout.ErrNoRollback) {
		t.Errorf("rolled back to: %v", err)
	}
	write(t, o, map[string][]byte{"tulip.wasm": bad})
	o.Node = "two"
	two := load(t, o)
	serves(t, two, "1.0.0")
	for name, node := range map[string]*Registry{"this node": r, "another": two} {
		if !node.Revoked(digest) || node.Revoked("other") {
			t.Errorf("%s does not know what is revoked", name)
		}
	}
	m, err := two.Module(t.Context(), digest)
	if err != nil {
		t.Fatalf("its payments: %v", err)
	}
	m.Done()
	history := kept(t, o.State)["tulip"].History
	if n := strings.Count(fmt.Sprintf("%+v", history), "What:revoke"); n != 1 {
		t.Errorf("the history has it %d times: %+v", n, history)
	}
}
