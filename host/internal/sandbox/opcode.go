package sandbox

// immediate is what follows an opcode.
type immediate uint8

const (
	unknown       immediate = iota // not admitted
	none                           // nothing
	blockType                      // a block's type
	label                          // a branch's depth
	labels                         // br_table's depths
	function                       // a function's index
	indirect                       // call_indirect's type and table
	local                          // a local's index
	global                         // a global's index
	memoryAccess                   // alignment and offset
	memoryIndex                    // a memory's index
	memoryIndexes                  // two of them
	int32Value                     // a signed number of 32 bits
	int64Value                     // a signed number of 64 bits
	float32Value                   // four bytes
	float64Value                   // eight bytes
	valueTypes                     // select's types
	dataMemory                     // a data segment and a memory
	dataIndex                      // a data segment
	elementTable                   // an element segment and a table
	elementIndex                   // an element segment
	tableIndexes                   // two tables
)

// opcode says how to read an instruction, what it costs in fuel, and by how
// much it changes the height of the operand stack, calls and blocks aside.
type opcode struct {
	imm    immediate
	cost   int64
	effect int
}

// Costs in fuel. They are set by what bench_linux_test.go measures, so that no
// mix of instructions that runs in the processor's cache takes longer for a
// unit than another by much: about a quarter of a nanosecond at most, and half
// of that in a Go guest. What compilers turn into nothing (locals, constants,
// the shape of blocks) costs nothing; a loop pays for being one.
const (
	costSimple   = 1
	costAccess   = 3  // a load or store
	costBranch   = 6  // a branch on a condition, which may be guessed wrong
	costTable    = 40 // br_table
	costDivide   = 10 // integer division and remainder
	costRoot     = 28 // floating-point division and square root
	costCall     = 2
	costIndirect = 28
	costBulk     = 60 // a bulk instruction, its length aside
	costGrow     = 400
	costPage     = 32_768 // a page that memory grows by

	costRegion = 4  // passing a place that charges
	costEntry  = 12 // entering a function, and the place that charges there

	// A function that calls others gives these back when it returns: they bound
	// the engine's own stack, 8 bytes for a value.
	depositFrame = 1024
	depositValue = 64
)

// bulkShift: a unit pays for 1<<bulkShift bytes of a bulk instruction.
const bulkShift = 1

// Opcodes that the walker treats by name.
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBranch       = 0x0c
	opBranchIf     = 0x0d
	opReturn       = 0x0f
	opCall         = 0x10
	opLocalGet     = 0x20
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opI32Eq        = 0x46
	opI32LeU       = 0x4d
	opI64LtS       = 0x53
	opI64Add       = 0x7c
	opI64Sub       = 0x7d
	opI64Mul       = 0x7e
	opI64ShrU      = 0x88
	opI32Wrap      = 0xa7
	opI64ExtendU   = 0xad
	opI32OfF32     = 0xbc
	opI64OfF64     = 0xbd
	opF32OfI32     = 0xbe
	opF64OfI64     = 0xbf
	opDrop         = 0x1a
	opSelect       = 0x1b
	opPrefix       = 0xfc
	opMemoryInit   = 8
	opDataDrop     = 9
	opMemoryCopy   = 10
	opMemoryFill   = 11
	opTableInit    = 12
	opElementDrop  = 13
	opTableCopy    = 14
	emptyBlock     = 0x40
	voidFunction   = 0x60
	elementKind    = 0x00
	mutableGlobal  = 1
	functionExport = 0
)

// opcodes has the instructions of one byte; the zero value is not admitted.
var opcodes = func() (t [256]opcode) {
	fill := func(from, to int, op opcode) {
		for i := from; i <= to; i++ {
			t[i] = op
		}
	}
	fill(0x00, 0x01, opcode{none, 0, 0}) // unreachable, nop
	fill(0x02, 0x03, opcode{blockType, 0, 0})
	t[0x04] = opcode{blockType, costBranch, -1} // if
	t[0x05] = opcode{none, 0, 0}                // else
	t[0x0b] = opcode{none, 0, 0}                // end
	t[0x0c] = opcode{label, costSimple, 0}
	t[0x0d] = opcode{label, costBranch, -1}
	t[0x0e] = opcode{labels, costTable, -1}
	t[0x0f] = opcode{none, costSimple, 0} // return
	t[0x10] = opcode{function, costCall, 0}
	t[0x11] = opcode{indirect, costIndirect, -1}
	t[0x1a] = opcode{none, 0, -1}          // drop
	t[0x1b] = opcode{none, costSimple, -2} // select
	t[0x1c] = opcode{valueTypes, costSimple, -2}
	t[0x20] = opcode{local, 0, 1}
	t[0x21] = opcode{local, 0, -1}
	t[0x22] = opcode{local, 0, 0} // local.tee
	t[0x23] = opcode{global, costSimple, 1}
	t[0x24] = opcode{global, costSimple, -1}
	fill(0x28, 0x35, opcode{memoryAccess, costAccess, 0})  // loads
	fill(0x36, 0x3e, opcode{memoryAccess, costAccess, -2}) // stores
	t[0x3f] = opcode{memoryIndex, costSimple, 1}           // memory.size
	t[0x40] = opcode{memoryIndex, costGrow, 0}
	t[0x41] = opcode{int32Value, 0, 1}
	t[0x42] = opcode{int64Value, 0, 1}
	t[0x43] = opcode{float32Value, 0, 1}
	t[0x44] = opcode{float64Value, 0, 1}
	fill(0x45, 0xc4, opcode{none, costSimple, 0})  // tests, one operand, conversions
	fill(0x46, 0x4f, opcode{none, costSimple, -1}) // comparisons of i32
	fill(0x51, 0x66, opcode{none, costSimple, -1}) // of i64, f32, f64
	fill(0x6a, 0x78, opcode{none, costSimple, -1}) // arithmetic of i32
	fill(0x7c, 0x8a, opcode{none, costSimple, -1}) // of i64
	fill(0x92, 0x98, opcode{none, costSimple, -1}) // of f32
	fill(0xa0, 0xa6, opcode{none, costSimple, -1}) // of f64
	fill(0x6d, 0x70, opcode{none, costDivide, -1}) // i32.div_s to i32.rem_u
	fill(0x7f, 0x82, opcode{none, costDivide, -1}) // i64.div_s to i64.rem_u
	t[0x91], t[0x9f] = opcode{none, costRoot, 0}, opcode{none, costRoot, 0}
	t[0x95], t[0xa3] = opcode{none, costRoot, -1}, opcode{none, costRoot, -1}
	return t
}()

// prefixed has the instructions behind opPrefix; 0 to 7 are the conversions
// that saturate.
var prefixed = [...]opcode{
	0: {none, costSimple, 0}, 1: {none, costSimple, 0}, 2: {none, costSimple, 0}, 3: {none, costSimple, 0},
	4: {none, costSimple, 0}, 5: {none, costSimple, 0}, 6: {none, costSimple, 0}, 7: {none, costSimple, 0},
	opMemoryInit:  {dataMemory, costBulk, -3},
	opDataDrop:    {dataIndex, costSimple, 0},
	opMemoryCopy:  {memoryIndexes, costBulk, -3},
	opMemoryFill:  {memoryIndex, costBulk, -3},
	opTableInit:   {elementTable, costBulk, -3},
	opElementDrop: {elementIndex, costSimple, 0},
	opTableCopy:   {tableIndexes, costBulk, -3},
}

// proposals names what an opcode that is not admitted belongs to.
var proposals = map[byte]string{
	0x06: "exceptions", 0x07: "exceptions", 0x08: "exceptions", 0x09: "exceptions", 0x0a: "exceptions",
	0x18: "exceptions", 0x19: "exceptions", 0x1f: "exceptions",
	0x12: "tail calls", 0x13: "tail calls",
	0x14: "function references", 0x15: "function references",
	0x25: "reference types", 0x26: "reference types",
	0xd0: "reference types", 0xd1: "reference types", 0xd2: "reference types",
	0xd3: "garbage collection", 0xd4: "function references", 0xd5: "function references", 0xd6: "function references",
	0xfb: "garbage collection", 0xfd: "SIMD", 0xfe: "threads",
}

// unknownOpcode refuses an instruction by the name of what it belongs to.
func unknownOpcode(op byte, sub uint32) error {
	if op == opPrefix {
		if sub >= 15 && sub <= 17 {
			return refuse(RuleFeature, "uses reference types (opcode 0xfc %d): build without them", sub)
		}
		return refuse(RuleFeature, "uses an unknown instruction (opcode 0xfc %d)", sub)
	}
	if p := proposals[op]; p != "" {
		return refuse(RuleFeature, "uses %s (opcode %#02x): build without them", p, op)
	}
	return refuse(RuleFeature, "uses an unknown instruction (opcode %#02x)", op)
}
