package scaffold

import (
	"errors"
	"flag"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/toolchain"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const root = "../../.."

var update = flag.Bool("update", false, "make the templates of examples/hello-plugin")

// copies are the templates that are other files of the repository.
var copies = map[string]string{
	"examples/hello-plugin/hello.go": "go/plugin.go", "examples/hello-plugin/describe.go": "go/describe.go", "examples/hello-plugin/settings.json": "go/settings.json",
	"examples/hello-plugin/assemblyscript/hello.ts": "assemblyscript/plugin.ts", "examples/hello-plugin/assemblyscript/manifest.ts": "assemblyscript/manifest.ts",
	"examples/hello-plugin/serve/main.go": "both/provider/serve/main.go", "sdk/conformance/worlds/hello/world.go": "both/world/world.go",
	"sdk/simulator/hello/doc.go": "both/provider/doc.go", "sdk/simulator/hello/provider.go": "both/provider/provider.go",
	"sdk/simulator/hello/routes.go": "both/provider/routes.go", "sdk/simulator/hello/page.html": "both/provider/page.html",
}

// code is what they have in place of hello's code, words in place of its name.
var (
	code = strings.NewReplacer(
		Module+"/sdk/simulator/hello", "example.com/hello/provider", "../../../sdk/assemblyscript/index", "./sdk/index",
		"hello{}", "plugin{}", "(hello)", "(plugin)", "(h hello)", "(p plugin)", "return h.", "return p.", "type hello struct", "type plugin struct",
		"// hello is the plugin.", "// plugin speaks to Hello.", "The plugin of ../hello.go once more, in AssemblyScript.", "A payment method of Hello.",
		"Package hello is the tutorial's made-up provider as the conformance kit guides\n// it, and the world to read first before writing one.", "Package world is Hello as the conformance kit guides it.",
		"Package hello is", "Package provider is", " It is the\n// tutorial's provider: package simulator does not list it, since it has no\n// control API.", "",
	)
	words  = strings.NewReplacer("example.com/hello", "[[.Module]]", `"Hello-`, `"[[.Name]]-`, "hello", "[[.Name]]", "Hello", "[[.Title]]")
	clause = regexp.MustCompile(`(?m)^package hello$`)
	member = regexp.MustCompile(`\bhello\.([A-Z])`)
)

// templateOf makes a template of a file.
func templateOf(to, text string) (string, error) {
	if filepath.Ext(to) == ".go" {
		text = clause.ReplaceAllString(code.Replace(text), "package "+filepath.Base(filepath.Dir(to)))
		formatted, err := format.Source([]byte(member.ReplaceAllString(text, "provider.$1")))
		if err != nil {
			return "", err
		}
		text = string(formatted)
	}
	return words.Replace(code.Replace(text)), nil
}

// The example and what a developer begins with are one text.
func TestTemplates_areTheExample(t *testing.T) {
	t.Parallel()
	for from, to := range copies {
		text, err := os.ReadFile(filepath.Join(root, from))
		if err != nil {
			t.Fatal(err)
		}
		want, err := templateOf(to, string(text))
		if err != nil {
			t.Fatalf("%s: %v", from, err)
		}
		at := filepath.Join("templates", to+".tmpl")
		if *update {
			if err := put(at, []byte(want)); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(at); err != nil || string(got) != want {
			t.Errorf("%s is not made of %s (%v): run go test ./host/internal/scaffold -run TestTemplates -update", at, from, err)
		}
	}
}

// The compiler has the SDK's options.
func TestTemplates_options(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(filepath.Join(root, "sdk/assemblyscript/asconfig.json"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("templates/assemblyscript/asconfig.json.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	same := strings.NewReplacer("  \"entries\": [\"plugin.ts\"],\n", "", "sdk/abi/", "sdk/assemblyscript/abi/").Replace(string(got))
	if same != string(want) {
		t.Errorf("got %s, want %s with an entry", got, want)
	}
}

// Names are those that the contract takes in a manifest.
func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "a", "1a", "-a", "Tulip", "tulip pay", "tulip_pay", "../tulip", "tülip", strings.Repeat("a", 33), "ab", "tulip", "tulip-2", "tulip-", strings.Repeat("a", 32)} {
		_, err := contract.DecodeManifest([]byte(`{"name":"` + name + `"}`))
		allowed := err != nil && !strings.Contains(err.Error(), "/name: ")
		if got := CheckName(name); (got == nil) != allowed || got != nil && !errors.Is(got, ErrName) {
			t.Errorf("%q: got %v; the contract takes it: %v", name, got, allowed)
		}
	}
}

func TestWrite_refused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.Mkdir(there, 0o755); err != nil {
		t.Fatal(err)
	}
	tulip := Plugin{Name: "tulip", Language: toolchain.Go, Release: "v1.0.0"}
	if err := Write(there, tulip); !errors.Is(err, ErrExists) {
		t.Errorf("got %v, want %v", err, ErrExists)
	}
	if err := Write(filepath.Join(dir, "name"), Plugin{Name: "../name", Language: toolchain.Go}); !errors.Is(err, ErrName) {
		t.Errorf("got %v, want %v", err, ErrName)
	}
	tulip.Source = dir // which is none
	if err := Write(filepath.Join(dir, "source"), tulip); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
	for _, at := range []string{"name", "source"} {
		if _, err := os.Stat(filepath.Join(dir, at)); err == nil {
			t.Errorf("%s was left behind", at)
		}
	}
	if left, err := os.ReadDir(there); err != nil || len(left) > 0 {
		t.Errorf("%v was written into what was there, %v", left, err)
	}
}

func TestWrite_files(t *testing.T) {
	t.Parallel()
	both := []string{".gitignore", "README.md", "go.mod", "kassette.yaml", "plugin_test.go", "provider/doc.go", "provider/page.html",
		"provider/provider.go", "provider/routes.go", "provider/serve/main.go", "world/world.go"}
	for language, more := range map[toolchain.Language][]string{
		toolchain.Go: {"describe.go", "main.go", "plugin.go", "settings.json"},
		toolchain.AssemblyScript: {"asconfig.json", "manifest.ts", "package.json", "plugin.ts",
			"sdk/abi.ts", "sdk/bytes.ts", "sdk/call.ts", "sdk/index.ts", "sdk/json.ts", "sdk/response.ts"},
	} {
		dir := filepath.Join(t.TempDir(), "new", "tulip-pay")
		if err := Write(dir, Plugin{Name: "tulip-pay", Language: language, Release: "v1.2.3"}); err != nil {
			t.Fatal(err)
		}
		files := map[string]bool{}
		for _, name := range append(append([]string{}, both...), more...) {
			files[name] = true
		}
		got := map[string]bool{}
		err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(dir, at)
			got[filepath.ToSlash(name)] = true
			text, _ := os.ReadFile(at)
			if strings.Contains(string(text), "[[.") || strings.Contains(strings.ToLower(string(text)), "hello") {
				t.Errorf("%s speaks of the example", at)
			}
			return err
		})
		if err != nil || !reflect.DeepEqual(got, files) {
			t.Errorf("%s: got %v, %v, want %v", language, got, err, files)
		}
		if text, err := os.ReadFile(filepath.Join(dir, "go.mod")); err != nil || !strings.Contains(string(text), "module example.com/tulip-pay\n") ||
			!strings.Contains(string(text), "require "+Module+" v1.2.3\n") || strings.Contains(string(text), "replace") {
			t.Errorf("got %s, %v, want the release", text, err)
		}
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"tulip": "Tulip", "tulip-pay": "Tulip Pay", "tulip-2-": "Tulip 2"} {
		if got := title(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestFindSource(t *testing.T) {
	t.Parallel()
	want, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := FindSource(t.TempDir(), "templates/not-yet/there"); !ok || got != want {
		t.Errorf("got %s, %v, want %s", got, ok, want)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "go.mod"), []byte("// a module\nmodule example.com/other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, ok := FindSource(other, filepath.Join(other, "none")); ok {
		t.Errorf("got %s, want none", got)
	}
}

func TestReplacement(t *testing.T) {
	t.Parallel()
	source := filepath.FromSlash("/src/kassette")
	for dir, want := range map[string]string{
		"/src/kassette/tulip": "..", "/src/kassette/plugins/tulip": "../..", "/src/tulip": "/src/kassette", "/tulip": "/src/kassette",
	} {
		if got := replacement(filepath.FromSlash(dir), source); got != want {
			t.Errorf("%s: got %s, want %s", dir, got, want)
		}
	}
}
