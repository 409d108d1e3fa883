package sandbox

import "github.com/kassette-pay/kassette/sdk/contract"

// helperBodies are the added functions in their order, without their locals.
func (l *layout) helperBodies(m *module) [][]byte {
	bodies := [][]byte{
		helperBytes:   l.lengthBody(bulkShift),
		helperEntries: l.lengthBody(0),
		helperGrow:    l.growBody(),
		helperBegin:   append(l.exchange(nil), opEnd),
		helperReport:  append(l.exchange(nil), opEnd),
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
	}
	for _, im := range m.imports {
		types = append(types, im.typ)
	}
	return types
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
