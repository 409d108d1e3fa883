package sandbox

import (
	"context"
	"syscall"

	"github.com/tetratelabs/wazero/experimental"
)

// withMemory has linear memories mapped outside of Go's heap: they grow in
// place, come zeroed, cost only the pages that are touched, and go back to the
// system as soon as the sandbox is closed.
func withMemory(ctx context.Context) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(mapMemory))
}

// mapMemory reserves most bytes. Where the system refuses a mapping the bytes
// come from Go's heap, since the engine cannot take no for an answer.
func mapMemory(_, most uint64) experimental.LinearMemory {
	b, err := syscall.Mmap(-1, 0, int(most), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return &mapping{b: make([]byte, most)}
	}
	// A fault for 2 MiB instead of one for each 4 KiB: touching all of its
	// memory for the first time is the one thing that a guest does slowly
	// without paying for it. Advice that is not taken costs nothing.
	_ = syscall.Madvise(b, syscall.MADV_HUGEPAGE)
	return &mapping{b: b, mapped: true}
}

// mapping is one linear memory.
type mapping struct {
	b      []byte
	mapped bool
}

// Reallocate implements experimental.LinearMemory.
func (m *mapping) Reallocate(size uint64) []byte {
	if size > uint64(len(m.b)) {
		return nil
	}
	return m.b[:size:len(m.b)]
}

// Free implements experimental.LinearMemory.
func (m *mapping) Free() {
	if m.mapped {
		_ = syscall.Munmap(m.b) // fails only for what is not a mapping
	}
	*m = mapping{}
}
