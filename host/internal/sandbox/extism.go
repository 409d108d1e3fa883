package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// compileWorkers is how many cores one compilation uses.
const compileWorkers = 2

// engine runs modules with Extism's SDK, each call in an instance of its own.
type engine struct {
	limits Limits
	gate   *gate

	mu      sync.Mutex
	closed  bool
	modules map[*loaded]struct{}
}

// NewExtism makes an engine that runs modules with Extism's SDK on wazero. The
// SDK's HTTP, config, variables and files are off, and its log level, which is
// one for the whole process, is set to info.
func NewExtism(l Limits) (Engine, error) {
	l = l.withDefaults()
	if _, set := os.LookupEnv("EXTISM_ENABLE_WASI_OUTPUT"); set {
		return nil, errors.New("start sandbox: EXTISM_ENABLE_WASI_OUTPUT joins the output of plugins to this process's: unset it")
	}
	if l.CacheDir != "" {
		if err := ownDirectory(l.CacheDir); err != nil {
			return nil, fmt.Errorf("open compilation cache: %w", err)
		}
	}
	extism.SetLogLevel(extism.LogLevelInfo)
	return &engine{limits: l, gate: newGate(l.Concurrent), modules: map[*loaded]struct{}{}}, nil
}

// Load implements [Engine].
func (e *engine) Load(ctx context.Context, label string, wasm []byte) (Module, error) {
	metered, m, err := rewrite(wasm)
	if err != nil {
		return nil, admission(label, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load plugin %s: %w", label, err)
	}
	var cache wazero.CompilationCache
	if e.limits.CacheDir != "" {
		if cache, err = wazero.NewCompilationCacheWithDir(e.limits.CacheDir); err != nil {
			return nil, fmt.Errorf("load plugin %s: open compilation cache: %w", label, err)
		}
	}
	plugin, err := compile(ctx, metered, cache)
	if err != nil {
		if cache != nil {
			err = errors.Join(err, cache.Close(context.WithoutCancel(ctx)))
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("load plugin %s: %w", label, ctx.Err())
		}
		return nil, &AdmissionError{label, RuleValidation, oneLine(err.Error())}
	}
	l := &loaded{
		engine: e, label: label, digest: sha256.Sum256(wasm), plugin: plugin, cache: cache,
		exports: m.exportedFunctions(), starts: m.startup() != "",
		idle: make(chan struct{}),
	}
	l.hex = hex.EncodeToString(l.digest[:])
	if !e.add(l) {
		return nil, errors.Join(fmt.Errorf("load plugin %s: engine: %w", label, ErrClosed), l.Close(ctx))
	}
	return l, nil
}

// InUse implements [Gauge].
func (e *engine) InUse() (now, peak int) { return e.gate.inUse() }

// Close implements [Engine].
func (e *engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	open := slices.Collect(maps.Keys(e.modules))
	e.mu.Unlock()
	var errs []error
	for _, l := range open {
		errs = append(errs, l.Close(ctx))
	}
	return errors.Join(errs...)
}

func (e *engine) add(l *loaded) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.modules[l] = struct{}{}
	}
	return !e.closed
}

func (e *engine) remove(l *loaded) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.modules, l)
}

// compile hands a rewritten module to the SDK. No Manifest.Timeout: it would
// make every loop several times slower, and fuel ends what it does not.
func compile(ctx context.Context, wasm []byte, cache wazero.CompilationCache) (*extism.CompiledPlugin, error) {
	config := wazero.NewRuntimeConfig().WithDebugInfoEnabled(false)
	if cache != nil {
		config = config.WithCompilationCache(cache)
	}
	return extism.NewCompiledPlugin(
		experimental.WithCompilationWorkers(ctx, compileWorkers),
		extism.Manifest{
			Wasm:   []extism.Wasm{extism.WasmData{Data: wasm}},
			Memory: &extism.ManifestMemory{MaxPages: contract.MaxMemoryPages, MaxVarBytes: 0, MaxHttpResponseBytes: 0},
		},
		extism.PluginConfig{EnableWasi: true, RuntimeConfig: config},
		hostFunctions(),
	)
}

// admission puts the label on a refusal.
func admission(label string, err error) error {
	var r *refusal
	if errors.As(err, &r) {
		return &AdmissionError{label, r.rule, r.detail}
	}
	return fmt.Errorf("admit plugin %s: %w", label, err)
}

var (
	_ Engine = (*engine)(nil)
	_ Gauge  = (*engine)(nil)
)
