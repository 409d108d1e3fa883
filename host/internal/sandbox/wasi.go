package sandbox

import (
	"math/rand/v2"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/sys"
)

// startInstant is what the clock shows while a module starts up, so that every
// sandbox of a module starts from the same bytes.
var startInstant = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// tick is how far the monotonic clock moves each time it is read. It never
// shows the time that passes outside.
const tick = time.Microsecond

// ambient is what a sandbox sees of time and chance. It belongs to one sandbox
// and is used by one goroutine.
type ambient struct {
	wall      time.Time
	monotonic time.Duration
	random    *rand.ChaCha8
}

// newAmbient is what a module starts up with: a fixed instant, and a stream
// from the digest of its bytes.
func newAmbient(digest [32]byte) *ambient {
	return &ambient{wall: startInstant, monotonic: time.Second, random: rand.NewChaCha8(digest)}
}

// turn goes over to the call's own clock and randomness.
func (a *ambient) turn(now time.Time, entropy [32]byte) {
	a.wall, a.random = now, rand.NewChaCha8(entropy)
}

// Read fills p from the stream.
func (a *ambient) Read(p []byte) (int, error) { return a.random.Read(p) }

func (a *ambient) walltime() (sec int64, nsec int32) {
	return a.wall.Unix(), int32(a.wall.Nanosecond())
}

func (a *ambient) nanotime() int64 {
	a.monotonic += tick
	return int64(a.monotonic)
}

// sleep passes the time at once.
func (a *ambient) sleep(ns int64) {
	if ns > 0 {
		a.monotonic += time.Duration(ns)
	}
}

// config gives an instance this clock and stream, and nothing else: no
// arguments, environment or files; its output goes nowhere.
func (a *ambient) config() wazero.ModuleConfig {
	return wazero.NewModuleConfig().
		WithWalltime(a.walltime, sys.ClockResolution(time.Millisecond)).
		WithNanotime(a.nanotime, sys.ClockResolution(tick)).
		WithNanosleep(a.sleep).
		WithRandSource(a)
}
