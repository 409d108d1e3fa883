package sandbox

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// give takes n bytes of the heap for the guest; 0 when there are none.
func (r *run) give(n uint64) uint64 {
	r.owed += min(r.allocated, maxBlocks) * costBlock
	r.copied(n)
	if n == 0 || n > maxKernelBytes-r.kernel || r.allocated >= maxBlocks {
		return 0
	}
	place, ok := r.take(n)
	if !ok {
		return 0
	}
	at := r.next
	r.next += (n + 15) &^ 7 // handles of blocks never touch
	r.kernel += n
	r.allocated++
	r.last = len(r.blocks)
	r.blocks = append(r.blocks, block{at, n, place})
	return at
}

func alloc(r *run, s []uint64) { s[0] = r.give(s[0]) }

func free(r *run, s []uint64) { r.release(s[0]) }

// release frees a block. An output in it is kept as it is now.
func (r *run) release(at uint64) {
	i, ok := r.find(at)
	if !ok {
		return
	}
	b := r.blocks[i]
	if b.holds(r.output, r.outputLength) {
		r.keep()
	}
	r.owed += r.allocated * costBlock
	r.kernel -= b.size
	r.blocks = slices.Delete(r.blocks, i, i+1)
	r.drop(b.place)
}

func length(r *run, s []uint64) { s[0] = r.size(s[0]) }

func inputLength(r *run, s []uint64) { s[0] = uint64(len(r.input)) }

// inputByte and inputWord read the input, and zeros behind its end.
func inputByte(r *run, s []uint64) { s[0] = word(r.input, s[0]) & 0xff }

func inputWord(r *run, s []uint64) { s[0] = word(r.input, s[0]) }

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
func loadByte(r *run, s []uint64) { s[0] = r.load(s[0]) & 0xff }

func loadWord(r *run, s []uint64) { s[0] = r.load(s[0]) }

func (r *run) load(at uint64) uint64 {
	if !r.within(at, 1) {
		r.abort(fmt.Errorf("%w: load at %d", ErrHandle, at))
	}
	b := r.blocks[r.last]
	return word(r.view(b.place, b.size), at-b.at)
}

func storeByte(r *run, s []uint64) { r.store(s[0], 1)[0] = byte(s[1]) }

func storeWord(r *run, s []uint64) { binary.LittleEndian.PutUint64(r.store(s[0], 8), s[1]) }

// store gives n bytes at at for writing.
func (r *run) store(at, n uint64) []byte {
	if !r.within(at, n) {
		r.abort(fmt.Errorf("%w: store of %d bytes at %d", ErrHandle, n, at))
	}
	b := r.blocks[r.last]
	return r.view(b.place, b.size)[at-b.at:]
}

// outputSet notes where the output is. It is read when the export is done.
func outputSet(r *run, s []uint64) {
	at, n := s[0], s[1]
	switch {
	case n > contract.MaxOutput:
		r.abort(fmt.Errorf("%w: %d bytes, at most %d are taken", ErrOutputTooLarge, n, contract.MaxOutput))
	case n > 0 && !r.within(at, n):
		r.abort(fmt.Errorf("%w: output of %d bytes at %d", ErrHandle, n, at))
	}
	r.output, r.outputLength, r.result = at, n, nil
}

func errorSet(r *run, s []uint64) {
	if s[0] == 0 {
		r.guestError = ""
		return
	}
	text, _ := r.read(s[0], maxErrorText)
	r.guestError = string(text)
}

// read copies at most limit bytes of a block, and gives its whole length.
func (r *run) read(at, limit uint64) ([]byte, uint64) {
	i, ok := r.find(at)
	if !ok {
		r.abort(fmt.Errorf("%w: a block at %d", ErrHandle, at))
	}
	b := r.blocks[i]
	n := min(b.size, limit)
	r.copied(n)
	return append([]byte(nil), r.view(b.place, b.size)[:n]...), b.size
}
