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

func newEngine(t testing.TB, l Limits) Engine {
	t.Helper()
	e, err := NewExtism(l)
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

func loadGuest(t testing.TB) Module {
	t.Helper()
	return load(t, newEngine(t, Limits{CacheDir: cacheDir}), guestBytes(t))
}
