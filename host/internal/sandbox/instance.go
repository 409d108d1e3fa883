package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// run makes a sandbox, starts the module up, and calls the export.
func (l *loaded) run(ctx context.Context, c *Call, fuel *int64) (_ Result, err error) {
	began := time.Now()
	starting, cancel := context.WithTimeout(ctx, l.engine.limits.InstantiateTimeout)
	defer cancel()
	i, err := l.program.instance(starting)
	if err != nil {
		return Result{}, fmt.Errorf("%w: make a sandbox: %w: %s", ErrInit, ErrTrap, oneLine(err.Error()))
	}
	defer func() { err = errors.Join(err, i.close(context.WithoutCancel(ctx))) }()
	r := newRun(ctx, i, l.digest)
	if l.starts {
		if err := r.enter(exportStart); err != nil && !errors.Is(err, ErrNoOutput) {
			return Result{}, fmt.Errorf("%w: %w", ErrInit, err)
		}
	}
	if err := starting.Err(); err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrInit, err)
	}
	if err := r.turn(ctx, c); err != nil {
		return Result{}, err
	}
	err = r.enter(c.Export)
	*fuel = r.used()
	if err != nil {
		return Result{}, err
	}
	return Result{Output: r.result, Fuel: r.used(), Elapsed: time.Since(began)}, nil
}
