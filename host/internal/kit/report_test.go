package kit

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
)

// evil is what a plugin may put into a problem.
const evil = "want <a>&\"b\"\x1b[2J\x00\xff ]]>"

var report = Report{
	Plugin: "hello@1.0.0", Digest: "ab12", Fuel: 77, Notes: []string{"no provider"},
	Verdicts: []conformance.Verdict{
		{Family: "canned", Name: "get_payment", Took: 1500 * time.Millisecond},
		{Family: "forgeries", Name: "webhook bad", Problems: []string{evil + "\nsecond line", "another"}, Took: time.Millisecond},
		{Family: "canned", Name: "capture_payment", NotApplicable: "/operations"},
	},
}

func TestReport_text(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := report.Write(&b, Text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"hello@1.0.0, SHA-256 ab12\n", "  canned     1 passed, 1 not applicable\n", "  forgeries  0 passed, 1 FAILED\n",
		"    FAILED forgeries/webhook bad: want <a>", "\n      second line\n    FAILED forgeries/webhook bad: another\n", "  note: no provider\n",
		"1 passed, 1 FAILED, 1 not applicable, in 1.5s; the dearest round used 77 of fuel\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	if strings.ContainsAny(b.String(), "\x1b\x00") {
		t.Errorf("a plugin steers the terminal: %q", &b)
	}
}

// The report is well-formed XML, whatever a plugin says, and its numbers are
// those of its cases.
func TestReport_junit(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := report.Write(&b, JUnit); err != nil {
		t.Fatal(err)
	}
	var got testSuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, &b)
	}
	if got.Tests != 3 || got.Failures != 1 || got.Skipped != 1 || got.Time != "1.501" || len(got.Suites) != 2 {
		t.Errorf("got %+v", got)
	}
	canned, forgeries := got.Suites[0], got.Suites[1]
	if canned.Name != "canned" || canned.Tests != 2 || canned.Failures != 0 || canned.Skipped != 1 || canned.Cases[1].Skipped.Message != "not applicable: /operations" {
		t.Errorf("got %+v", canned)
	}
	c := forgeries.Cases[0]
	if forgeries.Failures != 1 || c.Class != "hello@1.0.0.forgeries" || c.Name != "webhook bad" || c.Time != "0.001" || c.Failure == nil {
		t.Fatalf("got %+v", forgeries)
	}
	if want := "want <a>&\"b\"\ufffd[2J\ufffd\ufffd ]]>"; c.Failure.Message != want || c.Failure.Text != want+"\nsecond line\nanother" {
		t.Errorf("got %q and %q, want %q", c.Failure.Message, c.Failure.Text, want)
	}
}

func TestReport_json(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := report.Write(&b, JSON); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Plugin, Digest string
		Failed         int
		Fuel           int64
		Notes          []string
		Scenarios      []scenario
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	results := []string{}
	for _, s := range got.Scenarios {
		results = append(results, s.Result)
	}
	if got.Plugin != "hello@1.0.0" || got.Failed != 1 || got.Fuel != 77 || len(got.Notes) != 1 || strings.Join(results, " ") != "passed failed not_applicable" || got.Scenarios[0].Millis != 1500 {
		t.Errorf("got %+v", got)
	}
}
