package sandbox

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// reloads is how often a guest is reloaded: KASSETTE_RELOADS, or a few times,
// since it takes long with the race detector.
func reloads(t *testing.T, few int) int {
	text, set := os.LookupEnv("KASSETTE_RELOADS")
	if !set {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("KASSETTE_RELOADS: %v", err)
	}
	return n
}

// resident is what the system has given this process, in MiB, when all that is
// garbage was collected.
func resident(t *testing.T) int {
	t.Helper()
	runtime.GC() // compiled code is unmapped by finalizers
	runtime.GC()
	debug.FreeOSMemory()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() >> 20
}

// TestReload: a plugin is loaded again and again under load. No call is lost,
// and the memory of the old ones comes back. It runs alone, for the memory.
func TestReload(t *testing.T) {
	const grown = 20 // MiB
	for name, tt := range map[string]struct {
		start func(Limits) (Engine, error)
		wasm  func() ([]byte, error)
		times int
	}{
		"direct/Go": {New, goGuest, reloads(t, 2)},
		"direct/C":  {New, of(leaksC), reloads(t, 30)},
		"extism/C":  {NewExtism, of(leaksC), reloads(t, 30)},
	} {
		t.Run(name, func(t *testing.T) {
			wasm, err := tt.wasm()
			if err != nil {
				t.Fatal(err)
			}
			e := opened(t, Limits{CacheDir: cacheDir}, tt.start)
			s := &swapped{}
			s.swap(t, e, wasm)
			before := resident(t)
			stop := s.load(t, "create_payment")
			for range tt.times {
				s.swap(t, e, wasm)
			}
			calls := stop()
			if after := resident(t); after > before+grown {
				t.Errorf("%d reloads: got %d MiB, before %d: more than %d have not come back", tt.times, after, before, grown)
			} else {
				t.Logf("%d reloads, %d calls: %d MiB, before %d", tt.times, calls, after, before)
			}
		})
	}
}

// swapped is a module that is replaced while it is called.
type swapped struct{ current atomic.Pointer[Module] }

func (s *swapped) swap(t *testing.T, e Engine, wasm []byte) {
	t.Helper()
	m := load(t, e, wasm)
	if old := s.current.Swap(&m); old != nil {
		if err := (*old).Close(t.Context()); err != nil {
			t.Errorf("close the old one: %v", err)
		}
	}
}

// load calls an export from two sides until it is stopped, and tells how often.
func (s *swapped) load(t *testing.T, export string) (stop func() int64) {
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var calls atomic.Int64
	for range 2 {
		all.Go(func() {
			for ctx.Err() == nil {
				_, err := (*s.current.Load()).Call(t.Context(), Call{Export: export})
				switch {
				case errors.Is(err, ErrClosed): // the next is there already
				case err != nil:
					t.Errorf("a call under reload: %v", err)
					return
				default:
					calls.Add(1)
				}
			}
		})
	}
	return func() int64 {
		cancel()
		all.Wait()
		if calls.Load() == 0 {
			t.Error("no call was made")
		}
		return calls.Load()
	}
}

// TestResident_small: many small plugins take little memory, each with a
// sandbox that was called. It runs alone, for the memory.
func TestResident_small(t *testing.T) {
	const modules, most = 20, 30 // MiB for all of them
	e := opened(t, Limits{CacheDir: cacheDir}, New)
	called := func() {
		if _, err := load(t, e, leaksC).Call(t.Context(), Call{Export: "create_payment"}); err != nil {
			t.Fatal(err)
		}
	}
	called()
	before := resident(t)
	for range modules {
		called()
	}
	if grown := resident(t) - before; grown > most {
		t.Errorf("%d modules take %d MiB, want at most %d", modules, grown, most)
	}
}
