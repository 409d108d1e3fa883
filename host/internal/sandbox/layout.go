package sandbox

// What the rewrite adds to a module, under names that no guest may use.
const (
	// importSettle tells the host what fuel is left and whether memory was
	// refused, and is told what is left from now on.
	importSettle = "settle"
	// importKeep tells the host what a global holds, by its index.
	importKeep = "keep"
	// importPut asks the host what a global is to hold, or with growthIndex how
	// many pages memory grows by.
	importPut   = "put"
	growthIndex = 1<<32 - 1

	// exportBegin puts the fuel at the budget that the host answers.
	exportBegin = reserved + "begin"
	// exportReport tells the host what is left.
	exportReport = reserved + "report"
	// exportSave has the host keep every global that can change.
	exportSave = reserved + "save"
	// exportRestore puts them back, and then does what exportBegin does.
	exportRestore = reserved + "restore"
	// exportGrow grows the memory, unpaid.
	exportGrow = reserved + "grow"
	// exportStart is the guest's own start-up, if it has one: under a name of
	// ours, so that it runs when we say so, and once.
	exportStart = reserved + "start"
)

// Imports that the rewrite adds, behind those of the module.
const (
	placeSettle = iota
	placeKeep
	placePut
	addedImports
)

// Types that the rewrite adds, behind those of the module.
const (
	typeSettle  = iota // left, refused → left
	typeKeep           // index, value → nothing
	typePut            // index → value
	typeLength         // length → length
	typeNothing        // nothing → nothing
	addedTypes
)

// Functions that the rewrite adds, behind those of the module. One wrapper for
// each import follows.
const (
	helperBytes   = iota // charges for a length in bytes and gives it back
	helperEntries        // the same for entries of a table
	helperGrow           // memory.grow, charged
	helperBegin          // exportBegin
	helperReport         // exportReport
	helperSave           // exportSave
	helperRestore        // exportRestore
	helperExtend         // exportGrow
	helpers
)

// addedExports are what the rewrite exports.
var addedExports = []struct {
	name   string
	helper uint32
}{
	{exportBegin, helperBegin}, {exportReport, helperReport}, {exportSave, helperSave},
	{exportRestore, helperRestore}, {exportGrow, helperExtend},
}

// layout says where things are in the rewritten module. Its imports are those
// of the original and the added ones; its functions those of the original, the
// helpers and a wrapper for each import, which stands for it everywhere.
type layout struct {
	imports   uint32 // of the original
	functions uint32 // of the original, imports included
	types     uint32 // of the original
	fuel      uint32 // the global that is lowered
	refused   uint32 // the global that says that memory was refused
}

func newLayout(m *module) *layout {
	return &layout{
		imports:   uint32(len(m.imports)),
		functions: m.functions(),
		types:     uint32(len(m.types)),
		fuel:      m.globals,
		refused:   m.globals + 1,
	}
}

// added is an import that the rewrite adds, by its place.
func (l *layout) added(place uint32) uint32 { return l.imports + place }
func (l *layout) helper(i uint32) uint32    { return l.functions + addedImports + i }

// function is where a function of the original is now.
func (l *layout) function(index uint32) uint32 {
	if index < l.imports {
		return l.helper(helpers + index)
	}
	return index + addedImports
}

// call is the instruction that calls a helper.
func (l *layout) call(helper uint32) []byte {
	return appendU32([]byte{opCall}, l.helper(helper))
}

func (l *layout) get(b []byte, global uint32) []byte {
	return appendU32(append(b, opGlobalGet), global)
}

func (l *layout) set(b []byte, global uint32) []byte {
	return appendU32(append(b, opGlobalSet), global)
}

// charge lowers the fuel by a constant.
func (l *layout) charge(b []byte, cost int64, check bool) []byte {
	b = l.get(b, l.fuel)
	b = appendS64(append(b, opI64Const), cost)
	b = l.set(append(b, opI64Sub), l.fuel)
	if check {
		b = l.check(b)
	}
	return b
}

// check traps when no fuel is left.
func (l *layout) check(b []byte) []byte {
	b = l.get(b, l.fuel)
	return append(b, opI64Const, 0, opI64LtS, opIf, emptyBlock, opUnreachable, opEnd)
}

// exchange tells the host what is left and takes what it answers.
func (l *layout) exchange(b []byte) []byte {
	b = l.get(l.get(b, l.fuel), l.refused)
	b = appendU32(append(b, opCall), l.added(placeSettle))
	return l.set(b, l.fuel)
}
