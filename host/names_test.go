package host_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/kassette-pay/kassette/sdk/simulator"
)

// ordinary are names that are English words too. They are found only where one
// is a whole string, as an id is that code compares with: the contract's
// FlowTerminal, or an error that speaks of a card, is about no plugin.
var ordinary = map[string]string{
	"card":     "a card is what many methods charge",
	"terminal": "a flow of the contract, whoever makes the machine",
}

// TestNoProviderIsNamed: deleting a plugin removes its method and nothing else
// changes, so no file of the host may know a provider or a method. Names come
// from the folders of plugins and the list of simulators. Comments may give
// examples; tests, and packages that import testing, may pay with anything.
func TestNoProviderIsNamed(t *testing.T) {
	t.Parallel()
	names := providerNames(t)
	if len(names) < 2 || !slices.Contains(names, "ideal") || !slices.Contains(names, "omnikassa") {
		t.Fatalf("names are %v: where are the plugins?", names)
	}
	scanned := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir() && forTests(t, path):
			return nil // its folders may not be
		case d.IsDir() || strings.HasSuffix(path, "_test.go") || forTests(t, filepath.Dir(path)):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch filepath.Ext(path) {
		case ".go":
			scanned++
			for _, found := range namedInGo(t, path, text, names) {
				t.Error(found)
			}
		case ".html", ".css", ".js", ".json", ".lua", ".yaml":
			for i, line := range strings.Split(string(text), "\n") {
				for _, name := range distinct(names) {
					if spelt(words(line, false), name) {
						t.Errorf("%s:%d names %s", path, i+1, name)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if scanned < 50 {
		t.Errorf("%d files were looked at: where is the host?", scanned)
	}
}

// TestNoProviderIsNamed_nameIsFound: in every guise, and an ordinary word is not.
func TestNoProviderIsNamed_nameIsFound(t *testing.T) {
	t.Parallel()
	names := []string{"ideal", "google-pay", "paypal", "terminal"}
	for code, want := range map[string]bool{
		`const x = "ideal"`:                  true,
		`const x = "pay with iDEAL, or not"`: true,
		"const x = `ideal@1.2.0`":            true,
		`const x = "/webhooks/ideal/"`:       true,
		`const isIDEAL = true`:               true,
		`func payPalFee() {}`:                true,
		`var google_pay int`:                 true,
		`var x = m["google-pay"]`:            true,
		`import _ "example.com/paypal"`:      true,
		`const x = "terminal"`:               true,
		"// ideal is an example":             false,
		`const x = "idealistic"`:             false,
		`const undealt = "papal"`:            false,
		`const x = "a terminal in use"`:      false,
		`const flowTerminal = 1`:             false,
		`const x = "pay, pal"`:               true, // rather one too many
	} {
		if got := namedInGo(t, "x.go", []byte("package x\n"+code), names); (len(got) > 0) != want {
			t.Errorf("%s: got %q, want found %v", code, got, want)
		}
	}
}

// providerNames are the names of plugins, of what they share, and of simulators.
func providerNames(t *testing.T) []string {
	t.Helper()
	names := simulator.All()
	for _, dir := range []string{"../plugins", "../plugins/internal"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() && e.Name() != "internal" && e.Name() != "texts" { // what plugins of all providers share
				names = append(names, e.Name())
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// distinct are the names that mean nothing else.
func distinct(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return ordinary[name] != "" })
}

// forTests says whether the package in a folder is made for tests.
func forTests(t *testing.T, dir string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"testing"` }) {
			return true
		}
	}
	return false
}

// namedInGo finds names in the identifiers and strings of a file.
func namedInGo(t *testing.T, path string, text []byte, names []string) []string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		var in []string
		whole := ""
		switch n := n.(type) {
		case *ast.Ident:
			in = words(n.Name, true)
		case *ast.BasicLit:
			if n.Kind != token.STRING {
				return true
			}
			if s, err := strconv.Unquote(n.Value); err == nil {
				in, whole = words(s, false), strings.ToLower(strings.TrimSpace(s))
			}
		}
		for _, name := range names {
			if ordinary[name] != "" && whole == name || ordinary[name] == "" && spelt(in, name) {
				found = append(found, fmt.Sprintf("%s names %s", set.Position(n.Pos()), name))
			}
		}
		return true
	})
	return found
}

// words splits a text, in small letters; camel: where a big letter begins too.
func words(text string, camel bool) []string {
	var list []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			list, word = append(list, strings.ToLower(string(word))), nil
		}
	}
	runes := []rune(text)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end()
			continue
		}
		if camel && i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			end()
		}
		word = append(word, r)
	}
	end()
	return list
}

// spelt says whether some words in a row are the name.
func spelt(in []string, name string) bool {
	name = strings.ReplaceAll(name, "-", "")
	for i := range in {
		joined := ""
		for _, w := range in[i:] {
			if joined += w; joined == name {
				return true
			} else if !strings.HasPrefix(name, joined) {
				break
			}
		}
	}
	return false
}
