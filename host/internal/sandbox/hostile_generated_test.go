package sandbox

import (
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// kernelImports are those that answer needs, in its order.
var kernelImports = []testImport{
	{contract.ModuleKernel, "alloc", "I:I"},
	{contract.ModuleKernel, "store_u8", "Ii:"},
	{contract.ModuleKernel, "output_set", "II:"},
}

// with adds imports in front of a module's functions, which call none.
func (m testModule) with(imports []testImport) testModule {
	m.imports = append(imports, m.imports...)
	return m
}

// answer is code that sets this output and returns 0. The kernel's handles are
// the same in every call, so it needs no local.
func answer(output []byte) []byte {
	code := cat(constI64(int64(len(output))), opCall, 0, 0x1a)
	for i, b := range output {
		code = cat(code, constI64(int64(firstHandle+i)), constI32(int32(b)), opCall, 1)
	}
	return cat(code, constI64(firstHandle), constI64(int64(len(output))), opCall, 2, constI32(0))
}

// does is a guest with a describe that answers well, and this code to run.
func does(code ...byte) testModule {
	m := runs(code...).with(kernelImports)
	m.funcs = append(m.funcs, testFunc{sig: ":i", export: "describe", code: answer([]byte(good))})
	return m
}

// having is a guest with a section in place of its own.
func having(id byte, parts ...any) testModule {
	m := does(constI32(0)...)
	m.extra = map[byte][]byte{id: cat(parts...)}
	return m
}

func many(n uint32) []byte { return appendU32(nil, n) }

// generated are the guests that are too large to write down.
func generated() map[string]hostile {
	const million = 1_000_000
	functions := does(constI32(0)...)
	for range maxFunctions - 10 {
		functions.funcs = append(functions.funcs, testFunc{sig: ":"})
	}
	wide := does(cat(opCall, 3, 0x41, 1, 0x6a)...)
	wide.funcs[0].locals = append(many(1), cat(many(maxLocals), 0x7e)...)
	locals := does(constI32(0)...)
	locals.funcs[0].locals = cat(1, many(million), 0x7e)
	return map[string]hostile{
		// One loop with a body of a million instructions: a meter or a check that
		// sits at the loop's header alone comes by too seldom. It is over the
		// bound of a function's body.
		"loop of a million instructions": {does(forever(repeat(million, 0x01)...)...).bytes(), "refused complexity", soon, Call{}},
		// The same within that bound: each passage costs what it does. Meters that
		// charge passages let it run a hundred thousand times as long.
		"loop of 100,000 instructions": {does(forever(cat(constI32(1), repeat(100_000, 0x45), 0x1a)...)...).bytes(), "fuel", 10 * time.Second, Call{}},
		// Endless recursion with 4,096 locals a frame: the engine's own stack,
		// which no memory limit knows, grows by 32 KiB a call.
		"recursion with wide frames": {wide.bytes(), "fuel", 5 * time.Second, Call{}},
		// 100 MB: a host that copies, rewrites or hashes before it looks at the
		// size holds several hundred.
		"module of 100 MB": {append(does(constI32(0)...).bytes(), repeat(100_000_000, 0)...), "refused size", soon, Call{}},
		// A million functions that do nothing: 4 MB that compile to far more, in
		// minutes.
		"a million tiny functions": {having(sectionFunction, many(million), repeat(million, 0)).bytes(), "refused complexity", soon, Call{}},
		// As many as are admitted: they compile for longer than who loads them
		// waits.
		"as many functions as there may be": {functions.bytes(), "deadline", 5 * time.Second, Call{}},
		// A br_table of a million branches: the compiler's work grows with the
		// branches of a function by their square.
		"br_table of a million": {does(cat(constI32(0), 0x0e, many(million), repeat(million+1, 0))...).bytes(), "refused complexity", soon, Call{}},
		// A million locals in five bytes: a frame of 8 MB a call.
		"a million locals": {locals.bytes(), "refused complexity", soon, Call{}},
		// Locals whose number overflows 32 bits when it is added up.
		"locals that overflow": {withLocals(cat(2, many(0xffffffff), 0x7e, many(0xffffffff), 0x7e)).bytes(), "refused complexity", soon, Call{}},
		// A million data segments of nothing: 4 MB that every instantiation walks.
		"a million data segments": {having(sectionData, many(million), repeat(million, 0, opI32Const, 0, opEnd, 0)).bytes(), "refused complexity", soon, Call{}},
		// A data segment that says it is of 4 GiB: a parser that makes room first
		// has none.
		"data of 4 GiB": {having(sectionData, 1, 0, opI32Const, 0, opEnd, many(0xffffffff)).bytes(), "refused format", soon, Call{}},
		// A hundred thousand blocks inside each other: a compiler that descends runs
		// out of its own stack.
		"deep nesting": {does(repeat(maxBody/4, opBlock, emptyBlock)...).bytes(), "refused complexity", soon, Call{}},
		// Input over the bound: in go-sdk 1.7.1 the write fails, nobody looks, and
		// the call is an empty success.
		"input of 2 MiB": {does(answer([]byte("x"))...).bytes(), "input-too-large", soon, Call{Input: make([]byte, 2*contract.MaxInput)}},
	}
}

func withLocals(locals []byte) testModule {
	m := does(constI32(0)...)
	m.funcs[0].locals = locals
	return m
}

// TestHostile_answers: what the sandbox gives is bytes that a guest chose. The
// contract reads them, and refuses each of these by what is wrong with it.
func TestHostile_answers(t *testing.T) { onEngines(t, testHostileAnswers) }

func testHostileAnswers(t *testing.T, open opener) {
	e := open(t, Limits{})
	for name, tt := range map[string]struct{ output, want string }{
		"no UTF-8":              {"{\"failure\":{\"code\":\"x\xff\"}}", "not UTF-8"},
		"half of a character":   {"\"\xe2\x82", "not UTF-8"},
		"cut off":               {`{"result":{"status":"pen`, "unexpected EOF"},
		"blanks alone":          {"   \n    ", "it is empty"},
		"zeros":                 {strings.Repeat("\x00", 64), "invalid character"},
		"two values":            {`{"failure":{"code":"unsupported","message":"x"}} {}`, "more than one JSON value"},
		"nothing of the answer": {`{}`, "result"},
		"an unknown member":     {`{"result":{"status":"pending"},"admin":true}`, "admin"},
		"deep":                  {strings.Repeat(`{"result":`, 12_000), "depth"},
		"a message of digits":   {`{"failure":{"code":"unsupported","message":` + strings.Repeat("9", 4_000) + `}}`, "number"},
		"state over its bound":  {`{"result":{"action":{"type":"none"},"state":"` + strings.Repeat("x", contract.MaxState) + `"}}`, "/result/state"},
	} {
		t.Run(name, func(t *testing.T) {
			m := load(t, e, says(tt.output).bytes())
			r, err := m.Call(t.Context(), Call{Export: "run"})
			if err != nil || string(r.Output) != tt.output {
				t.Fatalf("got %.80q, %v", r.Output, err)
			}
			if _, err := contract.DecodeAnswer(contract.CreatePayment, r.Output); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if r, err := m.Call(t.Context(), Call{Export: "describe"}); err != nil || string(r.Output) != good {
				t.Errorf("the next call: got %.80q, %v", r.Output, err)
			}
		})
	}
}

// says is a guest whose output is this text, from a data segment.
func says(output string) testModule {
	n := int32(len(output))
	code := cat(constI64(int64(n)), opCall, 0, 0x1a, opLoop, emptyBlock,
		opLocalGet, 0, opI64ExtendU, constI64(firstHandle), 0x7c, opLocalGet, 0, 0x2d, 0, 0, opCall, 1, // a byte
		opLocalGet, 0, constI32(1), 0x6a, opLocalTee, 0, constI32(n), 0x49, opBranchIf, 0, opEnd,
		constI64(firstHandle), constI64(int64(n)), opCall, 2, constI32(0))
	m := does(code...)
	m.pages = 4
	m.funcs[0].locals = []byte{1, 1, 0x7f}
	m.extra = map[byte][]byte{sectionData: cat(1, 0, constI32(0), opEnd, many(uint32(n)), []byte(output))}
	return m
}
