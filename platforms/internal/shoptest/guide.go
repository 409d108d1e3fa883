package shoptest

import (
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// alt is the shortest text that says what is on a picture, in letters.
const alt = 20

var (
	pictures = regexp.MustCompile(`!\[([^\]]*)\]\(([^)]+)\)`)
	names    = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	commands = regexp.MustCompile("(?m)^ *(kassette [^#\n]+)|`(kassette [^`]+)`")
)

// Guide judges a guide below docs: its pictures are there and described, the
// names of buttons and fields, which are bold, are in the extension's files or
// among the platform's own, and each command of kassette is one, with its flags.
func Guide(t *testing.T, name string, texts string, platform []string) {
	t.Helper()
	docs := filepath.Join("..", "..", "docs")
	guide := Read(t, filepath.Join(docs, name))
	for _, p := range pictures.FindAllStringSubmatch(guide, -1) {
		if len(p[1]) < alt {
			t.Errorf("%s: the picture %s is not described: %q", name, p[2], p[1])
		}
		if w := wide(t, filepath.Join(docs, p[2])); w != width {
			t.Errorf("%s: the picture %s is %d px wide, want %d", name, p[2], w, width)
		}
	}
	for _, n := range names.FindAllStringSubmatch(guide, -1) {
		if !strings.Contains(texts, n[1]) && !strings.Contains("\n"+strings.Join(platform, "\n")+"\n", "\n"+n[1]+"\n") {
			t.Errorf("%s: neither the extension nor the platform has %q", name, n[1])
		}
	}
	kassette := filepath.Join(t.TempDir(), "kassette")
	Must(t, nil, "go", "build", "-buildvcs=false", "-o", kassette, "../../host/cmd/kassette")
	found := commands.FindAllStringSubmatch(guide, -1)
	if len(found) < 3 {
		t.Errorf("%s has %d commands, want more", name, len(found))
	}
	for _, c := range found {
		args := strings.Fields(strings.TrimPrefix(c[1]+c[2], "kassette "))
		out, err := Run(t, nil, kassette, append(args, "--help")...)
		if err != nil || !strings.Contains(out, "Usage: kassette "+args[0]+" "+args[1]) {
			t.Errorf("%s: kassette %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
	}
}

// wide is a picture's width.
func wide(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := png.DecodeConfig(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return p.Width
}
