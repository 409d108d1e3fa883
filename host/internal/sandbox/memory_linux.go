package sandbox

import "syscall"

// reserve maps most bytes, of which none is touched yet; nil if the system
// refuses.
func reserve(most uint64) []byte {
	b, err := syscall.Mmap(-1, 0, int(most), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return nil
	}
	// A fault for 2 MiB instead of one for each 4 KiB: touching all of its
	// memory for the first time is the one thing that a guest does slowly
	// without paying for it. Advice that is not taken costs nothing.
	_ = syscall.Madvise(b, syscall.MADV_HUGEPAGE)
	return b
}

func giveBack(b []byte) {
	_ = syscall.Munmap(b) // fails only for what is not a mapping
}
