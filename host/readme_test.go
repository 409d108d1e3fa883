package host_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are what newcomers read first, from the root of the repository.
var documents = []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "RATIONALE.md"}

var (
	fence      = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```")
	inline     = regexp.MustCompile("`([^`\n]+)`")
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	makeTarget = regexp.MustCompile(`\bmake ([a-z][a-z-]*)`)
	goTest     = regexp.MustCompile(`go test (\./\S+) -run '?(\w+)`)
	member     = regexp.MustCompile(`\.[A-Z]\w*$`) // of a package
	rooted     = regexp.MustCompile(`^(?:sdk|plugins|platforms|examples|host|docs|\.ci)/[\w./*-]*$`)
)

// code is everything in a document that is written as code.
func code(text string) []string {
	var list []string
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		if m[1] == "sh" {
			list = append(list, strings.Split(m[2], "\n")...)
		}
	}
	for _, m := range inline.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		list = append(list, m[1])
	}
	return list
}

// untrue says what of a document does not hold in the repository at root.
func untrue(root, text string) []string {
	var found []string
	targets, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		return []string{err.Error()}
	}
	exists := func(path, how string) {
		path, _, _ = strings.Cut(path, "#")
		if matches, err := filepath.Glob(filepath.Join(root, path)); err != nil || len(matches) == 0 {
			found = append(found, fmt.Sprintf("%s %s, which does not exist", how, path))
		}
	}
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(m[1], "://") && !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "mailto:") {
			exists(m[1], "it links to")
		}
	}
	for _, c := range code(text) {
		for _, m := range makeTarget.FindAllStringSubmatch(c, -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:`).Match(targets) {
				found = append(found, "there is no target of make "+m[1])
			}
		}
		if m := goTest.FindStringSubmatch(c); m != nil && !hasTest(filepath.Join(root, m[1]), m[2]) {
			found = append(found, "no test in "+m[1]+" begins with "+m[2])
		}
		if path := member.ReplaceAllString(c, ""); rooted.MatchString(path) {
			exists(path, "it names")
		}
	}
	return found
}

// hasTest says whether a folder has a test whose name begins so.
func hasTest(dir, name string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return false
	}
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && strings.Contains(string(text), "\nfunc "+name) {
			return true
		}
	}
	return false
}

// TestDocuments_areTrue: what they link to and name exists, and so does what
// they say to run.
func TestDocuments_areTrue(t *testing.T) {
	t.Parallel()
	for _, name := range documents {
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, found := range untrue("..", string(text)) {
			t.Errorf("%s: %s", name, found)
		}
	}
}

// TestDocuments_whatIsUntrueIsFound gives the check documents with a slip each.
func TestDocuments_whatIsUntrueIsFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"`make test`, see [the list](CONTRIBUTING.md) and [x](https://x.example) and `sdk/contract`":        0,
		"```sh\nmake test  # every test\nbuild/kassette version\n```\nmake it so, in `host/internal/nearly": 0,
		"`make nothing`":                        1,
		"```sh\nmake nothing  # at all\n```":    1,
		"[docs](docs/nothing.md)":               1,
		"![picture](docs/img/nothing.png)":      1,
		"`host/internal/nothing`":               1,
		"`host/internal/nothing.Apply`":         1,
		"`go test ./host -run TestNothing`":     1,
		"`go test ./nowhere -run TestSIGKILL`":  1,
		"[a](LICENSE#here) and [b](nowhere#at)": 1,
	} {
		if got := untrue("..", text); len(got) != want {
			t.Errorf("%q: got %q, want %d", text, got, want)
		}
	}
}

// describe is what the plugin in the README leaves out, as it says its name.
const describe = `
type provider struct{}

func (provider) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "acme", Version: "1.0.0", Kind: contract.KindPayment, Provider: "acme", Title: contract.Text{"en": "Acme"},
		Hosts: []string{"api.acme.example"},
	}
}
`

// TestReadme_pluginCompiles builds the plugin of the README as the README
// says, with nothing added but its manifest, and natively, as tests would.
func TestReadme_pluginCompiles(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks, command := 0, regexp.MustCompile("`GOOS=wasip1 GOARCH=wasm go (build -buildmode=c-shared) -o acme.wasm \\.`").FindSubmatch(text)
	if command == nil {
		t.Fatal("the README does not say how a plugin is built")
	}
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		if m[1] != "go" {
			continue
		}
		blocks++
		wasm := filepath.Join(t.TempDir(), "acme.wasm")
		asPlugin(t, m[2]+describe, []string{"GOOS=wasip1", "GOARCH=wasm"}, append(strings.Fields(string(command[1])), "-o", wasm)...)
		if bytes, err := os.ReadFile(wasm); err != nil || !strings.HasPrefix(string(bytes), "\x00asm") {
			t.Errorf("what was built is no module: %v", err)
		}
		asPlugin(t, m[2]+describe, nil, "build", "-o", wasm+".native")
	}
	if blocks != 1 {
		t.Errorf("%d blocks of Go in the README, want the plugin", blocks)
	}
}

// asPlugin runs the go command on a package of this module that is nowhere on
// the disk.
func asPlugin(t *testing.T, source string, env []string, args ...string) {
	t.Helper()
	dir := t.TempDir()
	file, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "plugins", "acme", "main.go"): file}})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{file: source, overlay: string(replace)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", append(args, "-overlay", overlay, "./plugins/acme")...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
