package assemblyscript

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// All of the SDK is carried, and every file that one of its files imports.
func TestSources_areWhole(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.ts")
	if err != nil || len(files) < 5 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, name := range append(files, "asconfig.json", "package.json") {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Sources.ReadFile(name)
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is not carried as it is: %v", name, err)
		}
		for line := range strings.Lines(string(got)) {
			_, from, ok := strings.Cut(line, ` from "./`)
			if !ok {
				continue
			}
			module, _, _ := strings.Cut(from, `"`)
			if _, err := Sources.ReadFile(module + ".ts"); err != nil {
				t.Errorf("%s imports %s: %v", name, module, err)
			}
		}
	}
}
