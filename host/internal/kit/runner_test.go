package kit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/kit"
	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestOpen_refused(t *testing.T) {
	t.Parallel()
	for name, wasm := range map[string]string{"text": "hello", "no memory": "\x00asm\x01\x00\x00\x00"} {
		if _, err := kit.Open(t.Context(), name+".wasm", []byte(wasm), ""); err == nil || !strings.Contains(err.Error(), name+".wasm") {
			t.Errorf("got %v, want it refused by its name", err)
		}
	}
}

// cacheDir is that of package plugintest: compiling takes long under the race
// detector.
func cacheDir(t *testing.T) string {
	t.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "kassette-plugintest")
}

// What runs here is what plugintest runs: the same bytes of the same sandbox.
func TestRunner(t *testing.T) {
	t.Parallel()
	wasm := plugintest.Build(t, "github.com/kassette-pay/kassette/host/plugintest/testdata/plugin")
	r, err := kit.Open(t.Context(), "sample.wasm", wasm, cacheDir(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Round(t.Context(), contract.GetPayment, []byte("{"), conformance.Host{}); err == nil || !strings.Contains(err.Error(), "read envelope") {
		t.Errorf("got %v, want that it is no envelope", err)
	}
	if _, err := r.Round(t.Context(), contract.GetPayment, []byte(`{"entropy":"AA=="}`), conformance.Host{}); err == nil || !strings.Contains(err.Error(), "32 bytes") {
		t.Errorf("got %v, want that the entropy is short", err)
	}
	ran := 0
	for v, err := range conformance.Standalone(t.Context(), r) {
		if err != nil {
			t.Fatal(err)
		}
		if ran++; len(v.Problems) > 0 && v.Family != "canned" {
			t.Errorf("%s/%s: %q", v.Family, v.Name, v.Problems)
		}
	}
	if ran < 10 || r.Fuel() <= 0 || r.Fuel() > contract.RoundFuel {
		t.Errorf("%d verdicts at %d of fuel", ran, r.Fuel())
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Round(t.Context(), contract.Describe, nil, conformance.Host{}); err == nil {
		t.Error("it runs after it was closed")
	}
}

// A module whose provider has no world is judged by what needs none, and the
// report says so.
func TestJudge(t *testing.T) {
	t.Parallel()
	wasm := plugintest.Build(t, "github.com/kassette-pay/kassette/host/plugintest/testdata/plugin")
	r, err := kit.Open(t.Context(), "sample.wasm", wasm, cacheDir(t))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close(t.Context())
	for world, notes := range map[bool]int{true: 1, false: 0} {
		heard := 0
		rep, err := kit.Judge(t.Context(), r, world, func(conformance.Verdict) { heard++ })
		if err != nil || heard == 0 || heard != len(rep.Verdicts) || !strings.HasPrefix(rep.Plugin, "sample@1.") || len(rep.Digest) != 64 || rep.Fuel == 0 || len(rep.Notes) != notes {
			t.Errorf("got %+v, %v, with %d heard", rep, err, heard)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := kit.Judge(ctx, r, true, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
