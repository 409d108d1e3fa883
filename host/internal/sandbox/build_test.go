package sandbox

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// The tests put modules together with these.

type (
	testFunc struct {
		sig    signature
		export string
		locals []byte // declarations; nil for none
		code   []byte // without the last end
	}
	testImport struct {
		module, name string
		sig          signature
	}
	testModule struct {
		imports  []testImport
		funcs    []testFunc
		pages    uint32
		most     uint32
		noMemory bool
		table    []uint32 // functions put into it from entry 0 on
		globals  [][]byte // type, mutability, initial value
		extra    map[byte][]byte
		custom   []byte
	}
)

func (m testModule) bytes() []byte {
	var types []signature
	typeOf := func(s signature) uint32 {
		if i := slices.Index(types, s); i >= 0 {
			return uint32(i)
		}
		types = append(types, s)
		return uint32(len(types) - 1)
	}
	imports := appendU32(nil, uint32(len(m.imports)))
	for _, im := range m.imports {
		imports = append(appendName(appendName(imports, im.module), im.name), 0)
		imports = appendU32(imports, typeOf(im.sig))
	}
	funcs, code, exports := appendU32(nil, uint32(len(m.funcs))), appendU32(nil, uint32(len(m.funcs))), []byte(nil)
	exported := uint32(0)
	for i, f := range m.funcs {
		funcs = appendU32(funcs, typeOf(f.sig))
		body := slices.Concat(f.locals, f.code, []byte{opEnd})
		if f.locals == nil {
			body = append([]byte{0}, body...)
		}
		code = appendSized(code, body)
		if f.export != "" {
			exported++
			exports = appendU32(append(appendName(exports, f.export), 0), uint32(len(m.imports)+i))
		}
	}
	sections := map[byte][]byte{sectionImport: imports, sectionFunction: funcs, sectionCode: code, sectionExport: append(appendU32(nil, exported), exports...)}
	if len(m.globals) > 0 {
		sections[sectionGlobal] = append(appendU32(nil, uint32(len(m.globals))), slices.Concat(m.globals...)...)
	}
	if !m.noMemory {
		sections[sectionMemory] = appendU32([]byte{1, 0}, max(m.pages, 1))
		if m.most > 0 {
			sections[sectionMemory] = appendU32(appendU32([]byte{1, 1}, max(m.pages, 1)), m.most)
		}
	}
	if n := uint32(len(m.table)); n > 0 {
		sections[sectionTable] = appendU32([]byte{1, 0x70, 0}, n)
		e := appendU32([]byte{1, 0, opI32Const, 0, opEnd}, n)
		for _, f := range m.table {
			e = appendU32(e, f)
		}
		sections[sectionElement] = e
	}
	list := appendU32(nil, uint32(len(types)))
	for _, s := range types {
		list = appendU32(append(list, voidFunction), uint32(s.params()))
		for _, c := range []byte(s) {
			if c == ':' {
				list = appendU32(list, uint32(len(s)-s.params()-1))
			} else {
				list = append(list, letterTypes[c])
			}
		}
	}
	sections[sectionType] = list
	for id, body := range m.extra {
		sections[id] = body
	}
	out := []byte("\x00asm\x01\x00\x00\x00")
	for _, id := range sequence {
		if body := sections[id]; body != nil {
			out = appendSized(append(out, id), body)
		}
	}
	if m.custom != nil {
		out = appendSized(append(out, sectionCustom), m.custom)
	}
	return out
}

// smallGuest has an export for each thing that the tests of engines do: mac
// answers what the host function gives, world what it sees of earlier calls and
// chance.
func smallGuest() testModule {
	const alloc, store, set, mac, random = 0, 1, 2, 3, 4
	answer := func(code ...byte) []byte {
		return cat(constI64(8), opCall, alloc, opLocalTee, 0, code, opCall, store, opLocalGet, 0, constI64(8), opCall, set, constI32(0))
	}
	h := []byte{1, 1, 0x7e} // a handle
	count := cat(opGlobalGet, 0, constI64(1), opI64Add, opGlobalSet, 0)
	see := cat(constI32(64), constI32(8), opCall, random, opDrop, constI32(0), 0x29, 0, 64, opGlobalGet, 0, opI64Add)
	return testModule{
		imports: []testImport{
			{contract.ModuleKernel, "alloc", "I:I"}, {contract.ModuleKernel, "store_u64", "II:"}, {contract.ModuleKernel, "output_set", "II:"},
			{contract.ModuleUser, string(contract.SecretMAC), "I:I"}, {contract.ModuleWASI, "random_get", "ii:i"},
		},
		globals: [][]byte{cat(0x7e, mutableGlobal, constI64(0), opEnd)},
		funcs: []testFunc{
			{sig: ":i", export: "describe", locals: h, code: answer(constI64(7)...)},
			{sig: ":i", export: "mac", code: cat(constI64(8), opCall, alloc, opCall, mac, constI64(8), opCall, set, constI32(0))},
			{sig: ":i", export: "world", locals: h, code: cat(count, answer(see...))},
			{sig: ":i", export: "traps", code: []byte{opUnreachable}},
			{sig: ":i", export: "silent", code: constI32(0)},
		},
	}
}

// runs is a module with one export, run, of this code.
func runs(code ...byte) testModule {
	return testModule{funcs: []testFunc{{sig: ":i", export: "run", code: code}}}
}

func cat(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = append(b, byte(p))
		case []byte:
			b = append(b, p...)
		}
	}
	return b
}

func constI32(v int32) []byte { return appendS64([]byte{opI32Const}, int64(v)) }
func constI64(v int64) []byte { return appendS64([]byte{opI64Const}, v) }

// forever loops over code. It does not end by itself.
func forever(code ...byte) []byte {
	return cat(opLoop, emptyBlock, code, 0x0c, 0, opEnd, constI32(0))
}
