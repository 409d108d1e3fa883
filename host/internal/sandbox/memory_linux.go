package sandbox

import "syscall"

// hugePage is the larger of the system's pages.
const hugePage = 2 << 20

// reserve maps most bytes, of which none is touched yet, for a memory that has
// so many at first; nil if the system refuses.
func reserve(first, most uint64) []byte {
	b, err := syscall.Mmap(-1, 0, int(most), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return nil
	}
	// A fault for 2 MiB instead of one for each 4 KiB: touching all of its
	// memory for the first time is the one thing that a guest does slowly
	// without paying for it. Advice that is not taken costs nothing. A small
	// guest, of which there may be many, is not given 2 MiB at once.
	if first >= hugePage/2 {
		_ = syscall.Madvise(b, syscall.MADV_HUGEPAGE)
	} else if most > hugePage {
		_ = syscall.Madvise(b[hugePage:], syscall.MADV_HUGEPAGE)
	}
	return b
}

func giveBack(b []byte) {
	_ = syscall.Munmap(b) // fails only for what is not a mapping
}
