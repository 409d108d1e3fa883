package strict

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxProblems is how many problems a document tells of.
const MaxProblems = 50

// MaxInteger is the largest whole number that every JSON reader understands
// alike, 2⁵³−1; the smallest is its negative.
const MaxInteger = 1<<53 - 1

// Document collects what is wrong with a value while it is read.
type Document struct {
	root     *Value
	problems []Problem
}

// NewDocument starts to read a value.
func NewDocument(v *Value) *Document { return &Document{root: v} }

// Object reads the value as an object.
func (d *Document) Object() *Object { return d.object(d.root, "") }

// Problems are those found so far.
func (d *Document) Problems() []Problem { return d.problems }

// Refuse notes a problem.
func (d *Document) Refuse(pointer, format string, args ...any) {
	if len(d.problems) < MaxProblems {
		d.problems = append(d.problems, Problem{pointer, fmt.Sprintf(format, args...)})
	}
}

func (d *Document) object(v *Value, pointer string) *Object {
	o := &Object{doc: d, pointer: pointer}
	if v.kind != kindObject {
		d.Refuse(pointer, "is %s, an object is asked for", v.kind)
		v = &Value{kind: kindObject}
		o.broken = true
	}
	o.value = v
	return o
}

// Object is an object that is being read. Every reading notes the name as a
// known one; [Object.End] then refuses the others. A member that is not there
// reads as the zero value.
type Object struct {
	doc     *Document
	value   *Value
	pointer string
	known   []string
	// broken: it is none, which has been said; nothing more is to be said of it.
	broken bool
}

// Pointer is the JSON pointer to a member.
func (o *Object) Pointer(name string) string { return child(o.pointer, name) }

// Has says whether there is such a member.
func (o *Object) Has(name string) bool { return o.value.members[name] != nil }

// Refuse notes a problem with a member.
func (o *Object) Refuse(name, format string, args ...any) {
	o.doc.Refuse(o.Pointer(name), format, args...)
}

// Need refuses the object if it lacks one of the members.
func (o *Object) Need(names ...string) {
	for _, name := range names {
		if !o.broken && !o.Has(name) {
			o.Refuse(name, "is missing")
		}
	}
}

// Text reads a text.
func (o *Object) Text(name string) string {
	v := o.member(name, kindText)
	if v == nil {
		return ""
	}
	return v.text
}

// Word reads a text that must be one of those known; what says which they are.
func (o *Object) Word(name string, known func(string) bool, what string) string {
	v := o.member(name, kindText)
	if v == nil {
		return ""
	}
	if !known(v.text) {
		o.Refuse(name, "%s", what)
	}
	return v.text
}

// Truth reads true or false.
func (o *Object) Truth(name string) bool {
	v := o.member(name, kindBoolean)
	return v != nil && v.truth
}

// Time reads an RFC 3339 time.
func (o *Object) Time(name string) time.Time {
	v := o.member(name, kindText)
	if v == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, v.text)
	if err != nil {
		o.Refuse(name, "is no time as RFC 3339 writes it, such as 2026-11-22T14:30:00Z")
	}
	return t.UTC()
}

// Integer reads a whole number of at most [MaxInteger], either sign. It is
// false where there is none, or none that can be used.
func (o *Object) Integer(name string) (int64, bool) {
	v := o.member(name, kindNumber)
	if v == nil {
		return 0, false
	}
	if strings.ContainsAny(v.text, ".eE") {
		o.Refuse(name, "is not a whole number: amounts are in minor units, 4999 for 49.99 EUR, without point or exponent")
		return 0, false
	}
	n, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil || n > MaxInteger || n < -MaxInteger {
		o.Refuse(name, "is out of range: at most %d", int64(MaxInteger))
		return 0, false
	}
	return n, true
}

// Texts reads an array of texts.
func (o *Object) Texts(name string) []string {
	v := o.member(name, kindArray)
	if v == nil {
		return nil
	}
	list := make([]string, 0, len(v.items))
	for i, item := range v.items {
		if item.kind != kindText {
			o.doc.Refuse(child(o.Pointer(name), strconv.Itoa(i)), "is %s, a text is asked for", item.kind)
			continue
		}
		list = append(list, item.text)
	}
	return list
}

// TextMap reads an object of texts by any name.
func (o *Object) TextMap(name string) map[string]string {
	v := o.member(name, kindObject)
	if v == nil {
		return nil
	}
	m := make(map[string]string, len(v.names))
	for _, key := range v.names {
		if item := v.members[key]; item.kind != kindText {
			o.doc.Refuse(child(o.Pointer(name), key), "is %s, a text is asked for", item.kind)
		} else {
			m[key] = item.text
		}
	}
	return m
}

// Object reads an object, with the function, if it is there.
func (o *Object) Object(name string, read func(*Object)) {
	if v := o.member(name, kindObject); v != nil {
		read(o.doc.object(v, o.Pointer(name)))
	}
}

// Objects reads an array of objects, each with the function.
func (o *Object) Objects(name string, read func(*Object)) {
	v := o.member(name, kindArray)
	if v == nil {
		return
	}
	for i, item := range v.items {
		read(o.doc.object(item, child(o.Pointer(name), strconv.Itoa(i))))
	}
}

// End refuses the members that nobody asked for.
func (o *Object) End() {
	known := map[string]bool{}
	for _, name := range o.known {
		known[name] = true
	}
	for _, name := range o.value.names {
		if !known[name] {
			o.Refuse(name, "is not known here; known are: %s", strings.Join(o.known, ", "))
		}
	}
}

// member gives a member of the kind, or nil after saying what is wrong.
func (o *Object) member(name string, want kind) *Value {
	o.known = append(o.known, name)
	v := o.value.members[name]
	switch {
	case v == nil:
		return nil
	case v.kind == want:
		return v
	case v.kind == kindNull:
		o.Refuse(name, "is null: leave a member out that has no value")
	default:
		o.Refuse(name, "is %s, %s is asked for", v.kind, want)
	}
	return nil
}
