package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"

	"github.com/kassette-pay/kassette/host/internal/sandbox"
)

// loadRow is how long a guest took to load: what is refused, rewritten,
// compiled and proven before the first call. Medians.
type loadRow struct {
	guest             string
	bytes             int
	cold, cached      float64 // ms
	ratio             float64 // cold by cached
	peer, peerCached  float64 // ms: Extism's NewCompiledPlugin
	againstPeerCached float64 // ours cached by theirs
}

const loadRounds = 5

// measureLoads loads each guest without compiled code at hand and with, in turns.
func measureLoads(ctx context.Context, g *guests, out io.Writer) ([]loadRow, error) {
	var rows []loadRow
	for _, l := range languages {
		row := loadRow{guest: l, bytes: len(g.wasm[l])}
		var cold, cached, peer, peerCached, ratios, against []float64
		for round := range loadRounds {
			dir, err := os.MkdirTemp(g.dir, "load")
			if err != nil {
				return nil, err
			}
			var took [4]float64
			for i, load := range []func() (float64, error){
				func() (float64, error) { return loadOurs(ctx, dir, g.wasm[l]) },
				func() (float64, error) { return loadOurs(ctx, dir, g.wasm[l]) },
				func() (float64, error) { return loadExtism(ctx, dir, g.wasm[l]) },
				func() (float64, error) { return loadExtism(ctx, dir, g.wasm[l]) },
			} {
				collect()
				if took[i], err = load(); err != nil {
					return nil, fmt.Errorf("%s: %w", l, err)
				}
			}
			fmt.Fprintf(out, "load guest=%s round=%d cold-ms=%.1f cached-ms=%.1f extism-cold-ms=%.1f extism-cached-ms=%.1f\n", l, round, took[0], took[1], took[2], took[3])
			cold, cached, peer, peerCached = append(cold, took[0]), append(cached, took[1]), append(peer, took[2]), append(peerCached, took[3])
			ratios, against = append(ratios, took[0]/took[1]), append(against, took[1]/took[3])
		}
		row.cold, row.cached, row.peer, row.peerCached = median(cold), median(cached), median(peer), median(peerCached)
		row.ratio, row.againstPeerCached = median(ratios), median(against)
		rows = append(rows, row)
	}
	return rows, nil
}

func loadOurs(ctx context.Context, cache string, wasm []byte) (float64, error) {
	e, err := sandbox.New(sandbox.Limits{CacheDir: cache})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if _, err := e.Load(ctx, "bench@1.0.0", wasm); err != nil {
		return 0, err
	}
	took := millis(time.Since(began))
	return took, e.Close(ctx)
}

func loadExtism(ctx context.Context, dir string, wasm []byte) (float64, error) {
	began := time.Now()
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return 0, err
	}
	config := extism.PluginConfig{EnableWasi: true, RuntimeConfig: wazero.NewRuntimeConfig().WithCompilationCache(cache)}
	p, err := extism.NewCompiledPlugin(ctx, manifest(wasm, 0), config, nil)
	if err != nil {
		return 0, err
	}
	took := millis(time.Since(began))
	if err := p.Close(ctx); err != nil {
		return 0, err
	}
	return took, cache.Close(ctx)
}
