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

// opcode says how to read an instruction and what it costs in fuel.
type opcode struct {
	imm  immediate
	cost int64
}

// Costs in fuel. One unit is about what one simple instruction takes; the rest
// are set by the measurements of bench_test.go so that no mix of instructions
// takes much longer for a unit than another.
const (
	costSimple   = 1
	costAccess   = 3  // a load or store, which may miss the cache
	costDivide   = 12 // integer division and remainder
	costRoot     = 8  // floating-point division and square root
	costCall     = 3
	costIndirect = 12
	costBranches = 6  // br_table
	costBulk     = 40 // a bulk instruction, its length aside
	costGrow     = 2000

	costRegion   = 6  // passing a place that charges
	costEntry    = 12 // entering a function: its frame, and the place that charges
	costPage     = 8192
	bulkShift    = 2 // a unit pays for 1<<bulkShift bytes of a bulk instruction
	localsPerFee = 2 // a unit at a function's entry pays for so many locals
)

// Opcodes that the walker treats by name.
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBranchIf     = 0x0d
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
	opI64Sub       = 0x7d
	opI64Mul       = 0x7e
	opI64ShrU      = 0x88
	opI64ExtendU   = 0xad
	opSelect       = 0x1b
	opPrefix       = 0xfc
	opMemoryInit   = 8
	opMemoryCopy   = 10
	opMemoryFill   = 11
	opTableInit    = 12
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
	fill(0x00, 0x01, opcode{none, costSimple}) // unreachable, nop
	fill(0x02, 0x04, opcode{blockType, costSimple})
	t[0x05] = opcode{none, costSimple} // else
	t[0x0b] = opcode{none, 0}          // end
	fill(0x0c, 0x0d, opcode{label, costSimple})
	t[0x0e] = opcode{labels, costBranches}
	t[0x0f] = opcode{none, costSimple} // return
	t[0x10] = opcode{function, costCall}
	t[0x11] = opcode{indirect, costIndirect}
	fill(0x1a, 0x1b, opcode{none, costSimple}) // drop, select
	t[0x1c] = opcode{valueTypes, costSimple}
	fill(0x20, 0x22, opcode{local, costSimple})
	fill(0x23, 0x24, opcode{global, costSimple})
	fill(0x28, 0x3e, opcode{memoryAccess, costAccess})
	t[0x3f] = opcode{memoryIndex, costSimple} // memory.size
	t[0x40] = opcode{memoryIndex, costGrow}
	t[0x41] = opcode{int32Value, costSimple}
	t[0x42] = opcode{int64Value, costSimple}
	t[0x43] = opcode{float32Value, costSimple}
	t[0x44] = opcode{float64Value, costSimple}
	fill(0x45, 0xc4, opcode{none, costSimple}) // comparisons, arithmetic, conversions
	fill(0x6d, 0x70, opcode{none, costDivide}) // i32.div_s to i32.rem_u
	fill(0x7f, 0x82, opcode{none, costDivide}) // i64.div_s to i64.rem_u
	for _, i := range []int{0x91, 0x95, 0x9f, 0xa3} {
		t[i] = opcode{none, costRoot} // sqrt and div of f32 and f64
	}
	return t
}()

// prefixed has the instructions behind opPrefix.
var prefixed = [...]opcode{
	0: {none, costSimple}, 1: {none, costSimple}, 2: {none, costSimple}, 3: {none, costSimple}, // saturating
	4: {none, costSimple}, 5: {none, costSimple}, 6: {none, costSimple}, 7: {none, costSimple}, // conversions
	opMemoryInit: {dataMemory, costBulk},
	9:            {dataIndex, costSimple}, // data.drop
	opMemoryCopy: {memoryIndexes, costBulk},
	opMemoryFill: {memoryIndex, costBulk},
	opTableInit:  {elementTable, costBulk},
	13:           {elementIndex, costSimple}, // elem.drop
	opTableCopy:  {tableIndexes, costBulk},
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
