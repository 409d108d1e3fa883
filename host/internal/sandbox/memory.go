package sandbox

import (
	"context"
	"encoding/binary"

	"github.com/tetratelabs/wazero/experimental"
)

// memories are the linear memories of one instance, in the order in which they
// are made.
type memories []*linear

// in has the memories of an instance that is made in this context collected.
func (m *memories) in(ctx context.Context) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(first, most uint64) experimental.LinearMemory {
		l := &linear{mapped: reserve(first, most)}
		*m = append(*m, l)
		return l
	}))
}

// linear is one linear memory. Where the system lets us, it is mapped outside
// of Go's heap: it grows in place, comes zeroed, costs only the pages that are
// touched, and goes back to the system as soon as the instance is closed.
type linear struct {
	b      []byte // as large as the guest sees it
	mapped []byte // what is reserved for it; nil: b comes from Go's heap
}

// Reallocate implements experimental.LinearMemory.
func (l *linear) Reallocate(size uint64) []byte {
	switch {
	case l.mapped == nil:
		b := make([]byte, size)
		copy(b, l.b)
		l.b = b
	case size > uint64(len(l.mapped)):
		return nil
	default:
		l.b = l.mapped[:size:len(l.mapped)]
	}
	return l.b
}

// Free implements experimental.LinearMemory.
func (l *linear) Free() {
	if l.mapped != nil {
		giveBack(l.mapped)
	}
	*l = linear{}
}

// slice gives n bytes of the memory as they are, if it has them.
func (l *linear) slice(at, n uint32) ([]byte, bool) { return l.slice64(uint64(at), uint64(n)) }

// slice64 is slice for a length that is not bounded yet. Of at count 32 bits.
func (l *linear) slice64(at, n uint64) ([]byte, bool) {
	at = uint64(uint32(at))
	if n > uint64(len(l.b)) || at > uint64(len(l.b))-n {
		return nil, false
	}
	return l.b[at : at+n], true
}

// put32 and put64 write a number for WASI.
func (l *linear) put32(at, v uint64) errno {
	b, ok := l.slice64(at, 4)
	if !ok {
		return fault
	}
	binary.LittleEndian.PutUint32(b, uint32(v))
	return success
}

func (l *linear) put64(at, v uint64) errno {
	b, ok := l.slice64(at, 8)
	if !ok {
		return fault
	}
	binary.LittleEndian.PutUint64(b, v)
	return success
}
