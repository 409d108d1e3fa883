package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	extism "github.com/extism/go-sdk"
)

// run makes a sandbox, starts the module up, and calls the export.
func (l *loaded) run(ctx context.Context, c *Call, fuel *int64) (_ Result, err error) {
	began := time.Now()
	world := newAmbient(l.digest)
	r := newRun(c)
	in := withRun(ctx, r)
	starting, cancel := context.WithTimeout(ctx, l.engine.limits.InstantiateTimeout)
	defer cancel()
	p, err := l.plugin.Instance(withMemory(starting), extism.PluginInstanceConfig{ModuleConfig: world.config()})
	if err != nil {
		return Result{}, fmt.Errorf("%w: make a sandbox: %w: %s", ErrInit, ErrTrap, oneLine(err.Error()))
	}
	defer func() { err = errors.Join(err, p.CloseWithContext(context.WithoutCancel(ctx))) }()
	p.SetLogger(func(extism.LogLevel, string) {}) // the SDK's own; the guest's go to run

	if l.starts {
		if err := r.enter(in, p, exportStart); err != nil && !errors.Is(err, ErrNoOutput) {
			return Result{}, fmt.Errorf("%w: %w", ErrInit, err)
		}
	}
	if err := starting.Err(); err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrInit, err)
	}
	r.turn(c.Fuel)
	world.turn(c.Now, c.Entropy)
	if _, _, err := p.CallWithContext(in, exportBegin, nil); err != nil {
		return Result{}, fmt.Errorf("set the budget: %w", err)
	}
	err = r.enter(in, p, c.Export)
	*fuel = r.used()
	if err != nil {
		return Result{}, err
	}
	return Result{Output: r.result, Fuel: r.used(), Elapsed: time.Since(began)}, nil
}

// enter runs a function of the guest, takes its output and asks what fuel is
// left. The output comes first: the next call clears the kernel's memory.
func (r *run) enter(ctx context.Context, p *extism.Plugin, name string) error {
	code, _, err := p.CallWithContext(ctx, name, nil)
	if err == nil && r.outputLength > 0 {
		b, _ := p.Memory().Read(uint32(r.output), uint32(r.outputLength))
		r.result = append([]byte(nil), b...)
	}
	if _, _, lost := p.CallWithContext(ctx, exportReport, nil); lost != nil {
		return fmt.Errorf("%w: the sandbox is beyond use: %s", ErrTrap, oneLine(lost.Error()))
	}
	return r.cause(code, err)
}
