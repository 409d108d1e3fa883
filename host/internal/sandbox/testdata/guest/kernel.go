//go:build wasip1

package main

import "encoding/binary"

//go:wasmimport extism:host/env input_length
func inputLength() uint64

//go:wasmimport extism:host/env input_load_u64
func inputLoad(offset uint64) uint64

//go:wasmimport extism:host/env alloc
func alloc(n uint64) uint64

//go:wasmimport extism:host/env free
func free(handle uint64)

//go:wasmimport extism:host/env length
func length(handle uint64) uint64

//go:wasmimport extism:host/env load_u64
func load(offset uint64) uint64

//go:wasmimport extism:host/env store_u64
func store(offset, value uint64)

//go:wasmimport extism:host/env output_set
func outputSet(handle, n uint64)

//go:wasmimport extism:host/env error_set
func errorSet(handle uint64)

//go:wasmimport extism:host/env log_info
func logInfo(handle uint64)

//go:wasmimport extism:host/env log_debug
func logDebug(handle uint64)

//go:wasmimport extism:host/user secret_mac
func secretMAC(handle uint64) uint64

func input() []byte {
	n := inputLength()
	b := make([]byte, 0, n+8)
	for i := uint64(0); i < n; i += 8 {
		b = binary.LittleEndian.AppendUint64(b, inputLoad(i))
	}
	return b[:n]
}

// give copies b into a block of the kernel.
func give(b []byte) uint64 {
	padded := append(append([]byte(nil), b...), make([]byte, (8-len(b)%8)%8)...)
	handle := alloc(uint64(len(padded)))
	for i := 0; i < len(padded); i += 8 {
		store(handle+uint64(i), binary.LittleEndian.Uint64(padded[i:]))
	}
	return handle
}

func output(b []byte) { outputSet(give(b), uint64(len(b))) }

func read(handle uint64) []byte {
	n := length(handle)
	b := make([]byte, 0, n+8)
	for i := uint64(0); i < n; i += 8 {
		b = binary.LittleEndian.AppendUint64(b, load(handle+i))
	}
	return b[:n]
}
