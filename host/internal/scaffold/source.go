package scaffold

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
)

// FindSource looks for Kassette's sources in folders and those above them, and
// gives the first one's folder.
func FindSource(dirs ...string) (string, bool) {
	for _, dir := range dirs {
		at, err := filepath.Abs(dir)
		if err != nil {
			continue
		}
		for {
			if IsSource(at) {
				return at, true
			}
			if filepath.Dir(at) == at {
				break
			}
			at = filepath.Dir(at)
		}
	}
	return "", false
}

// IsSource says whether a folder is that of Kassette's own module.
func IsSource(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "module "); ok {
			return strings.Trim(name, " \t\"") == Module
		}
	}
	return false
}
