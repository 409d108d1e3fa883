package httpapi

import (
	"encoding/json"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/httpapi/openapi"
)

// description is the interface as its page shows it.
type description struct {
	Style                               template.CSS
	Title, Summary, Description, Server string
	Tags                                []describedTag
	Shapes                              []shape
}

type describedTag struct {
	Name, Description string
	Operations        []operationDoc
}

type operationDoc struct {
	ID, Verb, Class, Path, Summary, Description, Scope string
	Parameters                                         []row
	Body                                               []typeDoc
	BodyNeeded                                         bool
	Examples                                           []exampleDoc
	Answers                                            []answerDoc
	Problems                                           []problemDoc
}

type answerDoc struct {
	Status, Description string
	Type                []typeDoc
	Examples            []exampleDoc
}

type problemDoc struct{ Status, Anchor string }

type exampleDoc struct{ Summary, JSON string }

// describe turns the document into what the page shows.
func describe(doc openapi.Object, server string) description {
	info := doc.Object("info")
	d := describer{doc}
	page := description{
		Style: template.CSS(docsStyle), Server: server,
		Title: info.Text("title"), Summary: info.Text("summary"), Description: info.Text("description"),
	}
	for _, t := range doc.List("tags") {
		tag, _ := t.(openapi.Object)
		page.Tags = append(page.Tags, describedTag{tag.Text("name"), tag.Text("description"), d.operations(tag.Text("name"))})
	}
	for _, s := range doc.Object("components").Object("schemas") {
		schema, _ := s.Value.(openapi.Object)
		page.Shapes = append(page.Shapes, d.shape(s.Name, schema))
	}
	return page
}

type describer struct{ doc openapi.Object }

func (d describer) operations(tag string) []operationDoc {
	var list []operationDoc
	for _, path := range d.doc.Object("paths") {
		item, _ := path.Value.(openapi.Object)
		for _, m := range item {
			op, _ := m.Value.(openapi.Object)
			if tags := op.List("tags"); len(tags) == 1 && tags[0] == tag {
				list = append(list, d.operation(path.Name, m.Name, op))
			}
		}
	}
	return list
}

func (d describer) operation(path, verb string, op openapi.Object) operationDoc {
	o := operationDoc{
		ID: op.Text("operationId"), Verb: strings.ToUpper(verb), Class: verb, Path: path,
		Summary: op.Text("summary"), Description: op.Text("description"), Scope: op.Text("x-scope"),
	}
	for _, p := range op.List("parameters") {
		parameter := d.resolve(p)
		r := d.row(parameter.Text("name"), parameter.Object("schema"))
		r.Needed = parameter.Get("required") == true
		r.Description = parameter.Text("description")
		o.Parameters = append(o.Parameters, r)
	}
	if body := op.Object("requestBody"); body != nil {
		o.BodyNeeded = body.Get("required") == true
		o.Body, o.Examples = d.content(body)
	}
	for _, r := range op.Object("responses") {
		response := d.resolve(r.Value)
		if name, _ := r.Value.(openapi.Object); strings.HasPrefix(name.Text("$ref"), "#/components/responses/Problem") {
			o.Problems = append(o.Problems, problemDoc{r.Name, firstExample(response)})
			continue
		}
		a := answerDoc{Status: r.Name, Description: response.Text("description")}
		a.Type, a.Examples = d.content(response)
		o.Answers = append(o.Answers, a)
	}
	return o
}

// firstExample is the name of the first problem of a status.
func firstExample(response openapi.Object) string {
	for _, m := range response.Object("content") {
		media, _ := m.Value.(openapi.Object)
		for _, e := range media.Object("examples") {
			return e.Name
		}
	}
	return ""
}

// content gives the type and the examples of the first kind of content.
func (d describer) content(of openapi.Object) (kinds []typeDoc, examples []exampleDoc) {
	contents := of.Object("content")
	if len(contents) == 0 {
		return nil, nil
	}
	media, _ := contents[0].Value.(openapi.Object)
	if contents[0].Name != typeJSON || media.Object("schema") == nil {
		return []typeDoc{{Text: contents[0].Name}}, nil
	}
	for _, e := range media.Object("examples") {
		example := d.resolve(e.Value)
		text, err := json.MarshalIndent(example.Get("value"), "", "  ")
		if err != nil {
			text = []byte(fmt.Sprint(err)) // the document could not have been written either
		}
		examples = append(examples, exampleDoc{example.Text("summary"), string(text)})
	}
	return d.types(media.Object("schema")), examples
}

// resolve follows a reference.
func (d describer) resolve(v any) openapi.Object {
	o, _ := v.(openapi.Object)
	path, ok := strings.CutPrefix(o.Text("$ref"), "#/")
	if !ok {
		return o
	}
	to := d.doc
	for step := range strings.SplitSeq(path, "/") {
		to = to.Object(step)
	}
	return to
}

var (
	codeSpan   = regexp.MustCompile("`([^`]+)`")
	strongSpan = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// inline writes a line with `code` and **strong**; everything else is text.
func inline(s string) template.HTML {
	s = template.HTMLEscapeString(s)
	s = codeSpan.ReplaceAllString(s, "<code>$1</code>")
	return template.HTML(strongSpan.ReplaceAllString(s, "<strong>$1</strong>"))
}

// prose writes paragraphs, which an empty line divides.
func prose(s string) template.HTML {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimSpace(s), "\n\n") {
		if part != "" {
			b.WriteString("<p>" + string(inline(part)) + "</p>")
		}
	}
	return template.HTML(b.String())
}
