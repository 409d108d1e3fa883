package sandbox

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// held is a call that waits in a host function until it is let go.
type held struct {
	entered, release chan struct{}
	done             chan error
}

func hold(ctx context.Context, m Module) held {
	h := held{make(chan struct{}), make(chan struct{}), make(chan error, 1)}
	host := func(context.Context, contract.HostFunction, []byte) ([]byte, error) {
		close(h.entered)
		<-h.release
		return []byte("12345678"), nil
	}
	go func() {
		_, err := m.Call(ctx, Call{Export: "mac", Input: []byte("x"), Host: host})
		h.done <- err
	}()
	return h
}

func TestModule_Close_inFlight(t *testing.T) { onEngines(t, testModuleCloseInFlight) }

func testModuleCloseInFlight(t *testing.T, open opener) {
	m := load(t, open(t, Limits{}), smallGuest().bytes())
	h := hold(t.Context(), m)
	<-h.entered
	past, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Close(past); !errors.Is(err, context.Canceled) {
		t.Errorf("close with a call in flight: got %v, want %v", err, context.Canceled)
	}
	if _, err := m.Call(t.Context(), Call{Export: "describe"}); !errors.Is(err, ErrClosed) {
		t.Errorf("call while closing: got %v, want %v", err, ErrClosed)
	}
	closed := make(chan error)
	go func() { closed <- m.Close(t.Context()) }()
	close(h.release)
	if err := <-h.done; err != nil {
		t.Errorf("the call in flight: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
	if err := m.Close(t.Context()); err != nil {
		t.Errorf("close again: %v", err)
	}
}

func TestEngine_concurrent(t *testing.T) { onEngines(t, testEngineConcurrent) }

func testEngineConcurrent(t *testing.T, open opener) {
	e := open(t, Limits{Concurrent: 1})
	m := load(t, e, smallGuest().bytes())
	h := hold(t.Context(), m)
	<-h.entered
	if now, peak := e.(Gauge).InUse(); now != 1 || peak != 1 {
		t.Errorf("got %d in use, peak %d, want 1 and 1", now, peak)
	}
	past, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := m.Call(past, Call{Export: "describe"})
	if !errors.Is(err, ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, ErrBusy)
	}
	close(h.release)
	if err := <-h.done; err != nil {
		t.Error(err)
	}
	if _, err := m.Call(t.Context(), Call{Export: "describe"}); err != nil {
		t.Errorf("after it was free again: %v", err)
	}
	if now, peak := e.(Gauge).InUse(); now != 0 || peak != 1 {
		t.Errorf("got %d in use, peak %d, want 0 and 1", now, peak)
	}
}

// TestModule_hammer calls one module from many goroutines at once; each call
// has the bytes of the start, whatever the others did.
func TestModule_hammer(t *testing.T) { onEngines(t, testModuleHammer) }

func testModuleHammer(t *testing.T, open opener) {
	e := open(t, Limits{Concurrent: 2})
	m := load(t, e, smallGuest().bytes())
	want, err := m.Call(t.Context(), Call{Export: "world", Now: callTime})
	if err != nil {
		t.Fatal(err)
	}
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			<-start
			for range 50 {
				if _, err := m.Call(t.Context(), Call{Export: []string{"traps", "silent"}[i%2]}); err == nil {
					t.Error("got no error")
				}
				got, err := m.Call(t.Context(), Call{Export: "world", Now: callTime})
				if err != nil || string(got.Output) != string(want.Output) || got.Fuel != want.Fuel {
					t.Errorf("got %s for %d, %v, want %s for %d", got.Output, got.Fuel, err, want.Output, want.Fuel)
				}
			}
		})
	}
	close(start)
	all.Wait()
	if now, peak := e.(Gauge).InUse(); now != 0 || peak > 2 {
		t.Errorf("got %d in use, peak %d, want 0 and at most 2", now, peak)
	}
}

func TestEngine_Close(t *testing.T) { onEngines(t, testEngineClose) }

func testEngineClose(t *testing.T, open opener) {
	e := open(t, Limits{})
	m := load(t, e, runs(constI32(0)...).bytes())
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Call(t.Context(), Call{Export: "run"}); !errors.Is(err, ErrClosed) {
		t.Errorf("call: got %v, want %v", err, ErrClosed)
	}
	if _, err := e.Load(t.Context(), "late", runs(constI32(0)...).bytes()); !errors.Is(err, ErrClosed) {
		t.Errorf("load: got %v, want %v", err, ErrClosed)
	}
}

func TestEngine_Load_cancelled(t *testing.T) { onEngines(t, testEngineLoadCancelled) }

func testEngineLoadCancelled(t *testing.T, open opener) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := open(t, Limits{}).Load(ctx, "late", runs(constI32(0)...).bytes())
	if refused := (*AdmissionError)(nil); !errors.Is(err, context.Canceled) || errors.As(err, &refused) {
		t.Errorf("got %v, want %v and no refusal", err, context.Canceled)
	}
}

func TestModule_Call_instantiation(t *testing.T) { onEngines(t, testModuleCallInstantiation) }

func testModuleCallInstantiation(t *testing.T, open opener) {
	outside := runs(constI32(0)...)
	outside.extra = map[byte][]byte{sectionData: cat(1, 0, constI32(1<<20), opEnd, 1, int('x'))}
	m := load(t, open(t, Limits{}), outside.bytes())
	if _, err := m.Call(t.Context(), Call{Export: "run"}); !errors.Is(err, ErrInit) || !errors.Is(err, ErrTrap) {
		t.Errorf("data outside of memory: got %v, want %v and %v", err, ErrInit, ErrTrap)
	}
	m = load(t, open(t, Limits{InstantiateTimeout: 1}), runs(constI32(0)...).bytes())
	if _, err := m.Call(t.Context(), Call{Export: "run"}); !errors.Is(err, ErrInit) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a nanosecond to instantiate: got %v, want %v and %v", err, ErrInit, context.DeadlineExceeded)
	}
}

func TestEngine_cacheDir(t *testing.T) { onEngines(t, testEngineCacheDir) }

func testEngineCacheDir(t *testing.T, open opener) {
	parent := t.TempDir()
	shared := filepath.Join(parent, "open")
	if err := os.Mkdir(shared, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(parent, "link")
	if err := os.Symlink(parent, link); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{shared, link} {
		for name, start := range engines {
			if _, err := start(Limits{CacheDir: dir}); err == nil {
				t.Errorf("%s: %s: got no error", name, dir)
			}
		}
	}
	fresh := filepath.Join(parent, "a", "cache")
	m := load(t, open(t, Limits{CacheDir: fresh}), runs(constI32(0)...).bytes())
	if err := m.Close(t.Context()); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(fresh)
	if err != nil || len(entries) == 0 {
		t.Errorf("got %d entries in the cache, %v", len(entries), err)
	}
}

func TestNewExtism_outputJoined(t *testing.T) {
	t.Setenv("EXTISM_ENABLE_WASI_OUTPUT", "")
	if _, err := NewExtism(Limits{}); err == nil {
		t.Error("got no error although plugins would write to this process's output")
	}
}
