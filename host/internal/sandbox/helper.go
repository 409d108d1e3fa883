package sandbox

import "github.com/kassette-pay/kassette/sdk/contract"

// helperBodies are the added functions in their order, without their locals.
func (l *layout) helperBodies(m *module) [][]byte {
	bodies := [][]byte{
		helperBytes:   l.lengthBody(bulkShift),
		helperEntries: l.lengthBody(0),
		helperGrow:    l.growBody(),
		helperBegin:   append(l.beginBody(nil), opEnd),
		helperReport:  append(l.exchange(nil), opEnd),
		helperSave:    l.saveBody(m.mutable),
		helperRestore: l.restoreBody(m.mutable),
		helperExtend:  append(l.ask(nil, -1), opI32Wrap, opMemoryGrow, 0, opDrop, opEnd),
	}
	for i, im := range m.imports {
		bodies = append(bodies, l.wrapperBody(uint32(i), im.host))
	}
	return bodies
}

// helperTypes are the types of the added functions.
func (l *layout) helperTypes(m *module) []uint32 {
	types := []uint32{
		helperBytes:   l.types + typeLength,
		helperEntries: l.types + typeLength,
		helperGrow:    l.types + typeLength,
		helperBegin:   l.types + typeNothing,
		helperReport:  l.types + typeNothing,
		helperSave:    l.types + typeNothing,
		helperRestore: l.types + typeNothing,
		helperExtend:  l.types + typeNothing,
	}
	for _, im := range m.imports {
		types = append(types, im.typ)
	}
	return types
}

// beginBody takes a new budget, and forgets that memory was refused.
func (l *layout) beginBody(b []byte) []byte {
	b = append(l.exchange(b), opI32Const, 0)
	return l.set(b, l.refused)
}

// The instructions that make 64 bits of a value of each type, and back.
var (
	toBits   = map[byte][]byte{0x7f: {opI64ExtendU}, 0x7e: nil, 0x7d: {opI32OfF32, opI64ExtendU}, 0x7c: {opI64OfF64}}
	fromBits = map[byte][]byte{0x7f: {opI32Wrap}, 0x7e: nil, 0x7d: {opI32Wrap, opF32OfI32}, 0x7c: {opF64OfI64}}
)

// saveBody has the host keep the globals, in their order.
func (l *layout) saveBody(globals []variable) []byte {
	var b []byte
	for i, v := range globals {
		b = appendS64(append(b, opI32Const), int64(i))
		b = append(l.get(b, v.index), toBits[v.typ]...)
		b = appendU32(append(b, opCall), l.added(placeKeep))
	}
	return append(b, opEnd)
}

// restoreBody puts them back, and begins.
func (l *layout) restoreBody(globals []variable) []byte {
	var b []byte
	for i, v := range globals {
		b = append(l.ask(b, int64(i)), fromBits[v.typ]...)
		b = l.set(b, v.index)
	}
	return append(l.beginBody(b), opEnd)
}

// ask has the host put a number on the stack.
func (l *layout) ask(b []byte, index int64) []byte {
	b = appendS64(append(b, opI32Const), index)
	return appendU32(append(b, opCall), l.added(placePut))
}

// lengthBody charges for the i32 it is given, taken as unsigned.
func (l *layout) lengthBody(shift byte) []byte {
	b := l.get(nil, l.fuel)
	b = append(b, opLocalGet, 0, opI64ExtendU, opI64Const, shift, opI64ShrU, opI64Sub)
	b = l.check(l.set(b, l.fuel))
	return append(b, opLocalGet, 0, opEnd)
}

// growBody charges for the pages, unless they are more than there can be, and
// notes a refusal.
func (l *layout) growBody() []byte {
	b := l.get(nil, l.fuel)
	b = append(b, opLocalGet, 0, opI32Const, 0)
	b = append(b, opLocalGet, 0)
	b = appendS64(append(b, opI32Const), contract.MaxMemoryPages)
	b = append(b, opI32LeU, opSelect, opI64ExtendU)
	b = appendS64(append(b, opI64Const), costPage)
	b = l.check(l.set(append(b, opI64Mul, opI64Sub), l.fuel))
	b = append(b, opLocalGet, 0, opMemoryGrow, 0, opLocalTee, 0, opI32Const, 0x7f, opI32Eq, opIf, emptyBlock, opI32Const, 1)
	b = l.set(b, l.refused)
	return append(b, opEnd, opLocalGet, 0, opEnd)
}

// wrapperBody stands for an import: it charges, and passes the call on.
func (l *layout) wrapperBody(index uint32, h *hostImport) []byte {
	b := l.charge(nil, h.cost, h.length == 0)
	if h.length > 0 {
		b = l.get(b, l.fuel)
		b = append(b, opLocalGet, byte(h.length-1), opI64ExtendU)
		b = appendS64(append(b, opI64Const), h.unit)
		b = l.check(l.set(append(b, opI64Mul, opI64Sub), l.fuel))
	}
	if h.absent {
		return append(appendS64(append(b, opI32Const), int64(notSupported)), opEnd)
	}
	for i := range h.signature.params() {
		b = append(b, opLocalGet, byte(i))
	}
	b = appendU32(append(b, opCall), index)
	if h.settles {
		b = l.check(l.exchange(b))
	}
	return append(b, opEnd)
}
