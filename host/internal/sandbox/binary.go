package sandbox

// reader reads the Wasm binary format. The first fault sticks: everything
// read after it is zero, so callers look at err once, and in their loops.
type reader struct {
	b   []byte
	at  int
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) done() bool { return r.err != nil || r.at >= len(r.b) }

func (r *reader) byte() byte {
	if r.err != nil {
		return 0
	}
	if r.at >= len(r.b) {
		r.fail(refuse(RuleFormat, "ends in the middle"))
		return 0
	}
	c := r.b[r.at]
	r.at++
	return c
}

// take gives the next n bytes, without copying.
func (r *reader) take(n uint32) []byte {
	if r.err != nil {
		return nil
	}
	if uint64(n) > uint64(len(r.b)-r.at) {
		r.fail(refuse(RuleFormat, "ends in the middle"))
		return nil
	}
	v := r.b[r.at : r.at+int(n)]
	r.at += int(n)
	return v
}

// u32 reads an unsigned LEB128 number of at most 32 bits and five bytes.
func (r *reader) u32() uint32 {
	var v uint32
	for shift := 0; shift < 35; shift += 7 {
		c := r.byte()
		if shift == 28 && c > 0x0f {
			break
		}
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	r.fail(refuse(RuleFormat, "a number has too many bits"))
	return 0
}

// signed skips a signed LEB128 number of at most size bytes. What it says is
// the compiler's to judge.
func (r *reader) signed(size int) {
	for range size {
		if r.byte() < 0x80 {
			return
		}
	}
	r.fail(refuse(RuleFormat, "a number has too many bits"))
}

func (r *reader) name() string { return string(r.take(r.u32())) }

// finish reports bytes that are left over.
func (r *reader) finish(what string) error {
	if r.err == nil && r.at != len(r.b) {
		r.fail(refuse(RuleFormat, "%s has %d bytes too many", what, len(r.b)-r.at))
	}
	return r.err
}

func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func appendS64(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

func appendName(b []byte, s string) []byte { return append(appendU32(b, uint32(len(s))), s...) }

// appendSized appends a section's or a function's body behind its length.
func appendSized(b, body []byte) []byte { return append(appendU32(b, uint32(len(body))), body...) }
