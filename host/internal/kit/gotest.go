package kit

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
)

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string
	Elapsed                       float64
}

// ReadGoTest reads what go test -json says, and gives each test that has no
// tests within as a verdict: its family is the tests around it. What fails
// without one of them, such as a package that does not compile, is a verdict too.
func ReadGoTest(r io.Reader) ([]conformance.Verdict, error) {
	t := tests{said: map[string][]string{}, around: map[string]bool{}, failed: map[string]bool{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("read what go test says: %w: %.200s", err, lines.Bytes())
		}
		t.take(e)
	}
	return t.list, lines.Err()
}

// tests is what go test has said so far, by package and test.
type tests struct {
	list []conformance.Verdict
	said map[string][]string
	// around are tests with tests within, failed those of them where one failed.
	around, failed map[string]bool
}

func (t *tests) take(e event) {
	at := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		t.said[at] = append(t.said[at], e.Output)
	case "build-output":
		pkg, _, _ := strings.Cut(e.ImportPath, " ")
		t.said[pkg+" "] = append(t.said[pkg+" "], e.Output)
	case "pass", "fail", "skip":
		t.tellAround(e)
		leaf := e.Test != "" && !t.around[at]
		if leaf || e.Action == "fail" && !t.failed[at] {
			t.list = append(t.list, verdict(e, t.said[at]))
		}
	}
}

// tellAround notes in every test around one, and in its package, how it ended.
func (t *tests) tellAround(e event) {
	for outer := e.Test; outer != ""; {
		outer, _ = cutLast(outer)
		at := e.Package + " " + outer
		t.around[at] = true
		t.failed[at] = t.failed[at] || e.Action == "fail"
	}
}

// verdict is how a test ended, with what it said.
func verdict(e event, said []string) conformance.Verdict {
	own := strings.TrimSpace(strings.Join(slices.DeleteFunc(said, isFrame), ""))
	outer, name := cutLast(e.Test)
	v := conformance.Verdict{Family: family(outer), Name: strings.ReplaceAll(name, "_", " "), Took: time.Duration(e.Elapsed * float64(time.Second))}
	if e.Test == "" {
		v.Name = e.Package
	}
	_, why, lacks := strings.Cut(own, "not applicable: ")
	switch {
	case e.Action == "fail":
		v.Problems = []string{own}
	case e.Action == "skip":
		v.NotApplicable = own
	case lacks:
		v.NotApplicable = why
	}
	return v
}

// family is the tests around one, without the outermost: "Wasm/forgeries".
func family(around string) string {
	if _, inner, ok := strings.Cut(around, "/"); ok {
		return inner
	}
	return "go test"
}

// cutLast cuts a test's name into those around it and its own.
func cutLast(test string) (outer, name string) {
	i := strings.LastIndexByte(test, '/')
	return test[:max(i, 0)], test[i+1:]
}

// isFrame says whether a line is go test's own.
func isFrame(line string) bool {
	line = strings.TrimSpace(line)
	for _, begins := range []string{"=== ", "--- ", "FAIL", "PASS", "ok  ", "exit status "} {
		if strings.HasPrefix(line, begins) {
			return true
		}
	}
	return line == ""
}
