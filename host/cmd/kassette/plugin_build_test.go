package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sources makes a folder of Go sources that build to a module.
func sources(t *testing.T, dir, name string) string {
	t.Helper()
	at := filepath.Join(dir, name)
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, at, "go.mod", "module example.com/"+name+"\n\ngo 1.26\n")
	write(t, at, "main.go", "package main\n\nfunc main() {}\n")
	return at
}

func TestPluginBuild_bad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, sources(t, dir, "wrong"), "wrong.go", "package main\n\nvar n int = \"one\"\n")
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string][]string{
		"plugin build none":           {"build none: ", "no such file"},
		"plugin build empty":          {"build empty: ", "neither an asconfig.json nor Go files"},
		"plugin build wrong/go.mod":   {"is no folder"},
		"plugin build wrong":          {"the sources do not compile\nwrong/wrong.go:3:13: ", "\n    var n int = \"one\"\n                ^"},
		"plugin build wrong -o a/b.c": {"wrong/wrong.go:3:13: "},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			runIn(t, dir, nil, strings.Fields(args)...).says(t, 1, nil, append(want, "kassette: "))
		})
	}
}

func TestPluginBuild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := sources(t, dir, "tulip")
	runIn(t, dir, nil, "plugin", "build", "tulip").says(t, 0, []string{"tulip/tulip.wasm: ", " MB, built in ", "SHA-256 "}, nil)
	got := answer[built](t, runIn(t, at, nil, "plugin", "build", "-o", "out/one.wasm", "--json"))
	for _, file := range []string{filepath.Join(at, "tulip.wasm"), filepath.Join(at, "out", "one.wasm")} {
		wasm, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(wasm)
		if got.Digest != hex.EncodeToString(sum[:]) || got.Size != len(wasm) {
			t.Errorf("%s: got %+v, want the same bytes", file, got)
		}
	}
}

// What every node must fetch and compile is said, where it is much.
func TestPluginBuild_large(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := sources(t, dir, "tulip")
	write(t, at, "all.bin", strings.Repeat("kassette", largePlugin/8))
	write(t, at, "all.go", "package main\n\nimport _ \"embed\"\n\n//go:embed all.bin\nvar all string\n\nfunc init() { println(all) }\n")
	runIn(t, dir, nil, "plugin", "build", "tulip").says(t, 0, []string{"tulip.wasm: "}, []string{"tulip/tulip.wasm is larger than 4.1 MB"})
}

func TestMegabytes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 KB", 1: "1 KB", 19_456: "20 KB", 100_000: "0.1 MB", 4 << 20: "4.1 MB", 4_059_241: "4.0 MB"} {
		if got := megabytes(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
