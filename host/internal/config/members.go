package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// walker compares a document with the type it is for, and makes the plain
// tree of it. Whatever does not fit is a problem with its line.
type walker struct{ problems }

var valueType = reflect.TypeFor[Value]()

// read walks a node. What it gives for one that does not fit is nil.
func (w *walker) read(n ast.Node, t reflect.Type, path string) any {
	switch n.Type() {
	case ast.AnchorType, ast.AliasType, ast.TagType, ast.MergeKeyType:
		return w.wrong(path, "anchors, aliases and tags are not read: write it out")
	case ast.NullType:
		return nil
	}
	if t == valueType {
		return w.value(n, path)
	}
	switch t.Kind() {
	case reflect.Struct:
		return w.members(n, path, func(name string) (reflect.Type, bool) { return member(t, name) }, memberNames(t))
	case reflect.Map:
		return w.members(n, path, func(string) (reflect.Type, bool) { return t.Elem(), true }, nil)
	case reflect.Slice:
		s, ok := n.(*ast.SequenceNode)
		if !ok {
			return w.wrong(path, "it is a list: write each entry after a dash")
		}
		list := make([]any, len(s.Values))
		for i, v := range s.Values {
			at := fmt.Sprintf("%s[%d]", path, i)
			w.mark(at, v)
			list[i] = w.read(v, t.Elem(), at)
		}
		return list
	case reflect.String:
		if s, ok := text(n); ok {
			return s
		}
		return w.wrong(path, "it is a text: put it in quotes")
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			return b.Value
		}
		return w.wrong(path, "it is true or false")
	case reflect.Int64:
		if i, ok := n.(*ast.IntegerNode); ok {
			return i.Value
		}
		return w.wrong(path, "it is a whole number")
	}
	return w.anything(n, path)
}

// members reads a mapping whose names have types.
func (w *walker) members(n ast.Node, path string, typeOf func(string) (reflect.Type, bool), known []string) any {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return w.wrong(path, "it has members: write name: value")
	}
	tree := map[string]any{}
	for _, v := range m.Values {
		name := v.Key.GetToken().Value
		at := strings.TrimPrefix(path+"."+name, ".")
		w.mark(at, v.Key)
		if t, ok := typeOf(name); ok {
			tree[name] = w.read(v.Value, t, at)
			continue
		}
		w.at(at, "there is no member of this name, %s", didYouMean(name, known))
	}
	return tree
}

// value reads a text, {env: NAME} or {file: PATH}.
func (w *walker) value(n ast.Node, path string) any {
	if s, ok := text(n); ok {
		return Value{text: s}.encode()
	}
	m, ok := n.(*ast.MappingNode)
	if !ok || len(m.Values) != 1 {
		return w.wrong(path, "it is {env: NAME}, {file: PATH} or a text in quotes")
	}
	where := m.Values[0].Key.GetToken().Value
	s, ok := text(m.Values[0].Value)
	switch {
	case ok && s != "" && where == "env":
		return Value{env: s}.encode()
	case ok && s != "" && where == "file":
		return Value{file: s}.encode()
	}
	return w.wrong(path, "it is {env: NAME}, {file: PATH} or a text in quotes")
}

// anything reads what the plugin's schema has a say in, not this package.
func (w *walker) anything(n ast.Node, path string) any {
	anyType := reflect.TypeFor[any]()
	switch n := n.(type) {
	case *ast.MappingNode:
		return w.read(n, reflect.MapOf(reflect.TypeFor[string](), anyType), path)
	case *ast.SequenceNode:
		return w.read(n, reflect.SliceOf(anyType), path)
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode:
		return n.Value
	case *ast.FloatNode:
		return n.Value
	}
	if s, ok := text(n); ok {
		return s
	}
	return w.wrong(path, "it is no text, number, list or mapping")
}

func (w *walker) mark(path string, n ast.Node) {
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		w.origin.lines[path] = tk.Position.Line
	}
}

func (w *walker) wrong(path, what string) any {
	w.at(path, "%s", what)
	return nil
}

func text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

func member(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Tag.Get("yaml") == name {
			return f.Type, true
		}
	}
	return nil, false
}

func memberNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() {
			names = append(names, f.Tag.Get("yaml"))
		}
	}
	return names
}
