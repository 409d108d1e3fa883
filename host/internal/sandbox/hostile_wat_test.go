package sandbox

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
)

// The corpus in testdata/hostile is text, so that it can be read. This is what
// of the text format it needs: flat instructions, names for everything that
// has an index, one export a function.

// wat is a node of the text: a word, a text in quotes, or a list.
type wat struct {
	word string
	text *string
	list []wat
}

func (n wat) head() string {
	if len(n.list) == 0 {
		return ""
	}
	return n.list[0].word
}

// readWat reads the nodes up to the end or the next closing bracket.
func readWat(s string) (nodes []wat, rest string, err error) {
	for {
		s = strings.TrimLeft(s, " \n\t")
		switch {
		case s == "" || s[0] == ')':
			return nodes, s, nil
		case strings.HasPrefix(s, ";;"):
			_, s, _ = strings.Cut(s, "\n")
		case s[0] == '(':
			var inner []wat
			if inner, s, err = readWat(s[1:]); err != nil || s == "" {
				return nil, "", fmt.Errorf("a bracket is not closed: %w", err)
			}
			nodes, s = append(nodes, wat{list: inner}), s[1:]
		case s[0] == '"':
			quoted, err := strconv.QuotedPrefix(s)
			if err != nil {
				return nil, "", fmt.Errorf("%.20s: %w", s, err)
			}
			text, _ := strconv.Unquote(quoted)
			nodes, s = append(nodes, wat{text: &text}), s[len(quoted):]
		default:
			end := strings.IndexAny(s, " \n\t()")
			if end < 0 {
				end = len(s)
			}
			nodes, s = append(nodes, wat{word: s[:end]}), s[end:]
		}
	}
}

// operand is what follows an instruction in the text.
type operand uint8

const (
	noOperand operand = iota
	ofBlock           // a label and a type, which may both be left out
	ofLabel
	ofFunction
	ofLocal
	ofGlobal
	ofNumber
)

var instructions = func() map[string]struct {
	code []byte
	operand
} {
	all := map[string]struct {
		code []byte
		operand
	}{}
	for op, names := range map[operand]map[string][]byte{
		noOperand: {
			"unreachable": {opUnreachable}, "else": {opElse}, "end": {opEnd}, "drop": {0x1a},
			"i64.load": {0x29, 0, 0}, "i32.load8_u": {0x2d, 0, 0}, "i32.store": {0x36, 0, 0}, "i64.store": {0x37, 0, 0},
			"memory.size": {0x3f, 0}, "memory.grow": {opMemoryGrow, 0}, "memory.fill": {opPrefix, opMemoryFill, 0},
			"ref.null func": {0xd0, 0x70}, "i32.eq": {0x46}, "i32.lt_u": {0x49}, "i32.add": {0x6a}, "i32.shl": {0x74}, "i64.eqz": {0x50}, "i64.add": {0x7c}, "i64.mul": {0x7e},
			"i64.shl": {0x86}, "i32.wrap_i64": {0xa7}, "i64.extend_i32_u": {opI64ExtendU},
		},
		ofBlock:    {"block": {opBlock}, "loop": {opLoop}, "if": {opIf}},
		ofLabel:    {"br": {opBranch}, "br_if": {opBranchIf}},
		ofFunction: {"call": {opCall}},
		ofLocal:    {"local.get": {opLocalGet}, "local.set": {0x21}, "local.tee": {opLocalTee}},
		ofGlobal:   {"global.get": {opGlobalGet}, "global.set": {opGlobalSet}},
		ofNumber:   {"i32.const": {opI32Const}, "i64.const": {opI64Const}, "table.grow": {opPrefix, 15}},
	} {
		for name, code := range names {
			all[name] = struct {
				code []byte
				operand
			}{code, op}
		}
	}
	return all
}()

// assembler puts the module together.
type assembler struct {
	m         testModule
	functions map[string]int
	globals   map[string]int
}

// assemble gives the module that a text describes.
func assemble(t testing.TB, text string) []byte {
	t.Helper()
	nodes, rest, err := readWat(text)
	if err != nil || rest != "" || len(nodes) != 1 || nodes[0].head() != "module" {
		t.Fatalf("not one module: %v, then %.20q", err, rest)
	}
	fields := nodes[0].list[1:]
	a := &assembler{functions: map[string]int{}, globals: map[string]int{}, m: testModule{extra: map[byte][]byte{}}}
	for _, f := range fields { // the names first
		switch f.head() {
		case "import":
			a.functions[f.list[3].list[1].word] = len(a.functions)
		case "func":
			a.functions[f.list[1].word] = len(a.functions)
		case "global":
			a.globals[f.list[1].word] = len(a.globals)
		}
	}
	for _, f := range fields {
		if err := a.field(f); err != nil {
			t.Fatalf("%s: %v", f.head(), err)
		}
	}
	return a.m.bytes()
}

func (a *assembler) field(f wat) (err error) {
	switch f.head() {
	case "import":
		s, _, _ := shape(f.list[3].list[2:])
		a.m.imports = append(a.m.imports, testImport{*f.list[1].text, *f.list[2].text, s})
	case "memory":
		a.m.pages, err = number(f.list[1])
	case "table":
		var n uint32
		n, err = number(f.list[1])
		a.m.extra[sectionTable] = appendU32([]byte{1, 0x70, 0}, n)
	case "global":
		a.m.globals = append(a.m.globals, cat(0x7f, mutableGlobal, constI32(0), opEnd))
	case "start":
		a.m.extra[sectionStart] = appendU32(nil, uint32(a.functions[f.list[1].word]))
	case "func":
		err = a.function(f.list[2:])
	default:
		err = fmt.Errorf("not known here")
	}
	return err
}

func number(n wat) (uint32, error) {
	v, err := strconv.ParseUint(n.word, 0, 32)
	return uint32(v), err
}

var textTypes = map[string]signature{"i32": "i", "i64": "I"}

// shape reads parameters and results, and gives the names of the parameters.
func shape(nodes []wat) (s signature, names map[string]int, rest []wat) {
	var params, results signature
	names = map[string]int{}
	for len(nodes) > 0 && (nodes[0].head() == "param" || nodes[0].head() == "result") {
		for _, n := range nodes[0].list[1:] {
			switch {
			case strings.HasPrefix(n.word, "$"):
				names[n.word] = len(params)
			case nodes[0].head() == "param":
				params += textTypes[n.word]
			default:
				results += textTypes[n.word]
			}
		}
		nodes = nodes[1:]
	}
	return params + ":" + results, names, nodes
}

func (a *assembler) function(nodes []wat) error {
	var f testFunc
	if len(nodes) > 0 && nodes[0].head() == "export" {
		f.export, nodes = *nodes[0].list[1].text, nodes[1:]
	}
	var locals map[string]int
	f.sig, locals, nodes = shape(nodes)
	count, declared := byte(0), []byte(nil)
	for ; len(nodes) > 0 && nodes[0].head() == "local"; nodes = nodes[1:] {
		name, typ := nodes[0].list[1].word, nodes[0].list[2].word
		locals[name] = f.sig.params() + int(count)
		count, declared = count+1, append(declared, 1, letterTypes[textTypes[typ][0]])
	}
	f.locals = append([]byte{count}, declared...)
	code, err := a.code(nodes, locals)
	f.code = code
	a.m.funcs = append(a.m.funcs, f)
	return err
}

// code writes instructions.
func (a *assembler) code(nodes []wat, locals map[string]int) (b []byte, err error) {
	var labels []string
	names := map[operand]map[string]int{ofFunction: a.functions, ofLocal: locals, ofGlobal: a.globals}
	for len(nodes) > 0 {
		word := nodes[0].word
		if word == "ref.null" {
			word, nodes = "ref.null func", nodes[1:]
		}
		in, ok := instructions[word]
		if !ok {
			return nil, fmt.Errorf("instruction %q is not known here", word)
		}
		nodes, b = nodes[1:], append(b, in.code...)
		if word == "end" {
			labels = labels[:len(labels)-1]
		}
		switch in.operand {
		case noOperand:
		case ofBlock:
			label := ""
			if len(nodes) > 0 && strings.HasPrefix(nodes[0].word, "$") {
				label, nodes = nodes[0].word, nodes[1:]
			}
			var s signature
			s, _, nodes = shape(nodes)
			labels, b = append(labels, label), append(b, s.block())
		case ofLabel:
			depth := 0
			for depth < len(labels) && labels[len(labels)-1-depth] != nodes[0].word {
				depth++
			}
			if depth == len(labels) {
				return nil, fmt.Errorf("no label %s", nodes[0].word)
			}
			nodes, b = nodes[1:], append(b, byte(depth))
		case ofNumber:
			v, err := strconv.ParseInt(nodes[0].word, 0, 64)
			if err != nil {
				return nil, err
			}
			nodes, b = nodes[1:], appendS64(b, v)
		default:
			i, ok := names[in.operand][nodes[0].word]
			if !ok {
				return nil, fmt.Errorf("%s %s: not one of %v", word, nodes[0].word, maps.Keys(names[in.operand]))
			}
			nodes, b = nodes[1:], appendU32(b, uint32(i))
		}
	}
	return b, nil
}
