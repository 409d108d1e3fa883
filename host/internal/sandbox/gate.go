package sandbox

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"
)

// gate lets a bounded number of calls run at once, in the order they came.
type gate struct {
	free *semaphore.Weighted

	mu        sync.Mutex
	now, peak int
}

func newGate(n int) *gate { return &gate{free: semaphore.NewWeighted(int64(n))} }

// enter waits for a place. leave has to follow unless it fails.
func (g *gate) enter(ctx context.Context) error {
	if err := g.free.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now++
	g.peak = max(g.peak, g.now)
	return nil
}

func (g *gate) leave() {
	g.mu.Lock()
	g.now--
	g.mu.Unlock()
	g.free.Release(1)
}

func (g *gate) inUse() (now, peak int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now, g.peak
}
