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

// takeData keeps the data segments of a module for its sandboxes, and gives the
// data section that is left: nil, or where the segments could mean something else
// than bytes that a memory begins with, the section as it is.
//
// Only a start-up needs them, since from then on an image is put in place: the
// compiled module, which lives as long as the plugin, holds no copy of its own,
// and a sandbox that is made of an image does not write all of it twice. Go's
// linker leaves out runs of zeros and makes some 45,000 segments of a plugin's
// data; joined they are some 150. A fresh memory is zero, so segments that do not
// overlap mean the same in any order and with the zeros between them. A module
// with a data count, whose code may name segments by their index, keeps its own,
// and so does one whose data does not fit the memory that it starts with.
func (m *module) takeData(body []byte) []byte {
	for _, s := range m.sections {
		if s.id == sectionDataCount {
			return body
		}
	}
	segments, ok := readSegments(body)
	if n := len(segments); !ok || n > 0 && segments[n-1].end() > uint64(m.pages)*pageSize {
		return body
	}
	m.data = joinSegments(segments)
	return nil
}

// pageSize is a page of Wasm's.
const pageSize = 64 << 10

// joinSegments copies segments, those that lie near each other as one.
func joinSegments(segments []segment) []segment {
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
	return joined
}

// put writes segments into a memory that has room for them.
func put(segments []segment, memory []byte) {
	for _, s := range segments {
		copy(memory[s.at:], s.bytes)
	}
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
