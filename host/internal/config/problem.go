package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration, and what to do.
type Problem struct {
	// File and Line say where it is; the line is 0 where it stands nowhere.
	File string
	Line int
	// Path names the member: accounts[0].settings.
	Path string
	Text string
}

// Error writes "kassette.yaml:12: accounts[0].id: …".
func (p Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// origin says where the members of a configuration came from.
type origin struct {
	file  string
	lines map[string]int
}

// problems collects what is wrong.
type problems struct {
	origin origin
	all    []Problem
}

// at books a problem of a member. A member that stands nowhere has the line
// of the nearest one around it.
func (p *problems) at(path, format string, args ...any) {
	p.all = append(p.all, Problem{File: p.origin.file, Line: p.origin.line(path), Path: path, Text: fmt.Sprintf(format, args...)})
}

func (o origin) line(path string) int {
	for path != "" {
		if n := o.lines[path]; n > 0 {
			return n
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 0
}

// err joins the problems in the order of lines.
func (p *problems) err() error {
	slices.SortStableFunc(p.all, func(a, b Problem) int { return a.Line - b.Line })
	errs := make([]error, len(p.all))
	for i, one := range p.all {
		errs[i] = one
	}
	return errors.Join(errs...)
}

// nearest is the name that somebody may have meant, or "".
func nearest(name string, names []string) string {
	best, least := "", len(name)/2+1
	for _, n := range names {
		if d := distance(strings.ToLower(name), n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is the number of letters to change, leave out or put in.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

// didYouMean ends a message with the nearest name, or with all.
func didYouMean(name string, names []string) string {
	slices.Sort(names)
	if n := nearest(name, names); n != "" {
		return "did you mean " + n + "?"
	}
	return "known are " + strings.Join(names, ", ")
}
