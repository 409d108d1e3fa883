package toolchain

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Problem is one thing that a compiler refuses, and where.
type Problem struct {
	// File is as seen from where the build was asked for. Line and Column count
	// from 1; Column may be 0, where the compiler names none.
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Text   string `json:"text"`
}

// String is the problem in one line, as editors read it: "a.go:3:5: …".
func (p Problem) String() string {
	if p.Column == 0 {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// CompileError says that a compiler refused a plugin's sources.
type CompileError struct {
	Problems []Problem
	// Said is all that the compiler said, where it named no line.
	Said string
}

// Error shows each problem with its line of the source.
func (e *CompileError) Error() string {
	var text strings.Builder
	text.WriteString("the sources do not compile")
	for _, p := range e.Problems {
		text.WriteString("\n" + p.String())
		if line, ok := sourceLine(p); ok {
			text.WriteString("\n    " + line)
			if p.Column > 0 && p.Column <= len(line)+1 {
				text.WriteString("\n    " + indent(line[:p.Column-1]) + "^")
			}
		}
	}
	if len(e.Problems) == 0 {
		text.WriteString(":\n" + strings.TrimSpace(e.Said))
	}
	return text.String()
}

// indent is as wide as a text, tabs as they are.
func indent(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}

func sourceLine(p Problem) (string, bool) {
	f, err := os.Open(p.File)
	if err != nil {
		return "", false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for range p.Line {
		if !lines.Scan() {
			return "", false
		}
	}
	return lines.Text(), true
}

// Go names file, line and mostly the column in front of each problem; asc has
// them in a line behind it: "└─ in hello.ts(12,3)".
var (
	goProblem  = regexp.MustCompile(`^(?:vet: )?(\S[^:]*\.go):(\d+)(?::(\d+))?: (.*)$`)
	ascProblem = regexp.MustCompile(`^ERROR (.+)$`)
	ascPlace   = regexp.MustCompile(`└─ in (.+)\((\d+),(\d+)\)$`)
)

// complaint reads what a compiler said in a folder.
func complaint(dir string, language Language, said string) error {
	read := map[Language]func(said string) []Problem{Go: readGo, AssemblyScript: readAsc}[language]
	e := &CompileError{Problems: read(said), Said: said}
	for i, p := range e.Problems {
		if !filepath.IsAbs(p.File) {
			e.Problems[i].File = filepath.Join(dir, p.File)
		}
	}
	return e
}

func readGo(said string) (found []Problem) {
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\r\n")
		switch m := goProblem.FindStringSubmatch(line); {
		case m != nil:
			found = append(found, problem(m[1], m[2], m[3], m[4]))
		case strings.HasPrefix(line, "\t") && len(found) > 0: // more of the one before
			found[len(found)-1].Text += "; " + strings.TrimSpace(line)
		}
	}
	return found
}

func readAsc(said string) (found []Problem) {
	text := ""
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\r\n")
		if m := ascProblem.FindStringSubmatch(line); m != nil {
			text = m[1]
		} else if m := ascPlace.FindStringSubmatch(line); m != nil && text != "" {
			found, text = append(found, problem(m[1], m[2], m[3], text)), ""
		}
	}
	return found
}

func problem(file, line, column, text string) Problem {
	p := Problem{File: file, Text: text}
	p.Line, _ = strconv.Atoi(line)     // digits
	p.Column, _ = strconv.Atoi(column) // digits, or nothing
	return p
}
