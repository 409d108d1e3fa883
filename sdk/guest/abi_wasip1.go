package guest

import (
	"encoding/binary"
	"errors"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Extism's kernel. Handles, offsets and lengths are i64. Its imports for
// config, variables, HTTP and errors are not bound: the host refuses a module
// that has them.

//go:wasmimport extism:host/env input_length
func kernelInputLength() uint64

//go:wasmimport extism:host/env input_load_u64
func kernelInputLoad64(offset uint64) uint64

//go:wasmimport extism:host/env input_load_u8
func kernelInputLoad8(offset uint64) uint32

//go:wasmimport extism:host/env alloc
func kernelAlloc(n uint64) uint64

//go:wasmimport extism:host/env free
func kernelFree(handle uint64)

//go:wasmimport extism:host/env length
func kernelLength(handle uint64) uint64

//go:wasmimport extism:host/env load_u64
func kernelLoad64(offset uint64) uint64

//go:wasmimport extism:host/env load_u8
func kernelLoad8(offset uint64) uint32

//go:wasmimport extism:host/env store_u64
func kernelStore64(offset, value uint64)

//go:wasmimport extism:host/env store_u8
func kernelStore8(offset uint64, value uint32)

//go:wasmimport extism:host/env output_set
func kernelOutputSet(handle, n uint64)

//go:wasmimport extism:host/env log_info
func kernelLogInfo(handle uint64)

//go:wasmimport extism:host/env log_warn
func kernelLogWarn(handle uint64)

//go:wasmimport extism:host/env log_error
func kernelLogError(handle uint64)

//go:wasmimport extism:host/user secret_mac
func hostSecretMAC(input uint64) uint64

//go:wasmimport extism:host/user secret_digest
func hostSecretDigest(input uint64) uint64

//go:wasmimport extism:host/user verify_signature
func hostVerifySignature(input uint64) uint64

func readInput() []byte {
	return read(kernelInputLength(), 0, kernelInputLoad64, kernelInputLoad8)
}

// writeOutput leaves the output empty where the kernel has no room for it,
// which the host takes for a failure.
func writeOutput(b []byte) {
	if h := store(b); h != 0 {
		kernelOutputSet(h, uint64(len(b)))
	}
}

// read copies n bytes in words of 8, and what is left byte by byte: a word
// past the end is not defined.
func read(n, offset uint64, word func(uint64) uint64, single func(uint64) uint32) []byte {
	b := make([]byte, n)
	i := uint64(0)
	for ; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], word(offset+i))
	}
	for ; i < n; i++ {
		b[i] = byte(single(offset + i))
	}
	return b
}

// store copies b into the kernel's memory. A kernel without room for it gives
// the handle 0.
func store(b []byte) (handle uint64) {
	n := uint64(len(b))
	if handle = kernelAlloc(n); handle == 0 {
		return 0
	}
	i := uint64(0)
	for ; i+8 <= n; i += 8 {
		kernelStore64(handle+i, binary.LittleEndian.Uint64(b[i:]))
	}
	for ; i < n; i++ {
		kernelStore8(handle+i, uint32(b[i]))
	}
	return handle
}

var hostFunctions = map[contract.HostFunction]func(uint64) uint64{
	contract.SecretMAC:       hostSecretMAC,
	contract.SecretDigest:    hostSecretDigest,
	contract.VerifySignature: hostVerifySignature,
}

func callHost(name contract.HostFunction, input []byte) ([]byte, error) {
	for len(input)%8 != 0 {
		input = append(input, ' ')
	}
	in := store(input)
	if in == 0 {
		return nil, errors.New("the input is too large")
	}
	out := hostFunctions[name](in)
	kernelFree(in)
	if out == 0 {
		return nil, errors.New("the host gave no output")
	}
	b := read(kernelLength(out), out, kernelLoad64, kernelLoad8)
	kernelFree(out)
	return b, nil
}

func logLine(level Level, text string) {
	h := store([]byte(text))
	if h == 0 {
		return
	}
	switch level {
	case LevelInfo:
		kernelLogInfo(h)
	case LevelWarn:
		kernelLogWarn(h)
	default:
		kernelLogError(h)
	}
	kernelFree(h)
}
