package sandbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// loaded is a module of the engine.
type loaded struct {
	engine  *engine
	label   string
	digest  [sha256.Size]byte
	hex     string
	program program
	cache   wazero.CompilationCache // of this load alone: closing it is what frees the code
	exports map[string]signature    // of the original module
	starts  bool                    // it has a start-up
	lasting string                  // what it may do that no reset undoes
	data    []segment               // that a memory begins with; nil once there is an image

	image    *image // nil: each call has a sandbox of its own,
	unproven error  // because of this
	started  atomic.Int32

	mu      sync.Mutex
	pool    []*resting // the longest first
	sweeper *time.Timer
	calls   int  // in flight
	closed  bool // no more calls
	idle    chan struct{}
	freed   error // what freeing gave, once idle is closed
}

// Digest implements [Module].
func (l *loaded) Digest() string { return l.hex }

// Exports implements [Module].
func (l *loaded) Exports() []string { return slices.Sorted(maps.Keys(l.exports)) }

// Call implements [Module].
func (l *loaded) Call(ctx context.Context, c Call) (Result, error) {
	var fuel int64
	result, err := l.call(ctx, &c, &fuel)
	if err != nil {
		return Result{}, &CallError{Label: l.label, Digest: l.hex, Export: c.Export, Fuel: fuel, Err: err}
	}
	return result, nil
}

func (l *loaded) call(ctx context.Context, c *Call, fuel *int64) (Result, error) {
	switch s, ok := l.exports[c.Export]; {
	case !ok:
		return Result{}, ErrNoExport
	case s != callable:
		return Result{}, fmt.Errorf("%w: its signature is %q", ErrNoExport, s)
	case len(c.Input) > contract.MaxInput:
		return Result{}, fmt.Errorf("%w: %d bytes, at most %d are taken", ErrInputTooLarge, len(c.Input), contract.MaxInput)
	case c.Fuel < 0:
		return Result{}, fmt.Errorf("%w: the budget is %d", ErrFuel, c.Fuel)
	case c.Fuel == 0:
		c.Fuel = contract.RoundFuel
	}
	if !l.enter() {
		return Result{}, ErrClosed
	}
	defer l.leave()
	if err := l.engine.gate.enter(ctx); err != nil {
		return Result{}, err
	}
	defer l.engine.gate.leave()
	return l.run(ctx, c, fuel)
}

// Close implements [Module].
func (l *loaded) Close(ctx context.Context) error {
	l.engine.remove(l)
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	if first && l.calls == 0 {
		l.free()
	}
	l.mu.Unlock()
	select {
	case <-l.idle:
		return l.freed
	case <-ctx.Done():
		return fmt.Errorf("close plugin %s: calls in flight: %w", l.label, ctx.Err())
	}
}

// enter counts a call in, or what else has to be done before the module is
// freed; it is false once that was closed.
func (l *loaded) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.calls++
	}
	return !l.closed
}

func (l *loaded) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls--
	if l.closed && l.calls == 0 {
		l.free()
	}
}

// free gives the code back, once, when the module is closed and no call runs.
func (l *loaded) free() {
	l.drain()
	ctx := context.Background() // freeing does not depend on who waits for it
	err := l.program.close(ctx)
	if l.cache != nil {
		err = errors.Join(err, l.cache.Close(ctx))
	}
	if err != nil {
		l.freed = fmt.Errorf("close plugin %s: %w", l.label, err)
	}
	close(l.idle)
}

var _ Module = (*loaded)(nil)
