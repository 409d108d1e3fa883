package sandbox

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// idleTime is how long a sandbox that nobody uses is kept.
const idleTime = time.Minute

// resting is a sandbox that waits for a call.
type resting struct {
	run   *run
	since time.Time
	of    *loaded
	place *list.Element // on the shelf
}

// start makes a sandbox and starts the module up.
func (l *loaded) start(ctx context.Context) (*run, error) {
	starting, cancel := context.WithTimeout(ctx, l.engine.limits.InstantiateTimeout)
	defer cancel()
	r, err := l.make(starting)
	if err != nil {
		return nil, err
	}
	put(l.data, r.guest().b)
	if l.starts {
		if err = r.enter(exportStart); errors.Is(err, ErrNoOutput) {
			err = nil
		}
	}
	if err == nil {
		err = starting.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInit, errors.Join(err, r.close(context.WithoutCancel(ctx))))
	}
	return r, nil
}

// clone makes a sandbox that an image fits.
func (l *loaded) clone(ctx context.Context, m *image) (*run, error) {
	starting, cancel := context.WithTimeout(ctx, l.engine.limits.InstantiateTimeout)
	defer cancel()
	r, err := l.make(starting)
	if err != nil {
		return nil, err
	}
	if err := m.grow(r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInit, errors.Join(err, r.close(context.WithoutCancel(ctx))))
	}
	return r, nil
}

func (l *loaded) make(ctx context.Context) (*run, error) {
	i, err := l.program.instance(ctx)
	if err == nil {
		return newRun(ctx, i, l.seed(), l.engine.slack), nil
	}
	return nil, fmt.Errorf("%w: make a sandbox: %w: %s", ErrInit, errors.Join(ErrTrap, ctx.Err()), oneLine(err.Error()))
}

// seed is that of the randomness at start-up.
func (l *loaded) seed() [32]byte {
	seed := l.digest
	if l.engine.slack&slackSeeds != 0 {
		seed[0] = byte(l.started.Add(1))
	}
	return seed
}

// take gives a sandbox of the pool, the one that was used last, or a new one.
func (l *loaded) take(ctx context.Context) (*run, error) {
	l.mu.Lock()
	if n := len(l.pool); n > 0 {
		r := l.pool[n-1]
		l.pool[n-1] = nil
		l.pool = l.pool[:n-1]
		l.engine.shelf.remove(r)
		l.mu.Unlock()
		return r.run, nil
	}
	l.mu.Unlock()
	return l.clone(ctx, l.image)
}

// rest puts a sandbox into the pool. One that the image does not fit any more,
// and one too many, is closed.
func (l *loaded) rest(m *image, r *run) {
	l.mu.Lock()
	keep := m.fits(r) && !l.closed && len(l.pool) < l.engine.limits.Concurrent
	var old *resting
	if keep {
		one := &resting{run: r, since: time.Now(), of: l}
		l.pool = append(l.pool, one)
		old = l.engine.shelf.add(one)
		if l.sweeper == nil {
			l.sweeper = time.AfterFunc(idleTime, l.sweep)
		}
	}
	l.mu.Unlock()
	switch {
	case !keep:
		l.discard(r)
	case old != nil:
		old.of.give(old)
	}
}

// give closes a sandbox for which the shelf has no room, unless a call took it.
func (l *loaded) give(old *resting) {
	if !l.enter() {
		return
	}
	defer l.leave()
	l.mu.Lock()
	i := slices.Index(l.pool, old)
	if i >= 0 {
		l.pool = slices.Delete(l.pool, i, i+1)
	}
	l.mu.Unlock()
	if i >= 0 {
		l.discard(old.run)
	}
}

// discard closes a sandbox. What closing gives is of no use to a call that is
// done: the memory is gone either way.
func (l *loaded) discard(r *run) { _ = r.close(context.Background()) }

// replace closes a sandbox that is not to be used again, and makes another in
// the background. The caller is in flight.
func (l *loaded) replace(r *run) {
	l.mu.Lock()
	l.calls++ // also of a module that is being closed, which waits for it
	l.mu.Unlock()
	go func() {
		defer l.leave()
		l.discard(r)
		l.mu.Lock()
		full := l.closed || len(l.pool) > 0
		l.mu.Unlock()
		if full {
			return
		}
		if r, err := l.clone(context.Background(), l.image); err == nil {
			l.rest(l.image, r)
		} // else the next call tries, and says why
	}()
}

// sweep closes the sandboxes that have waited for long.
func (l *loaded) sweep() {
	if !l.enter() {
		return
	}
	defer l.leave()
	l.mu.Lock()
	old := 0
	for old < len(l.pool) && time.Since(l.pool[old].since) >= idleTime {
		old++
	}
	gone := slices.Clone(l.pool[:old])
	l.pool = slices.Delete(l.pool, 0, old)
	l.engine.shelf.remove(gone...)
	l.sweeper = nil
	if len(l.pool) > 0 {
		l.sweeper = time.AfterFunc(idleTime-time.Since(l.pool[0].since), l.sweep)
	}
	l.mu.Unlock()
	for _, g := range gone {
		l.discard(g.run)
	}
}

// drain closes the pool. Nobody is in flight.
func (l *loaded) drain() {
	if l.sweeper != nil {
		l.sweeper.Stop()
	}
	l.engine.shelf.remove(l.pool...)
	for _, p := range l.pool {
		l.discard(p.run)
	}
	l.pool = nil
}
