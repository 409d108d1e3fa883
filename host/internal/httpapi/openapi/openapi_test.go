package openapi

import (
	"encoding/json"
	"strings"
	"testing"
)

// all is a problem for each status that the document names.
func all() []Problem {
	var list []Problem
	for _, status := range []int{400, 401, 402, 403, 404, 409, 413, 415, 422, 500, 502, 503, 504} {
		list = append(list, Problem{Name: "some", Status: status, Title: "Something", Do: "Do something.", Retry: status == 503})
	}
	return list
}

func TestBuild(t *testing.T) {
	doc, err := Build("https://pay.example/till", all())
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(b), `{"openapi":"3.1.1","info":{"title":"Kassette"`) {
		t.Errorf("the order of members is lost: %.100s", b)
	}
	if strings.Contains(string(b), "x-problems") {
		t.Error("what names the problems is left in it")
	}
	again, err := Build("https://pay.example/till", all())
	if err != nil {
		t.Fatal(err)
	}
	if c, err := json.Marshal(again); err != nil || string(b) != string(c) {
		t.Errorf("built again it differs: %v", err)
	}
	for _, r := range references(doc) {
		if resolve(doc, r) == nil {
			t.Errorf("reference %s leads nowhere", r)
		}
	}
	for _, name := range empty(doc) {
		t.Errorf("%q has no value: is a text with a comma or a colon without quotes?", name)
	}
	unavailable := doc.Object("components").Object("responses").Object("Problem503")
	if unavailable.Object("headers").Get("Retry-After") == nil || unavailable.Object("headers").Get("X-Request-Id") == nil {
		t.Errorf("503 lacks headers: %v", unavailable)
	}
}

func TestBuild_problemThatNobodyDescribes(t *testing.T) {
	if _, err := Build("https://pay.example", all()[1:]); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("got %v, want the status named", err)
	}
}

func TestMerge_refusesTwoOfOneName(t *testing.T) {
	a := Object{{"paths", Object{{"/a", "x"}}}}
	if _, err := merge(a, Object{{"paths", Object{{"/a", "y"}}}}, "b.yaml"); err == nil || !strings.Contains(err.Error(), "b.yaml") {
		t.Errorf("got %v, want the file named", err)
	}
	merged, err := merge(a, Object{{"paths", Object{{"/b", "y"}}}}, "b.yaml")
	if err != nil || len(merged.Object("paths")) != 2 || len(a.Object("paths")) != 1 {
		t.Errorf("got %v, a is %v (%v)", merged, a, err)
	}
}

func TestObject(t *testing.T) {
	o := Object{{"a", "x"}, {"b", []any{1}}}
	changed := o.With("a", "y").With("c", Object{})
	if o.Text("a") != "x" || changed.Text("a") != "y" || changed[2].Name != "c" || len(o) != 2 {
		t.Errorf("o is %v, changed %v", o, changed)
	}
	if o.Text("b") != "" || o.List("a") != nil || o.Object("a") != nil || o.Get("z") != nil || len(o.List("b")) != 1 {
		t.Error("a member reads as what it is not")
	}
	if b, err := json.Marshal(Object{{"<", nil}}); err != nil || string(b) != `{"\u003c":null}` {
		t.Errorf("got %s, %v", b, err)
	}
	if _, err := json.Marshal(Object{{"f", func() {}}}); err == nil {
		t.Error("a function was written")
	}
}

// references lists all of them.
func references(v any) []string {
	var list []string
	switch v := v.(type) {
	case Object:
		for _, m := range v {
			if ref, ok := m.Value.(string); ok && m.Name == "$ref" {
				list = append(list, ref)
			}
			list = append(list, references(m.Value)...)
		}
	case []any:
		for _, item := range v {
			list = append(list, references(item)...)
		}
	}
	return list
}

// empty lists members without a value, examples aside.
func empty(v any) []string {
	var list []string
	switch v := v.(type) {
	case Object:
		for _, m := range v {
			switch {
			case m.Value == nil:
				list = append(list, m.Name)
			case m.Name != "value" && m.Name != "examples":
				list = append(list, empty(m.Value)...)
			}
		}
	case []any:
		for _, item := range v {
			list = append(list, empty(item)...)
		}
	}
	return list
}

func resolve(doc Object, ref string) any {
	var v any = doc
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		o, _ := v.(Object)
		v = o.Get(step)
	}
	return v
}
