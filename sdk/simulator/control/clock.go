package control

import (
	"sync"
	"time"
)

// Clock is a provider's clock: a base clock, plus how far the control API has
// moved it ahead. It never goes back.
type Clock struct {
	base func() time.Time

	mu    sync.Mutex
	ahead time.Duration
}

// NewClock returns a clock that runs with base; nil means time.Now.
func NewClock(base func() time.Time) *Clock {
	if base == nil {
		base = time.Now
	}
	return &Clock{base: base}
}

// Now is the provider's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.ahead)
}

// Base is the time without the moves: what the clock of a client shows that
// runs beside the simulator.
func (c *Clock) Base() time.Time { return c.base() }

// Move puts the clock ahead by d; a negative d is refused with a [Problem].
func (c *Clock) Move(d time.Duration) error {
	if d < 0 {
		return Bad("the clock cannot go back by %v; it only moves ahead", -d)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	return nil
}
