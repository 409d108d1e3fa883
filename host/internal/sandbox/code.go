package sandbox

// code writes the bodies of the functions, charged, and those of the helpers.
func (rw *rewriter) code(body []byte) ([]byte, error) {
	r := &reader{b: body}
	n := r.u32()
	if r.err == nil && n != uint32(len(rw.m.funcs)) {
		return nil, refuse(RuleFormat, "%d functions but %d bodies", len(rw.m.funcs), n)
	}
	bodies := rw.l.helperBodies(rw.m)
	b := make([]byte, 0, len(body)+len(body)/4)
	b = appendU32(b, n+uint32(len(bodies)))
	w := &walker{m: rw.m, layout: rw.l}
	var f []byte
	for i := uint32(0); i < n && r.err == nil; i++ {
		size := r.u32()
		if size > maxBody {
			return nil, refuse(RuleComplexity, "a function of %d bytes, at most %d are admitted", size, maxBody)
		}
		var err error
		if f, err = rw.function(f[:0], w, rw.m.types[rw.m.funcs[i]], r.take(size)); err != nil && r.err == nil {
			return nil, err
		}
		b = appendSized(b, f)
	}
	for _, h := range bodies {
		b = appendSized(b, append([]byte{0}, h...)) // no locals
	}
	return b, r.finish("the code section")
}

// function appends one body: its locals as they are, and its code with the
// edits that the walker asks for. A function with a deposit has its code in a
// block, behind which the deposit is given back.
func (rw *rewriter) function(b []byte, w *walker, s signature, body []byte) ([]byte, error) {
	r := &reader{b: body}
	locals := int(r.locals()) + s.params()
	if r.err != nil {
		return nil, r.err
	}
	code := body[r.at:]
	if err := w.body(code, locals, s.results()); err != nil {
		return nil, err
	}
	b = append(b, body[:r.at]...)
	at := 0
	for i, e := range w.edits {
		b = append(append(b, code[at:e.from]...), e.text...)
		at = e.to
		if e.region >= 0 {
			b = rw.l.charge(b, w.regions[e.region], e.check)
		}
		if i == 0 && w.deposit > 0 {
			b = append(b, opBlock, s.block())
		}
	}
	b = append(b, code[at:]...)
	if w.deposit > 0 {
		b = append(rw.l.charge(b, -w.deposit, false), opEnd)
	}
	return b, nil
}

// locals reads the declarations of locals and gives their number.
func (r *reader) locals() uint32 {
	var all uint64
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		all += uint64(r.u32())
		r.valueType()
		if all > maxLocals {
			r.fail(refuse(RuleComplexity, "a function of more than %d locals", maxLocals))
		}
	}
	return uint32(all)
}
