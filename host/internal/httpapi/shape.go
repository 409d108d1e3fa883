package httpapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/httpapi/openapi"
)

// shape is a schema as the page shows it: rows where it is an object, else text.
type shape struct {
	ID, Name, Description, Text string
	Rows                        []row
}

// row is a member or a parameter.
type row struct {
	Name, Description, Bounds string
	Needed                    bool
	Type                      []typeDoc
}

// typeDoc names a type; Link is its shape, Prefix what stands before.
type typeDoc struct{ Prefix, Text, Link string }

func (d describer) shape(name string, schema openapi.Object) shape {
	s := shape{ID: "shape-" + name, Name: name, Description: schema.Text("description"), Rows: d.rows("", schema)}
	if s.Rows == nil {
		var texts []string
		for _, t := range d.types(schema) {
			texts = append(texts, t.Prefix+t.Text)
		}
		s.Text = strings.Join(texts, " or ")
	}
	return s
}

// rows lists the members of an object; those of objects within it follow it,
// with its name before theirs.
func (d describer) rows(prefix string, schema openapi.Object) []row {
	var rows []row
	for _, p := range schema.Object("properties") {
		member, _ := p.Value.(openapi.Object)
		r := d.row(prefix+p.Name, member)
		r.Needed = slices.Contains(schema.List("required"), any(p.Name)) && schema.Get("additionalProperties") == false
		rows = append(rows, r)
		rows = append(rows, d.rows(prefix+p.Name+".", member)...)
		rows = append(rows, d.rows(prefix+p.Name+"[].", member.Object("items"))...)
	}
	return rows
}

func (d describer) row(name string, schema openapi.Object) row {
	return row{Name: name, Type: d.types(schema), Description: schema.Text("description"), Bounds: bounds(schema)}
}

// types says of which types a value may be.
func (d describer) types(schema openapi.Object) []typeDoc {
	if ref, ok := strings.CutPrefix(schema.Text("$ref"), "#/components/schemas/"); ok {
		return []typeDoc{{Text: ref, Link: "shape-" + ref}}
	}
	var list []typeDoc
	for _, one := range schema.List("oneOf") {
		o, _ := one.(openapi.Object)
		list = append(list, d.types(o)...)
	}
	for _, value := range schema.List("enum") {
		list = append(list, typeDoc{Text: fmt.Sprintf("%q", value)})
	}
	names := schema.List("type")
	if name := schema.Text("type"); name != "" {
		names = []any{name}
	}
	for _, name := range names {
		if name == "array" {
			for _, t := range d.types(schema.Object("items")) {
				list = append(list, typeDoc{Prefix: "list of ", Text: t.Text, Link: t.Link})
			}
			continue
		}
		list = append(list, typeDoc{Text: fmt.Sprint(name)})
	}
	return list
}

// bounds says in words what else a value must be.
func bounds(schema openapi.Object) string {
	var words []string
	for _, b := range []struct{ keyword, words string }{
		{"default", "%v where it is missing"}, {"minimum", "from %v"}, {"maximum", "at most %v"},
		{"minLength", "at least %v characters"}, {"maxLength", "at most %v characters"}, {"maxItems", "at most %v"},
		{"format", "%v"}, {"pattern", "like %v"},
	} {
		if v := schema.Get(b.keyword); v != nil {
			words = append(words, fmt.Sprintf(b.words, v))
		}
	}
	return strings.Join(words, ", ")
}
