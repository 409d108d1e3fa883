package openapitest

import (
	"net/url"
	"strconv"
	"strings"
)

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// fragment writes a JSON pointer as the fragment of a URI.
func fragment(pointer string) string {
	steps := strings.Split(pointer, "/")
	for i := range steps {
		steps[i] = url.PathEscape(steps[i])
	}
	return strings.Join(steps, "/")
}

// at gives the value at a JSON pointer.
func at(v any, pointer string) any {
	for _, step := range strings.Split(pointer, "/")[1:] {
		v = object(v)[strings.NewReplacer("~1", "/", "~0", "~").Replace(step)]
	}
	return v
}

// walk visits every object, with the JSON pointer to it. What is data and no
// description, the values of examples, is left out.
func walk(v any, pointer string, visit func(string, map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(pointer, v)
		for name, member := range v {
			if name != "examples" && name != "example" && name != "default" {
				walk(member, pointer+"/"+escape(name), visit)
			}
		}
	case []any:
		for i, item := range v {
			walk(item, pointer+"/"+strconv.Itoa(i), visit)
		}
	}
}

// closeObjects lets every object that lists its members have no others.
func closeObjects(doc map[string]any) {
	walk(doc, "", func(_ string, o map[string]any) {
		if o["type"] == "object" && o["properties"] != nil && o["additionalProperties"] == nil {
			o["additionalProperties"] = false
		}
	})
}

// schemaPointers lists the schemas that exchanges are held against: the
// components, and those of contents, headers and parameters.
func schemaPointers(doc map[string]any) []string {
	var list []string
	for name := range object(object(doc["components"])["schemas"]) {
		list = append(list, "/components/schemas/"+escape(name))
	}
	walk(doc, "", func(pointer string, o map[string]any) {
		if _, ok := o["schema"].(map[string]any); ok {
			list = append(list, pointer+"/schema")
		}
	})
	return list
}
