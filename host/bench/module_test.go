package bench

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/host/plugintest"
)

// BenchmarkModule loads each plugin: admitted, rewritten and compiled, or its
// code taken from the cache that an earlier start has left.
func BenchmarkModule(b *testing.B) {
	mains, err := filepath.Glob("../../plugins/*/main.go")
	if err != nil || len(mains) == 0 {
		b.Fatalf("no plugins: %v", err)
	}
	for _, main := range mains {
		dir := filepath.Dir(main)
		b.Run(filepath.Base(dir), func(b *testing.B) { loads(b, plugintest.Build(b, dir)) })
	}
}

func loads(b *testing.B, wasm []byte) {
	warm := filepath.Join(b.TempDir(), "code")
	if err := os.Mkdir(warm, 0o700); err != nil { // nobody else may write there
		b.Fatal(err)
	}
	load := func(dir string) time.Duration {
		engine, err := sandbox.NewExtism(sandbox.Limits{CacheDir: dir})
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if _, err := engine.Load(b.Context(), b.Name(), wasm); err != nil {
			b.Fatal(err)
		}
		took := time.Since(began)
		if err := engine.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
		return took
	}
	load(warm)
	var cold, cached, ratios []float64
	for b.Loop() {
		without, with := load(""), load(warm)
		cold, cached = append(cold, millis(without)), append(cached, millis(with))
		ratios = append(ratios, float64(without)/float64(with))
	}
	b.ReportMetric(0, "ns/op") // that of a pair says nothing
	b.ReportMetric(float64(len(wasm)), "bytes")
	b.ReportMetric(median(cold), "load-cold-ms")
	b.ReportMetric(median(cached), "load-cached-ms")
	b.ReportMetric(median(ratios), "x-cached")
}
