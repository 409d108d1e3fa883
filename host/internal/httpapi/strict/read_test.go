package strict

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func document(t *testing.T, s string) (*Document, *Object) {
	t.Helper()
	v, err := Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	d := NewDocument(v)
	return d, d.Object()
}

func TestObject_values(t *testing.T) {
	d, o := document(t, `{"t":"é\n","n":-9007199254740991,"b":true,"at":"2026-11-22T15:30:00.5+01:00","l":["a",""],"m":{"x":"1"},"o":{"y":"2"},"os":[{"z":1},{"z":2}]}`)
	if got := o.Text("t"); got != "é\n" {
		t.Errorf("text %q", got)
	}
	if got, ok := o.Integer("n"); !ok || got != -MaxInteger {
		t.Errorf("integer %d", got)
	}
	if !o.Truth("b") {
		t.Error("truth is false")
	}
	if got, want := o.Time("at"), time.Date(2026, 11, 22, 14, 30, 0, 500_000_000, time.UTC); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("time %s", got)
	}
	if got := o.Texts("l"); !slices.Equal(got, []string{"a", ""}) {
		t.Errorf("texts %q", got)
	}
	if got := o.TextMap("m"); !reflect.DeepEqual(got, map[string]string{"x": "1"}) {
		t.Errorf("map %v", got)
	}
	var y string
	o.Object("o", func(o *Object) { y = o.Text("y") })
	var z []int64
	o.Objects("os", func(o *Object) { n, _ := o.Integer("z"); z = append(z, n) })
	if y != "2" || !slices.Equal(z, []int64{1, 2}) {
		t.Errorf("object %q, objects %v", y, z)
	}
	o.End()
	if p := d.Problems(); len(p) > 0 {
		t.Errorf("problems %v", p)
	}
}

func TestObject_absentIsZero(t *testing.T) {
	d, o := document(t, `{}`)
	n, ok := o.Integer("n")
	if o.Text("t") != "" || n != 0 || ok || o.Truth("b") || !o.Time("at").IsZero() || o.Texts("l") != nil || o.TextMap("m") != nil || o.Has("t") {
		t.Error("something is there")
	}
	o.Object("o", func(*Object) { t.Error("read") })
	o.Objects("os", func(*Object) { t.Error("read") })
	o.End()
	if p := d.Problems(); len(p) > 0 {
		t.Errorf("problems %v", p)
	}
}

func TestObject_problems(t *testing.T) {
	read := func(o *Object) {
		o.Need("t")
		o.Text("t")
		o.Integer("n")
		o.Truth("b")
		o.Word("w", func(s string) bool { return s == "a" || s == "b" }, "use a or b")
		o.Time("at")
		o.Texts("l")
		o.TextMap("m")
		o.Object("o", func(o *Object) { o.Need("y"); o.Text("y"); o.End() })
		o.Objects("os", func(o *Object) { o.Need("z"); o.Text("z"); o.End() })
		o.End()
	}
	tests := []struct{ in, pointer, says string }{
		{`[]`, "", "is an array, an object is asked for"},
		{`"x"`, "", "is a text, an object"},
		{`{}`, "/t", "is missing"},
		{`{"t":null}`, "/t", "is null"},
		{`{"t":1}`, "/t", "is a number, a text is asked for"},
		{`{"t":"","n":"1"}`, "/n", "is a text, a number"},
		{`{"t":"","n":1.0}`, "/n", "not a whole number"},
		{`{"t":"","n":1E0}`, "/n", "not a whole number"},
		{`{"t":"","n":9007199254740992}`, "/n", "out of range"},
		{`{"t":"","n":-9007199254740992}`, "/n", "out of range"},
		{`{"t":"","b":1}`, "/b", "true or false"},
		{`{"t":"","b":"true"}`, "/b", "true or false"},
		{`{"t":"","at":"2026-11-22"}`, "/at", "RFC 3339"},
		{`{"t":"","at":1763821800}`, "/at", "a text is asked for"},
		{`{"t":"","w":"c"}`, "/w", "use a or b"},
		{`{"t":"","w":""}`, "/w", "use a or b"},
		{`{"t":"","w":1}`, "/w", "a text is asked for"},
		{`{"t":"","l":"a"}`, "/l", "an array"},
		{`{"t":"","l":["a",[]]}`, "/l/1", "is an array, a text"},
		{`{"t":"","m":[]}`, "/m", "an object"},
		{`{"t":"","m":{"a~b":null}}`, "/m/a~0b", "is null, a text"},
		{`{"t":"","o":[]}`, "/o", "an object"},
		{`{"t":"","o":{"x":1}}`, "/o/y", "is missing"},
		{`{"t":"","o":{"y":"","x":1}}`, "/o/x", "is not known here; known are: y"},
		{`{"t":"","os":[{"z":""},7]}`, "/os/1", "is a number, an object"},
		{`{"t":"","os":[{"z":"","":0}]}`, "/os/0/", "is not known"},
		{`{"t":"","T":""}`, "/T", "is not known here; known are: t, n"},
	}
	for _, tt := range tests {
		d, o := document(t, tt.in)
		read(o)
		if p := d.Problems(); len(p) == 0 || p[0].Pointer != tt.pointer || !strings.Contains(p[0].Message, tt.says) {
			t.Errorf("%s: got %v, want %s: …%s…", tt.in, p, tt.pointer, tt.says)
		}
	}
	d, o := document(t, `{"os":[1]}`)
	read(o)
	if p := d.Problems(); len(p) != 2 {
		t.Errorf("what is no object has more said of it: %v", p)
	}
}

func TestDocument_tellsOfSoMany(t *testing.T) {
	d, o := document(t, `{"l":[`+strings.Repeat("1,", 100)+`1]}`)
	o.Texts("l")
	if n := len(d.Problems()); n != MaxProblems {
		t.Errorf("%d problems", n)
	}
}
