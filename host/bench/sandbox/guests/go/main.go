//go:build wasip1

// Command go is the benchmark's guest in Go. It has the work behind two
// boundaries: create_payment behind Extism's, raw_work in its own memory.
package main

import (
	"encoding/binary"
	"unsafe"

	"github.com/kassette-pay/kassette/host/bench/sandbox/work"
)

//go:wasmimport extism:host/env input_length
func inputLength() uint64

//go:wasmimport extism:host/env input_load_u64
func inputLoad(offset uint64) uint64

//go:wasmimport extism:host/env alloc
func alloc(n uint64) uint64

//go:wasmimport extism:host/env store_u64
func store(offset, value uint64)

//go:wasmimport extism:host/env output_set
func outputSet(handle, n uint64)

func main() {}

//go:wasmexport describe
func describe() int32 { return output([]byte(`{"name":"guest"}`)) }

//go:wasmexport create_payment
func createPayment() int32 { return output(answer(input())) }

func answer(in []byte) []byte {
	out, err := work.Answer(in)
	if err != nil {
		return []byte(work.Failure)
	}
	return out
}

func input() []byte {
	n := inputLength()
	b := make([]byte, 0, n+8)
	for i := uint64(0); i < n; i += 8 {
		b = binary.LittleEndian.AppendUint64(b, inputLoad(i))
	}
	return b[:n]
}

func output(b []byte) int32 {
	n := len(b)
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	handle := alloc(uint64(len(b)))
	for i := 0; i < len(b); i += 8 {
		store(handle+uint64(i), binary.LittleEndian.Uint64(b[i:]))
	}
	outputSet(handle, uint64(n))
	return 0
}

var (
	raw    [64 << 10]byte // the input of raw_work
	result []byte         // its output
)

//go:wasmexport raw_input
func rawInput() unsafe.Pointer { return unsafe.Pointer(&raw) }

//go:wasmexport raw_work
func rawWork(n uint32) uint32 {
	result = answer(raw[:n])
	return uint32(len(result))
}

//go:wasmexport raw_output
func rawOutput() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(result)) }
