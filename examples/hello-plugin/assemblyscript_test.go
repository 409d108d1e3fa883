package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/hello"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// root is the repository's folder, in which asc is run.
const root = "../.."

// The compiler of AssemblyScript, as npm installs it.
const (
	tools = "build/tools"
	asc   = tools + "/node_modules/.bin/asc"
)

// pinned is the version of AssemblyScript that the SDK is written for.
func pinned(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(root + "/sdk/assemblyscript/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Dev map[string]string `json:"devDependencies"`
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p.Dev["assemblyscript"]
}

// needAsc skips a test on a machine without the compiler.
func needAsc(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, asc)); err != nil {
		t.Skipf("asc is not there; run: npm install --prefix %s assemblyscript@%s", tools, pinned(t))
	}
}

var (
	compiling sync.Mutex // one at a time: each takes a core and much memory
	compiled  = map[string][]byte{}
)

// The plugin's second source, and a plugin that shows what the SDK reads.
const (
	helloSource = "examples/hello-plugin/assemblyscript/hello.ts"
	echoSource  = "sdk/assemblyscript/testdata/echo.ts"
)

// assemblyScript compiles a source, once.
func assemblyScript(t *testing.T, source string) []byte {
	t.Helper()
	needAsc(t)
	compiling.Lock()
	defer compiling.Unlock()
	if wasm, ok := compiled[source]; ok {
		return wasm
	}
	out := filepath.Join(t.TempDir(), "plugin.wasm")
	cmd := exec.CommandContext(t.Context(), asc, source, "--config", "sdk/assemblyscript/asconfig.json", "-o", out)
	cmd.Dir = root
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("asc %s: %v\n%s", source, err, text)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	compiled[source] = wasm
	return wasm
}

// The contract is not Go's alone: the same kit passes.
func TestAssemblyScript(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, assemblyScript(t, helloSource))
	guesttest.Conform(t, r, world.Fixture())
	t.Logf("the dearest round used %d of %d", r.Fuel(), contract.RoundFuel)
}

// Both sources are one plugin.
func TestAssemblyScript_sameManifest(t *testing.T) {
	t.Parallel()
	ours, err := conformance.Describe(t.Context(), guesttest.New(hello{}))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := conformance.Describe(t.Context(), plugintest.New(t, assemblyScript(t, helloSource)))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := plain(t, ours), plain(t, theirs); !reflect.DeepEqual(a, b) {
		t.Errorf("in Go\n%v\nin AssemblyScript\n%v", a, b)
	}
}

// plain is a value as any reader of JSON sees it.
func plain(t *testing.T, v any) (out any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
