// Command report reads `go test -json` on standard input and says what a
// person wants to know: each package as it ends, the output of what failed,
// what was skipped and which command helps, and one closing line. With
// -strict a skipped test or a package without tests is a failure too.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

type key struct{ pkg, test string }

type summary struct {
	output          map[key][]string
	passed          int
	failed, skipped []key
	empty           []string
}

func main() {
	strict := flag.Bool("strict", false, "fail on skipped tests and on packages without tests")
	flag.Parse()
	s := summary{output: map[key][]string{}}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var e event
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			fmt.Println(in.Text()) // not of go test: the compiler's own words
			continue
		}
		s.take(e)
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "read test output:", err)
		os.Exit(2)
	}
	s.print()
	if len(s.failed) > 0 || s.passed == 0 || *strict && len(s.skipped)+len(s.empty) > 0 {
		os.Exit(1)
	}
}

func (s *summary) take(e event) {
	k := key{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Print(e.Output)
	case "output":
		s.output[k] = append(s.output[k], e.Output)
		if e.Test == "" && strings.Contains(e.Output, "[no test files]") {
			s.empty = append(s.empty, e.Package)
		}
	case "pass":
		delete(s.output, k)
		if e.Test != "" {
			s.passed++
			return
		}
		fmt.Printf("ok    %-70s %6.1fs\n", short(e.Package), e.Elapsed)
	case "skip":
		if e.Test != "" {
			s.skipped = append(s.skipped, k)
		}
	case "fail":
		s.failed = append(s.failed, k)
		if e.Test == "" {
			fmt.Printf("FAIL  %-70s %6.1fs\n", short(e.Package), e.Elapsed)
		}
	}
}

func (s *summary) print() {
	for _, k := range s.failed {
		fmt.Printf("\n--- FAIL: %s %s\n%s", short(k.pkg), k.test, strings.Join(s.output[k], ""))
	}
	if len(s.skipped) > 0 {
		fmt.Println("\nSkipped (`make tools` installs what is missing):")
		for _, k := range s.skipped {
			fmt.Printf("  %s %s: %s\n", short(k.pkg), k.test, reason(s.output[k]))
		}
	}
	slices.Sort(s.empty)
	for _, p := range s.empty {
		fmt.Println("no tests:", short(p))
	}
	failed := 0
	for _, k := range s.failed {
		if k.test != "" {
			failed++
		}
	}
	if failed == 0 {
		failed = len(s.failed)
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", s.passed, failed, len(s.skipped))
}

// reason is what the test said when it was skipped.
func reason(lines []string) string {
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "===") && !strings.HasPrefix(l, "---") {
			return l
		}
	}
	return "no reason given"
}

func short(pkg string) string {
	return strings.TrimPrefix(pkg, "github.com/kassette-pay/kassette/")
}
