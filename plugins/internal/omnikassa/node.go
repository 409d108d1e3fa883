package omnikassa

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// node is a JSON value: of an object its members by name, of an array its
// items, of anything else its text. It takes the place of encoding/json because a pull
// hands out up to 100 orders at once, and reflection over them would cost more
// than a round may. Names and texts are pieces of the one that was parsed.
type node struct {
	name string
	kind byte // '{', '[', '"', or 'w' for a number, true, false or null
	text string
	list []node
}

// maxDepth is how deep an answer may nest.
const maxDepth = 64

var errJSON = errors.New("it is no JSON object")

// parse reads a JSON object.
func parse(text string) (*node, error) {
	p, n := parser{text: text}, &node{}
	p.value(n, 0)
	if p.next() != 0 || p.at < len(text) || p.bad || n.kind != '{' {
		return &null, errJSON
	}
	return n, nil
}

// null is what is missing.
var null = node{kind: 'w'}

// get is the member of this name, the last of several; one that is missing is null.
// It is not inlined: the module would hold its loop forty times.
//
//go:noinline
func (n *node) get(name string) *node {
	for i := len(n.list) - 1; i >= 0 && n.kind == '{'; i-- {
		if n.list[i].name == name {
			return &n.list[i]
		}
	}
	return &null
}

// items are those of an array; anything else has none.
func (n *node) items(yield func(*node) bool) {
	for i := range n.list {
		if n.kind != '[' || !yield(&n.list[i]) {
			return
		}
	}
}

// first is the first item of an array.
func (n *node) first() *node {
	for item := range n.items {
		return item
	}
	return &null
}

// scalar is a string, number or boolean as text, the way signatures cover it:
// strings as decoded from JSON, numbers as they came, null and missing as
// nothing. The bank sends some members now as strings, now as numbers; none
// goes through a float.
//
//go:noinline
func (n *node) scalar(name string) string { return n.get(name).text }

type parser struct {
	text string
	at   int
	bad  bool
}

// next skips white space and gives the byte that follows, 0 at the end.
func (p *parser) next() byte {
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (p *parser) take(c byte) bool {
	if p.bad || p.next() != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) value(into *node, depth int) {
	switch c := p.next(); {
	case p.bad || depth > maxDepth || c == 0:
		p.bad = true
	case c == '"':
		into.kind, into.text = c, p.quoted()
	case c == '{' || c == '[':
		p.at++
		into.kind, into.list = c, p.many(c, depth+1)
	default:
		into.kind, into.text = 'w', p.word()
	}
}

// many reads members or items, up to the bracket that closes.
func (p *parser) many(kind byte, depth int) (list []node) {
	end := kind + 2 // '}' and ']' stand two after '{' and '['
	if p.take(end) {
		return nil
	}
	for !p.bad {
		list = append(list, node{})
		n := &list[len(list)-1]
		if kind == '{' {
			if n.name = p.quoted(); !p.take(':') {
				break
			}
		}
		p.value(n, depth)
		if p.take(end) {
			return list
		}
		if !p.take(',') {
			break
		}
	}
	p.bad = true
	return nil
}

// word reads a number, true, false or null; null is the empty text. Their
// spelling is not judged: what a word means is for whoever reads it.
func (p *parser) word() string {
	start := p.at
	for p.at < len(p.text) && strings.IndexByte(digits+lower+"+-.E", p.text[p.at]) >= 0 {
		p.at++
	}
	word := p.text[start:p.at]
	if p.bad = p.bad || word == ""; word == "null" {
		return ""
	}
	return word
}

// quoted reads a string. One with escapes, or with bytes that are no UTF-8, is
// left to encoding/json.
func (p *parser) quoted() string {
	if !p.take('"') {
		p.bad = true
		return ""
	}
	rest := p.text[p.at:]
	if end := strings.IndexByte(rest, '"'); end >= 0 && strings.IndexByte(rest[:end], '\\') < 0 && utf8.ValidString(rest[:end]) {
		p.at += end + 1
		return rest[:end]
	}
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			var s string
			p.bad = json.Unmarshal([]byte(p.text[p.at-1:p.at+i+1]), &s) != nil
			p.at += i + 1
			return s
		}
	}
	p.bad = true
	return ""
}
