package sandbox

import (
	"encoding/binary"
	"fmt"
	"slices"

	extism "github.com/extism/go-sdk"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// give takes n bytes of the kernel's memory for the guest; 0 when there are none.
func (r *run) give(p *extism.CurrentPlugin, n uint64) uint64 {
	r.owed += min(r.allocated, maxBlocks) * costBlock
	r.copied(n)
	if n == 0 || n > maxKernelBytes-r.kernel || r.allocated >= maxBlocks {
		return 0
	}
	at, err := p.Alloc(n)
	if err != nil || at == 0 {
		return 0
	}
	r.kernel += n
	r.allocated++
	r.last, _ = r.find(at)
	r.blocks = slices.Insert(r.blocks, r.last, block{at, n})
	return at
}

func alloc(r *run, p *extism.CurrentPlugin, s []uint64) { s[0] = r.give(p, s[0]) }

func free(r *run, p *extism.CurrentPlugin, s []uint64) { r.release(p, s[0]) }

func (r *run) release(p *extism.CurrentPlugin, at uint64) {
	i, ok := r.find(at)
	if !ok {
		return
	}
	r.owed += r.allocated * costBlock
	r.kernel -= r.blocks[i].size
	r.blocks = slices.Delete(r.blocks, i, i+1)
	if err := p.Free(at); err != nil {
		r.abort(fmt.Errorf("free a block of the kernel: %w", err))
	}
}

func length(r *run, _ *extism.CurrentPlugin, s []uint64) { s[0] = r.size(s[0]) }

// inputByte and inputWord read the input, and zeros behind its end.
func inputByte(r *run, _ *extism.CurrentPlugin, s []uint64) {
	s[0] = word(r.input, s[0]) & 0xff
}

func inputWord(r *run, _ *extism.CurrentPlugin, s []uint64) { s[0] = word(r.input, s[0]) }

// word is the eight bytes of b at at, with zeros for those that b has not.
func word(b []byte, at uint64) uint64 {
	if at >= uint64(len(b)) {
		return 0
	}
	if b = b[at:]; len(b) >= 8 {
		return binary.LittleEndian.Uint64(b)
	}
	var v [8]byte
	copy(v[:], b)
	return binary.LittleEndian.Uint64(v[:])
}

// loadByte and loadWord read a block that the guest was given, and zeros
// behind its end.
func loadByte(r *run, p *extism.CurrentPlugin, s []uint64) {
	s[0] = r.load(p, s[0]) & 0xff
}

func loadWord(r *run, p *extism.CurrentPlugin, s []uint64) { s[0] = r.load(p, s[0]) }

func (r *run) load(p *extism.CurrentPlugin, at uint64) uint64 {
	if !r.within(at, 1) {
		r.abort(fmt.Errorf("%w: load at %d", ErrHandle, at))
	}
	b := r.blocks[r.last]
	memory, ok := p.Memory().Read(uint32(b.at), uint32(b.size))
	if !ok {
		r.abort(fmt.Errorf("%w: load at %d", ErrHandle, at))
	}
	return word(memory, at-b.at)
}

func storeByte(r *run, p *extism.CurrentPlugin, s []uint64) {
	if !r.within(s[0], 1) || !p.Memory().WriteByte(uint32(s[0]), byte(s[1])) {
		r.abort(fmt.Errorf("%w: store of a byte at %d", ErrHandle, s[0]))
	}
}

func storeWord(r *run, p *extism.CurrentPlugin, s []uint64) {
	if !r.within(s[0], 8) || !p.Memory().WriteUint64Le(uint32(s[0]), s[1]) {
		r.abort(fmt.Errorf("%w: store of 8 bytes at %d", ErrHandle, s[0]))
	}
}

// outputSet notes where the output is. It is read when the export is done.
func outputSet(r *run, _ *extism.CurrentPlugin, s []uint64) {
	at, n := s[0], s[1]
	switch {
	case n > contract.MaxOutput:
		r.abort(fmt.Errorf("%w: %d bytes, at most %d are taken", ErrOutputTooLarge, n, contract.MaxOutput))
	case n > 0 && !r.within(at, n):
		r.abort(fmt.Errorf("%w: output of %d bytes at %d", ErrHandle, n, at))
	}
	r.output, r.outputLength = at, n
}

func errorSet(r *run, p *extism.CurrentPlugin, s []uint64) {
	if s[0] == 0 {
		r.guestError = ""
		return
	}
	text, _ := r.read(p, s[0], maxErrorText)
	r.guestError = string(text)
}

// read copies at most limit bytes of a block, and gives its whole length.
func (r *run) read(p *extism.CurrentPlugin, at, limit uint64) ([]byte, uint64) {
	size := r.size(at)
	if size == 0 {
		r.abort(fmt.Errorf("%w: a block at %d", ErrHandle, at))
	}
	n := min(size, limit)
	b, ok := p.Memory().Read(uint32(at), uint32(n))
	if !ok {
		r.abort(fmt.Errorf("%w: a block at %d", ErrHandle, at))
	}
	r.copied(n)
	return append([]byte(nil), b...), size
}
