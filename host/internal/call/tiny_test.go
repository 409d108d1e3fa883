package call_test

import (
	"encoding/binary"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// tinyGrown is the size of an input from which the tiny plugin knows that it
// has its answer.
const tinyGrown = 60_000

// tiny puts a plugin together byte by byte, so that two hundred calls of it
// take no time: get_payment says first, and then once its input has grown.
func tiny(describe, first, then string) []byte {
	const i32, i64, firstAt, thenAt = 0x7f, 0x7e, 16 << 10, 32 << 10
	module := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, items ...[]byte) {
		body := append(uleb(len(items)), slices.Concat(items...)...)
		module = slices.Concat(module, []byte{id}, uleb(len(body)), body)
	}
	imported := func(name string, typ byte) []byte {
		return slices.Concat(text(contract.ModuleKernel), text(name), []byte{0, typ})
	}
	section(1, // types: an operation, alloc, store_u8, output_set, input_length, put
		[]byte{0x60, 0, 1, i32}, []byte{0x60, 1, i64, 1, i64}, []byte{0x60, 2, i64, i32, 0},
		[]byte{0x60, 2, i64, i64, 0}, []byte{0x60, 0, 1, i64}, []byte{0x60, 2, i32, i32, 0})
	section(2, imported("alloc", 1), imported("store_u8", 2), imported("output_set", 3), imported("input_length", 4))
	section(3, []byte{5}, []byte{0}, []byte{0}) // put is 4, describe 5, get_payment 6
	section(5, []byte{0, 2})
	section(7, append(text("describe"), 0, 5), append(text("get_payment"), 0, 6), append(text("create_payment"), 0, 6))
	put := func(at int, s string) []byte { return slices.Concat(i32Const(at), i32Const(len(s)), []byte{0x10, 4}) }
	section(10,
		function([]byte{2, 1, i64, 1, i32}, // put(at, n): h in 2, i in 3
			[]byte{0x20, 1, 0xad, 0x10, 0, 0x21, 2},                                                       // h = alloc(n)
			[]byte{0x03, 0x40, 0x20, 2, 0x20, 3, 0xad, 0x7c, 0x20, 0, 0x20, 3, 0x6a, 0x2d, 0, 0, 0x10, 1}, // store_u8(h+i, memory[at+i])
			[]byte{0x20, 3, 0x41, 1, 0x6a, 0x22, 3, 0x20, 1, 0x48, 0x0d, 0, 0x0b},                         // while ++i < n
			[]byte{0x20, 2, 0x20, 1, 0xad, 0x10, 2}),                                                      // output_set(h, n)
		function([]byte{0}, put(0, describe), []byte{0x41, 0}),
		function([]byte{0}, []byte{0x10, 3, 0xa7}, i32Const(tinyGrown), []byte{0x48, 0x04, 0x40}, // if input_length() < tinyGrown
			put(firstAt, first), []byte{0x05}, put(thenAt, then), []byte{0x0b, 0x41, 0}))
	segment := func(at int, s string) []byte {
		return slices.Concat([]byte{0}, i32Const(at), []byte{0x0b}, text(s))
	}
	section(11, segment(0, describe), segment(firstAt, first), segment(thenAt, then))
	return module
}

func function(locals []byte, code ...[]byte) []byte {
	body := append(append(locals, slices.Concat(code...)...), 0x0b)
	return append(uleb(len(body)), body...)
}

func text(s string) []byte { return append(uleb(len(s)), s...) }

func uleb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

// i32Const pushes a number of up to 2^20, padded so that its sign is plain.
func i32Const(n int) []byte {
	return []byte{0x41, byte(n&0x7f) | 0x80, byte(n>>7&0x7f) | 0x80, byte(n >> 14 & 0x3f)}
}
