package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// NewExtism makes an engine that runs modules with Extism's SDK, and keeps
// their blocks in its kernel. It is the reference for [New]. The SDK's HTTP,
// config, variables and files are off, and its log level, which is one for the
// whole process, is set to info.
func NewExtism(l Limits) (Engine, error) {
	if _, set := os.LookupEnv("EXTISM_ENABLE_WASI_OUTPUT"); set {
		return nil, errors.New("start sandbox: EXTISM_ENABLE_WASI_OUTPUT joins the output of plugins to this process's: unset it")
	}
	extism.SetLogLevel(extism.LogLevelInfo)
	return newEngine(l, compileExtism)
}

// compileExtism has the SDK compile a module. Without WASI, since this package
// serves that itself.
func compileExtism(ctx context.Context, wasm []byte, cache wazero.CompilationCache) (program, error) {
	compiled, err := extism.NewCompiledPlugin(
		ctx,
		extism.Manifest{
			Wasm:   []extism.Wasm{extism.WasmData{Data: wasm}},
			Memory: &extism.ManifestMemory{MaxPages: contract.MaxMemoryPages, MaxVarBytes: 0, MaxHttpResponseBytes: 0},
		},
		extism.PluginConfig{RuntimeConfig: runtimeConfig(cache)},
		extismFunctions(),
	)
	if err != nil {
		return nil, err
	}
	return (*extismProgram)(compiled), nil
}

func extismFunctions() []extism.HostFunction {
	var all []extism.HostFunction
	for _, f := range hostFunctions() {
		h := extism.NewHostFunctionWithStack(f.name, func(ctx context.Context, p *extism.CurrentPlugin, s []uint64) {
			r := runOf(ctx)
			if i, ok := r.instance.(*extismInstance); ok {
				i.current = p
			}
			f.serve(r, s)
		}, f.signature.paramTypes(), f.signature.resultTypes())
		h.SetNamespace(moduleSandbox)
		all = append(all, h)
	}
	return all
}

type extismProgram extism.CompiledPlugin

func (p *extismProgram) instance(ctx context.Context) (instance, error) {
	var m memories
	plugin, err := (*extism.CompiledPlugin)(p).Instance(m.in(ctx), extism.PluginInstanceConfig{ModuleConfig: wazero.NewModuleConfig()})
	if err != nil {
		return nil, err
	}
	plugin.SetLogger(func(extism.LogLevel, string) {}) // the SDK's own; the guest's go to run
	return &extismInstance{plugin: plugin, memories: m}, nil
}

func (p *extismProgram) close(ctx context.Context) error {
	return (*extism.CompiledPlugin)(p).Close(ctx)
}

// extismInstance is a plugin of the SDK. Its memories are the kernel's, then
// the guest's.
type extismInstance struct {
	plugin  *extism.Plugin
	current *extism.CurrentPlugin // as the host function got it that runs
	memories
}

func (i *extismInstance) enter(ctx context.Context, export string) (uint32, error) {
	code, _, err := i.plugin.CallWithContext(ctx, export, nil)
	return code, err
}

func (i *extismInstance) guest() *linear { return i.memories[1] }

func (i *extismInstance) take(n uint64) (uint64, bool) {
	at, err := i.current.Alloc(n)
	return at, err == nil && at != 0
}

func (i *extismInstance) view(place, n uint64) []byte {
	b, _ := i.memories[0].slice(uint32(place), uint32(n))
	return b
}

func (i *extismInstance) drop(place uint64) {
	if err := i.current.Free(place); err != nil {
		panic(fmt.Errorf("free a block of the kernel: %w", err))
	}
}

// empty does nothing: the SDK has the kernel clear and free its blocks before
// it enters a guest.
func (i *extismInstance) empty(bool) {}

func (i *extismInstance) close(ctx context.Context) error { return i.plugin.CloseWithContext(ctx) }

var (
	_ program  = (*extismProgram)(nil)
	_ instance = (*extismInstance)(nil)
)
