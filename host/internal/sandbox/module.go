package sandbox

import (
	"slices"
	"strings"
)

// Sections by their number. The data count comes before the code.
const (
	sectionCustom    = 0
	sectionType      = 1
	sectionImport    = 2
	sectionFunction  = 3
	sectionTable     = 4
	sectionMemory    = 5
	sectionGlobal    = 6
	sectionExport    = 7
	sectionStart     = 8
	sectionElement   = 9
	sectionCode      = 10
	sectionData      = 11
	sectionDataCount = 12
)

// sectionOrder is the place of each section; the zero value is not admitted.
var sectionOrder = map[byte]int{
	sectionType: 1, sectionImport: 2, sectionFunction: 3, sectionTable: 4, sectionMemory: 5,
	sectionGlobal: 6, sectionExport: 7, sectionStart: 8, sectionElement: 9, sectionDataCount: 10,
	sectionCode: 11, sectionData: 12,
}

// A signature is a function's type: its parameters, a colon and its results,
// i for i32, I for i64, f for f32, F for f64.
type signature string

// params is how many parameters it has.
func (s signature) params() int { return strings.IndexByte(string(s), ':') }

// results is how many results it has.
func (s signature) results() int { return len(s) - s.params() - 1 }

// paramTypes and resultTypes are its value types.
func (s signature) paramTypes() []byte { return valueTypesOf(s[:s.params()]) }

func (s signature) resultTypes() []byte { return valueTypesOf(s[s.params()+1:]) }

func valueTypesOf(letters signature) []byte {
	types := make([]byte, len(letters))
	for i := range letters {
		types[i] = letterTypes[letters[i]]
	}
	return types
}

// block is the type of a block that leaves its results, of which it has one at most.
func (s signature) block() byte {
	if s.results() == 0 {
		return emptyBlock
	}
	return letterTypes[s[len(s)-1]]
}

var letterTypes = map[byte]byte{'i': 0x7f, 'I': 0x7e, 'f': 0x7d, 'F': 0x7c}

var signatureLetters = map[byte]byte{0x7f: 'i', 0x7e: 'I', 0x7d: 'f', 0x7c: 'F'}

type imported struct {
	typ  uint32
	host *hostImport
}

type exported struct {
	name  string
	kind  byte
	index uint32
}

// variable is a global that can change.
type variable struct {
	index uint32
	typ   byte
}

type section struct {
	id   byte
	body []byte
}

// module is what admission and the rewrite need to know of a module.
type module struct {
	sections []section // without the custom ones, in order
	types    []signature
	imports  []imported
	funcs    []uint32 // the type of each function that is defined
	globals  uint32
	mutable  []variable // the globals that can change
	memory   bool
	pages    uint32    // of memory at first
	data     []segment // that memory begins with, of what was rewritten
	lasting  string    // an instruction whose effect no reset undoes; empty: none
	exports  []exported
	branches uint64 // entries of br_table so far
	work     uint64 // for the compiler so far: it grows with the square of a function's branches
}

func (m *module) functions() uint32 { return uint32(len(m.imports) + len(m.funcs)) }

// signature is that of a function of the module.
func (m *module) signature(index uint32) signature {
	if n := uint32(len(m.imports)); index >= n {
		return m.types[m.funcs[index-n]]
	}
	return m.types[m.imports[index].typ]
}

// startup is the export that starts the module up, or empty.
func (m *module) startup() string {
	for _, name := range startups {
		if slices.ContainsFunc(m.exports, func(e exported) bool { return e.name == name && e.kind == functionExport }) {
			return name
		}
	}
	return ""
}

func (m *module) checkFunction(r *reader, index uint32) bool {
	if index >= m.functions() {
		r.fail(refuse(RuleIndex, "a function %d that is not there", index))
	}
	return r.err == nil
}

func (m *module) checkType(r *reader, index uint32) bool {
	if index >= uint32(len(m.types)) {
		r.fail(refuse(RuleIndex, "a type %d that is not there", index))
	}
	return r.err == nil
}

// parse reads a module up to the bodies of its functions.
func parse(wasm []byte) (*module, error) {
	r := reader{b: wasm}
	if string(r.take(8)) != "\x00asm\x01\x00\x00\x00" {
		return nil, refuse(RuleFormat, "not a Wasm module of version 1")
	}
	m := &module{}
	last := 0
	for !r.done() {
		s := section{id: r.byte(), body: r.take(r.u32())}
		if r.err != nil || s.id == sectionCustom {
			continue // names and debug information would be off after the rewrite
		}
		place := sectionOrder[s.id]
		switch {
		case place == 0:
			return nil, refuse(RuleFeature, "a section %d, which belongs to a proposal that is not admitted", s.id)
		case place <= last:
			return nil, refuse(RuleFormat, "section %d out of order", s.id)
		}
		last = place
		m.sections = append(m.sections, s)
		if err := m.section(s); err != nil {
			return nil, err
		}
	}
	return m, r.err
}

// section reads what later sections and the rewrite refer to.
func (m *module) section(s section) error {
	r := &reader{b: s.body}
	switch s.id {
	case sectionType:
		m.each(r, maxTypes, "types", m.readType)
	case sectionImport:
		m.each(r, maxImports, "imports", m.readImport)
	case sectionFunction:
		m.each(r, maxFunctions, "functions", m.readFunction)
	case sectionTable:
		m.each(r, 1, "tables", m.readTable)
	case sectionMemory:
		m.each(r, 1, "memories", m.readMemory)
	case sectionGlobal:
		m.each(r, maxGlobals, "globals", m.readGlobal)
	case sectionExport:
		m.each(r, maxExports, "exports", m.readExport)
	case sectionStart:
		return refuse(RuleStart, "has a start section: do the work in _initialize")
	case sectionData:
		m.each(r, maxSegments, "data segments", m.readData)
	case sectionDataCount:
		r.u32()
	default: // elements and code are read while they are rewritten
		return nil
	}
	return r.finish("a section")
}

// each reads a vector of at most limit items.
func (m *module) each(r *reader, limit uint32, what string, item func(*reader)) {
	n := r.u32()
	if n > limit {
		r.fail(refuse(RuleComplexity, "%d %s, at most %d are admitted", n, what, limit))
	}
	for ; n > 0 && r.err == nil; n-- {
		item(r)
	}
}

func (m *module) readType(r *reader) {
	if c := r.byte(); c != voidFunction && r.err == nil {
		r.fail(refuse(RuleFeature, "a type of form %#02x, which is not a function", c))
	}
	var s []byte
	for i := range 2 {
		n := r.u32()
		if n > maxValues {
			r.fail(refuse(RuleComplexity, "a type of %d values, at most %d are admitted", n, maxValues))
		}
		for ; n > 0 && r.err == nil; n-- {
			s = append(s, signatureLetters[r.valueType()])
		}
		if i == 0 {
			s = append(s, ':')
		}
	}
	m.types = append(m.types, signature(s))
}

func (m *module) readFunction(r *reader) {
	t := r.u32()
	m.checkType(r, t)
	m.funcs = append(m.funcs, t)
}

func (m *module) readGlobal(r *reader) {
	t := r.valueType()
	if r.byte() == mutableGlobal {
		m.mutable = append(m.mutable, variable{m.globals, t})
	}
	r.constant(m)
	m.globals++
}

// readData reads a data segment: flag 1 is passive, 2 names its memory.
func (m *module) readData(r *reader) {
	flag := r.u32()
	if flag > 2 {
		r.fail(refuse(RuleFormat, "a data segment with flag %d", flag))
	}
	if flag == 2 {
		r.zero("a second memory")
	}
	if flag != 1 {
		r.constant(m)
	}
	r.take(r.u32())
}
