package httpapi

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
)

// query reads query parameters as strictly as a body: one that nobody asked
// for is refused, since a misspelt filter would list everything.
type query struct {
	values   url.Values
	known    []string
	problems []strict.Problem
}

func readQuery(c *gin.Context) *query {
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.problems = append(q.problems, strict.Problem{Pointer: "?", Message: "cannot be read: " + err.Error()})
	}
	return q
}

func (q *query) refuse(name, format string, args ...any) {
	q.problems = append(q.problems, strict.Problem{Pointer: "?" + name, Message: fmt.Sprintf(format, args...)})
}

// text gives a parameter, "" if it is not there.
func (q *query) text(name string) string {
	q.known = append(q.known, name)
	values := q.values[name]
	if len(values) > 1 {
		q.refuse(name, "is there %d times: send it once", len(values))
	}
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// integer gives a whole number within bounds.
func (q *query) integer(name string, lowest, highest, otherwise int64) int64 {
	s := q.text(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < lowest || n > highest {
		q.refuse(name, "is %q, a whole number from %d to %d is asked for", clip(s), lowest, highest)
		return otherwise
	}
	return n
}

// time gives an RFC 3339 time, or the beginning (UTC) of a day.
func (q *query) time(name string) time.Time {
	s := q.text(name)
	if s == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	q.refuse(name, "is no time as RFC 3339 writes it, such as 2026-11-22T14:30:00Z, nor a day such as 2026-11-22")
	return time.Time{}
}

// end refuses the parameters that nobody asked for.
func (q *query) end(a *API, c *gin.Context) bool {
	known := map[string]bool{}
	for _, name := range q.known {
		known[name] = true
	}
	for name := range q.values {
		switch {
		case known[name]:
		case len(q.known) == 0:
			q.refuse(clip(name), "is not known here: there are no parameters")
		default:
			q.refuse(clip(name), "is not known here; known are: %s", strings.Join(q.known, ", "))
		}
	}
	if len(q.problems) > strict.MaxProblems {
		q.problems = q.problems[:strict.MaxProblems]
	}
	if len(q.problems) > 0 {
		a.refuse(c, a.invalid(c, q.problems))
		return false
	}
	return true
}
