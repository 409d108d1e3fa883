package kit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
)

// The JUnit form, as far as those who read it agree on it.
type (
	testSuites struct {
		XMLName  xml.Name    `xml:"testsuites"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Suites   []testSuite `xml:"testsuite"`
	}
	testSuite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Time     string     `xml:"time,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	testCase struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		Time    string   `xml:"time,attr"`
		Failure *message `xml:"failure"`
		Skipped *message `xml:"skipped"`
	}
	message struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (r Report) junit(w io.Writer) error {
	o := r.Outcome()
	all := testSuites{Name: r.Plugin, Tests: len(r.Verdicts), Failures: o.Failed, Skipped: o.NotApplicable, Time: secondsOf(took(r.Verdicts))}
	for _, family := range families(r.Verdicts) {
		all.Suites = append(all.Suites, suiteOf(r.Plugin, family))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func suiteOf(plugin string, family []conformance.Verdict) testSuite {
	s := testSuite{Name: family[0].Family, Tests: len(family), Time: secondsOf(took(family))}
	for _, v := range family {
		c := testCase{Name: v.Name, Class: plugin + "." + v.Family, Time: secondsOf(v.Took)}
		switch {
		case v.Passed():
		case v.NotApplicable != "":
			c.Skipped = &message{Message: "not applicable: " + v.NotApplicable}
			s.Skipped++
		default:
			first, _, _ := strings.Cut(v.Problems[0], "\n")
			c.Failure = &message{Message: first, Text: strings.Join(v.Problems, "\n")}
			s.Failures++
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

// secondsOf is a duration as JUnit has it: "0.012".
func secondsOf(d time.Duration) string {
	return fmt.Sprintf("%d.%03d", d.Milliseconds()/1000, d.Milliseconds()%1000)
}
