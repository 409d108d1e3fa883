package sandbox

import (
	"bytes"
	"testing"
)

// dataSection writes active segments at constant offsets.
func dataSection(list ...segment) []byte {
	b := appendU32(nil, uint32(len(list)))
	for _, s := range list {
		b = appendSized(append(appendS64(append(b, 0, opI32Const), int64(int32(s.at))), opEnd), s.bytes)
	}
	return b
}

func TestJoinData(t *testing.T) {
	t.Parallel()
	near, far := segment{8, []byte("ab")}, segment{100, []byte("cd")}
	passive := append(appendU32(nil, 1), 1, 2, 'a', 'b')
	byGlobal := append(appendU32(nil, 1), 0, opGlobalGet, 0, opEnd, 1, 'a')
	high := segment{0x80000000, []byte("x")} // an offset that is signed in the format
	tests := map[string]struct{ in, want []byte }{
		"nothing":               {dataSection(), dataSection()},
		"overlapping":           {dataSection(near, segment{9, []byte("c")}), dataSection(near, segment{9, []byte("c")})},
		"falling":               {dataSection(far, near), dataSection(near, far)},
		"between two others":    {dataSection(near, segment{14, []byte("e")}, segment{11, []byte("c")}), dataSection(segment{8, []byte("ab\x00c\x00\x00e")})},
		"over another's end":    {dataSection(far, near, segment{101, []byte("x")}), dataSection(far, near, segment{101, []byte("x")})},
		"passive":               {passive, passive},
		"by a global":           {byGlobal, byGlobal},
		"cut":                   {dataSection(near)[:5], dataSection(near)[:5]},
		"far apart":             {dataSection(near, far), dataSection(near, far)},
		"touching":              {dataSection(near, segment{10, []byte("c")}), dataSection(segment{8, []byte("abc")})},
		"a gap":                 {dataSection(near, segment{12, []byte("c")}), dataSection(segment{8, []byte("ab\x00\x00c")})},
		"the widest gap":        {dataSection(near, segment{10 + joinGap, []byte("c")}), dataSection(segment{8, append(append([]byte("ab"), make([]byte, joinGap)...), 'c')})},
		"one more is too wide":  {dataSection(near, segment{11 + joinGap, []byte("c")}), dataSection(near, segment{11 + joinGap, []byte("c")})},
		"an empty one":          {dataSection(near, segment{12, nil}), dataSection(segment{8, []byte("ab\x00\x00")})},
		"above half the memory": {dataSection(near, high), dataSection(near, high)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &module{sections: []section{{id: sectionData, body: tt.in}}}
			if got := m.joinData(bytes.Clone(tt.in)); !bytes.Equal(got, tt.want) {
				t.Errorf("got  %x\nwant %x", got, tt.want)
			}
			m.sections = append(m.sections, section{id: sectionDataCount})
			if got := m.joinData(tt.in); !bytes.Equal(got, tt.in) {
				t.Errorf("with a data count: got %x, want it as it was", got)
			}
		})
	}
}

// FuzzJoinData: a memory holds the same whether the segments are joined or not.
func FuzzJoinData(f *testing.F) {
	f.Add([]byte{0, 3, 5, 2, 40, 1, 3, 0, 200, 9})
	f.Fuzz(func(t *testing.T, plan []byte) {
		var list []segment
		at := uint32(0)
		for ; len(plan) >= 2; plan = plan[2:] {
			at += uint32(plan[0])
			s := segment{at, bytes.Repeat([]byte{plan[1] | 1}, int(plan[1]%16))}
			list, at = append(list, s), uint32(s.end())
		}
		body := dataSection(list...)
		joined, ok := readSegments((&module{}).joinData(body))
		if !ok || len(joined) > len(list) {
			t.Fatalf("%d segments became %d (%v)", len(list), len(joined), ok)
		}
		if a, b := memoryOf(list, at), memoryOf(joined, at); !bytes.Equal(a, b) {
			t.Errorf("got  %x\nwant %x", b, a)
		}
	})
}

func memoryOf(list []segment, size uint32) []byte {
	m := make([]byte, size)
	for _, s := range list {
		copy(m[s.at:], s.bytes)
	}
	return m
}
