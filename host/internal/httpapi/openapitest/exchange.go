package openapitest

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// Exchange is a request and its answer.
type Exchange struct {
	Method, Path string
	Request      []byte
	Status       int
	Header       http.Header
	Body         []byte
}

// Check holds an exchange against the document. A path that the document does
// not have may only be refused, if it is the interface's at all.
func (c *Checker) Check(x Exchange) error {
	if err := c.check(x); err != nil {
		return fmt.Errorf("%s %s, answered %d %.300q: %w", x.Method, x.Path, x.Status, x.Body, err)
	}
	return nil
}

func (c *Checker) check(x Exchange) error {
	path, inside := strings.CutPrefix(x.Path, c.base)
	if !inside || !slices.ContainsFunc([]string{"/v1/", "/docs", "/webhooks/"}, func(p string) bool { return strings.HasPrefix(path, p) }) {
		return nil
	}
	op, known := c.find(path, x.Method)
	switch {
	case known:
		return c.checkOperation(op, x)
	case x.Method == http.MethodOptions && x.Status == http.StatusNoContent:
		return nil
	case x.Status == http.StatusNotFound || x.Status == http.StatusMethodNotAllowed:
		return c.checkProblem(x)
	}
	return fmt.Errorf("the document has no such operation")
}

// find gives the operation of a path; HEAD is that of GET.
func (c *Checker) find(path, method string) (operation, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, o := range c.operations {
		if o.method == method && matches(o.path, path) {
			return o, true
		}
	}
	return operation{}, false
}

func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && (!strings.HasPrefix(want[i], "{") || got[i] == "") {
			return false
		}
	}
	return true
}

func (c *Checker) checkOperation(op operation, x Exchange) error {
	status := fmt.Sprint(x.Status)
	responses := object(op.def["responses"])
	if responses[status] == nil {
		status = "default"
	}
	if responses[status] == nil {
		return fmt.Errorf("the document has no answer %d for %s %s", x.Status, op.method, op.path)
	}
	pointer, response := c.locate(op.pointer+"/responses/"+status, responses[status])
	if err := c.checkHeaders(response, x.Header); err != nil {
		return err
	}
	if x.Method != http.MethodHead {
		if err := c.checkContent(pointer, response, x); err != nil {
			return err
		}
	}
	if x.Status < 300 {
		return c.checkRequest(op, x)
	}
	return nil
}

// locate gives the pointer to what a reference leads to.
func (c *Checker) locate(pointer string, v any) (string, map[string]any) {
	if ref, ok := object(v)["$ref"].(string); ok {
		return strings.TrimPrefix(ref, "#"), c.resolve(v)
	}
	return pointer, object(v)
}

func (c *Checker) checkHeaders(response map[string]any, got http.Header) error {
	for name, h := range object(response["headers"]) {
		pointer, header := c.locate("", h)
		value := got.Get(name)
		if value == "" {
			if header["required"] == true {
				return fmt.Errorf("the header %s is missing", name)
			}
			continue
		}
		schema := c.schemas[pointer+"/schema"]
		if schema == nil {
			return fmt.Errorf("the header %s has no schema", name)
		}
		if err := schema.Validate(value); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	return nil
}

func (c *Checker) checkContent(pointer string, response map[string]any, x Exchange) error {
	content := object(response["content"])
	if len(content) == 0 {
		if len(x.Body) > 0 {
			return fmt.Errorf("there is a body where the document has none")
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(x.Header.Get("Content-Type"))
	if err != nil && x.Status != http.StatusNoContent {
		return fmt.Errorf("content type %q: %w", x.Header.Get("Content-Type"), err)
	}
	media, ok := content[kind]
	if !ok && len(x.Body) > 0 {
		return fmt.Errorf("the document has no content type %q here", kind)
	}
	if object(media)["schema"] == nil || !strings.HasSuffix(kind, "json") {
		return nil
	}
	return c.validate(pointer+"/content/"+escape(kind)+"/schema", x.Body)
}

// checkRequest holds a request that was done against the document: what it
// does not allow must have been refused.
func (c *Checker) checkRequest(op operation, x Exchange) error {
	body := object(op.def["requestBody"])
	pointer := op.pointer + "/requestBody/content/application~1json/schema"
	if body == nil || c.schemas[pointer] == nil {
		return nil
	}
	if len(x.Request) == 0 {
		if body["required"] == true {
			return fmt.Errorf("it was done without a body, which the document asks for")
		}
		return nil
	}
	if err := c.validate(pointer, x.Request); err != nil {
		return fmt.Errorf("it was done though the document does not allow the request: %w", err)
	}
	return nil
}

func (c *Checker) checkProblem(x Exchange) error {
	if kind, _, err := mime.ParseMediaType(x.Header.Get("Content-Type")); err != nil || kind != "application/problem+json" {
		return fmt.Errorf("the content type is %q, not a problem's", x.Header.Get("Content-Type"))
	}
	if x.Method == http.MethodHead {
		return nil
	}
	return c.Validate("Problem", x.Body)
}
