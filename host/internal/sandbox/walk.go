package sandbox

import "slices"

// An edit is one place of a function's body that comes out changed: the bytes
// from..to are replaced by text, and where region is not negative the charge
// of that region follows.
type edit struct {
	from, to int
	text     []byte
	region   int
	check    bool
}

// splitCost is the cost from which on a region is cut at the next branch, so
// that code which branches over most of itself does not pay for all of it.
const splitCost = 48

// walker goes once over a function's body. It checks every index against the
// original module, and divides the code into regions: pieces that are entered
// only through their beginning, where they are charged, and in which control
// only moves forward. So what runs between two charges is paid for by the
// first.
//
// A region begins at the function's entry, at a loop's header, and at an end
// or else that is reached by a branch from an earlier region. Code behind an
// inner loop goes on with the region of the loop around it.
type walker struct {
	reader
	m       *module
	layout  *layout
	edits   []edit
	regions []int64 // the cost of each
	levels  []int   // the region that grows now, for each loop around this place
	frames  []frame
	height  int  // of the operand stack
	highest int  // that it has been
	calls   bool // the function calls others
	turned  bool // control went, or could have gone, another way than on
	places  int  // where control may go another way
	deposit int64
}

// frame is an open block.
type frame struct {
	op              byte
	base            int // the height of the operand stack below it
	params, results int
	level           int // of the loops around its end
	cond            int // if: the region it branches from when its condition does not hold
	from            int // the earliest region that branches to its end; negative: none
}

// body walks over the code of one function, from its first instruction to the
// end that closes it.
func (w *walker) body(code []byte, locals, results int) error {
	w.reader = reader{b: code}
	w.edits, w.regions = w.edits[:0], w.regions[:0]
	w.levels = append(w.levels[:0], 0)
	w.height, w.highest, w.calls, w.turned, w.places, w.deposit = 0, 0, false, false, 0, 0
	w.frames = append(w.frames[:0], frame{op: opCall, from: -1})
	w.begin(0, true)
	for w.err == nil && len(w.frames) > 0 {
		w.instruction()
	}
	w.m.work += uint64(w.places) * uint64(w.places+locals)
	if w.places > maxPlaces || w.m.work > maxWork {
		w.fail(refuse(RuleComplexity, "%d branches and blocks in one function, and %d to compile: at most %d and %d are admitted", w.places, w.m.work, maxPlaces, maxWork))
	}
	w.regions[0] += costEntry
	if w.calls {
		held := depositFrame + depositValue*int64(locals+w.highest)
		w.regions[0] += held
		if results <= 1 { // a block of several results needs a type that may not be there
			w.deposit = held
		}
	}
	return w.finish("a function's body")
}

// begin starts a region at place at.
func (w *walker) begin(at int, check bool) {
	w.levels[len(w.levels)-1] = len(w.regions)
	w.edits = append(w.edits, edit{from: at, to: at, region: len(w.regions), check: check})
	w.regions = append(w.regions, costRegion)
}

// replace puts text where the instruction that begins at from stood.
func (w *walker) replace(from int, text []byte) {
	w.edits = append(w.edits, edit{from: from, to: w.at, text: text, region: -1})
}

// shift moves the height of the operand stack. Below its block's base is only
// code that is never reached.
func (w *walker) shift(by int) {
	w.height = max(w.height+by, w.frames[len(w.frames)-1].base)
	w.highest = max(w.highest, w.height)
}

// apply moves it as a function of this type does when it is called.
func (w *walker) apply(s signature) {
	w.shift(-s.params())
	w.shift(s.results())
}

func (w *walker) region() int { return w.levels[len(w.levels)-1] }

func (w *walker) instruction() {
	start := w.at
	op := w.byte()
	o, sub := opcodes[op], uint32(0)
	if op == opPrefix {
		if sub = w.u32(); sub < uint32(len(prefixed)) {
			o = prefixed[sub]
		}
	}
	if w.err != nil {
		return
	}
	if o.imm == unknown {
		w.fail(unknownOpcode(op, sub))
		return
	}
	w.regions[w.region()] += o.cost
	w.shift(o.effect)
	w.immediate(o.imm, start)
	if w.err == nil {
		w.control(op)
	}
	if w.err == nil {
		w.lengths(op, sub, start)
	}
}

// control follows blocks and begins regions.
func (w *walker) control(op byte) {
	switch op {
	case opIf:
		w.turned = true
		w.split()
	case opLoop:
		if !w.turned && !w.calls {
			w.edits[0].check = false // this loop's follows in any case, and comes soon
		}
		w.turned = true
		w.levels = append(w.levels, 0)
		w.begin(w.at, true)
	case opElse:
		f := &w.frames[len(w.frames)-1]
		if f.op != opIf {
			w.fail(refuse(RuleFormat, "an else without its if"))
			return
		}
		f.op = opElse
		w.height = f.base + f.params
		w.branch(0)
		w.join(f.cond)
	case opEnd:
		w.close()
	case opBranchIf:
		w.split()
	case opReturn: // through the place where the deposit is given back
		w.turned = true
		w.replace(w.at-1, appendU32([]byte{opBranch}, uint32(len(w.frames)-1)))
	}
}

// open begins a block that takes and leaves so many values.
func (w *walker) open(op byte, params, results int) {
	if len(w.frames) > maxNesting {
		w.fail(refuse(RuleComplexity, "more than %d blocks inside each other", maxNesting))
	}
	w.places++
	base := max(w.height-params, w.frames[len(w.frames)-1].base)
	w.frames = append(w.frames, frame{
		op: op, base: base, params: params, results: results,
		level: len(w.levels) - 1, cond: w.region(), from: -1,
	})
}

func (w *walker) close() {
	f := w.frames[len(w.frames)-1]
	w.frames = w.frames[:len(w.frames)-1]
	if len(w.frames) == 0 {
		return // the function's own
	}
	w.height = f.base
	w.shift(f.results)
	switch f.op {
	case opLoop:
		w.levels = w.levels[:len(w.levels)-1]
	case opIf:
		w.join(f.cond) // the earliest that can branch here
	default:
		w.join(f.from)
	}
}

// branch notes that control may go on at the end of the frame at this depth.
func (w *walker) branch(depth uint32) {
	if uint64(depth) >= uint64(len(w.frames)) {
		w.fail(refuse(RuleIndex, "a branch to a block that is not there"))
		return
	}
	w.places++
	w.turned = true
	f := &w.frames[len(w.frames)-1-int(depth)]
	if f.op != opLoop && f.from < 0 {
		f.from = w.levels[f.level]
	}
}

// join begins a region where control may come from an earlier one.
func (w *walker) join(from int) {
	if from >= 0 && from != w.region() {
		w.begin(w.at, false)
		return
	}
	w.split()
}

// split begins a region if the one that grows is dear already.
func (w *walker) split() {
	if w.regions[w.region()] >= splitCost {
		w.begin(w.at, false)
	}
}

// lengths has what depends on an operand charged when it runs: the length is
// on top of the stack in each of these.
func (w *walker) lengths(op byte, sub uint32, start int) {
	switch {
	case op == opMemoryGrow:
		w.replace(start, w.layout.call(helperGrow))
	case op != opPrefix:
	case sub == opDataDrop || sub == opElementDrop:
		w.m.lasting = "drops a segment"
	case sub == opMemoryInit || sub == opMemoryCopy || sub == opMemoryFill:
		w.replace(start, slices.Concat(w.layout.call(helperBytes), w.b[start:w.at]))
	case sub == opTableInit || sub == opTableCopy:
		w.m.lasting = "writes its table"
		w.replace(start, slices.Concat(w.layout.call(helperEntries), w.b[start:w.at]))
	}
}
