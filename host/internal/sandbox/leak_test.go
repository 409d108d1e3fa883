package sandbox

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

//go:embed testdata/leaks/leaks_c.wasm
var leaksC []byte

//go:embed testdata/leaks/leaks_as.wasm
var leaksAssemblyScript []byte

// leaky is a guest that keeps something between calls in every way that its
// toolchain has, and by what each is caught if it is not put back.
type leaky struct {
	name   string
	wasm   func() ([]byte, error)
	caught map[slack]string
}

var leakies = []leaky{
	{"Go", goGuest, map[slack]string{
		slackMemory: "describe: after the same call memory differs",
		slackBlocks: "receive_webhook: the output of the same call differs",
		slackWorld:  "capture_payment: the output of the same call differs",
		slackSeeds:  "start-up: memory differs",
	}},
	{"C", of(leaksC), map[slack]string{
		slackMemory:  "create_payment: the output of the same call differs",
		slackGlobals: "get_payment: the output of the same call differs",
		slackBlocks:  "receive_webhook: the output of the same call differs",
		slackWorld:   "capture_payment: the output of the same call differs",
		slackSeeds:   "start-up: memory differs",
	}},
	{"AssemblyScript", of(leaksAssemblyScript), map[slack]string{
		slackMemory:  "get_payment: the output of the same call differs",
		slackGlobals: "create_payment: the output of the same call differs",
		slackBlocks:  "receive_webhook: the output of the same call differs",
		slackWorld:   "capture_payment: the output of the same call differs",
		slackSeeds:   "start-up: ",
	}},
	{"table", of(tableLeak().bytes()), map[slack]string{
		slackTables: "get_payment: the output of the same call differs",
	}},
}

func of(b []byte) func() ([]byte, error) { return func() ([]byte, error) { return b, nil } }

// tableLeak has a function in its table that an earlier call can exchange for
// another.
func tableLeak() testModule {
	m := answering("get_payment", cat(constI32(0), 0x11, 3, 0, constI32(0), constI32(1), constI32(1), opPrefix, opTableCopy, 0, 0))
	m.table = []uint32{4, 5}
	m.funcs = append(m.funcs, testFunc{sig: ":I", code: constI64(1)}, testFunc{sig: ":I", code: constI64(2)})
	return m
}

// answering is a module whose export answers the eight bytes that code leaves
// on the stack, as an i64. It begins with three imports.
func answering(export string, code []byte) testModule {
	return testModule{
		imports: []testImport{{contract.ModuleKernel, "alloc", "I:I"}, {contract.ModuleKernel, "store_u64", "II:"}, {contract.ModuleKernel, "output_set", "II:"}},
		funcs: []testFunc{{sig: ":i", export: export, locals: []byte{1, 1, 0x7e}, code: cat(
			constI64(8), opCall, 0, opLocalTee, 0, code, opCall, 1, opLocalGet, 0, constI64(8), opCall, 2, constI32(0))}},
	}
}

// TestLeaks: what a guest keeps is caught at load when it is not put back.
func TestLeaks(t *testing.T) { onEngines(t, testLeaks) }

func testLeaks(t *testing.T, open opener) {
	for _, guest := range leakies {
		t.Run(guest.name, func(t *testing.T) {
			wasm, err := guest.wasm()
			if err != nil {
				t.Fatal(err)
			}
			l := load(t, open(t, Limits{CacheDir: cacheDir}), wasm).(*loaded)
			startAgain(t, l, wasm)
			for _, kind := range []slack{slackMemory, slackGlobals, slackTables, slackBlocks, slackWorld, slackSeeds} {
				l.engine.slack = kind
				_, got := l.prove(t.Context())
				want := guest.caught[kind]
				if kind == slackBlocks && strings.Contains(t.Name(), "extism") {
					want = "" // Extism's kernel clears its blocks in any case
				}
				if kind != slackTables && guest.caught[slackTables] != "" {
					want = "writes its table"
				}
				if (got == nil) != (want == "") || got != nil && !strings.Contains(got.Error(), want) {
					t.Errorf("%06b left: got %v, want %q", kind, got, want)
				}
			}
		})
	}
}

// startAgain lets a module start up that has an image.
func startAgain(t testing.TB, l *loaded, wasm []byte) {
	t.Helper()
	_, m, err := rewrite(wasm)
	if err != nil {
		t.Fatal(err)
	}
	l.data = m.data
}

// mixedCalls is how many calls each guest of TestLeaks_none is made.
const mixedCalls = 1500

// TestLeaks_none: with everything put back, thousands of mixed calls of guests
// that would leak give what the first call of each kind gave.
func TestLeaks_none(t *testing.T) { onEngines(t, testLeaksNone) }

func testLeaksNone(t *testing.T, open opener) {
	for _, guest := range leakies {
		t.Run(guest.name, func(t *testing.T) {
			wasm, err := guest.wasm()
			if err != nil {
				t.Fatal(err)
			}
			l := load(t, open(t, Limits{CacheDir: cacheDir}), wasm).(*loaded)
			if guest.caught[slackTables] == "" && l.unproven != nil {
				t.Fatalf("got %v, want it proven", l.unproven)
			}
			calls := l.cannedCalls()
			var first []Result
			for _, c := range calls {
				got, err := l.Call(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				first = append(first, got)
			}
			var all sync.WaitGroup
			for g := range 4 {
				all.Go(func() {
					for i := range mixedCalls / 4 {
						n := (i*i + g) % len(calls)
						got, err := l.Call(t.Context(), calls[n])
						if err != nil || !bytes.Equal(got.Output, first[n].Output) || got.Fuel != first[n].Fuel {
							t.Errorf("%s: got %x for %d, %v, want %x for %d", calls[n].Export, got.Output, got.Fuel, err, first[n].Output, first[n].Fuel)
							return
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// TestEngines_agree: a call gives the same for the same fuel in every engine,
// where the module's sandboxes are used again and where they are not.
func TestEngines_agree(t *testing.T) {
	t.Parallel()
	for _, guest := range append(leakies, leaky{name: "small", wasm: of(smallGuest().bytes())}) {
		t.Run(guest.name, func(t *testing.T) {
			t.Parallel()
			wasm, err := guest.wasm()
			if err != nil {
				t.Fatal(err)
			}
			type answer struct {
				output string
				fuel   int64
			}
			answers := map[string]map[string]answer{}
			for name, start := range engines {
				var l *loaded
				if guest.name == "Go" {
					m, err := guests[name]()
					if err != nil {
						t.Fatal(err)
					}
					l = m.(*loaded)
				} else {
					l = load(t, opened(t, Limits{}, start), wasm).(*loaded)
				}
				for _, c := range append(l.cannedCalls(), Call{Export: "world", Now: callTime}) {
					if l.exports[c.Export] != callable {
						continue
					}
					got, err := l.Call(t.Context(), c)
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					if answers[c.Export] == nil {
						answers[c.Export] = map[string]answer{}
					}
					answers[c.Export][name] = answer{string(got.Output), got.Fuel}
				}
			}
			for export, by := range answers {
				if by["direct"] != by["extism"] || by["direct"].fuel == 0 {
					t.Errorf("%s: got %+v", export, by)
				}
			}
		})
	}
}
