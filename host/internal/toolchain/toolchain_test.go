package toolchain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const root = "../../.."

// folder makes a folder of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const goMod = "module example.com/tulip\n\ngo 1.26\n"

// The plugins of the repository are built in the same way.
func TestGoFlags_areTheMakefiles(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	flags := strings.Replace(strings.Join(GoFlags(), " "), "-s -w", `"-s -w"`, 1)
	if want := "GOOS=wasip1 GOARCH=wasm $(GO) build " + flags + "\n"; !strings.Contains(string(text), want) {
		t.Errorf("the Makefile does not say %q", want)
	}
}

func TestDetect(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  Language
		err   error
	}{
		"nothing":        {nil, "", ErrNoSources},
		"other files":    {map[string]string{"README.md": ""}, "", ErrNoSources},
		"Go":             {map[string]string{"main.go": ""}, Go, nil},
		"AssemblyScript": {map[string]string{"asconfig.json": "{}", "world_test.go": ""}, AssemblyScript, nil},
	} {
		if got, err := Detect(folder(t, c.files)); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: got %q, %v, want %q, %v", name, got, err, c.want, c.err)
		}
	}
	file := filepath.Join(folder(t, map[string]string{"a.wasm": ""}), "a.wasm")
	if _, err := Detect(file); err == nil || !strings.Contains(err.Error(), "no folder") {
		t.Errorf("got %v, want that it is no folder", err)
	}
	if _, err := Detect(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want %v", err, os.ErrNotExist)
	}
}

// What is there stays until a build has succeeded, and nothing else is left.
func TestBuild_go(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"go.mod": goMod, "main.go": "package main\n\nfunc main() {}\n", "tulip.wasm": "the last good one"})
	out := filepath.Join(dir, "tulip.wasm")
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {\n\tvar n int = \"one\"\n\twrong(n)\n\tn.x()\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var refused *CompileError
	if err := Build(t.Context(), dir, out); !errors.As(err, &refused) || len(refused.Problems) != 3 {
		t.Fatalf("got %v, want three problems", err)
	}
	if p := refused.Problems[1]; p.File != source || p.Line != 5 || p.Column != 2 || p.Text != "undefined: wrong" {
		t.Errorf("got %+v", p)
	}
	if want := source + ":5:2: undefined: wrong\n    \twrong(n)\n    \t^"; !strings.Contains(refused.Error(), want) {
		t.Errorf("got %s, want %s in it", refused, want)
	}
	if b, err := os.ReadFile(out); err != nil || string(b) != "the last good one" {
		t.Errorf("got %.20q, %v, want what was there", b, err)
	}
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Build(t.Context(), dir, filepath.Join(dir, "new", "tulip.wasm")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "new", "tulip.wasm")); err != nil || !bytes.HasPrefix(b, []byte("\x00asm")) {
		t.Errorf("got %.20q, %v, want a module", b, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*", ".build-*")); err != nil || len(left) > 0 {
		t.Errorf("%q were left behind, %v", left, err)
	}
}

func TestBuild_stopped(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"go.mod": goMod, "main.go": "package main\n\nfunc main() {}\n"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var refused *CompileError
	if err := Build(ctx, dir, filepath.Join(dir, "a.wasm")); !errors.Is(err, context.Canceled) || errors.As(err, &refused) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestBuild_noCompiler(t *testing.T) {
	t.Setenv("PATH", "")
	if _, err := Test(t.Context(), t.TempDir(), "a.wasm"); !errors.Is(err, errNoGo) {
		t.Errorf("got %v, want %v", err, errNoGo)
	}
	if err := Require(t.Context(), t.TempDir()); !errors.Is(err, errNoGo) {
		t.Errorf("got %v, want %v", err, errNoGo)
	}
	for _, files := range []map[string]string{{"main.go": ""}, {"asconfig.json": "{}"}} {
		if err := Build(t.Context(), folder(t, files), filepath.Join(t.TempDir(), "a.wasm")); err == nil || !strings.Contains(err.Error(), "is not there: ") {
			t.Errorf("%v: got %v, want what is missing and what to do", files, err)
		}
	}
}

func TestRequire(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"go.mod": goMod, "main.go": "package main\n\nimport _ \"example.invalid/nothing\"\n"})
	t.Run("what is nowhere", func(t *testing.T) {
		if err := Require(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "example.invalid/nothing") {
			t.Errorf("got %v, want what is not found", err)
		}
	})
	t.Run("what is there", func(t *testing.T) {
		other := folder(t, map[string]string{"go.mod": "module example.invalid/nothing\n\ngo 1.26\n", "nothing.go": "package nothing\n"})
		text := goMod + "\nreplace example.invalid/nothing => " + filepath.ToSlash(other) + "\n\nrequire example.invalid/nothing v0.0.0\n"
		if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Require(t.Context(), dir); err != nil {
			t.Error(err)
		}
	})
}

// Tests that fail are an answer; that they cannot be run is an error.
func TestTest(t *testing.T) {
	t.Parallel()
	files := map[string]string{"go.mod": goMod, "main_test.go": "package main\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestX(t *testing.T) { t.Error(os.Getenv(\"KASSETTE_PLUGIN\")) }\n"}
	dir := folder(t, files)
	if !HasTests(dir) || HasTests(t.TempDir()) {
		t.Error("tests are seen where there are none, or the reverse")
	}
	said, err := Test(t.Context(), dir, "/plugins/tulip.wasm")
	if err != nil || !strings.Contains(string(said), `"Action":"fail"`) || !strings.Contains(string(said), "/plugins/tulip.wasm") {
		t.Errorf("got %s, %v, want a test that failed", said, err)
	}
	files["go.mod"] = "modul tulip\n"
	if _, err := Test(t.Context(), folder(t, files), "a.wasm"); err == nil || !strings.Contains(err.Error(), "go.mod:1: ") {
		t.Errorf("got %v, want what is wrong with the module", err)
	}
}

// asc paints what it says wherever CI is set; it is read as plain text there too.
func TestBuild_assemblyScript(t *testing.T) {
	t.Setenv("CI", "true")
	asc, err := filepath.Abs(filepath.Join(root, "build/tools/node_modules/.bin"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(asc, "asc")); err != nil {
		t.Skip("asc is not there; make tools installs it")
	}
	t.Setenv("PATH", asc+string(os.PathListSeparator)+os.Getenv("PATH"))
	dir := folder(t, map[string]string{"asconfig.json": `{"entries":["tulip.ts"],"options":{"runtime":"stub"}}`, "tulip.ts": "export function f(): i32 {\n  return nope;\n}\n"})
	var refused *CompileError
	if err := Build(t.Context(), dir, filepath.Join(dir, "tulip.wasm")); !errors.As(err, &refused) || len(refused.Problems) != 1 {
		t.Fatalf("got %v, want one problem", err)
	}
	if p := refused.Problems[0]; p.File != filepath.Join(dir, "tulip.ts") || p.Line != 2 || p.Column != 10 || !strings.Contains(p.Text, "Cannot find name 'nope'") {
		t.Errorf("got %+v", p)
	}
	if err := os.WriteFile(filepath.Join(dir, "tulip.ts"), []byte("export function f(): i32 { return 1; }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Build(t.Context(), dir, filepath.Join(dir, "tulip.wasm")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "tulip.wasm")); err != nil || !bytes.HasPrefix(b, []byte("\x00asm")) {
		t.Errorf("got %.20q, %v, want a module", b, err)
	}
}

// What compilers say is read as it is, or shown whole.
func TestComplaint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		language Language
		said     string
		want     []Problem
		text     string
	}{
		"a package that is not there": {Go, "main.go:3:8: no required module provides package example.com/x; to add it:\n\tgo get example.com/x\n",
			[]Problem{{"d/main.go", 3, 8, "no required module provides package example.com/x; to add it:; go get example.com/x"}}, "go get example.com/x"},
		"a line without a column": {Go, "# example.com/tulip\nsub/a.go:7: missing return\n", []Problem{{"d/sub/a.go", 7, 0, "missing return"}}, "d/sub/a.go:7: missing return"},
		"no line at all":          {Go, "go: go.mod file not found\n", nil, "the sources do not compile:\ngo: go.mod file not found"},
		"asc, a warning first": {AssemblyScript, "WARNING AS201: x\n   └─ in a.ts(1,1)\n\nERROR TS2304: Cannot find name 'x'.\n   :\n 2 │ x\n   │ ~\n   └─ in b.ts(2,1)\n\nFAILURE 1 compile error(s)\n",
			[]Problem{{"d/b.ts", 2, 1, "TS2304: Cannot find name 'x'."}}, "d/b.ts:2:1: TS2304"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := complaint("d", c.language, c.said)
			var e *CompileError
			if !errors.As(err, &e) || !reflect.DeepEqual(e.Problems, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %v and %q", err, c.want, c.text)
			}
		})
	}
}
