package sandbox

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// withoutCustom is a module without its custom sections, which the rewrite
// drops unread.
func withoutCustom(wasm []byte) []byte {
	r := reader{b: wasm, at: 8}
	out := append([]byte(nil), wasm[:8]...)
	for !r.done() {
		start := r.at
		id := r.byte()
		r.take(r.u32())
		if id != sectionCustom {
			out = append(out, wasm[start:r.at]...)
		}
	}
	return out
}

// FuzzRewrite: the rewrite never panics; what it gives is accepted by the
// compiler exactly when the original is; and what ends within its fuel ends
// like the original.
func FuzzRewrite(f *testing.F) {
	for _, m := range spenders() {
		f.Add(m.bytes())
	}
	seeds := []testModule{
		runs(constI32(0)...),
		runs(0x6a),
		{table: []uint32{1, 0}, globals: [][]byte{cat(0x7f, 1, constI32(5), opEnd)}, most: 2, custom: appendName(nil, "name"), funcs: []testFunc{
			{sig: ":i", export: "run", code: cat(opGlobalGet, 0, constI32(1), 0x6a, opGlobalSet, 0, constI32(0), 0x11, 0, 0)},
			{sig: ":i", export: "_initialize2", locals: []byte{1, 2, 0x7f}, code: cat(opBlock, 0x7f, constI32(3), constI32(1), opBranchIf, 0, 0x1a, constI32(4), opEnd, opReturn)},
		}},
		{funcs: []testFunc{{sig: ":ii", export: "run", code: cat(opBlock, 0, constI32(1), constI32(2), 0x0c, 0, opEnd)}}},
		{extra: map[byte][]byte{sectionData: dataSection(segment{8, []byte("ab")}, segment{20, []byte("c")})}, funcs: []testFunc{{sig: ":i", export: "run", code: cat(constI32(8), 0x28, 2, 0)}}},
		{funcs: []testFunc{{sig: "i:i", export: "run", code: cat(opLocalGet, 0, opIf, 0x7f, constI32(1), opElse, constI32(2), opReturn, opEnd)}}},
	}
	for _, m := range seeds {
		f.Add(m.bytes())
	}
	m := newMeters(f)
	f.Fuzz(func(t *testing.T, wasm []byte) {
		metered, parsed, err := rewrite(wasm)
		if err != nil {
			if refused := (*refusal)(nil); !errors.As(err, &refused) {
				t.Fatalf("got %v, want a refusal", err)
			}
			return
		}
		original := withoutCustom(wasm)
		if a, b := m.compiles(original), m.compiles(metered); a != nil && b == nil || a == nil && b != nil {
			t.Fatalf("the original: %v\nthe rewritten: %v", a, b)
		} else if a != nil || len(parsed.imports) > 0 {
			return
		}
		for name, s := range parsed.exportedFunctions() {
			m.compare(t, original, metered, parsed, name, make([]uint64, s.params()))
		}
	})
}

func (m *meters) compiles(wasm []byte) error {
	compiled, err := m.rt.CompileModule(context.Background(), wasm)
	if err != nil {
		return err
	}
	return compiled.Close(context.Background())
}

func (m *meters) compare(t *testing.T, original, metered []byte, parsed *module, name string, args []uint64) {
	renamed := name
	if name == parsed.startup() {
		renamed = exportStart
	} else if name == "_initialize" || name == "__wasm_call_ctors" {
		renamed = reserved + name
	}
	m.left, m.data = 0, parsed.data
	got, _, err := m.run(metered, renamed, contract.RoundFuel/100, args...)
	if m.left < 0 {
		return // the original may never end
	}
	m.data = nil
	want, _, wantErr := m.run(original, name, 0, args...)
	if fmt.Sprint(got) != fmt.Sprint(want) || (err == nil) != (wantErr == nil) {
		t.Fatalf("%s%v: got %v, %v, want %v, %v", name, args, got, err, want, wantErr)
	}
}
