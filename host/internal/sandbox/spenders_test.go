package sandbox

import (
	"bytes"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Two locals for the loops below: 0 is an i64 that runs through a sequence
// without visible order, 1 an i32.
var twoLocals = []byte{2, 1, 0x7e, 1, 0x7f}

// next moves local 0 on, and leaves mask bits of it on the stack as an i32.
func next(mask int32) []byte {
	return cat(opLocalGet, 0, constI64(6364136223846793005), opI64Mul, constI64(1442695040888963407), 0x7c, 0x22, 0,
		constI64(33), opI64ShrU, 0xa7, constI32(mask), 0x71)
}

func looping(code ...byte) testModule {
	return testModule{pages: 1024, funcs: []testFunc{{sig: ":i", export: "run", locals: twoLocals, code: forever(code...)}}}
}

// importing loops over a call of an import.
func importing(module, name string, sig signature, code ...byte) testModule {
	m := looping(code...)
	m.imports = []testImport{{module, name, sig}}
	return m
}

func repeat(n int, code ...byte) []byte { return bytes.Repeat(code, n) }

// spenders are guests that use their fuel up, each in another way.
func spenders() map[string]testModule {
	functions := testModule{pages: 1, funcs: []testFunc{{sig: ":i", export: "run", locals: twoLocals, code: forever(cat(next(63), 0x11, 0, 0, 0x1a)...)}}}
	for i := range 64 {
		functions.funcs = append(functions.funcs, testFunc{sig: ":i", code: constI32(int32(i))})
		functions.table = append(functions.table, uint32(i+1))
	}
	nest := testModule{funcs: []testFunc{{sig: ":i", export: "run", code: cat(opCall, 1, constI32(0))}}}
	for i := range 37 {
		nest.funcs = append(nest.funcs, testFunc{sig: ":", code: cat(opCall, i+2, opCall, i+2)})
	}
	nest.funcs = append(nest.funcs, testFunc{sig: ":"})
	denormal := cat(0x44, []byte{1, 0, 0, 0, 0, 0, 0x10, 0}, 0x44, []byte{0, 0, 0, 0, 0, 0, 0xe0, 0x3f})
	var table []byte
	for range 64 {
		table = append(table, opBlock, emptyBlock)
	}
	table = cat(table, next(63), 0x0e, 63)
	for i := range 64 {
		table = append(table, byte(i))
	}
	for range 64 {
		table = append(table, opEnd)
	}
	kernel, wasi := contract.ModuleKernel, contract.ModuleWASI
	return map[string]testModule{
		"empty loop":       looping(),
		"arithmetic":       looping(cat(opLocalGet, 1, repeat(30, 0x41, 1, 0x6a), 0x21, 1)...),
		"random loads":     looping(cat(next(0x1fffff8), 0x29, 0, 0, opLocalGet, 0, 0x85, 0x21, 0)...),
		"dependent loads":  looping(cat(opLocalGet, 0, 0xa7, constI32(0x1ffffc0), 0x71, 0x29, 0, 0, opLocalGet, 0, 0x7c, constI64(0x9E3779B97F4A7C1), 0x7c, 0x21, 0)...),
		"random stores":    looping(cat(next(0x1fffff8), opLocalGet, 0, 0x37, 0, 0)...),
		"read and write":   looping(cat(opLocalGet, 1, opLocalGet, 1, 0x29, 0, 0, constI64(1), 0x7c, 0x37, 0, 0, opLocalGet, 1, constI32(8), 0x6a, constI32(0x1fffff8), 0x71, 0x21, 1)...),
		"divisions":        looping(cat(opLocalGet, 0, constI64(1<<62+12345), 0x85, constI64(3), 0x80, constI64(1<<62), 0x7c, 0x21, 0)...),
		"denormals":        looping(cat(denormal, repeat(20, 0x44, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0xa2), 0x1a, 0x1a)...),
		"square roots":     looping(cat(opLocalGet, 0, 0xb9, repeat(20, 0x9f), 0xb0, 0x21, 0)...),
		"indirect calls":   functions,
		"branch table":     looping(table...),
		"branches":         looping(repeat(8, cat(next(1), opIf, emptyBlock, opLocalGet, 1, 0x41, 1, 0x6a, 0x21, 1, opEnd)...)...),
		"calls":            nest,
		"recursion":        {funcs: []testFunc{{sig: ":i", export: "run", code: cat(opCall, 0, 0x41, 1, 0x6a)}}},
		"stores of bytes":  importing(kernel, "alloc", "I:I", cat(constI64(8), opCall, 0, 0x1a)...),
		"wide recursion":   {funcs: []testFunc{{sig: ":i", export: "run", locals: []byte{1, 0x80, 0x20, 0x7e}, code: cat(opCall, 0, 0x41, 1, 0x6a)}}},
		"small fills":      looping(cat(constI32(64), constI32(0), constI32(1), 0xfc, 11, 0)...),
		"page fills":       looping(cat(constI32(64), constI32(0), constI32(4096), 0xfc, 11, 0)...),
		"large fills":      looping(cat(constI32(64), constI32(0), constI32(60<<20), 0xfc, 11, 0)...),
		"large copies":     looping(cat(constI32(0), constI32(30<<20), constI32(30<<20), 0xfc, 10, 0, 0)...),
		"growing by none":  looping(cat(constI32(0), 0x40, 0, 0x1a)...),
		"clock":            importing(wasi, "clock_time_get", "iIi:i", cat(constI32(0), constI64(0), constI32(64), opCall, 0, 0x1a)...),
		"random 1":         importing(wasi, "random_get", "ii:i", cat(constI32(64), constI32(1), opCall, 0, 0x1a)...),
		"random 1 MiB":     importing(wasi, "random_get", "ii:i", cat(constI32(64), constI32(1<<20), opCall, 0, 0x1a)...),
		"write nothing":    importing(wasi, "fd_write", "iiii:i", cat(constI32(1), constI32(64), constI32(100_000), constI32(0), opCall, 0, 0x1a)...),
		"poll":             importing(wasi, "poll_oneoff", "iiii:i", cat(constI32(64), constI32(10<<20), constI32(100_000), constI32(0), opCall, 0, 0x1a)...),
		"input words":      importing(kernel, "input_load_u64", "I:I", cat(constI64(0), opCall, 0, 0x1a)...),
		"input bytes":      importing(kernel, "input_load_u8", "I:i", cat(constI64(0), opCall, 0, 0x1a)...),
		"allocations":      importing(kernel, "alloc", "I:I", cat(constI64(1), opCall, 0, 0x1a)...),
		"large allocation": importing(kernel, "alloc", "I:I", cat(constI64(1<<20), opCall, 0, 0x1a)...),
		"length":           importing(kernel, "length", "I:I", cat(constI64(1<<25), opCall, 0, 0x1a)...),
	}
}
