package main

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// element is an XML element with its local name. Of its text only what stands
// outside child elements is kept. The reader takes the place of encoding/xml,
// which would make the module a fifth larger, and knows less on purpose: no
// DTD, no entity but the five of XML, no processing instruction but the
// declaration.
type element struct {
	name  string
	attrs [][2]string
	text  string
	list  []element
}

// Bounds of a document.
const (
	maxXMLDepth    = 16
	maxXMLElements = 5000
)

var errXML = errors.New("it is no XML document of the kind that is expected")

// parseXML reads a document and gives its root.
func parseXML(text string) (*element, error) {
	p := xmlParser{rest: strings.TrimPrefix(text, "\ufeff")}
	if !plain(text) {
		return nil, errXML
	}
	if strings.HasPrefix(p.rest, "<?xml ") {
		_, p.rest, _ = strings.Cut(p.rest, "?>")
	}
	root := &element{}
	p.misc()
	if !p.element(root, 0) {
		return nil, errXML
	}
	if p.misc(); p.rest != "" {
		return nil, errXML
	}
	return root, nil
}

// at follows local names down to the first element of each; what is missing is
// an empty element.
func (e *element) at(names ...string) *element {
	for _, name := range names {
		e = e.child(name)
	}
	return e
}

var noElement = &element{}

func (e *element) child(name string) *element {
	for i := range e.list {
		if e.list[i].name == name {
			return &e.list[i]
		}
	}
	return noElement
}

// attr is the value of an attribute, or "".
func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a[0] == name {
			return a[1]
		}
	}
	return ""
}

type xmlParser struct {
	rest  string
	count int
}

const xmlSpace = " \t\r\n"

// take takes a text that stands next.
func (p *xmlParser) take(text string) bool {
	rest, ok := strings.CutPrefix(p.rest, text)
	if ok {
		p.rest = rest
	}
	return ok
}

// until takes what stands before a text, and the text.
func (p *xmlParser) until(text string) (string, bool) {
	before, after, ok := strings.Cut(p.rest, text)
	if ok {
		p.rest = after
	}
	return before, ok
}

func (p *xmlParser) space() bool {
	before := len(p.rest)
	p.rest = strings.TrimLeft(p.rest, xmlSpace)
	return len(p.rest) < before
}

// misc takes space and comments.
func (p *xmlParser) misc() {
	for {
		p.space()
		if !strings.HasPrefix(p.rest, "<!--") || !p.comment() {
			return
		}
	}
}

func (p *xmlParser) comment() bool {
	p.take("<!--")
	text, ok := p.until("-->")
	return ok && !strings.Contains(text, "--") && !strings.HasSuffix(text, "-")
}

// name takes a name: letters, digits and _-. with at most one prefix before a
// colon. It gives the whole of it.
func (p *xmlParser) name() (string, bool) {
	n := 0
	for n < len(p.rest) && strings.IndexByte(digits+letters+"_-.:", p.rest[n]) >= 0 {
		n++
	}
	name := p.rest[:n]
	p.rest = p.rest[n:]
	for _, part := range strings.SplitN(name, ":", 2) {
		if part == "" || strings.IndexByte(digits+"-.:", part[0]) >= 0 || strings.Contains(part, ":") {
			return "", false
		}
	}
	return name, true
}

func local(name string) string {
	_, after, ok := strings.Cut(name, ":")
	if !ok {
		return name
	}
	return after
}

func (p *xmlParser) element(into *element, depth int) bool {
	if p.count++; depth > maxXMLDepth || p.count > maxXMLElements || !p.take("<") {
		return false
	}
	name, ok := p.name()
	if !ok {
		return false
	}
	into.name = local(name)
	for p.space() {
		if strings.HasPrefix(p.rest, ">") || strings.HasPrefix(p.rest, "/>") {
			break
		}
		if !p.attribute(into) {
			return false
		}
	}
	if p.take("/>") {
		return true
	}
	if !p.take(">") || !p.content(into, depth) || !p.take(name) {
		return false
	}
	p.space()
	return p.take(">")
}

func (p *xmlParser) attribute(into *element) bool {
	name, ok := p.name()
	p.space()
	if !ok || !p.take("=") {
		return false
	}
	p.space()
	for _, quote := range []string{`"`, `'`} {
		if !p.take(quote) {
			continue
		}
		raw, ok := p.until(quote)
		value, good := unescape(raw)
		into.attrs = append(into.attrs, [2]string{local(name), value})
		return ok && good && strings.IndexByte(raw, '<') < 0
	}
	return false
}

// content reads up to the end tag, of which it takes the </.
func (p *xmlParser) content(into *element, depth int) bool {
	for {
		raw, _, ok := strings.Cut(p.rest, "<")
		text, good := unescape(raw)
		if !ok || !good || strings.Contains(raw, "]]>") {
			return false
		}
		into.text += text
		p.rest = p.rest[len(raw):]
		switch {
		case p.take("</"):
			return true
		case strings.HasPrefix(p.rest, "<!--"):
			ok = p.comment()
		case p.take("<![CDATA["):
			text, ok = p.until("]]>")
			into.text += text
		default:
			into.list = append(into.list, element{})
			ok = p.element(&into.list[len(into.list)-1], depth+1)
		}
		if !ok {
			return false
		}
	}
}

var entities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

// unescape reads references; any but the five of XML and numbers is refused.
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, '&') < 0 {
		return s, true
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "&")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		name, rest, ok := strings.Cut(after, ";")
		text := entities[name]
		if number, is := strings.CutPrefix(name, "#"); is {
			text = character(number)
		}
		if !ok || text == "" {
			return "", false
		}
		b.WriteString(text)
		s = rest
	}
}

// character is the character of a number, decimal or x and hexadecimal; ""
// for none of XML.
func character(number string) string {
	base := 10
	if hex, ok := strings.CutPrefix(number, "x"); ok {
		number, base = hex, 16
	}
	n, err := strconv.ParseUint(number, base, 21)
	r := rune(n)
	if err != nil || !isChar(r) {
		return ""
	}
	return string(r)
}

// plain says whether a text is UTF-8 of characters that XML allows. Its loop
// is over bytes, which is what most of them are.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return utf8.ValidString(text) && !strings.Contains(text, "\ufffe") && !strings.Contains(text, "\uffff")
}

// isChar says whether XML allows a character.
func isChar(r rune) bool {
	return utf8.ValidRune(r) && r != 0xfffe && r != 0xffff && (r >= 0x20 || strings.ContainsRune(xmlSpace, r))
}
