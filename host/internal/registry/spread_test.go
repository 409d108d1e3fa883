package registry

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// hours is a clock that goes on when it is told to.
type hours struct{ ahead atomic.Int64 }

func (h *hours) now() time.Time       { return time.Now().Add(time.Duration(h.ahead.Load())) }
func (h *hours) pass(d time.Duration) { h.ahead.Add(int64(d)) }

// slow is a state that does not give a plugin's bytes for now.
type slow struct {
	State
	digest string
	// why is what it answers instead; nil: it keeps whoever asks waiting.
	why  error
	free chan struct{}
}

func (s *slow) Plugin(ctx context.Context, digest string) ([]byte, error) {
	if digest == s.digest && s.why != nil {
		return nil, s.why
	}
	if digest == s.digest {
		<-s.free
	}
	return s.State.Plugin(ctx, digest)
}

// apart are two nodes that serve 1.0.0, of which the second has never seen
// 1.1.0, which was installed long ago.
func apart(t *testing.T, second func(*Options, string)) (one, two *Registry, digest string) {
	t.Helper()
	o, h := options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")}), &hours{}
	o.Clock = h.now
	one = load(t, o)
	digest = install(t, one, tulip(t, "1.1.0")).Digest
	h.pass(time.Hour)
	o.Node, o.Dir = "two", t.TempDir()
	if second != nil {
		second(&o, digest)
	}
	two = load(t, o)
	run(t, one)
	run(t, two)
	return one, two, digest
}

// isReady says whether a node has loaded and proven a version.
func isReady(r *Registry, digest string) bool {
	v, ok := r.find(digest)
	return ok && v.proven.Load()
}

// A node that does not have the version loads and proves it before the swap is
// written, and the operator sees how many have.
func TestSpread_nodeWithoutTheVersion_readyBeforeTheSwap(t *testing.T) {
	t.Parallel()
	one, two, digest := apart(t, nil)
	if isReady(two, digest) {
		t.Fatal("the other node has it already")
	}
	var told []string
	done := activate(t, one, digest, checkout.Activation{Progress: func(s checkout.ActivationStep) {
		if s.Step == stepSpread && s.State == "running" {
			told = append(told, strings.Repeat("*", s.Nodes)+"/"+strings.Repeat("*", s.Total))
		}
		if s.Step == stepSwap && s.State == "started" && !isReady(two, digest) {
			t.Error("the swap begins before the other node is ready")
		}
	}})
	if want := []string{"*/**", "**/**"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	if done.Converged != 2 || done.Total != 2 {
		t.Errorf("%d of %d converged", done.Converged, done.Total)
	}
	if rec := kept(t, one.options.State)["tulip"]; len(rec.Wanted) > 0 {
		t.Errorf("still wanted: %+v", rec.Wanted)
	}
}

// A node that comes while an activation waits hears of what is wanted too.
func TestSpread_nodeThatComesLate_isWaitedFor(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	var o Options
	one, _, digest := apart(t, func(two *Options, digest string) {
		o = *two
		two.State = &slow{State: two.State, digest: digest, free: gate}
	})
	done := make(chan checkout.Activated, 1)
	go func() { done <- activate(t, one, digest, checkout.Activation{}) }()
	until(t, func() bool { return len(kept(t, o.State)["tulip"].Wanted) == 1 })
	o.Node, o.Dir = "three", t.TempDir()
	three := load(t, o)
	run(t, three)
	until(t, func() bool { return isReady(three, digest) })
	close(gate)
	if d := <-done; d.Converged != 3 || d.Total != 3 {
		t.Errorf("%d of %d converged", d.Converged, d.Total)
	}
}

// What a node has not ready in time, or cannot run, is not activated unless it
// is forced, and is rolled back to all the same.
func TestSpread_nodeNotReady_refusedUnlessForcedOrRollback(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		why  error
		want string
	}{
		"late":   {nil, "node two did not have it ready within"},
		"cannot": {errors.New("its disk is broken" + strings.Repeat(" é", 1<<20)), "it cannot run on node two: plugin bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gate := make(chan struct{})
			one, _, digest := apart(t, func(two *Options, digest string) { two.State = &slow{two.State, digest, c.why, gate} })
			t.Cleanup(func() { close(gate) })
			if c.why == nil {
				one.patience = 500 * time.Millisecond
			}
			var step *checkout.NotProvenError
			_, err := one.Activate(t.Context(), "tulip", digest, checkout.Activation{})
			if !errors.As(err, &step) || step.Step != stepSpread || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q in the step %s", err, c.want, stepSpread)
			}
			if n := len(err.Error()); n > 2*maxWhy {
				t.Errorf("the error has %d bytes", n)
			}
			serves(t, one, "1.0.0")
			one.patience = 500 * time.Millisecond
			activate(t, one, digest, checkout.Activation{Force: true})
			serves(t, one, "1.1.0")
			if _, err := one.Rollback(t.Context(), "tulip", checkout.Activation{}); err != nil {
				t.Errorf("roll back: %v", err)
			}
			serves(t, one, "1.0.0")
		})
	}
}

// A rollback asked for while somebody activated another version changes nothing.
func TestRollback_activeChangedMeanwhile_changesNothing(t *testing.T) {
	t.Parallel()
	r := load(t, options(t, map[string][]byte{"tulip.wasm": tulip(t, "1.0.0")}))
	for _, v := range []string{"1.1.0", "1.2.0"} {
		install(t, r, tulip(t, v))
	}
	activate(t, r, "1.1.0", checkout.Activation{})
	_, err := r.Rollback(t.Context(), "tulip", checkout.Activation{Progress: func(s checkout.ActivationStep) {
		if s.Step == stepGrant && s.State == "started" {
			activate(t, r, "1.2.0", checkout.Activation{})
		}
	}})
	if !errors.Is(err, checkout.ErrChanged) {
		t.Errorf("got %v, want %v", err, checkout.ErrChanged)
	}
	serves(t, r, "1.2.0")
}
