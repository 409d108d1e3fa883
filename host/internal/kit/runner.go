// Package kit judges plugins with the conformance kit, in the host's own
// sandbox and without the testing package, and writes what it found for people
// and for machines.
package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Runner runs rounds of one module in the sandbox. It is safe for concurrent
// use.
type Runner struct {
	engine sandbox.Engine
	module sandbox.Module
	fuel   atomic.Int64
}

// Open loads a module as the host does: admitted, rewritten and compiled. label
// names it in errors, cacheDir is as in [sandbox.Limits].
func Open(ctx context.Context, label string, wasm []byte, cacheDir string) (*Runner, error) {
	engine, err := sandbox.New(sandbox.Limits{CacheDir: cacheDir})
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	module, err := engine.Load(ctx, label, wasm)
	if err != nil {
		return nil, errors.Join(err, engine.Close(context.WithoutCancel(ctx)))
	}
	return &Runner{engine: engine, module: module}, nil
}

// Close lets go of the module.
func (r *Runner) Close(ctx context.Context) error { return r.engine.Close(ctx) }

// Fuel is the most that a round has used so far, of [contract.RoundFuel].
func (r *Runner) Fuel() int64 { return r.fuel.Load() }

// Round implements [conformance.Runner].
func (r *Runner) Round(ctx context.Context, export contract.Export, input []byte, host conformance.Host) ([]byte, error) {
	call := sandbox.Call{
		Export: string(export), Input: input, Now: conformance.Start, Log: host.Log,
		Host: func(_ context.Context, name contract.HostFunction, in []byte) ([]byte, error) {
			return host.Call(name, in)
		},
	}
	if export != contract.Describe {
		var e contract.Envelope
		if err := json.Unmarshal(input, &e); err != nil {
			return nil, fmt.Errorf("read envelope: %w", err)
		}
		if len(e.Entropy) != len(call.Entropy) {
			return nil, errors.New("read envelope: entropy is not 32 bytes")
		}
		call.Now = e.Now
		copy(call.Entropy[:], e.Entropy)
	}
	res, err := r.module.Call(ctx, call)
	if err != nil {
		return nil, err
	}
	for {
		most := r.fuel.Load()
		if res.Fuel <= most || r.fuel.CompareAndSwap(most, res.Fuel) {
			return res.Output, nil
		}
	}
}

var _ conformance.Runner = (*Runner)(nil)
