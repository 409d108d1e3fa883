package sandbox

import (
	"context"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// New makes the engine that serves a guest's imports straight from Go: the
// same functions as with [NewExtism] and the same answers, without the SDK's
// kernel module in between.
func New(l Limits) (Engine, error) { return newEngine(l, compileDirect) }

func compileDirect(ctx context.Context, wasm []byte, cache wazero.CompilationCache) (p program, err error) {
	runtime := wazero.NewRuntimeWithConfig(ctx, runtimeConfig(cache))
	defer func() {
		if err != nil {
			_ = runtime.Close(context.WithoutCancel(ctx)) // the first error counts
		}
	}()
	host := runtime.NewHostModuleBuilder(moduleSandbox)
	for _, f := range hostFunctions() {
		serve := api.GoFunc(func(ctx context.Context, s []uint64) { f.serve(runOf(ctx), s) })
		host = host.NewFunctionBuilder().WithGoFunction(serve, f.signature.paramTypes(), f.signature.resultTypes()).Export(f.name)
	}
	if _, err := host.Instantiate(ctx); err != nil {
		return nil, err
	}
	compiled, err := runtime.CompileModule(ctx, wasm)
	if err != nil {
		return nil, err
	}
	return &directProgram{runtime, compiled}, nil
}

type directProgram struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

func (p *directProgram) instance(ctx context.Context) (instance, error) {
	var m memories
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions() // nameless, so that there can be many
	module, err := p.runtime.InstantiateModule(m.in(ctx), p.compiled, config)
	if err != nil {
		return nil, err
	}
	return &directInstance{module: module, memory: m[0], functions: map[string]api.Function{}}, nil
}

func (p *directProgram) close(ctx context.Context) error { return p.runtime.Close(ctx) }

// directInstance is a module of wazero.
type directInstance struct {
	module    api.Module
	memory    *linear
	functions map[string]api.Function // each with a stack of its own, which is kept
	result    [1]uint64
	blocks
}

func (i *directInstance) enter(ctx context.Context, export string) (uint32, error) {
	f := i.functions[export]
	if f == nil {
		f = i.module.ExportedFunction(export)
		i.functions[export] = f
	}
	i.result[0] = 0
	err := f.CallWithStack(ctx, i.result[:])
	return uint32(i.result[0]), err
}

func (i *directInstance) guest() *linear { return i.memory }

func (i *directInstance) close(ctx context.Context) error { return i.module.Close(ctx) }

// arenaBytes is what a sandbox keeps for blocks: enough for a usual call.
const arenaBytes = 64 << 10

// blocks is a heap in Go's memory: the first blocks of a call come from an
// arena that is cleared for the next, what does not fit is allocated.
type blocks struct {
	arena  []byte
	used   int
	places [][]byte // by place
}

func (b *blocks) take(n uint64) (uint64, bool) {
	var p []byte
	if b.arena == nil {
		b.arena = make([]byte, arenaBytes)
	}
	if n <= uint64(len(b.arena)-b.used) {
		p = b.arena[b.used : b.used+int(n)]
		b.used += int(n)
	} else {
		p = make([]byte, n)
	}
	b.places = append(b.places, p)
	return uint64(len(b.places) - 1), true
}

func (b *blocks) view(place, n uint64) []byte { return b.places[place][:n] }

func (b *blocks) drop(place uint64) { b.places[place] = nil }

func (b *blocks) empty(keep bool) {
	if !keep {
		clear(b.arena[:b.used])
	}
	clear(b.places)
	b.used, b.places = 0, b.places[:0]
}

var (
	_ program  = (*directProgram)(nil)
	_ instance = (*directInstance)(nil)
)
