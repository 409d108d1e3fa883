package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// A compiler hands a rewritten module to a Wasm runtime. The cache, which may
// be nil, is the program's alone and closed after it.
type compiler func(ctx context.Context, wasm []byte, cache wazero.CompilationCache) (program, error)

// program is compiled code. It is safe for concurrent use.
type program interface {
	// instance makes an instance that was never entered.
	instance(ctx context.Context) (instance, error)
	close(ctx context.Context) error
}

// instance is compiled code with a memory. One goroutine uses it at a time.
type instance interface {
	// enter runs an export that takes nothing. The run is in ctx.
	enter(ctx context.Context, export string) (code uint32, err error)
	// guest is the module's own memory.
	guest() *linear
	heap
	close(ctx context.Context) error
}

// heap is where the blocks lie that a guest asks its kernel for.
type heap interface {
	// take gives the place of n zeroed bytes, n not 0; it is false when there
	// are none.
	take(n uint64) (place uint64, ok bool)
	// view gives the first n bytes at a place that was taken. They stand until
	// the next take.
	view(place, n uint64) []byte
	// drop gives a place back. A heap that is broken ends the guest by a panic.
	drop(place uint64)
	// empty gives all of them back. What is taken next holds zeros, unless
	// tests want to see that it does not.
	empty(keep bool)
}

// engine runs the modules of one compiler.
type engine struct {
	limits  Limits
	compile compiler
	gate    *gate
	slack   slack
	shelf   shelf

	mu      sync.Mutex
	closed  bool
	modules map[*loaded]struct{}
}

func newEngine(l Limits, c compiler) (*engine, error) {
	l = l.withDefaults()
	if l.CacheDir != "" {
		if err := ownDirectory(l.CacheDir); err != nil {
			return nil, fmt.Errorf("open compilation cache: %w", err)
		}
	}
	return &engine{limits: l, compile: c, gate: newGate(l.Concurrent), shelf: shelf{most: l.Resting}, modules: map[*loaded]struct{}{}}, nil
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
	p, err := e.compile(experimental.WithCompilationWorkers(ctx, compileWorkers), metered, cache)
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
		engine: e, label: label, digest: sha256.Sum256(wasm), program: p, cache: cache,
		exports: m.exportedFunctions(), starts: m.startup() != "", lasting: m.lasting, data: m.data,
		idle: make(chan struct{}),
	}
	l.hex = hex.EncodeToString(l.digest[:])
	if l.image, l.unproven = l.prove(ctx); l.image != nil {
		l.data = nil // nothing starts up any more
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("load plugin %s: %w", label, err), l.Close(context.WithoutCancel(ctx)))
	}
	if l.unproven != nil && e.limits.Logger != nil {
		e.limits.Logger.WarnContext(ctx, "plugin runs in a sandbox per call, which is slow", "plugin", label, "digest", l.hex, "reason", oneLine(l.unproven.Error()))
	}
	if !e.add(l) {
		return nil, errors.Join(fmt.Errorf("load plugin %s: engine: %w", label, ErrClosed), l.Close(ctx))
	}
	return l, nil
}

// compileWorkers is how many cores one compilation uses.
const compileWorkers = 2

// runtimeConfig is that of both engines. Calls do not end with their context:
// that would make every loop several times slower, and fuel ends what it does not.
func runtimeConfig(cache wazero.CompilationCache) wazero.RuntimeConfig {
	config := wazero.NewRuntimeConfig().WithDebugInfoEnabled(false).WithMemoryLimitPages(contract.MaxMemoryPages)
	if cache != nil {
		config = config.WithCompilationCache(cache)
	}
	return config
}

// InUse implements [Gauge].
func (e *engine) InUse() (now, peak int) { return e.gate.inUse() }

// Unproven implements [Gauge].
func (e *engine) Unproven() (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for l := range e.modules {
		if l.image == nil {
			n++
		}
	}
	return n
}

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
