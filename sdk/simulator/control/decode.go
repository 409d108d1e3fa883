package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// Problem is a request to the control API that was refused.
type Problem struct {
	Status  int    // HTTP status: 400 malformed or unknown, 404 no such thing, 409 not possible now
	Message string // what is wrong and what would be right
}

// Error returns the message.
func (p *Problem) Error() string { return p.Message }

// Bad is a Problem with status 400.
func Bad(format string, args ...any) *Problem {
	return &Problem{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// Decode reads a control request into the struct that into points to. Unknown
// members, wrong types and trailing text are refused with a [Problem]; an empty
// body is an empty object.
func Decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		var p *Problem
		switch {
		case errors.As(err, &p):
			return p
		case strings.HasPrefix(err.Error(), "json: unknown field "):
			return Bad("unknown member %s; known members are %s",
				strings.TrimPrefix(err.Error(), "json: unknown field "), strings.Join(members(reflect.TypeOf(into)), ", "))
		}
		return Bad("the request is not the JSON object that is expected here: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Bad("there is text after the JSON object")
	}
	return nil
}

// members lists the JSON names of a struct, those of structs in it after a dot.
func members(t reflect.Type) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	var names []string
	if t.Kind() != reflect.Struct {
		return nil
	}
	for f := range t.Fields() {
		if f.Anonymous {
			names = append(names, members(f.Type)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		names = append(names, name)
		for _, inner := range members(f.Type) {
			names = append(names, name+"."+inner)
		}
	}
	return names
}

// Duration is a time.Duration that JSON writes as text, such as "90s" or "24h".
type Duration time.Duration

// MarshalText writes the duration as time.Duration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads; negative ones are refused.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil || v < 0 {
		return Bad("%q is not a duration; write one like \"90s\", \"30m\" or \"24h\"", b)
	}
	*d = Duration(v)
	return nil
}
