package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// completions are what words can become, and what cannot.
var completions = map[string]struct {
	words string // the last is completed
	want  []string
	never []string
}{
	"nothing yet":         {"", []string{"serve", "plugin", "completion"}, []string{"complete", "inspect"}},
	"a command":           {"pl", []string{"plugin"}, []string{"serve"}},
	"half a command":      {"plugin in", []string{"inspect", "install"}, []string{"list", "plugin"}},
	"all of a command":    {"plugin ", []string{"new", "build", "dev", "test", "rollback"}, []string{"serve"}},
	"a flag":              {"plugin install --no", []string{"--no-activate"}, []string{"--yes", "--activate"}},
	"flags around":        {"plugin list --", []string{"--json", "--admin-url", "--config"}, []string{"--force"}},
	"behind an argument":  {"plugin new tulip --", []string{"--lang", "--dir"}, nil},
	"a flag's value":      {"plugin test --format ", []string{"text", "junit", "json"}, nil},
	"half a value":        {"plugin test -o report.xml --format j", []string{"junit", "json"}, []string{"text"}},
	"an argument's value": {"completion ", []string{"bash", "zsh", "fish"}, nil},
	"a file":              {"plugin sign he", nil, []string{"hello"}},
	"a flag before":       {"--config a.yaml con", []string{"config"}, []string{"completion"}},
	"nonsense":            {"plugin nonsense --xyz", nil, nil},
}

func TestComplete(t *testing.T) {
	t.Parallel()
	for name, c := range completions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := kassette(t, append([]string{"complete", "--"}, strings.Split(c.words, " ")...)...)
			if r.status != 0 || r.err != "" {
				t.Fatalf("got %+v", r)
			}
			holds(t, r.out, c.want, c.never)
		})
	}
}

// holds looks for words at the beginning of lines.
func holds(t *testing.T, out string, want, never []string) {
	t.Helper()
	found := map[string]bool{}
	for line := range strings.Lines(out) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		found[word] = true
	}
	for _, w := range want {
		if !found[w] {
			t.Errorf("no %q in %q", w, out)
		}
	}
	for _, n := range never {
		if found[n] {
			t.Errorf("%q in %q", n, out)
		}
	}
}

// The scripts do in each shell that is here what they should.
func TestCompletion(t *testing.T) {
	t.Parallel()
	kassette(t, "completion", "tcsh").says(t, 2, nil, []string{`"bash","zsh","fish"`, "See: kassette completion --help"})
	const source = "$1 completion $2 > script; cd .; PATH=${1%/*}:$PATH; . ./script; "
	for shell, ask := range map[string]string{
		"bash": source + `COMP_WORDS=(kassette plugin in); COMP_CWORD=2; _kassette; printf '%s\n' "${COMPREPLY[@]}"`,
		"zsh":  "compdef() { : }; _describe() { print -l ${(P)2//:/$'\\t'} }; _files() { print FILES }; " + source + "words=(kassette plugin in); CURRENT=3; _kassette; words=(kassette plugin sign x); CURRENT=4; _kassette",
		"fish": "$argv[1] completion fish | source; set -x PATH (dirname $argv[1]) $PATH; complete -C 'kassette plugin in'",
	} {
		kassette(t, "completion", shell).says(t, 0, []string{"kassette", "complete -- "}, nil)
		path, err := exec.LookPath(shell)
		if err != nil {
			continue // the script is looked at where the shell is
		}
		args := map[string][]string{"bash": {"-c", ask, "-", binary, shell}, "zsh": {"-fc", ask, "-", binary, shell}, "fish": {"--no-config", "-c", ask, binary}}[shell]
		cmd := exec.Command(path, args...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
		holds(t, string(out), []string{"inspect", "install"}, []string{"list", "in"})
		if shell == "zsh" {
			holds(t, string(out), []string{"FILES"}, nil)
		}
	}
	if filepath.Base(binary) != "kassette" {
		t.Errorf("got %s, want what the scripts complete", binary)
	}
}

// Every command says in its help what it is for, with an example that is a
// command line of its own.
func TestHelp_hasExamples(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	leaves := parser.Model.Leaves(false)
	if len(leaves) < 15 {
		t.Fatalf("got %d commands", len(leaves))
	}
	for _, leaf := range leaves {
		name := commandPath(leaf)
		r := kassette(t, append(strings.Fields(name), "--help")...)
		_, examples, ok := strings.Cut(r.out, "Example")
		if !ok || !strings.Contains(examples, "kassette ") || !strings.Contains(examples, name) || leaf.Help == "" {
			t.Errorf("kassette %s: its help has no example:\n%s", name, r.out)
		}
	}
}

var update = flag.Bool("update", false, "write docs/cli.md anew")

// docs/cli.md is what every command says of itself.
func TestDocument(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	text := "# The command line\n\nWhat `kassette COMMAND --help` says. Made by `go test ./host/cmd/kassette -run TestDocument -update`.\n"
	for _, leaf := range parser.Model.Leaves(true) {
		name := commandPath(leaf)
		text += "\n## kassette " + name + "\n\n```\n" + strings.TrimSpace(runIn(t, t.TempDir(), []string{"COLUMNS=80"}, append(strings.Fields(name), "--help")...).out) + "\n```\n"
	}
	const file = "../../../docs/cli.md"
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != text {
		t.Errorf("docs/cli.md is out of date (%v): run go test ./host/cmd/kassette -run TestDocument -update", err)
	}
}

// commandPath is a command as it is called.
func commandPath(n *kong.Node) string {
	if n.Parent == nil || n.Parent.Type == kong.ApplicationNode {
		return n.Name
	}
	return commandPath(n.Parent) + " " + n.Name
}
