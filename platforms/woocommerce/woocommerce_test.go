package woocommerce

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// files lists the files below dirs whose names end so.
func files(t *testing.T, suffix string, dirs ...string) []string {
	t.Helper()
	var list []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, suffix) {
				list = append(list, path)
			}
			return err
		})
		if err != nil {
			t.Fatalf("list %s: %v", dir, err)
		}
	}
	if len(list) == 0 {
		t.Fatalf("there is no %s below %v", suffix, dirs)
	}
	return list
}

func TestPHP_parses(t *testing.T) {
	t.Parallel()
	need(t, "php")
	for _, file := range files(t, ".php", "plugin", "double", "tests") {
		if out, err := run(t, nil, "php", "-l", file); err != nil {
			t.Errorf("php -l %s: %s", file, out)
		}
	}
}

func TestPHP_keepsTheStandard(t *testing.T) {
	t.Parallel()
	need(t, "phpcs")
	if out, err := run(t, nil, "phpcs", "--standard=phpcs.xml", "-q"); err != nil {
		t.Errorf("phpcs: %s", out)
	}
}

// TestPHPUnit runs the tests of the double and of the extension in a real
// WordPress, with orders as posts and in tables of their own (HPOS).
func TestPHPUnit(t *testing.T) {
	t.Parallel()
	need(t, "phpunit")
	s := newSite(t)
	for name, hpos := range map[string]string{"orders as posts": "no", "HPOS": "yes"} {
		t.Run(name, func(t *testing.T) {
			out, err := run(t, append(s.env, "KASSETTE_HPOS="+hpos), "phpunit", "-c", "tests/phpunit.xml")
			if err != nil {
				t.Errorf("phpunit: %s", out)
			}
			t.Log(out[max(0, len(out)-300):])
		})
	}
	s.complaints(t)
}
