package sandbox

import (
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Bounds on what the compiler is given, so that compiling takes bounded time
// and memory. A Go plugin with encoding/json needs a tenth of each at most. The
// context's deadline is looked at between functions.
const (
	maxTypes     = 4096
	maxValues    = 256 // parameters or results of a type
	maxImports   = 256
	maxFunctions = 50_000
	maxLocals    = 4096 // of one function
	maxBody      = 512 << 10
	maxPlaces    = 16_384        // branches and blocks of one function
	maxWork      = 1_000_000_000 // in all: a function's places by its places and locals
	maxBranches  = 1_000_000     // entries of br_table in all
	maxGlobals   = 4096
	maxExports   = 1024
	maxSegments  = 400_000 // of data, and of elements
	maxTable     = 100_000
	maxNesting   = 2048 // open blocks in one function
)

// reserved begins every name that the rewrite adds. A guest may neither import
// nor export one.
const reserved = "kassette:"

// The guest's own start-up, in the order in which it is looked for.
var startups = []string{"_initialize", "__wasm_call_ctors"}

// operations are the exports of the contract, which all have one signature.
var operations = func() map[string]bool {
	names := map[string]bool{string(contract.Describe): true}
	for _, k := range []contract.Kind{contract.KindPayment, contract.KindShop} {
		for _, e := range contract.Exports(k) {
			names[string(e)] = true
		}
	}
	return names
}()

// callable is the signature of an export that can be called.
const callable signature = ":i"

func (m *module) readImport(r *reader) {
	mod, name := r.name(), r.name()
	kind := r.byte()
	typ := r.u32()
	if r.err != nil {
		return
	}
	if kind != functionExport {
		r.fail(refuse(RuleImport, "imports %s %s, which is not a function: a plugin brings its own memory, table and globals", oneLine(mod), oneLine(name)))
		return
	}
	m.checkType(r, typ)
	if r.err != nil {
		return
	}
	host, err := findImport(mod, name, m.types[typ])
	if err != nil {
		r.fail(err)
		return
	}
	m.imports = append(m.imports, imported{typ, host})
}

func (m *module) readTable(r *reader) {
	if c := r.byte(); c != 0x70 && r.err == nil {
		r.fail(refuse(RuleFeature, "a table of type %#02x: only functions are admitted", c))
	}
	least := r.limits()
	if least > maxTable {
		r.fail(refuse(RuleTable, "a table of %d entries, at most %d are admitted", least, maxTable))
	}
}

func (m *module) readMemory(r *reader) {
	least := r.limits()
	if least > contract.MaxMemoryPages {
		r.fail(refuse(RuleMemory, "starts with %d pages of memory, at most %d are admitted", least, contract.MaxMemoryPages))
	}
	m.memory, m.pages = true, least
}

// limits reads the bounds of a table or a memory, and gives the lower.
func (r *reader) limits() (least uint32) {
	flag := r.byte()
	if flag > 1 && r.err == nil {
		r.fail(refuse(RuleFeature, "a shared or 64-bit memory or table: build without threads and memory64"))
	}
	least = r.u32()
	if flag == 1 {
		r.u32()
	}
	return least
}

func (m *module) readExport(r *reader) {
	e := exported{r.name(), r.byte(), r.u32()}
	if r.err != nil {
		return
	}
	m.exports = append(m.exports, e)
	if strings.HasPrefix(e.name, reserved) {
		r.fail(refuse(RuleExport, "exports %s: names that begin with %q are the host's", oneLine(e.name), reserved))
		return
	}
	switch e.kind {
	case functionExport:
		if m.checkFunction(r, e.index) {
			m.checkExport(r, e)
		}
	case 1, 2: // table and memory: the compiler checks that they are there
	case 3:
		if e.index >= m.globals {
			r.fail(refuse(RuleIndex, "a global %d that is not there", e.index))
		}
	default:
		r.fail(refuse(RuleFeature, "an export of kind %d", e.kind))
	}
}

func (m *module) checkExport(r *reader, e exported) {
	s := m.signature(e.index)
	switch {
	case operations[e.name] && s != callable:
		r.fail(refuse(RuleExport, "exports %s with signature %q: an operation takes nothing and returns an i32", e.name, s))
	case slices.Contains(startups, e.name) && s != ":":
		r.fail(refuse(RuleExport, "exports %s with signature %q: start-up takes and returns nothing", e.name, s))
	case e.name == "_start":
		r.fail(refuse(RuleExport, "exports _start: build a reactor (in Go: -buildmode=c-shared), not a command"))
	case e.name == "hs_init":
		r.fail(refuse(RuleExport, "exports hs_init: start up in _initialize"))
	}
}

// exportedFunctions are the functions that the module exports, by name.
func (m *module) exportedFunctions() map[string]signature {
	all := map[string]signature{}
	for _, e := range m.exports {
		if e.kind == functionExport {
			all[e.name] = m.signature(e.index)
		}
	}
	return all
}

// admit parses wasm and applies every rule but those on the code, which the
// rewrite applies as it goes.
func admit(wasm []byte) (*module, error) {
	if len(wasm) > contract.MaxModule {
		return nil, refuse(RuleSize, "%d bytes, at most %d are admitted", len(wasm), contract.MaxModule)
	}
	m, err := parse(wasm)
	if err != nil {
		return nil, err
	}
	if !m.memory {
		return nil, refuse(RuleMemory, "has no memory of its own")
	}
	if len(m.funcs) == 0 || !slices.ContainsFunc(m.sections, func(s section) bool { return s.id == sectionCode }) {
		return nil, refuse(RuleExport, "has no code")
	}
	return m, nil
}
