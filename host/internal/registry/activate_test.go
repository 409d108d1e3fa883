package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// tulip is a plugin of this version.
func tulip(t testing.TB, version string, changes ...func(*contract.Manifest)) []byte {
	return plugin(t, func(m *contract.Manifest) {
		m.Version = version
		for _, change := range changes {
			change(m)
		}
	})
}

func install(t testing.TB, r *Registry, wasm []byte) checkout.VersionStatus {
	t.Helper()
	v, _, err := r.Install(t.Context(), wasm, nil, "test")
	if err != nil {
		t.Fatalf("Install: %v", err)
	}
	return v
}

func activate(t testing.TB, r *Registry, ref string, a checkout.Activation) checkout.Activated {
	t.Helper()
	done, err := r.Activate(t.Context(), "tulip", ref, a)
	if err != nil {
		t.Fatalf("Activate %s: %v", ref, err)
	}
	return done
}

func serves(t testing.TB, r *Registry, want string) {
	t.Helper()
	v, err := r.Active("tulip")
	if want == "" && errors.Is(err, checkout.ErrNotFound) && len(r.Methods()) == 0 {
		return
	}
	if err != nil || v.Plugin.Version != want {
		t.Errorf("active: got %q, %v, want %q", v.Plugin.Version, err, want)
	}
}

func TestInstall_refused_nothingIsKept(t *testing.T) {
	t.Parallel()
	with := func(answer string, exports ...contract.Export) []byte {
		return handmade{manifest(t, nil), answer, exports}.bytes()
	}
	for _, c := range []struct {
		name, step string
		wasm       []byte
	}{
		{"no Wasm", stepBuild, []byte("<html>404</html>")},
		{"too large", stepBuild, make([]byte, contract.MaxModule+1)},
		{"no version", stepDescribe, plugin(t, func(m *contract.Manifest) { m.Version = "" })},
		{"operation without export", stepDescribe, with(fairAnswer, contract.CreatePayment)},
		{"answers against the contract", stepCanned, with(`{"result":null}`, contract.CreatePayment, contract.GetPayment)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(t, nil)
			r := load(t, o)
			_, _, err := r.Install(t.Context(), c.wasm, nil, "test")
			var step *checkout.NotProvenError
			if !errors.As(err, &step) || step.Step != c.step {
				t.Errorf("got %v, want it to end in %s", err, c.step)
			}
			if n := len(kept(t, o.State)); n != 0 {
				t.Errorf("%d plugins are kept", n)
			}
		})
	}
}

func TestInstall_unsigned_refusedUnread(t *testing.T) {
	t.Parallel()
	us, them := newSigner(t, "us"), newSigner(t, "them")
	o := trusting(t, nil, us)
	r, wasm := load(t, o), plugin(t, nil)
	for name, c := range map[string]struct {
		signature []byte
		want      error
	}{
		"none": {nil, ErrUnsigned}, "of another": {them.sign(wasm), ErrNotTrusted}, "of other bytes": {us.sign([]byte("x")), ErrTampered},
	} {
		if _, _, err := r.Install(t.Context(), wasm, c.signature, "test"); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if n := len(kept(t, o.State)); n != 0 {
		t.Errorf("%d plugins are kept", n)
	}
	v, fresh, err := r.Install(t.Context(), wasm, us.sign(wasm), "test")
	if err != nil || !fresh || v.Signature != string(Signed) || v.Signer != "us" || v.State != checkout.VersionChecked {
		t.Fatalf("signed: got %+v, %t, %v", v, fresh, err)
	}
	activate(t, r, v.Digest, checkout.Activation{})
	// Another node checks the signature again, and knows only what the state has.
	serves(t, load(t, trusted(t, o, us)), "1.0.0")
	serves(t, load(t, trusted(t, o, them)), "")
}

// trusted are the options of another node that trusts these.
func trusted(t testing.TB, o Options, s ...signer) Options {
	o.TrustedKeys, o.Dir, o.Node = nil, t.TempDir(), "two"
	for _, one := range s {
		o.TrustedKeys = append(o.TrustedKeys, one.trusted)
	}
	return o
}

func TestActivate_whatFails_leavesTheOldOneServing(t *testing.T) {
	t.Parallel()
	account := checkout.Account{ID: "acc_1", Provider: "tulipbank", Settings: json.RawMessage(`{"merchant":"m-1"}`), Secrets: map[string]string{"key": "12345678"}}
	stricter := func(m *contract.Manifest) {
		m.SettingsSchema = json.RawMessage(strings.Replace(schema, `"required":["merchant"`, `"required":["environment","merchant"`, 1))
	}
	for _, c := range []struct {
		name string
		wasm []byte
		want func(error) bool
	}{
		{"older", tulip(t, "0.9.0"), func(err error) bool { return errors.Is(err, checkout.ErrOlder) }},
		{"an account's settings no longer fit", tulip(t, "1.1.0", stricter), func(err error) bool {
			var step *checkout.NotProvenError
			return errors.As(err, &step) && step.Step == stepSettings
		}},
		{"more than the grant of the configuration", tulip(t, "1.1.0", func(m *contract.Manifest) { m.Hosts = append(m.Hosts, "evil.example") }), func(err error) bool {
			var asks *checkout.AsksError
			return errors.As(err, &asks) && asks.File && slices.Equal(asks.Difference.Lines(), []string{"host evil.example"})
		}},
		{"another use of a secret", tulip(t, "1.1.0", func(m *contract.Manifest) {
			m.SettingsSchema = json.RawMessage(strings.Replace(schema, `["bearer"]`, `["bearer","mac:sha512"]`, 1))
		}), func(err error) bool {
			var asks *checkout.AsksError
			return errors.As(err, &asks) && !asks.File && slices.Equal(asks.Difference.Lines(), []string{"secret key (mac:sha512)"})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
			o.Accounts = listing(account)
			r := load(t, o)
			v := install(t, r, c.wasm)
			before := kept(t, o.State)["tulip"]
			_, err := r.Activate(t.Context(), "tulip", v.Digest, checkout.Activation{})
			if !c.want(err) {
				t.Errorf("got %v", err)
			}
			serves(t, r, "1.0.0")
			if after := kept(t, o.State)["tulip"]; after.Active != before.Active || len(after.History) != len(before.History) {
				t.Errorf("the record changed: %+v", after.History)
			}
		})
	}
}

func TestActivate_asksAreConfirmed(t *testing.T) {
	t.Parallel()
	o := options(t, nil)
	o.Grants = nil
	r := load(t, o)
	v := install(t, r, tulip(t, "1.0.0"))
	if v.State != checkout.VersionInstalled || !strings.Contains(v.Reason, "host api.tulip.example") {
		t.Errorf("installed: %s, %q", v.State, v.Reason)
	}
	var asks *checkout.AsksError
	if _, err := r.Activate(t.Context(), "tulip", "1.0.0", checkout.Activation{Confirm: "0123"}); !errors.As(err, &asks) {
		t.Fatalf("not confirmed: %v", err)
	}
	activate(t, r, "1.0.0", checkout.Activation{Confirm: asks.Digest})
	m, err := r.Module(t.Context(), v.Digest)
	if err != nil {
		t.Fatal(err)
	}
	m.Done()
	if got := m.Grant; !slices.Equal(got.Hosts, tulipGrant.Hosts) || !slices.Equal(got.Secrets, tulipGrant.Secrets) || !slices.Equal(got.Operations, tulipGrant.Operations) {
		t.Errorf("granted %+v", got)
	}
	// What was confirmed is not asked again; what comes on top is, alone.
	install(t, r, tulip(t, "1.1.0"))
	activate(t, r, "1.1.0", checkout.Activation{})
	install(t, r, tulip(t, "1.2.0", func(m *contract.Manifest) { m.Hosts = append(m.Hosts, "cdn.tulip.example") }))
	if _, err := r.Activate(t.Context(), "tulip", "1.2.0", checkout.Activation{}); !errors.As(err, &asks) || asks.Difference.String() != "host cdn.tulip.example" {
		t.Errorf("a further host: %v", err)
	}
	serves(t, r, "1.1.0")
}

func TestActivate_stepsAreTold(t *testing.T) {
	t.Parallel()
	r := load(t, options(t, nil))
	install(t, r, tulip(t, "1.0.0"))
	var told []string
	activate(t, r, "1.0.0", checkout.Activation{Progress: func(s checkout.ActivationStep) { told = append(told, s.Step+" "+s.State) }})
	var want []string
	for _, step := range []string{stepBuild, stepCanned, stepConformance, stepSettings, stepGrant, stepSpread, stepSwap, stepDrain} {
		want = append(want, step+" started", step+" done")
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestRollback_isOneCall(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	r := load(t, o)
	if _, err := r.Rollback(t.Context(), "tulip", checkout.Activation{}); !errors.Is(err, checkout.ErrNoRollback) {
		t.Errorf("nothing before: %v", err)
	}
	for _, v := range []string{"1.1.0", "1.2.0"} {
		install(t, r, tulip(t, v))
		activate(t, r, v, checkout.Activation{})
	}
	for _, want := range []string{"1.1.0", "1.0.0"} {
		if _, err := r.Rollback(t.Context(), "tulip", checkout.Activation{By: "test"}); err != nil {
			t.Fatalf("Rollback: %v", err)
		}
		serves(t, r, want)
	}
	if _, err := r.Rollback(t.Context(), "tulip", checkout.Activation{}); !errors.Is(err, checkout.ErrNoRollback) {
		t.Errorf("back to what was rolled back from: %v", err)
	}
	// The folder's file is as it was: a start changes nothing of it.
	install(t, r, tulip(t, "1.3.0"))
	activate(t, r, "1.3.0", checkout.Activation{})
	serves(t, load(t, o), "1.3.0")
}

func TestRetire_methodsGo_bytesStay(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	r := load(t, o)
	v, err := r.Retire(t.Context(), "tulip", "1.0.0", "test")
	if err != nil || v.State != checkout.VersionRetired {
		t.Fatalf("Retire: %+v, %v", v, err)
	}
	serves(t, r, "")
	if m, err := r.Module(t.Context(), v.Digest); err != nil {
		t.Errorf("its payments: %v", err)
	} else {
		m.Done()
	}
	serves(t, load(t, o), "") // the file is there still, and an operator has decided
	activate(t, r, "1.0.0", checkout.Activation{})
	serves(t, r, "1.0.0")
}

// run has a registry follow the state until the test ends.
func run(t testing.TB, r *Registry) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestActivate_hundredAtOnce(t *testing.T) {
	t.Parallel()
	o := options(t, nil)
	one := load(t, o)
	o.Node, o.Dir = "two", t.TempDir()
	two := load(t, o)
	run(t, one)
	run(t, two)
	var digests []string
	for i := range 4 {
		digests = append(digests, install(t, one, tulip(t, fmt.Sprintf("1.%d.0", i))).Digest)
	}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			r := []*Registry{one, two}[i%2]
			if _, err := r.Activate(context.Background(), "tulip", digests[i%4], checkout.Activation{Force: true}); err != nil {
				t.Errorf("activation %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for _, r := range []*Registry{one, two} {
		if err := r.follow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	a, errA := one.Active("tulip")
	b, errB := two.Active("tulip")
	if errA != nil || errB != nil || a.Digest != b.Digest || kept(t, o.State)["tulip"].Active != a.Digest {
		t.Errorf("the nodes disagree: %s, %v and %s, %v", a.Digest, errA, b.Digest, errB)
	}
}
