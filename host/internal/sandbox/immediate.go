package sandbox

// immediate reads what follows an opcode and checks what the rewrite would
// otherwise make valid: indices of types, functions and globals. The rest is
// left as it is, for the compiler to judge.
func (w *walker) immediate(imm immediate, start int) {
	switch imm {
	case none:
	case blockType:
		w.blockType(w.b[start])
	case label:
		w.branch(w.u32())
	case labels:
		n := w.u32()
		w.m.branches += uint64(n) + 1
		if w.m.branches > maxBranches {
			w.fail(refuse(RuleComplexity, "more than %d entries in br_table", maxBranches))
		}
		for i := uint64(0); i <= uint64(n) && w.err == nil; i++ {
			w.branch(w.u32())
		}
	case function:
		index := w.u32()
		if w.m.checkFunction(&w.reader, index) {
			w.replace(start, appendU32([]byte{opCall}, w.layout.function(index)))
			w.apply(w.m.signature(index))
			w.calls = true
		}
	case indirect:
		if t := w.u32(); w.m.checkType(&w.reader, t) {
			w.apply(w.m.types[t])
			w.calls = true
		}
		w.zero("a second table")
	case global:
		if i := w.u32(); i >= w.m.globals {
			w.fail(refuse(RuleIndex, "a global %d that is not there", i))
		}
	case memoryAccess:
		if w.u32() >= 0x40 {
			w.fail(refuse(RuleFeature, "uses several memories: build without them"))
		}
		w.u32()
	case memoryIndex:
		w.zero("a second memory")
	case memoryIndexes:
		w.zero("a second memory")
		w.zero("a second memory")
	case dataMemory:
		w.u32()
		w.zero("a second memory")
	case elementTable:
		w.u32()
		w.zero("a second table")
	case tableIndexes:
		w.zero("a second table")
		w.zero("a second table")
	case local, dataIndex, elementIndex:
		w.u32()
	default:
		w.value(imm)
	}
}

// value reads a literal, or the types of a select.
func (r *reader) value(imm immediate) {
	switch imm {
	case int32Value:
		r.signed(5)
	case int64Value:
		r.signed(10)
	case float32Value:
		r.take(4)
	case float64Value:
		r.take(8)
	case valueTypes:
		for n := r.u32(); n > 0 && r.err == nil; n-- {
			r.valueType()
		}
	}
}

// zero reads an index that may only be zero, however it is encoded.
func (r *reader) zero(what string) {
	if r.u32() != 0 {
		r.fail(refuse(RuleFeature, "uses %s: build without it", what))
	}
}

// blockType reads a block's type: nothing, one value, or a function's type.
func (w *walker) blockType(op byte) {
	if w.at >= len(w.b) {
		w.byte()
		return
	}
	switch c := w.b[w.at]; {
	case c == emptyBlock:
		w.at++
		w.open(op, 0, 0)
	case c < 0x80 && c&0x40 != 0:
		w.valueType()
		w.open(op, 0, 1)
	default:
		start := w.at
		t := w.u32()
		if w.err == nil && w.b[w.at-1]&0x40 != 0 && w.at-start < 5 {
			w.fail(refuse(RuleFormat, "a block of negative type"))
		}
		if w.m.checkType(&w.reader, t) {
			w.open(op, w.m.types[t].params(), w.m.types[t].results())
		}
	}
}

// valueType reads the type of a number.
func (r *reader) valueType() byte {
	c := r.byte()
	switch c {
	case 0x7c, 0x7d, 0x7e, 0x7f:
	case 0x7b:
		r.fail(refuse(RuleFeature, "uses SIMD (type v128): build without it"))
	case 0x6f, 0x70:
		r.fail(refuse(RuleFeature, "uses reference types as values: build without them"))
	default:
		r.fail(refuse(RuleFeature, "uses an unknown type %#02x", c))
	}
	return c
}

// constant reads a constant expression. Its bytes stay as they are, so it may
// not name a function.
func (r *reader) constant(m *module) {
	for r.err == nil {
		switch op := r.byte(); op {
		case opEnd:
			return
		case opGlobalGet:
			if i := r.u32(); i >= m.globals {
				r.fail(refuse(RuleIndex, "a global %d that is not there", i))
			}
		case opI32Const, opI64Const, opF32Const, opF64Const:
			r.value(opcodes[op].imm)
		default:
			if r.err == nil {
				r.fail(refuse(RuleFeature, "a constant expression with opcode %#02x", op))
			}
		}
	}
}
