// Package openapitest holds HTTP exchanges against the document of the REST
// interface. Tests of any room send their requests through [Checker.Transport];
// an answer that the document does not describe is an error there.
//
// JSON Schema 2020-12, which OpenAPI 3.1 uses, is checked by a validator of
// just that. What the document leaves open for the future is closed here: an
// answer with a member that is not listed fails.
package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Checker holds exchanges against a document. It is safe for concurrent use.
type Checker struct {
	doc        map[string]any
	base       string
	operations []operation
	schemas    map[string]*jsonschema.Schema
}

// operation is one method at one path.
type operation struct {
	path, method string
	pointer      string
	def          map[string]any
}

const resource = "mem:///openapi.json"

// New reads a document and compiles its schemas. Paths are those below the
// path of its first server.
func New(document []byte) (*Checker, error) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	doc, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("read the document: it is no object")
	}
	c := &Checker{doc: doc, schemas: map[string]*jsonschema.Schema{}}
	if err := c.readServer(); err != nil {
		return nil, err
	}
	closeObjects(doc)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource(resource, v); err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	for _, pointer := range schemaPointers(doc) {
		schema, err := compiler.Compile(resource + "#" + fragment(pointer))
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", pointer, err)
		}
		c.schemas[pointer] = schema
	}
	c.readOperations()
	return c, nil
}

func (c *Checker) readServer() error {
	servers, _ := c.doc["servers"].([]any)
	if len(servers) == 0 {
		return fmt.Errorf("the document names no server")
	}
	raw, _ := object(servers[0])["url"].(string)
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("server of the document: %w", err)
	}
	c.base = strings.TrimRight(u.Path, "/")
	return nil
}

func (c *Checker) readOperations() {
	for path, item := range object(c.doc["paths"]) {
		for method, def := range object(item) {
			c.operations = append(c.operations, operation{path, strings.ToUpper(method), "/paths/" + escape(path) + "/" + method, object(def)})
		}
	}
}

// Operations lists the operations: "GET /v1/orders/{id}".
func (c *Checker) Operations() []string {
	var list []string
	for _, o := range c.operations {
		list = append(list, o.method+" "+o.path)
	}
	return list
}

// Validate holds JSON against a schema of the components.
func (c *Checker) Validate(schema string, document []byte) error {
	return c.validate("/components/schemas/"+schema, document)
}

func (c *Checker) validate(pointer string, document []byte) error {
	schema, ok := c.schemas[pointer]
	if !ok {
		return fmt.Errorf("there is no schema %s", pointer)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	return schema.Validate(v)
}

// Examples holds every example of the document against the schema that it is
// an example of.
func (c *Checker) Examples() error {
	var bad error
	walk(c.doc, "", func(pointer string, o map[string]any) {
		if bad != nil {
			return
		}
		if strings.Contains(pointer, "/content/") && o["schema"] != nil {
			for name, e := range object(o["examples"]) {
				bad = c.example(bad, pointer+"/schema", pointer+"/examples/"+name, c.resolve(e)["value"])
			}
		}
		if list, ok := o["examples"].([]any); ok && c.schemas[pointer] != nil {
			for _, e := range list {
				bad = c.example(bad, pointer, pointer+"/examples", e)
			}
		}
	})
	return bad
}

func (c *Checker) example(before error, schema, where string, value any) error {
	if before != nil {
		return before
	}
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if err := c.validate(schema, b); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}

// resolve follows references to components.
func (c *Checker) resolve(v any) map[string]any {
	o := object(v)
	for {
		ref, ok := o["$ref"].(string)
		if !ok {
			return o
		}
		o = object(at(c.doc, strings.TrimPrefix(ref, "#")))
	}
}
