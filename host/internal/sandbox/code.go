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
	for ; n > 0 && r.err == nil; n-- {
		size := r.u32()
		if size > maxBody {
			return nil, refuse(RuleComplexity, "a function of %d bytes, at most %d are admitted", size, maxBody)
		}
		var err error
		if f, err = rw.function(f[:0], w, r.take(size)); err != nil && r.err == nil {
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
// edits that the walker asks for.
func (rw *rewriter) function(b []byte, w *walker, body []byte) ([]byte, error) {
	r := &reader{b: body}
	locals := r.locals()
	if r.err != nil {
		return nil, r.err
	}
	code := body[r.at:]
	if err := w.body(code, locals); err != nil {
		return nil, err
	}
	b = append(b, body[:r.at]...)
	at := 0
	for _, e := range w.edits {
		b = append(append(b, code[at:e.from]...), e.text...)
		at = e.to
		if e.region >= 0 {
			b = rw.l.charge(b, w.regions[e.region], e.check)
		}
	}
	return append(b, code[at:]...), nil
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
