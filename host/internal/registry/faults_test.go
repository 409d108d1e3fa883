package registry

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// faulty is a state that cannot be reached at times.
type faulty struct {
	State
	// swaps and reads say before which write of a record, and before which read
	// of bytes, it is away once; 0 is never.
	swaps, reads atomic.Int64
	// put is run before bytes are kept, once.
	put atomic.Pointer[func()]
}

func (f *faulty) SwapPluginRecords(ctx context.Context, swaps ...checkout.PluginSwap) (bool, error) {
	if f.swaps.Add(-1) == 0 {
		return false, checkout.ErrUnavailable
	}
	return f.State.SwapPluginRecords(ctx, swaps...)
}

func (f *faulty) Plugin(ctx context.Context, digest string) ([]byte, error) {
	if f.reads.Add(-1) == 0 {
		return nil, checkout.ErrUnavailable
	}
	return f.State.Plugin(ctx, digest)
}

func (f *faulty) PutPlugin(ctx context.Context, digest string, b []byte) error {
	if do := f.put.Swap(nil); do != nil {
		(*do)()
	}
	return f.State.PutPlugin(ctx, digest, b)
}

// A start that ends between keeping a version and having it serve is made good
// by the next.
func TestLoad_endedHalfWay_nextStartServes(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	away := &faulty{State: o.State}
	away.swaps.Store(2)
	half := o
	half.State = away
	if _, err := Load(t.Context(), half); !errors.Is(err, checkout.ErrUnavailable) {
		t.Fatalf("Load: %v", err)
	}
	if rec := kept(t, o.State)["tulip"]; len(rec.Versions) != 1 || rec.Active != "" {
		t.Fatalf("the record: %+v", rec)
	}
	r := load(t, o)
	serves(t, r, "1.0.0")
	if _, err := r.Retire(t.Context(), "tulip", "1.0.0", "test"); err != nil {
		t.Fatal(err)
	}
	serves(t, load(t, o), "") // that an operator decided
}

// Of two nodes that start at once with different files the newer one's serves,
// whoever writes last.
func TestLoad_anotherNodeWasQuicker_newerStays(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	other := o
	other.Node, other.Dir = "two", t.TempDir()
	write(t, other, map[string][]byte{"tulip.wasm": tulip(t, "1.1.0")})
	between := &faulty{State: o.State}
	quicker := func() { load(t, other) }
	between.put.Store(&quicker)
	o.State = between
	serves(t, load(t, o), "1.1.0")
}

// A node that could not read the bytes of what was activated says that it runs
// another version, and tries again until it runs it.
func TestFollow_bytesNotRead_triedAgain(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	one := load(t, o)
	other := o
	away := &faulty{State: o.State}
	other.Node, other.Dir, other.State = "two", t.TempDir(), away
	two := load(t, other)
	install(t, one, tulip(t, "1.1.0"))
	if err := two.sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, one)
	one.patience = 0
	away.reads.Store(1)
	done := make(chan checkout.Activated, 1)
	go func() { done <- activate(t, one, "1.1.0", checkout.Activation{Force: true}) }()
	until(t, func() bool {
		rev, err := o.State.PluginsRevision(t.Context())
		return err == nil && rev > two.served.Load()
	})
	if err := two.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	serves(t, two, "1.0.0")
	if d := <-done; d.Converged != 1 || d.Total != 2 {
		t.Errorf("%d of %d converged, want 1 of 2", d.Converged, d.Total)
	}
	if two.again.Before(time.Now()) {
		t.Errorf("it is tried again at %s", two.again)
	}
	two.again = time.Now()
	if err := two.follow(t.Context()); err != nil || !two.again.IsZero() {
		t.Errorf("once more: %v, and again at %s", err, two.again)
	}
	serves(t, two, "1.1.0")
}

// A state that lost its last writes counts up to where it was once more: a
// node goes by what it holds now.
func TestFollow_stateWentBack_isFollowed(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]int{"it counts lower": 0, "it counts as high": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
			state := &switched{State: o.State}
			older := o
			older.Node, older.State = "two", newState(t)
			two := load(t, older)
			o.State = state
			one := load(t, o)
			install(t, one, tulip(t, "1.1.0"))
			activate(t, one, "1.1.0", checkout.Activation{})
			for i := range again {
				install(t, two, tulip(t, []string{"0.8.0", "0.9.0"}[i]))
			}
			rev, err := older.State.PluginsRevision(t.Context())
			if equal := rev == one.served.Load(); err != nil || equal != (again == 2) {
				t.Fatalf("revision %d, %v", rev, err)
			}
			state.State, state.away = older.State, true
			if err := one.follow(t.Context()); !errors.Is(err, checkout.ErrUnavailable) {
				t.Fatalf("while it is away: %v", err)
			}
			state.away = false
			if err := one.follow(t.Context()); err != nil {
				t.Fatal(err)
			}
			serves(t, one, "1.0.0")
		})
	}
}

// switched is a state that another takes the place of.
type switched struct {
	State
	away bool
}

func (s *switched) PluginsRevision(ctx context.Context) (int64, error) {
	if s.away {
		return 0, checkout.ErrUnavailable
	}
	return s.State.PluginsRevision(ctx)
}

// closing is a state that is away after its next write of a record, which
// where it is lost is not answered either.
type closing struct {
	State
	armed, lost, away atomic.Bool
	// busy is a state in which somebody else is always quicker.
	busy atomic.Bool
}

func (c *closing) SwapPluginRecords(ctx context.Context, swaps ...checkout.PluginSwap) (bool, error) {
	if c.busy.Load() {
		return false, nil
	}
	ok, err := c.State.SwapPluginRecords(ctx, swaps...)
	if c.armed.CompareAndSwap(true, false) {
		c.away.Store(true)
		if c.lost.Load() {
			return false, checkout.ErrUnavailable
		}
	}
	return ok, err
}

func (c *closing) PluginRecords(ctx context.Context) (map[string]checkout.PluginRecord, int64, error) {
	if c.away.Load() {
		return nil, 0, checkout.ErrUnavailable
	}
	return c.State.PluginRecords(ctx)
}

// A change that is written is told as done, though the state went away after
// it, and the node follows it; one of which nobody knows is told as that.
func TestChange_stateAwayAfterTheWrite_saysWhatIsCommitted(t *testing.T) {
	t.Parallel()
	install := func(r *Registry) (checkout.VersionStatus, error) {
		v, _, err := r.Install(context.Background(), tulip(t, "1.2.0"), nil, "test")
		return v, err
	}
	activate := func(r *Registry) (checkout.VersionStatus, error) {
		done, err := r.Activate(context.Background(), "tulip", "1.1.0", checkout.Activation{})
		return done.Version, err
	}
	rollback := func(r *Registry) (checkout.VersionStatus, error) {
		done, err := r.Rollback(context.Background(), "tulip", checkout.Activation{})
		return done.Version, err
	}
	retire := func(r *Registry) (checkout.VersionStatus, error) {
		return r.Retire(context.Background(), "tulip", "1.0.0", "test")
	}
	for name, c := range map[string]struct {
		do      func(*Registry) (checkout.VersionStatus, error)
		version string
		state   checkout.VersionState
		serves  string
	}{
		"install":  {install, "1.2.0", checkout.VersionChecked, "1.0.0"},
		"activate": {activate, "1.1.0", checkout.VersionActive, "1.1.0"},
		"rollback": {rollback, "0.9.0", checkout.VersionActive, "0.9.0"},
		"retire":   {retire, "1.0.0", checkout.VersionRetired, ""},
	} {
		for _, lost := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", not answered"}[lost], func(t *testing.T) {
				t.Parallel()
				o := options(t, nil)
				state := &closing{State: o.State}
				o.State = state
				r := load(t, o)
				for _, v := range []string{"0.9.0", "1.0.0", "1.1.0"} {
					if _, _, err := r.Install(t.Context(), tulip(t, v), nil, "test"); err != nil {
						t.Fatal(err)
					}
					if v == "1.1.0" {
						break
					}
					if _, err := r.Activate(t.Context(), "tulip", v, checkout.Activation{}); err != nil {
						t.Fatal(err)
					}
				}
				state.armed.Store(true)
				state.lost.Store(lost)
				v, err := c.do(r)
				switch {
				case lost && (!errors.Is(err, checkout.ErrUnsure) || !errors.Is(err, checkout.ErrUnavailable)):
					t.Errorf("got %+v, %v, want %v", v, err, checkout.ErrUnsure)
				case !lost && (err != nil || v.Version != c.version || v.State != c.state || v.Warning == ""):
					t.Errorf("got %+v, %v, want that %s is %s, with a warning", v, err, c.version, c.state)
				}
				state.away.Store(false)
				if err := r.follow(t.Context()); err != nil {
					t.Fatal(err)
				}
				serves(t, r, c.serves)
			})
		}
	}
}

// A record that others change all the time is given up after a while, and
// nothing was written.
func TestEdit_othersAreAlwaysQuicker_ends(t *testing.T) {
	t.Parallel()
	o := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")})
	state := &closing{State: o.State}
	o.State = state
	r := load(t, o)
	install(t, r, tulip(t, "1.1.0"))
	state.busy.Store(true)
	r.editFor = 200 * time.Millisecond
	if _, err := r.Activate(context.WithoutCancel(t.Context()), "tulip", "1.1.0", checkout.Activation{}); err == nil || errors.Is(err, checkout.ErrUnsure) {
		t.Errorf("got %v, want that it is given up", err)
	}
	serves(t, r, "1.0.0")
}
