package kit

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/kassette-pay/kassette/sdk/conformance"
)

// Format is how a report is written.
type Format string

// The formats.
const (
	Text  Format = "text"
	JUnit Format = "junit"
	JSON  Format = "json"
)

// Report is what the kit found of one plugin.
type Report struct {
	// Plugin names it: "hello@1.0.0".
	Plugin string
	// Digest is the hex SHA-256 of the bytes that were judged.
	Digest   string
	Verdicts []conformance.Verdict
	// Fuel is the most that a round used; 0 where nobody measured.
	Fuel int64
	// Notes say what was not judged, and why.
	Notes []string
}

// Outcome counts verdicts.
type Outcome struct {
	Passed        int `json:"passed"`
	Failed        int `json:"failed"`
	NotApplicable int `json:"not_applicable"`
}

func (o *Outcome) add(v conformance.Verdict) {
	switch {
	case v.Passed():
		o.Passed++
	case v.NotApplicable != "":
		o.NotApplicable++
	default:
		o.Failed++
	}
}

// String is "12 passed, 1 FAILED, 3 not applicable".
func (o Outcome) String() string {
	text := fmt.Sprintf("%d passed", o.Passed)
	if o.Failed > 0 {
		text += fmt.Sprintf(", %d FAILED", o.Failed)
	}
	if o.NotApplicable > 0 {
		text += fmt.Sprintf(", %d not applicable", o.NotApplicable)
	}
	return text
}

// Outcome counts all verdicts.
func (r Report) Outcome() (o Outcome) {
	for _, v := range r.Verdicts {
		o.add(v)
	}
	return o
}

// families splits verdicts by family, in the order of their first.
func families(all []conformance.Verdict) [][]conformance.Verdict {
	var list [][]conformance.Verdict
	at := map[string]int{}
	for _, v := range all {
		i, ok := at[v.Family]
		if !ok {
			i = len(list)
			at[v.Family], list = i, append(list, nil)
		}
		list[i] = append(list[i], v)
	}
	return list
}

// took adds up how long verdicts took.
func took(all []conformance.Verdict) (sum time.Duration) {
	for _, v := range all {
		sum += v.Took
	}
	return sum
}

// Write writes the report. Families and scenarios stand in the order in which
// they ran.
func (r Report) Write(w io.Writer, f Format) error {
	switch f {
	case JUnit:
		return r.junit(w)
	case JSON:
		return r.json(w)
	}
	return r.text(w)
}

func (r Report) text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, SHA-256 %s\n", r.Plugin, r.Digest)
	all := families(r.Verdicts)
	width := 0
	for _, family := range all {
		width = max(width, len(family[0].Family))
	}
	for _, family := range all {
		var o Outcome
		for _, v := range family {
			o.add(v)
		}
		fmt.Fprintf(&b, "  %-*s  %s\n", width, family[0].Family, o)
		for _, v := range family {
			for _, problem := range v.Problems {
				fmt.Fprintf(&b, "    FAILED %s/%s: %s\n", v.Family, v.Name, strings.ReplaceAll(strings.TrimSpace(problem), "\n", "\n      "))
			}
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", note)
	}
	fmt.Fprintf(&b, "%s, in %s", r.Outcome(), took(r.Verdicts).Round(100*time.Millisecond))
	if r.Fuel > 0 {
		fmt.Fprintf(&b, "; the dearest round used %d of fuel", r.Fuel)
	}
	_, err := io.WriteString(w, strings.Map(harmless, b.String())+"\n")
	return err
}

// harmless keeps a plugin's words from steering the terminal.
func harmless(r rune) rune {
	if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf)) {
		return unicode.ReplacementChar
	}
	return r
}

// scenario is a verdict in JSON.
type scenario struct {
	Family        string   `json:"family"`
	Name          string   `json:"name"`
	Result        string   `json:"result"` // passed, failed, not_applicable
	NotApplicable string   `json:"not_applicable,omitempty"`
	Problems      []string `json:"problems,omitempty"`
	Millis        int64    `json:"ms"`
}

func (r Report) json(w io.Writer) error {
	list := []scenario{}
	for _, v := range r.Verdicts {
		s := scenario{Family: v.Family, Name: v.Name, Result: "failed", NotApplicable: v.NotApplicable, Problems: v.Problems, Millis: v.Took.Milliseconds()}
		if v.Passed() {
			s.Result = "passed"
		} else if v.NotApplicable != "" {
			s.Result = "not_applicable"
		}
		list = append(list, s)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Plugin string `json:"plugin"`
		Digest string `json:"digest"`
		Outcome
		Fuel      int64      `json:"fuel,omitempty"`
		Notes     []string   `json:"notes,omitempty"`
		Scenarios []scenario `json:"scenarios"`
	}{r.Plugin, r.Digest, r.Outcome(), r.Fuel, r.Notes, list})
}
