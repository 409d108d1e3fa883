package bambora

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

// fields reads members of a request. The first that is wrong is kept and refuses
// the request; what is null counts as missing.
type fields struct {
	root map[string]any
	err  *apiError
}

// readFields reads a request's body, a JSON object.
func readFields(w http.ResponseWriter, r *http.Request) (*fields, []byte, *apiError) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, nil, field("body", "%v", err)
	}
	f := &fields{}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&f.root); err != nil || f.root == nil {
		return nil, nil, field("body", "it is no JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, field("body", "there is text after the JSON object")
	}
	return f, body, nil
}

func (f *fields) bad(path, format string, args ...any) {
	if f.err == nil {
		f.err = field(path, format, args...)
	}
}

// get finds a member by its path, "order.id".
func (f *fields) get(path string) any {
	var v any = f.root
	for step := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			if v != nil {
				f.bad(path, "%s stands in no object", step)
			}
			return nil
		}
		v = m[step]
	}
	return v
}

// either is the member of the first path that is there. Two spellings with
// different values are refused (document, 3.1).
func (f *fields) either(paths ...string) (string, any) {
	at, found := paths[0], any(nil)
	for _, p := range paths {
		v := f.get(p)
		switch {
		case v == nil:
		case found == nil:
			at, found = p, v
		case scalar(v) != scalar(found):
			f.bad(p, "it differs from %s", at)
		}
	}
	return at, found
}

// text is a string of at most 255 characters, "" where it is missing.
func (f *fields) text(paths ...string) string {
	at, v := f.either(paths...)
	s, ok := v.(string)
	if v != nil && !ok {
		f.bad(at, "it is no string")
	}
	if len([]rune(s)) > 255 {
		f.bad(at, "it has more than 255 characters")
	}
	return s
}

// whole is an integer; one that is written as a string counts (document, 3.2).
func (f *fields) whole(paths ...string) (n int64, given bool) {
	at, v := f.either(paths...)
	if v == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(scalar(v), 10, 64)
	if err != nil {
		f.bad(at, "it is no whole number")
	}
	return n, true
}

// list is an array, nil where it is missing.
func (f *fields) list(path string) []any {
	v := f.get(path)
	list, ok := v.([]any)
	if v != nil && !ok {
		f.bad(path, "it is no array")
	}
	return list
}

// address is an absolute http or https address.
func (f *fields) address(needed bool, paths ...string) string {
	s := f.text(paths...)
	if s == "" && needed {
		f.bad(paths[0], "it is missing")
	}
	if s != "" && !isAddress(s) {
		f.bad(paths[0], "it is no absolute http or https address")
	}
	return s
}

// scalar is a string or number as text; anything else is "".
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
