package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// image is what a sandbox is put back to before a call: all that a guest can
// change and that is left when a call is done. Blocks are cleared, clock and
// randomness are the call's own, and a module that could change its table runs
// without an image.
type image struct {
	pieces    [][]byte // of memory; those that are zero are the same one
	globals   []uint64
	monotonic time.Duration
}

// slack is what an engine leaves as it is between calls. It is none outside of
// tests, which see with it that the proof catches each way to leak.
type slack uint8

const (
	slackMemory  slack = 1 << iota
	slackGlobals       //
	slackTables        //
	slackBlocks        //
	slackWorld         // clock and randomness
	slackSeeds         // randomness of the start-up
)

// maxImage bounds an image: putting more back takes longer than a new sandbox.
const maxImage = 16 << 20

// errDiffers: two sandboxes that should be alike are not.
var errDiffers = errors.New("differs")

// capture copies what a sandbox holds now.
func (r *run) capture() (*image, error) {
	if n := len(r.guest().b); n > maxImage {
		return nil, fmt.Errorf("its memory of %d bytes is more than the %d that are put back", n, maxImage)
	}
	if err := r.save(); err != nil {
		return nil, err
	}
	return &image{cutPieces(r.guest().b), append([]uint64{}, r.kept...), r.world.monotonic}, nil
}

// save has the guest tell its globals.
func (r *run) save() error {
	r.kept = r.kept[:0]
	if _, err := r.instance.enter(withRun(r), exportSave); err != nil {
		return fmt.Errorf("read the globals: %w", err)
	}
	return nil
}

// compare tells whether a sandbox holds what the image does.
func (m *image) compare(r *run) error {
	if err := r.save(); err != nil {
		return err
	}
	switch {
	case !m.fits(r):
		return fmt.Errorf("the size of memory %w", errDiffers)
	case !m.holds(r.guest().b):
		return fmt.Errorf("memory %w", errDiffers)
	case !slices.Equal(m.globals, r.kept):
		return fmt.Errorf("a global %w", errDiffers)
	case m.monotonic != r.world.monotonic:
		return fmt.Errorf("what the clock was asked %w", errDiffers)
	}
	return nil
}

// fits tells whether a sandbox can be put back: memory never shrinks.
func (m *image) fits(r *run) bool { return m.size() == len(r.guest().b) }

func (m *image) size() int { return len(m.pieces) * pieceSize }

// grow makes room for the image in a new sandbox.
func (m *image) grow(r *run) error {
	if len(r.guest().b) < m.size() {
		r.growth = uint64(m.size()-len(r.guest().b)) / pageSize
		if _, err := r.instance.enter(withRun(r), exportGrow); err != nil {
			return fmt.Errorf("grow a sandbox: %w", err)
		}
	}
	if !m.fits(r) {
		return fmt.Errorf("grow a sandbox from %d to %d bytes: %w", len(r.guest().b), m.size(), ErrMemory)
	}
	return nil
}

// again puts a sandbox back to the image, and goes on to a call.
func (m *image) again(ctx context.Context, r *run, c *Call) error {
	used := r.put != nil
	if !used || r.slack&slackMemory == 0 {
		m.restore(r.guest().b)
	}
	r.put, r.world.monotonic = m.globals, m.monotonic
	export := exportRestore
	if used && r.slack&slackGlobals != 0 {
		export = exportBegin
	}
	return r.begin(ctx, c, export)
}

// pieceSize is the unit in which memory is compared and put back. A call
// changes a tenth of it: comparing all takes half the time of copying all.
const pieceSize = 4 << 10

// zeroPiece stands for every piece that is zero: it need not be kept, and stays
// in the processor's cache while memory is compared.
var zeroPiece = make([]byte, pieceSize)

// cutPieces copies a memory, whose size is a multiple of a piece's.
func cutPieces(memory []byte) [][]byte {
	pieces := make([][]byte, 0, len(memory)/pieceSize)
	filled := 0
	for p := range slices.Chunk(memory, pieceSize) {
		if bytes.Equal(p, zeroPiece) {
			p = zeroPiece
		} else {
			filled++
		}
		pieces = append(pieces, p)
	}
	kept := make([]byte, 0, filled*pieceSize)
	for i, p := range pieces {
		if &p[0] != &zeroPiece[0] {
			kept = append(kept, p...)
			pieces[i] = kept[len(kept)-pieceSize:]
		}
	}
	return pieces
}

// holds tells whether a memory of the image's size is as the image is.
func (m *image) holds(memory []byte) bool {
	for i, want := range m.pieces {
		if !bytes.Equal(want, memory[i*pieceSize:(i+1)*pieceSize]) {
			return false
		}
	}
	return true
}

// restore puts back what differs.
func (m *image) restore(memory []byte) {
	for i, want := range m.pieces {
		if got := memory[i*pieceSize : (i+1)*pieceSize]; !bytes.Equal(want, got) {
			copy(got, want)
		}
	}
}
