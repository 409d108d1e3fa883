package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

const aDay = 24 * time.Hour

// till is a state with payments, made with bytes, as a store has them.
type till struct {
	State
	mu       sync.Mutex
	payments []sold
	// dropped is run after bytes went, once.
	dropped func()
	gone    int
}

// sold is a payment: open until it is settled, then needed until a time.
type sold struct {
	digest string
	open   bool
	until  time.Time
}

func (s *till) Pinned(_ context.Context, digest string) (n int64, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.payments {
		if p.digest == digest && p.open {
			n++
		}
	}
	return n, nil
}

func (s *till) PluginNeeded(_ context.Context, digest string) (until time.Time, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.payments {
		if p.digest == digest && !p.open && p.until.After(until) {
			until = p.until
		}
	}
	return until, nil
}

func (s *till) DropPlugin(ctx context.Context, digest string) error {
	err := s.State.DropPlugin(ctx, digest)
	s.gone++
	if do := s.dropped; do != nil {
		s.dropped = nil
		do()
	}
	return err
}

// pay begins a payment by what a node has active.
func (s *till) pay(r *Registry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, err := r.Active("tulip"); err == nil {
		s.payments = append(s.payments, sold{digest: v.Digest, open: true})
	}
}

// has says whether the state has bytes.
func (s *till) has(t testing.TB, digest string) bool {
	t.Helper()
	_, err := s.Plugin(context.Background(), digest)
	if err != nil && !errors.Is(err, checkout.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// swept is a node whose state has payments, and its clock.
func swept(t *testing.T, o Options) (*Registry, *till, *hours) {
	t.Helper()
	s, h := &till{State: o.State}, &hours{}
	o.State, o.Clock = s, h.now
	return load(t, o), s, h
}

// twice sweeps as two sweeps some minutes apart do: what the first marks the
// second lets go.
func twice(t testing.TB, r *Registry, h *hours) {
	t.Helper()
	for range 2 {
		if err := r.sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.pass(sweepEvery)
	}
}

// What plugin dev brought goes an hour after it served, unless a payment was
// made with it; the last few stay to go back to, and so does what is signed.
func TestSweep_savesOfDev_goSooner(t *testing.T) {
	t.Parallel()
	us := newSigner(t, "us")
	o := options(t, nil)
	o.TrustedKeys = []TrustedKey{us.trusted}
	r, s, h := swept(t, o)
	released := tulip(t, "1.0.0")
	if _, _, err := r.Install(t.Context(), released, us.sign(released), "test"); err != nil {
		t.Fatal(err)
	}
	activate(t, r, "1.0.0", checkout.Activation{})
	var saves []string
	for i := range 8 {
		v := install(t, r, tulip(t, fmt.Sprintf("1.1.0-dev.%d", i)))
		activate(t, r, v.Digest, checkout.Activation{Force: true, Confirm: asked(t, r, v.Digest)})
		if saves = append(saves, v.Digest); i < 2 {
			s.pay(r)
		}
	}
	s.payments[1].open, s.payments[1].until = false, h.now().Add(60*aDay)
	twice(t, r, h)
	if s.gone > 0 {
		t.Fatalf("%d went at once", s.gone)
	}
	h.pass(2 * keepSaved)
	twice(t, r, h)
	for i, digest := range saves {
		if want := i < 2 || i >= len(saves)-1-keepGood; s.has(t, digest) != want {
			t.Errorf("save %d: kept is %t, want %t", i, !want, want)
		}
	}
	if !s.has(t, digestOf(released)) {
		t.Error("what is signed went")
	}
	s.payments[0].open, s.payments[0].until = false, h.now().Add(30*aDay)
	h.pass(31 * aDay)
	twice(t, r, h)
	if s.has(t, saves[0]) || !s.has(t, saves[1]) {
		t.Error("bytes stay until the refund window of the last payment is over, and no longer")
	}
	v, err := r.PluginVersion(t.Context(), "tulip", saves[0])
	if err != nil || v.State != checkout.VersionRetired || v.RemovedAt == nil || !strings.Contains(v.Reason, "install it again") {
		t.Errorf("operators are told: %+v, %v", v, err)
	}
	if _, err := r.Activate(t.Context(), "tulip", saves[0], checkout.Activation{Force: true}); !errors.Is(err, errRemoved) || !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("activated: %v", err)
	}
	install(t, r, tulip(t, "1.1.0-dev.0"))
	activate(t, r, saves[0], checkout.Activation{Force: true})
	if !s.has(t, saves[0]) {
		t.Error("installed again, its bytes are not there")
	}
}

// asked is the digest of what a version asks for beyond the last, "" for nothing.
func asked(t testing.TB, r *Registry, ref string) string {
	t.Helper()
	var asks *checkout.AsksError
	_, err := r.Activate(context.Background(), "tulip", ref, checkout.Activation{Force: true})
	if errors.As(err, &asks) {
		return asks.Digest
	}
	return ""
}

// A signed version goes a month after it served and with its refund windows
// over, but for the last three that were good.
func TestSweep_signed_goesWhenNothingNeedsIt(t *testing.T) {
	t.Parallel()
	us := newSigner(t, "us")
	r, s, h := swept(t, trusting(t, nil, us))
	var digests []string
	for i := range 6 {
		wasm := tulip(t, fmt.Sprintf("1.%d.0", i))
		v, _, err := r.Install(t.Context(), wasm, us.sign(wasm), "test")
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, v.Digest)
		activate(t, r, v.Digest, checkout.Activation{})
	}
	unused := tulip(t, "2.0.0")
	if _, _, err := r.Install(t.Context(), unused, us.sign(unused), "test"); err != nil {
		t.Fatal(err)
	}
	h.pass(keepSigned - aDay)
	twice(t, r, h)
	if s.gone > 0 {
		t.Errorf("%d went too soon", s.gone)
	}
	h.pass(alwaysRefundable)
	twice(t, r, h)
	for i, digest := range digests {
		if want := i >= len(digests)-1-keepGood; s.has(t, digest) != want {
			t.Errorf("1.%d.0: kept is %t, want %t", i, !want, want)
		}
	}
	if !s.has(t, digestOf(unused)) {
		t.Error("what was never activated went")
	}
	for range keepGood {
		if _, err := r.Rollback(t.Context(), "tulip", checkout.Activation{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Rollback(t.Context(), "tulip", checkout.Activation{}); !errors.Is(err, checkout.ErrNoRollback) {
		t.Errorf("back to what is gone: %v", err)
	}
}

// A payment that a node begins while the bytes go has them put back.
func TestSweep_paymentBeginsMeanwhile_bytesStay(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"after it was marked": false, "while they go": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, s, h := swept(t, options(t, nil))
			var first string
			for i := range 3 + keepGood {
				v := install(t, r, tulip(t, fmt.Sprintf("1.%d.0", i)))
				activate(t, r, v.Digest, checkout.Activation{})
				if i == 0 {
					first = v.Digest
				}
			}
			h.pass(2 * keepSaved)
			if err := r.sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if rec := kept(t, s)["tulip"]; len(rec.Going) != 2 {
				t.Fatalf("marked: %+v", rec.Going)
			}
			begin := func() {
				s.mu.Lock()
				s.payments = append(s.payments, sold{digest: first, open: true})
				s.mu.Unlock()
			}
			if s.dropped = begin; !late {
				begin()
			}
			h.pass(sweepEvery)
			if err := r.sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if rec := kept(t, s)["tulip"]; len(rec.Going) != 0 || !s.has(t, first) {
				t.Errorf("going %+v, and the first is kept: %t", rec.Going, s.has(t, first))
			}
			if v, err := r.PluginVersion(t.Context(), "tulip", first); err != nil || v.RemovedAt != nil {
				t.Errorf("the first: %+v, %v", v, err)
			}
		})
	}
}

// Bytes that are installed again while they go are refused until they went,
// and are there afterwards; a node that ended meanwhile is made good for.
func TestSweep_installedWhileItGoes(t *testing.T) {
	t.Parallel()
	r, s, h := swept(t, options(t, nil))
	for i := range 2 + keepGood {
		install(t, r, tulip(t, fmt.Sprintf("1.%d.0", i)))
		activate(t, r, fmt.Sprintf("1.%d.0", i), checkout.Activation{})
	}
	h.pass(2 * keepSaved)
	if err := r.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := tulip(t, "1.0.0")
	h.pass(sweepEvery)
	var meanwhile error
	s.dropped = func() {
		_, _, meanwhile = r.Install(context.Background(), first, nil, "test")
		r.options.State = &unreachable{s}
	}
	if err := r.sweep(t.Context()); !errors.Is(err, checkout.ErrUnavailable) {
		t.Fatalf("the sweep ends half-way: %v", err)
	}
	if !errors.Is(meanwhile, errGoing) {
		t.Errorf("installed while it goes: %v", meanwhile)
	}
	r.options.State = s
	twice(t, r, h)
	install(t, r, first)
	if !s.has(t, digestOf(first)) {
		t.Error("installed again, its bytes are not there")
	}
}

// unreachable is a state that records cannot be written to.
type unreachable struct{ State }

func (unreachable) SwapPluginRecords(context.Context, ...checkout.PluginSwap) (bool, error) {
	return false, checkout.ErrUnavailable
}

// Whatever operators, payments, sweeps and time do, in whatever order and on
// two nodes of which one is behind at times: a payment that is open or can be
// refunded has its bytes, and so has what serves and what a rollback brings.
func TestSweep_aPaymentNeverLosesItsBytes(t *testing.T) {
	t.Parallel()
	us := newSigner(t, "us")
	var modules [][]byte
	for i := range 8 {
		modules = append(modules, tulip(t, fmt.Sprintf("1.%d.0", i)))
	}
	o := options(t, nil)
	o.TrustedKeys = []TrustedKey{us.trusted}
	removed := 0
	rapid.Check(t, func(rt *rapid.T) {
		s, h := &till{State: newState(t)}, &hours{}
		o.State, o.Clock = s, h.now
		one := load(t, o)
		other := o
		other.Node = "two"
		two := load(t, other)
		both := []*Registry{one, two}
		for _, r := range both { // they follow when the walk says so
			r.patience, r.swapFor = 0, 0
		}
		for range rapid.IntRange(20, 50).Draw(rt, "steps") {
			r := both[rapid.IntRange(0, 1).Draw(rt, "node")]
			walk(t, rt, r, s, h, modules, us)
			for _, p := range s.payments {
				if (p.open || h.now().Before(p.until)) && !s.has(t, p.digest) {
					rt.Fatalf("a payment lost its bytes %s: %+v", p.digest[:8], p)
				}
			}
			rec := kept(t, s)["tulip"]
			back, _ := rec.previous()
			for _, digest := range []string{rec.Active, back.Digest} {
				if digest != "" && !s.has(t, digest) {
					rt.Fatalf("bytes %s went, active is %s and %s comes back", digest[:8], rec.Active, back.Digest)
				}
			}
		}
		removed += s.gone
	})
	if removed == 0 {
		t.Error("no walk removed any bytes")
	}
}

// walk takes one step.
func walk(t testing.TB, rt *rapid.T, r *Registry, s *till, h *hours, modules [][]byte, us signer) {
	ctx := context.Background()
	i := rapid.IntRange(0, len(modules)-1).Draw(rt, "version")
	digest := digestOf(modules[i])
	bring := func() error {
		var signature []byte
		if i%4 == 3 {
			signature = us.sign(modules[i])
		}
		_, _, err := r.Install(ctx, modules[i], signature, "walk")
		return err
	}
	activate := func() error {
		_, err := r.Activate(ctx, "tulip", digest, checkout.Activation{Force: true, Confirm: asked(t, r, digest)})
		return err
	}
	settle := func() error {
		n := slices.IndexFunc(s.payments, func(p sold) bool { return p.open })
		if n < 0 {
			return nil
		}
		days := time.Duration(rapid.IntRange(1, 90).Draw(rt, "days"))
		s.payments[n].open, s.payments[n].until = false, h.now().Add(days*aDay)
		return nil
	}
	pay := func() error { s.pay(r); return nil }
	sweep := func() error { return r.sweep(ctx) }
	pass := func() error {
		h.pass(time.Duration(rapid.SampledFrom([]int{1, 30, 120, 24 * 60, 60 * 24 * 60}).Draw(rt, "minutes")) * time.Minute)
		return nil
	}
	steps := map[string][]func() error{
		"install": {bring}, "activate": {activate}, "pay": {pay}, "settle": {settle}, "sweep": {sweep}, "pass": {pass},
		"release": {bring, activate, pay}, "age": {pass, sweep, pass, sweep},
		"follow":   {func() error { return r.sync(ctx) }},
		"rollback": {func() error { _, err := r.Rollback(ctx, "tulip", checkout.Activation{}); return err }},
		"retire":   {func() error { _, err := r.Retire(ctx, "tulip", digest, "walk"); return err }},
	}
	for _, step := range steps[rapid.SampledFrom(slices.Sorted(maps.Keys(steps))).Draw(rt, "what")] {
		err := step()
		var asks *checkout.AsksError
		if err != nil && !errors.Is(err, checkout.ErrNotFound) && !errors.Is(err, checkout.ErrNoRollback) && !errors.As(err, &asks) {
			rt.Fatalf("%v", err)
		}
	}
}
