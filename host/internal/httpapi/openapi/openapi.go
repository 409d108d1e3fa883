// Package openapi holds the document of the REST interface, OpenAPI 3.1, and
// puts it together: one file a subject in the folder document, and the
// problems, which are a table of the interface itself.
//
// Members keep the order in which they are written, in the JSON as on the
// page: what matters most comes first.
package openapi

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed document/*.yaml
var files embed.FS

// Problem is a kind of problem that answers may hold.
type Problem struct {
	Name   string
	Status int
	Title  string
	// Do says what to do about it.
	Do string
	// Retry says that the answer has a Retry-After.
	Retry bool
}

// source is what the files come to, read once.
var source = sync.OnceValues(func() (Object, error) {
	var doc Object
	names, err := fs.Glob(files, "document/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the document's files: %w", err)
	}
	for _, name := range names {
		part, err := read(name)
		if err != nil {
			return nil, err
		}
		if doc, err = merge(doc, part, name); err != nil {
			return nil, err
		}
	}
	return doc, nil
})

// Build puts the document together for a gateway at a public URL.
func Build(publicURL string, problems []Problem) (Object, error) {
	doc, err := source()
	if err != nil {
		return nil, err
	}
	doc = doc.With("servers", []any{Object{{"url", publicURL}}})
	byStatus := group(problems)
	components, _ := doc.Get("components").(Object)
	responses, _ := components.Get("responses").(Object)
	for _, status := range byStatus.order {
		responses = responses.With(component(status), response(publicURL, byStatus.of[status]))
	}
	doc = doc.With("components", components.With("responses", responses))
	paths, err := complete(doc, byStatus)
	if err != nil {
		return nil, err
	}
	return doc.With("paths", paths), nil
}

func read(name string) (Object, error) {
	b, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	var v yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(b, &v, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	o, ok := fromYAML(v).(Object)
	if !ok {
		return nil, fmt.Errorf("read %s: it is no map", name)
	}
	return o, nil
}

// merge adds the members of b to a. Maps are merged; anything else may stand
// in one file only.
func merge(a, b Object, name string) (Object, error) {
	for _, m := range b {
		before := a.Get(m.Name)
		if before == nil {
			a = a.With(m.Name, m.Value)
			continue
		}
		x, okX := before.(Object)
		y, okY := m.Value.(Object)
		if !okX || !okY {
			return nil, fmt.Errorf("%s: member %q is in another file already", name, m.Name)
		}
		merged, err := merge(x, y, name)
		if err != nil {
			return nil, err
		}
		a = a.With(m.Name, merged)
	}
	return a, nil
}

type grouped struct {
	order []int
	of    map[int][]Problem
}

func group(problems []Problem) grouped {
	g := grouped{of: map[int][]Problem{}}
	for _, p := range problems {
		if g.of[p.Status] == nil {
			g.order = append(g.order, p.Status)
		}
		g.of[p.Status] = append(g.of[p.Status], p)
	}
	return g
}

func component(status int) string { return "Problem" + strconv.Itoa(status) }

// response describes the problems of one status, each with an example.
func response(publicURL string, problems []Problem) Object {
	description, retry := "", false
	var examples Object
	for _, p := range problems {
		description += "`" + p.Name + "`: " + p.Title + ". "
		retry = retry || p.Retry
		examples = examples.With(p.Name, Object{{"summary", p.Title}, {"value", Object{
			{"type", publicURL + "/docs/problems#" + p.Name}, {"title", p.Title}, {"status", p.Status},
			{"detail", p.Do}, {"request_id", "req_01KAN1D9YZ4Q0V6N8B2M3C4X5Z"}, {"attempted", "no"},
		}}})
	}
	headers := Object{requestID}
	if problems[0].Status == 401 {
		headers = headers.With("WWW-Authenticate", Ref("headers/WWW-Authenticate"))
	}
	if retry && problems[0].Status == 503 {
		headers = headers.With("Retry-After", Ref("headers/Retry-After"))
	}
	return Object{
		{"description", description[:len(description)-1]}, {"headers", headers},
		{"content", Object{{"application/problem+json", Object{{"schema", Ref("schemas/Problem")}, {"examples", examples}}}}},
	}
}

var requestID = Member{"X-Request-Id", Ref("headers/X-Request-Id")}

// Ref is a reference to a component.
func Ref(path string) Object { return Object{{"$ref", "#/components/" + path}} }

// complete gives each operation the problems that it names and the headers
// that every answer has.
func complete(doc Object, problems grouped) (Object, error) {
	paths, _ := doc.Get("paths").(Object)
	for _, path := range paths {
		item, _ := path.Value.(Object)
		for _, op := range item {
			operation, _ := op.Value.(Object)
			responses, err := completeResponses(operation, problems)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", op.Name, path.Name, err)
			}
			item = item.With(op.Name, operation.With("responses", responses))
		}
		paths = paths.With(path.Name, item)
	}
	return paths, nil
}

func completeResponses(operation Object, problems grouped) (Object, error) {
	var out Object
	responses, ok := operation.Get("responses").(Object)
	if !ok {
		return nil, errors.New("no responses")
	}
	for _, r := range responses {
		if r.Name != "x-problems" {
			if response, _ := r.Value.(Object); response.Get("$ref") == nil {
				headers, _ := response.Get("headers").(Object)
				headers = headers.With(requestID.Name, requestID.Value)
				if operation.Get("requestBody") != nil {
					headers = headers.With("Idempotent-Replayed", Ref("headers/Idempotent-Replayed"))
				}
				r.Value = response.With("headers", headers)
			}
			out = append(out, r)
			continue
		}
		statuses, _ := r.Value.([]any)
		for _, s := range statuses {
			status, err := strconv.Atoi(fmt.Sprint(s))
			if err != nil || problems.of[status] == nil {
				return nil, fmt.Errorf("there is no problem with status %v", s)
			}
			out = out.With(strconv.Itoa(status), Ref("responses/"+component(status)))
		}
	}
	return out, nil
}
