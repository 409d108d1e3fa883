package main

import (
	"context"
	"time"

	"github.com/kassette-pay/kassette/host/internal/sandbox"
)

// export is what is called in the guests: an operation of the contract, so
// that the sandbox proves at load that it can be put back.
const export = "create_payment"

var callTime = time.Date(2026, 11, 3, 9, 30, 0, 0, time.UTC)

func openDirect(ctx context.Context, g *guests, guest string) (*side, error) {
	return openSandbox(ctx, sandbox.New, g.cache, g.wasm[guest])
}

func openOnExtism(ctx context.Context, g *guests, guest string) (*side, error) {
	return openSandbox(ctx, sandbox.NewExtism, g.cache, g.wasm[guest])
}

func openSandbox(ctx context.Context, start func(sandbox.Limits) (sandbox.Engine, error), cache string, wasm []byte) (*side, error) {
	e, err := start(sandbox.Limits{CacheDir: cache})
	if err != nil {
		return nil, err
	}
	m, err := e.Load(ctx, "bench@1.0.0", wasm)
	if err != nil {
		return nil, err
	}
	return &side{
		call: func(ctx context.Context, in []byte) ([]byte, error) {
			r, err := m.Call(ctx, sandbox.Call{Export: export, Input: in, Now: callTime})
			return r.Output, err
		},
		close: e.Close,
	}, nil
}
