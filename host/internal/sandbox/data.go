package sandbox

import (
	"cmp"
	"slices"
)

// joinGap is the widest gap between two data segments that are joined: its
// zeros take less than the segment that they save.
const joinGap = 32

// segment is an active data segment with a constant offset.
type segment struct {
	at    uint32
	bytes []byte
}

func (s segment) end() uint64 { return uint64(s.at) + uint64(len(s.bytes)) }

// joinData writes the data section with fewer segments. Go's linker leaves out
// runs of zeros and makes some 45,000 segments of a plugin's data, each of which
// every new sandbox evaluates: joined they are some 150. A fresh memory is zero,
// so segments that do not overlap mean the same in any order and with the zeros
// between them. Others stay as they are, and so does a module with a data count,
// whose code may name segments by their index.
func (m *module) joinData(body []byte) []byte {
	for _, s := range m.sections {
		if s.id == sectionDataCount {
			return body
		}
	}
	segments, ok := readSegments(body)
	if !ok {
		return body
	}
	var joined []segment
	for _, s := range segments {
		last := len(joined) - 1
		if last < 0 || uint64(s.at) > joined[last].end()+joinGap {
			joined = append(joined, segment{s.at, append([]byte(nil), s.bytes...)})
			continue
		}
		gap := uint64(s.at) - joined[last].end()
		joined[last].bytes = append(append(joined[last].bytes, make([]byte, gap)...), s.bytes...)
	}
	b := appendU32(make([]byte, 0, len(body)+len(body)/2), uint32(len(joined)))
	for _, s := range joined {
		b = appendS64(append(b, 0, opI32Const), int64(int32(s.at)))
		b = appendSized(append(b, opEnd), s.bytes)
	}
	return b
}

// readSegments reads a data section, the lowest segment first. It is false unless
// all have a constant offset in the one memory and none overlap.
func readSegments(body []byte) ([]segment, bool) {
	r := &reader{b: body}
	n := r.u32()
	var list []segment
	for ; n > 0 && r.err == nil; n-- {
		if r.u32() != 0 || r.byte() != opI32Const {
			return nil, false
		}
		at := r.s32()
		if r.byte() != opEnd {
			return nil, false
		}
		list = append(list, segment{uint32(at), r.take(r.u32())})
	}
	slices.SortStableFunc(list, func(a, b segment) int { return cmp.Compare(a.at, b.at) })
	for i := 1; i < len(list); i++ {
		if uint64(list[i].at) < list[i-1].end() {
			return nil, false
		}
	}
	return list, r.err == nil
}

// s32 reads a signed LEB128 number of at most 32 bits and five bytes.
func (r *reader) s32() int32 {
	var v int64
	for shift := 0; shift < 35; shift += 7 {
		c := r.byte()
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if c&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			if v != int64(int32(v)) {
				break
			}
			return int32(v)
		}
	}
	r.fail(refuse(RuleFormat, "a number has too many bits"))
	return 0
}
