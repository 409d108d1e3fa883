package sandbox

import (
	"bytes"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// generator makes valid code out of arbitrary bytes: blocks, loops, branches,
// calls and returns, with work between them that counts itself in global 0.
type generator struct {
	data     []byte
	labels   int // open blocks
	function uint32
	of       uint32 // how many functions there are
}

// workUnits is what one piece of work adds to global 0, and costs at least.
const workUnits = 20

func (g *generator) byte() byte {
	if len(g.data) == 0 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return b
}

func (g *generator) work() []byte {
	return cat(bytes.Repeat(cat(opLocalGet, 0, constI32(3), 0x6a, 0x21, 0), workUnits),
		opGlobalGet, 0, constI32(workUnits), 0x6a, opGlobalSet, 0)
}

// condition puts a number below 4 on the stack that nobody foresees.
func (g *generator) condition() []byte {
	return cat(opLocalGet, 0, constI32(1103515245), 0x6c, constI32(12345), 0x6a, opLocalTee, 0, constI32(16), 0x76, constI32(3), 0x71)
}

func (g *generator) nested(parts ...any) []byte {
	g.labels++
	defer func() { g.labels-- }()
	return cat(append(parts, g.statements())...)
}

func (g *generator) statements() []byte {
	var code []byte
	for n := g.byte() % 4; n > 0; n-- {
		code = append(code, g.statement()...)
	}
	return code
}

func (g *generator) target() int { return int(g.byte()) % (g.labels + 1) }

func (g *generator) statement() []byte {
	kind := g.byte() % 10
	if g.labels > 12 {
		kind = 0
	}
	switch kind {
	case 1:
		return cat(g.nested(opBlock, emptyBlock), opEnd)
	case 2:
		return cat(g.nested(opLoop, emptyBlock), opEnd)
	case 3:
		return cat(g.condition(), g.nested(opIf, emptyBlock), opEnd)
	case 4:
		return cat(g.condition(), g.nested(opIf, emptyBlock), g.nested(opElse), opEnd)
	case 5:
		return cat(opGlobalGet, 0, g.condition(), opBranchIf, g.target(), 0x1a)
	case 6: // among blocks, which all take nothing
		if g.labels == 0 {
			return g.work()
		}
		inner := func() int { return int(g.byte()) % g.labels }
		return cat(g.condition(), 0x0e, 2, inner(), inner(), inner())
	case 7:
		if callee := g.function + 1 + uint32(g.byte())%2; callee < g.of {
			return cat(opCall, int(callee), 0x1a)
		}
		return g.work()
	case 8:
		return cat(opGlobalGet, 0, opReturn)
	case 9:
		return cat(opGlobalGet, 0, opBranch, g.target())
	default:
		return g.work()
	}
}

// FuzzRewrite_code: generated code gives the same rewritten or not, and has
// paid for all the work that it did.
func FuzzRewrite_code(f *testing.F) {
	f.Add([]byte("\x03\x02\x03\x00\x05\x01\x03\x06\x00\x01\x00"))
	f.Add([]byte("\x03\x01\x03\x04\x02\x00\x05\x00\x02\x00\x05\x01\x00\x03\x07\x00\x02\x03\x06\x01\x00\x02\x00\x08"))
	f.Add(bytes.Repeat([]byte("\x03\x02\x03\x05\x01\x04\x06\x02\x00\x01\x07\x00\x03"), 9))
	m := newMeters(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 500 {
			return // more is only slower
		}
		module := testModule{globals: [][]byte{cat(0x7f, 1, constI32(0), opEnd)}}
		g := &generator{data: data, of: 4}
		for ; g.function < g.of; g.function++ {
			module.funcs = append(module.funcs, testFunc{sig: ":i", export: string(rune('a' + g.function)), locals: []byte{1, 1, 0x7f},
				code: cat(g.statements(), opGlobalGet, 0)})
		}
		original := module.bytes()
		metered, parsed, err := rewrite(original)
		if err != nil {
			t.Fatal(err)
		}
		a, b := m.compiles(original), m.compiles(metered)
		if (a == nil) != (b == nil) {
			t.Fatalf("the original: %v\nthe rewritten: %v", a, b)
		}
		if a != nil {
			t.Fatalf("the generator made invalid code: %v", a)
		}
		m.compare(t, original, metered, parsed, "a", nil)
		if did, used, err := m.run(metered, "a", contract.RoundFuel/100); err == nil && used < int64(did[0]) {
			t.Fatalf("did %d and paid %d", did[0], used)
		}
	})
}
