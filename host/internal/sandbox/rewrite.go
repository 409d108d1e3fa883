package sandbox

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// rewrite gives the module that counts its own work, without the data that each
// of its sandboxes is to begin with: see [module.takeData]. It applies the rules of
// admission; a module that it gives is accepted by the compiler exactly when
// the original is. It keeps nothing of wasm.
func rewrite(wasm []byte) ([]byte, *module, error) {
	m, err := admit(wasm)
	if err != nil {
		return nil, nil, err
	}
	rw := &rewriter{m: m, l: newLayout(m), out: make([]byte, 0, len(wasm)+len(wasm)/4)}
	rw.out = append(rw.out, wasm[:8]...)
	for id := byte(sectionType); id <= sectionDataCount; id++ {
		if err := rw.section(sequence[id-1]); err != nil {
			return nil, nil, err
		}
	}
	return rw.out, m, nil
}

// sequence is the order in which sections are written.
var sequence = [...]byte{
	sectionType, sectionImport, sectionFunction, sectionTable, sectionMemory, sectionGlobal,
	sectionExport, sectionStart, sectionElement, sectionDataCount, sectionCode, sectionData,
}

type rewriter struct {
	m   *module
	l   *layout
	out []byte
}

// section writes one section; some are written even where the original has none.
func (rw *rewriter) section(id byte) error {
	var body []byte
	if i := slices.IndexFunc(rw.m.sections, func(s section) bool { return s.id == id }); i >= 0 {
		body = rw.m.sections[i].body
	}
	var b []byte
	var err error
	switch id {
	case sectionType:
		b = rw.types(body)
	case sectionImport:
		b = rw.imports()
	case sectionFunction:
		b = extend(body, uint32(len(rw.m.funcs)), rw.l.helperTypes(rw.m))
	case sectionGlobal:
		b = rw.globals(body)
	case sectionExport:
		b = rw.exports()
	case sectionElement:
		b, err = rw.elements(body)
	case sectionCode:
		b, err = rw.code(body)
	case sectionData:
		b = rw.m.takeData(body)
	default:
		b = body
	}
	if err != nil || b == nil {
		return err
	}
	rw.out = appendSized(append(rw.out, id), b)
	return nil
}

// behindCount is a vector's body without the number of its items.
func behindCount(body []byte) []byte {
	r := reader{b: body}
	r.u32()
	return body[r.at:]
}

// extend appends numbers to a vector of n items.
func extend(body []byte, n uint32, more []uint32) []byte {
	b := append(appendU32(nil, n+uint32(len(more))), behindCount(body)...)
	for _, v := range more {
		b = appendU32(b, v)
	}
	return b
}

func (rw *rewriter) types(body []byte) []byte {
	b := append(appendU32(nil, rw.l.types+addedTypes), behindCount(body)...)
	b = append(b, voidFunction, 2, 0x7e, 0x7f, 1, 0x7e) // typeSettle
	b = append(b, voidFunction, 2, 0x7f, 0x7e, 0)       // typeKeep
	b = append(b, voidFunction, 1, 0x7f, 1, 0x7e)       // typePut
	b = append(b, voidFunction, 1, 0x7f, 1, 0x7f)       // typeLength
	return append(b, voidFunction, 0, 0)                // typeNothing
}

func (rw *rewriter) imports() []byte {
	b := appendU32(nil, rw.l.imports+addedImports)
	for _, im := range rw.m.imports {
		b = appendName(appendName(b, moduleSandbox), im.host.name)
		b = appendU32(append(b, functionExport), im.typ)
	}
	for place, name := range []string{placeSettle: importSettle, placeKeep: importKeep, placePut: importPut} {
		b = appendName(appendName(b, moduleSandbox), name)
		b = appendU32(append(b, functionExport), rw.l.types+[]uint32{typeSettle, typeKeep, typePut}[place])
	}
	return b
}

func (rw *rewriter) globals(body []byte) []byte {
	b := append(appendU32(nil, rw.m.globals+2), behindCount(body)...)
	b = appendS64(append(b, 0x7e, mutableGlobal, opI64Const), contract.RoundFuel)
	return append(b, opEnd, 0x7f, mutableGlobal, opI32Const, 0, opEnd)
}

func (rw *rewriter) exports() []byte {
	b := appendU32(nil, uint32(len(rw.m.exports)+len(addedExports)))
	startup := rw.m.startup()
	for _, e := range rw.m.exports {
		index := e.index
		if e.kind == functionExport {
			index = rw.l.function(index)
		}
		switch {
		case e.kind != functionExport || !slices.Contains(startups, e.name):
		case e.name == startup:
			e.name = exportStart
		default:
			e.name = reserved + e.name // the engine would call it
		}
		b = appendU32(append(appendName(b, e.name), e.kind), index)
	}
	for _, e := range addedExports {
		b = appendU32(append(appendName(b, e.name), functionExport), rw.l.helper(e.helper))
	}
	return b
}

// elements writes the element segments. Bit 1 of a flag is a segment that is
// not put into the table at once, bit 2 one that names its table or is only
// declared, bit 4 one of expressions.
func (rw *rewriter) elements(body []byte) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	r := &reader{b: body}
	var b []byte
	n := r.u32()
	b = appendU32(b, n)
	if n > maxSegments {
		return nil, refuse(RuleComplexity, "%d element segments, at most %d are admitted", n, maxSegments)
	}
	for ; n > 0 && r.err == nil; n-- {
		b = rw.element(b, r)
	}
	return b, r.finish("the element section")
}

func (rw *rewriter) element(b []byte, r *reader) []byte {
	start := r.at
	flag := r.u32()
	if flag > 3 && r.err == nil {
		r.fail(refuse(RuleFeature, "an element segment of expressions (flag %d): build without reference types", flag))
	}
	if flag == 2 {
		r.zero("a second table")
	}
	if flag == 0 || flag == 2 {
		r.constant(rw.m)
	}
	if flag != 0 && r.byte() != elementKind && r.err == nil {
		r.fail(refuse(RuleFeature, "an element segment that is not of functions"))
	}
	b = append(b, r.b[start:r.at]...)
	n := r.u32()
	b = appendU32(b, n)
	for ; n > 0 && r.err == nil; n-- {
		if i := r.u32(); rw.m.checkFunction(r, i) {
			b = appendU32(b, rw.l.function(i))
		}
	}
	return b
}
