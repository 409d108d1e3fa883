package sandbox

import (
	"bytes"
	"slices"
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

func TestTakeData(t *testing.T) {
	t.Parallel()
	near, far := segment{8, []byte("ab")}, segment{100, []byte("cd")}
	passive := append(appendU32(nil, 1), 1, 2, 'a', 'b')
	byGlobal := append(appendU32(nil, 1), 0, opGlobalGet, 0, opEnd, 1, 'a')
	high := segment{0x80000000, []byte("x")} // an offset that is signed in the format
	// left is what stays in the module, nil where all was taken.
	tests := map[string]struct {
		in    []byte
		taken []segment
	}{
		"nothing":               {dataSection(), []segment{}},
		"overlapping":           {dataSection(near, segment{9, []byte("c")}), nil},
		"falling":               {dataSection(far, near), []segment{near, far}},
		"between two others":    {dataSection(near, segment{14, []byte("e")}, segment{11, []byte("c")}), []segment{{8, []byte("ab\x00c\x00\x00e")}}},
		"over another's end":    {dataSection(far, near, segment{101, []byte("x")}), nil},
		"passive":               {passive, nil},
		"by a global":           {byGlobal, nil},
		"cut":                   {dataSection(near)[:5], nil},
		"far apart":             {dataSection(near, far), []segment{near, far}},
		"touching":              {dataSection(near, segment{10, []byte("c")}), []segment{{8, []byte("abc")}}},
		"a gap":                 {dataSection(near, segment{12, []byte("c")}), []segment{{8, []byte("ab\x00\x00c")}}},
		"the widest gap":        {dataSection(near, segment{10 + joinGap, []byte("c")}), []segment{{8, append(append([]byte("ab"), make([]byte, joinGap)...), 'c')}}},
		"one more is too wide":  {dataSection(near, segment{11 + joinGap, []byte("c")}), []segment{near, {11 + joinGap, []byte("c")}}},
		"an empty one":          {dataSection(near, segment{12, nil}), []segment{{8, []byte("ab\x00\x00")}}},
		"up to the end":         {dataSection(segment{pageSize - 2, []byte("ab")}), []segment{{pageSize - 2, []byte("ab")}}},
		"over the end":          {dataSection(near, segment{pageSize - 1, []byte("ab")}), nil},
		"nothing over the end":  {dataSection(segment{pageSize + 1, nil}), nil},
		"above half the memory": {dataSection(near, high), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &module{pages: 1, sections: []section{{id: sectionData, body: tt.in}}}
			left := m.takeData(bytes.Clone(tt.in))
			if !slices.EqualFunc(m.data, tt.taken, func(a, b segment) bool { return a.at == b.at && bytes.Equal(a.bytes, b.bytes) }) {
				t.Errorf("took %v, want %v", m.data, tt.taken)
			}
			if stays := tt.taken == nil; stays != bytes.Equal(left, tt.in) || stays == (left == nil) {
				t.Errorf("left %x of %x", left, tt.in)
			}
			m = &module{pages: 1, sections: append(m.sections, section{id: sectionDataCount})}
			if got := m.takeData(tt.in); !bytes.Equal(got, tt.in) || m.data != nil {
				t.Errorf("with a data count: got %x, want it as it was", got)
			}
		})
	}
}

// FuzzTakeData: a memory holds the same whether the segments are joined or not.
func FuzzTakeData(f *testing.F) {
	f.Add([]byte{0, 3, 5, 2, 40, 1, 3, 0, 200, 9})
	f.Fuzz(func(t *testing.T, plan []byte) {
		var list []segment
		at := uint32(0)
		for ; len(plan) >= 2; plan = plan[2:] {
			at += uint32(plan[0])
			s := segment{at, bytes.Repeat([]byte{plan[1] | 1}, int(plan[1]%16))}
			list, at = append(list, s), uint32(s.end())
		}
		m := &module{pages: at/pageSize + 1}
		if left := m.takeData(dataSection(list...)); left != nil || len(m.data) > len(list) {
			t.Fatalf("%d segments became %d, and %x is left", len(list), len(m.data), left)
		}
		want, got := make([]byte, at), make([]byte, at)
		put(list, want)
		if put(m.data, got); !bytes.Equal(got, want) {
			t.Errorf("got  %x\nwant %x", got, want)
		}
	})
}
