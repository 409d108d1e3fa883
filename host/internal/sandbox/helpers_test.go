package sandbox

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// cacheDir is shared by the tests of a run, since compiling a Go guest takes a second.
var cacheDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sandbox")
	if err != nil {
		panic(err)
	}
	cacheDir = dir
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// goGuest is the guest of testdata/guest, built once.
var goGuest = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = filepath.Join("testdata", "guest")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
})

func guestBytes(t testing.TB) []byte {
	t.Helper()
	b, err := goGuest()
	if err != nil {
		t.Fatalf("build the guest: %v", err)
	}
	return b
}

// opener makes one of the engines, and closes it when the test is done.
type opener func(testing.TB, Limits) Engine

// engines are those that every test runs on.
var engines = map[string]func(Limits) (Engine, error){"direct": New, "extism": NewExtism}

// onEngines runs a test on each engine.
func onEngines(t *testing.T, test func(*testing.T, opener)) {
	t.Helper()
	t.Parallel()
	for name, start := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, func(t testing.TB, l Limits) Engine { return opened(t, l, start) })
		})
	}
}

// guests are the modules of the guest that tests share, which never close it.
var guests = map[string]func() (Module, error){"direct": shared(New), "extism": shared(NewExtism)}

func shared(start func(Limits) (Engine, error)) func() (Module, error) {
	return sync.OnceValues(func() (Module, error) {
		wasm, err := goGuest()
		if err != nil {
			return nil, err
		}
		e, err := start(Limits{CacheDir: cacheDir})
		if err != nil {
			return nil, err
		}
		loading.Lock()
		defer loading.Unlock()
		return e.Load(context.Background(), "guest@1.0.0", wasm)
	})
}

// onGuests runs a test on the guest in each engine.
func onGuests(t *testing.T, test func(*testing.T, Module)) {
	t.Helper()
	t.Parallel()
	for name, guest := range guests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := guest()
			if err != nil {
				t.Fatal(err)
			}
			test(t, m)
		})
	}
}

func opened(t testing.TB, l Limits, start func(Limits) (Engine, error)) Engine {
	t.Helper()
	e, err := start(l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Errorf("close the engine: %v", err)
		}
	})
	return e
}

// loading has one module compiled at a time, so that only the first that loads
// the guest does not find it in the cache.
var loading sync.Mutex

func load(t testing.TB, e Engine, wasm []byte) Module {
	t.Helper()
	loading.Lock()
	defer loading.Unlock()
	m, err := e.Load(t.Context(), "guest@1.0.0", wasm)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
