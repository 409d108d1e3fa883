package sandbox

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
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
	a.wall = now
	a.random.Seed(entropy)
}

// An errno is what WASI's functions answer.
type errno = uint64

const (
	success        errno = 0
	badFile        errno = 8
	fault          errno = 21
	invalid        errno = 28
	notImplemented errno = 52
	notSupported   errno = 58
)

// WASI's clocks.
const (
	clockReal      = 0
	clockMonotonic = 1
)

// answers serves a function that has nothing to do.
func answers(e errno) service { return func(_ *run, s []uint64) { s[0] = e } }

// noStrings answers that there are no arguments, and no environment.
func noStrings(r *run, s []uint64) {
	g := r.guest()
	s[0] = first(g.put32(s[0], 0), g.put32(s[1], 0))
}

// first is the first errno that is no success.
func first(e ...errno) errno {
	for _, e := range e {
		if e != success {
			return e
		}
	}
	return success
}

func clockResolution(r *run, s []uint64) {
	resolutions := [...]time.Duration{clockReal: time.Millisecond, clockMonotonic: tick}
	if uint32(s[0]) >= uint32(len(resolutions)) {
		s[0] = invalid
		return
	}
	s[0] = r.guest().put64(s[1], uint64(resolutions[s[0]]))
}

func clockTime(r *run, s []uint64) {
	var at int64
	switch uint32(s[0]) {
	case clockReal:
		at = r.world.wall.UnixNano()
	case clockMonotonic:
		r.world.monotonic += tick
		at = int64(r.world.monotonic)
	default:
		s[0] = invalid
		return
	}
	s[0] = r.guest().put64(s[2], uint64(at))
}

func random(r *run, s []uint64) {
	b, ok := r.guest().slice(uint32(s[0]), uint32(s[1]))
	if !ok {
		s[0] = fault
		return
	}
	_, _ = r.world.random.Read(b) // never fails
	s[0] = success
}

// WASI's poll_oneoff: the sizes of a subscription and an event, and the kinds
// of both.
const (
	subscriptionBytes = 48
	eventBytes        = 32
	subscribedClock   = 0
	subscribedRead    = 1
	subscribedWrite   = 2
)

// poll answers every subscription at once: a clock's by moving the monotonic
// clock on to it, the nearest of several.
func poll(r *run, s []uint64) {
	count := uint32(s[2])
	if count == 0 {
		s[0] = invalid
		return
	}
	in, ok := r.guest().slice64(s[0], uint64(count)*subscriptionBytes)
	out, fits := r.guest().slice64(s[1], uint64(count)*eventBytes)
	if !ok || !fits {
		s[0] = fault
		return
	}
	clear(out)
	sleep := time.Duration(-1)
	for i := uint32(0); i < count; i++ {
		subscription, event := in[i*subscriptionBytes:], out[i*eventBytes:]
		kind, about := subscription[8], subscription[16:subscriptionBytes]
		copy(event[:8], subscription[:8]) // what the guest knows it by
		event[10] = kind
		switch kind {
		case subscribedClock:
			if binary.LittleEndian.Uint16(about[24:]) != 0 {
				s[0] = notSupported // an instant instead of a duration
				return
			}
			if d := time.Duration(binary.LittleEndian.Uint64(about[8:])); sleep < 0 || d < sleep {
				sleep = d
			}
		case subscribedRead, subscribedWrite:
			if !isOpen(uint64(binary.LittleEndian.Uint32(about))) {
				event[8] = byte(badFile)
			}
		default:
			s[0] = invalid
			return
		}
	}
	r.world.monotonic += max(sleep, 0)
	s[0] = r.guest().put32(s[3], uint64(count))
}
