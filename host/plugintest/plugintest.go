// Package plugintest runs a plugin's Wasm module in the host's own sandbox, for
// tests outside the host: [Build] compiles a Go plugin, [New] makes its bytes a
// [conformance.Runner]. What passes natively with package guesttest passes
// here with the same bytes, or the plugin is not the pure function it should be.
package plugintest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

var (
	building sync.Mutex // one build at a time: each takes all cores and much memory
	built    = map[string][]byte{}
)

// Build compiles the Go package of a plugin and gives its module. pkg is an
// import path, or a path from the test's own folder such as "." or
// "../testdata/plugin". A package is built once per process.
func Build(t testing.TB, pkg string) []byte {
	t.Helper()
	key := pkg
	if strings.HasPrefix(pkg, ".") {
		var err error
		if key, err = filepath.Abs(pkg); err != nil {
			t.Fatal(err)
		}
	}
	building.Lock()
	defer building.Unlock()
	if wasm, ok := built[key]; ok {
		return wasm
	}
	out := filepath.Join(t.TempDir(), "plugin.wasm")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build plugin %s: %v\n%s", pkg, err, text)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	built[key] = wasm
	return wasm
}

// Runner runs rounds of one module. It is safe for concurrent use.
type Runner struct {
	module sandbox.Module
	fuel   atomic.Int64
}

// New loads a module as the host does: admitted, rewritten and compiled. It is
// closed when the test ends.
func New(t testing.TB, wasm []byte) *Runner {
	t.Helper()
	engine, err := sandbox.New(sandbox.Limits{CacheDir: cacheDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := engine.Close(ctx); err != nil {
			t.Errorf("close engine: %v", err)
		}
	})
	module, err := engine.Load(t.Context(), t.Name(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	return &Runner{module: module}
}

// cacheDir keeps compiled modules between test binaries, beside Go's own build
// cache: compiling a Go plugin takes a second, under the race detector forty.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "kassette-plugintest")
}

// Fuel is the most that a round has used so far; [contract.RoundFuel] is the budget.
func (r *Runner) Fuel() int64 { return r.fuel.Load() }

// Round implements [conformance.Runner].
func (r *Runner) Round(ctx context.Context, export contract.Export, input []byte, host conformance.Host) ([]byte, error) {
	out, _, err := r.timed(ctx, export, input, host)
	return out, err
}

// spent is what a round took in the sandbox.
type spent struct {
	fuel int64
	took time.Duration
}

func (r *Runner) timed(ctx context.Context, export contract.Export, input []byte, host conformance.Host) ([]byte, spent, error) {
	call := sandbox.Call{
		Export: string(export), Input: input, Now: conformance.Start, Log: host.Log,
		Host: func(_ context.Context, name contract.HostFunction, in []byte) ([]byte, error) {
			return host.Call(name, in)
		},
	}
	if export != contract.Describe {
		var e contract.Envelope
		if err := json.Unmarshal(input, &e); err != nil {
			return nil, spent{}, fmt.Errorf("read envelope: %w", err)
		}
		if len(e.Entropy) != len(call.Entropy) {
			return nil, spent{}, errors.New("read envelope: entropy is not 32 bytes")
		}
		call.Now = e.Now
		copy(call.Entropy[:], e.Entropy)
	}
	began := time.Now()
	res, err := r.module.Call(ctx, call)
	took := time.Since(began)
	if err != nil {
		return nil, spent{}, err
	}
	for {
		most := r.fuel.Load()
		if res.Fuel <= most || r.fuel.CompareAndSwap(most, res.Fuel) {
			return res.Output, spent{res.Fuel, took}, nil
		}
	}
}

var _ conformance.Runner = (*Runner)(nil)
