package main

import (
	"context"
	"fmt"
	"time"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"
)

// manifest has the bounds that the sandbox has: 64 MiB, no variables, no HTTP.
func manifest(wasm []byte, timeout time.Duration) extism.Manifest {
	return extism.Manifest{
		Wasm:    []extism.Wasm{extism.WasmData{Data: wasm}},
		Memory:  &extism.ManifestMemory{MaxPages: 1024},
		Timeout: uint64(timeout.Milliseconds()),
	}
}

// extismConfig has compiled code kept in the folder, by a cache of its own.
func extismConfig(g *guests) (extism.PluginConfig, wazero.CompilationCache, error) {
	cache, err := wazero.NewCompilationCacheWithDir(g.cache)
	if err != nil {
		return extism.PluginConfig{}, nil, err
	}
	return extism.PluginConfig{EnableWasi: true, RuntimeConfig: wazero.NewRuntimeConfig().WithCompilationCache(cache)}, cache, nil
}

func compileExtism(ctx context.Context, g *guests, guest string, timeout time.Duration) (*extism.CompiledPlugin, func(context.Context) error, error) {
	config, cache, err := extismConfig(g)
	if err != nil {
		return nil, nil, err
	}
	p, err := extism.NewCompiledPlugin(ctx, manifest(g.wasm[guest], timeout), config, nil)
	if err != nil {
		return nil, nil, err
	}
	return p, func(ctx context.Context) error {
		if err := p.Close(ctx); err != nil {
			return err
		}
		return cache.Close(ctx)
	}, nil
}

func callExtism(ctx context.Context, p *extism.Plugin, in []byte) ([]byte, error) {
	code, out, err := p.CallWithContext(ctx, export, in)
	if err == nil && code != 0 {
		err = fmt.Errorf("returned %d", code)
	}
	return out, err
}

func openExtismPooled(ctx context.Context, g *guests, guest string) (*side, error) {
	return poolExtism(ctx, g, guest, 0)
}

func openExtismTimeout(ctx context.Context, g *guests, guest string) (*side, error) {
	return poolExtism(ctx, g, guest, time.Second)
}

func poolExtism(ctx context.Context, g *guests, guest string, timeout time.Duration) (*side, error) {
	compiled, closing, err := compileExtism(ctx, g, guest, timeout)
	if err != nil {
		return nil, err
	}
	p, err := newPool(func() (*extism.Plugin, error) { return compiled.Instance(ctx, extism.PluginInstanceConfig{}) })
	if err != nil {
		return nil, err
	}
	return &side{
		call: func(ctx context.Context, in []byte) ([]byte, error) {
			return p.with(func(i *extism.Plugin) ([]byte, error) { return callExtism(ctx, i, in) })
		},
		close: closing,
	}, nil
}

func openExtismInstance(ctx context.Context, g *guests, guest string) (*side, error) {
	compiled, closing, err := compileExtism(ctx, g, guest, 0)
	if err != nil {
		return nil, err
	}
	return &side{
		call: func(ctx context.Context, in []byte) ([]byte, error) {
			i, err := compiled.Instance(ctx, extism.PluginInstanceConfig{})
			if err != nil {
				return nil, err
			}
			out, err := callExtism(ctx, i, in)
			if err != nil {
				return nil, err
			}
			return out, i.CloseWithContext(ctx)
		},
		close: closing,
	}, nil
}

// openExtismPlugin compiles for each call, which the cache makes bearable.
func openExtismPlugin(_ context.Context, g *guests, guest string) (*side, error) {
	return &side{
		call: func(ctx context.Context, in []byte) (out []byte, err error) {
			config, cache, err := extismConfig(g)
			if err != nil {
				return nil, err
			}
			defer func() {
				if failed := cache.Close(ctx); err == nil {
					err = failed
				}
			}()
			p, err := extism.NewPlugin(ctx, manifest(g.wasm[guest], 0), config, nil)
			if err != nil {
				return nil, err
			}
			if out, err = callExtism(ctx, p, in); err != nil {
				return nil, err
			}
			return out, p.CloseWithContext(ctx)
		},
		close: func(context.Context) error { return nil },
	}, nil
}
