package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// rawInstance is a guest that is handed its input in its own memory.
type rawInstance struct {
	memory       api.Memory
	in           uint32
	work, output api.Function
}

// openWazero runs guests on wazero alone. Nothing bounds them, and each call
// meets what the one before left.
func openWazero(ctx context.Context, g *guests, guest string) (*side, error) {
	rt := wazero.NewRuntime(ctx)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, rt); err != nil {
		return nil, err
	}
	// The guests import Extism's functions too and do not call them here.
	kernel := rt.NewHostModuleBuilder("extism:host/env")
	for name, f := range map[string]any{
		"input_length": func() uint64 { return 0 }, "input_load_u64": func(uint64) uint64 { return 0 },
		"alloc": func(uint64) uint64 { return 0 }, "store_u64": func(_, _ uint64) {}, "output_set": func(_, _ uint64) {},
	} {
		kernel = kernel.NewFunctionBuilder().WithFunc(f).Export(name)
	}
	if _, err := kernel.Instantiate(ctx); err != nil {
		return nil, err
	}
	compiled, err := rt.CompileModule(ctx, g.wasm[guest])
	if err != nil {
		return nil, err
	}
	p, err := newPool(func() (*rawInstance, error) {
		m, err := rt.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
		if err != nil {
			return nil, err
		}
		at, err := m.ExportedFunction("raw_input").Call(ctx)
		if err != nil {
			return nil, err
		}
		return &rawInstance{m.Memory(), uint32(at[0]), m.ExportedFunction("raw_work"), m.ExportedFunction("raw_output")}, nil
	})
	if err != nil {
		return nil, err
	}
	return &side{
		call: func(ctx context.Context, in []byte) ([]byte, error) {
			return p.with(func(i *rawInstance) ([]byte, error) { return i.call(ctx, in) })
		},
		close: rt.Close,
	}, nil
}

func (i *rawInstance) call(ctx context.Context, in []byte) ([]byte, error) {
	if !i.memory.Write(i.in, in) {
		return nil, errors.New("no room for the input")
	}
	n, err := i.work.Call(ctx, uint64(len(in)))
	if err != nil {
		return nil, err
	}
	at, err := i.output.Call(ctx)
	if err != nil {
		return nil, err
	}
	out, ok := i.memory.Read(uint32(at[0]), uint32(n[0]))
	if !ok {
		return nil, errors.New("output outside of memory")
	}
	return bytes.Clone(out), nil
}
