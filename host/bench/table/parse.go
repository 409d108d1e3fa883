package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// results are what an output of go test -bench holds.
type results struct {
	// about has its head: date, cores, go, redis, goos, goarch, cpu.
	about map[string]string
	rows  []row
}

// row is one benchmark.
type row struct {
	// family is the benchmark's function without the word Benchmark, name its
	// path below that.
	family, name string
	values       []value
}

// value is one measurement, as it was printed.
type value struct{ unit, number string }

func (r row) value(unit string) (string, bool) {
	for _, v := range r.values {
		if v.unit == unit {
			return v.number, true
		}
	}
	return "", false
}

// procs is what go test adds to a name: the number of processors.
var procs = regexp.MustCompile(`-\d+$`)

// parse reads an output. What is neither of its head nor a benchmark is passed over;
// a benchmark that failed or was skipped is an error.
func parse(from io.Reader) (results, error) {
	r := results{about: map[string]string{}}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "--- FAIL") || strings.HasPrefix(line, "--- SKIP") {
			return r, errors.New(strings.TrimPrefix(line, "--- "))
		}
		if name, ok := strings.CutPrefix(line, "Benchmark"); ok {
			if err := r.add(name); err != nil {
				return r, fmt.Errorf("%q: %w", line, err)
			}
			continue
		}
		if key, text, ok := strings.Cut(line, ": "); ok && !strings.Contains(key, " ") {
			r.about[key] = strings.TrimSpace(text)
		}
	}
	return r, lines.Err()
}

func (r *results) add(line string) error {
	words := strings.Fields(line)
	if len(words) < 2 {
		return nil // a name alone: its output follows
	}
	if len(words)%2 != 0 {
		return errors.New("a number lacks its unit")
	}
	if _, err := strconv.Atoi(words[1]); err != nil {
		return fmt.Errorf("how often it ran: %w", err)
	}
	var of row
	of.family, of.name, _ = strings.Cut(procs.ReplaceAllString(words[0], ""), "/")
	for i := 2; i < len(words); i += 2 {
		if _, err := strconv.ParseFloat(words[i], 64); err != nil {
			return fmt.Errorf("%s: %w", words[i+1], err)
		}
		of.values = append(of.values, value{words[i+1], words[i]})
	}
	r.rows = append(r.rows, of)
	return nil
}
