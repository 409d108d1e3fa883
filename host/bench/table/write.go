package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// section is one table: a family of benchmarks and the measurements that it shows.
type section struct {
	family, title, note string
	columns             []column
}

// column is a measurement with its heading.
type column struct{ unit, heading string }

var sections = []section{
	{
		"Round", "One round of a plugin",
		"The same code on the same input, in the sandbox and in the process, in turns: medians, and the median of the pairs' ratios. The in-process side keeps what it has learnt about its types from one round to the next; the sandbox begins each round afresh.",
		[]column{{"sandbox-µs", "sandbox, µs"}, {"native-µs", "native, µs"}, {"x-native", "× native"}, {"fuel", "fuel"}},
	},
	{
		"Announce", "Orders created and announced",
		"`POST /v1/orders` with a method: order, attempt, the bank's answer and all writes. The gateway, and a plain Gin handler that makes the same writes with the same scripts and sends the same request, in turns. Bank, callers and Redis share the machine with both.",
		[]column{
			{"orders/s", "orders/s"}, {"p50-ms", "p50, ms"}, {"p99-ms", "p99, ms"},
			{"plain-orders/s", "plain orders/s"}, {"plain-p50-ms", "plain p50, ms"}, {"plain-p99-ms", "plain p99, ms"}, {"x-plain", "time × plain"},
		},
	},
	{
		"Trips", "Redis round trips",
		"Counted at a proxy in front of Redis; the same in every run.",
		[]column{{"round-trips", "round trips"}},
	},
	{
		"Module", "A plugin's bytes",
		"Loading: admitted, rewritten and compiled, or compiled code taken from the cache folder.",
		[]column{{"bytes", "bytes"}, {"load-cold-ms", "load cold, ms"}, {"load-cached-ms", "load cached, ms"}, {"x-cached", "cold × cached"}},
	},
}

// write makes the tables. A family without a benchmark, or one that lacks a
// measurement, is an error: a table is whole or not there.
func write(r results) (string, error) {
	var b strings.Builder
	about := func(key string) string {
		if r.about[key] == "" {
			return "unknown"
		}
		return r.about[key]
	}
	fmt.Fprintf(&b, "%s, on %s (%s/%s, %s cores), Go %s, Redis %s.\n",
		about("date"), about("cpu"), about("goos"), about("goarch"), about("cores"), about("go"), about("redis"))
	for _, s := range sections {
		if err := s.write(&b, r.rows); err != nil {
			return "", fmt.Errorf("%s: %w", s.title, err)
		}
	}
	return b.String(), nil
}

func (s section) write(b *strings.Builder, rows []row) error {
	fmt.Fprintf(b, "\n### %s\n\n%s\n\n|  |", s.title, s.note)
	for _, c := range s.columns {
		fmt.Fprintf(b, " %s |", c.heading)
	}
	fmt.Fprintf(b, "\n| --- |%s\n", strings.Repeat(" ---: |", len(s.columns)))
	found := false
	for _, r := range rows {
		if r.family != s.family {
			continue
		}
		found = true
		fmt.Fprintf(b, "| %s |", label(r.name))
		for _, c := range s.columns {
			text, ok := r.value(c.unit)
			if !ok {
				return fmt.Errorf("%s has no %s", r.name, c.unit)
			}
			fmt.Fprintf(b, " %s |", number(text))
		}
		b.WriteString("\n")
	}
	if !found {
		return errors.New("no such benchmark ran")
	}
	return nil
}

// label is a benchmark's path as words.
func label(name string) string {
	return strings.NewReplacer("/", ", ", "=", " ", "-", " ").Replace(name)
}

// number shows three digits or so, and groups of three where there are more.
func number(text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	switch {
	case f == float64(int64(f)) || f >= 100:
		return grouped(strconv.FormatFloat(f, 'f', 0, 64))
	case f >= 10:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}

func grouped(digits string) string {
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

const (
	begin = "<!-- bench:begin -->\n"
	end   = "<!-- bench:end -->"
)

// replace puts a table between the markers of a page.
func replace(page []byte, table string) ([]byte, error) {
	before, rest, ok := bytes.Cut(page, []byte(begin))
	_, after, ok2 := bytes.Cut(rest, []byte(end))
	if !ok || !ok2 {
		return nil, fmt.Errorf("it lacks the lines %s and %s", strings.TrimSpace(begin), end)
	}
	return []byte(string(before) + begin + table + end + string(after)), nil
}
