package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how many objects and arrays may stand in each other.
const MaxDepth = 32

// maxPointer bounds a pointer in a message, in bytes: names come from strangers.
const maxPointer = 256

// Value is a JSON value that was parsed.
type Value struct {
	kind    kind
	text    string // of a text; the literal of a number
	truth   bool
	names   []string // of an object's members, as they came
	members map[string]*Value
	items   []*Value
}

type kind string

const (
	kindObject  kind = "an object"
	kindArray   kind = "an array"
	kindText    kind = "a text"
	kindNumber  kind = "a number"
	kindBoolean kind = "true or false"
	kindNull    kind = "null"
)

// Parse reads exactly one JSON value. Its error is a [*SyntaxError].
func Parse(b []byte) (*Value, error) {
	if i := invalidUTF8(b); i >= 0 {
		return nil, syntax("", "byte %d is not UTF-8: send the document in UTF-8", i)
	}
	var whole json.RawMessage
	if err := json.Unmarshal(b, &whole); err != nil {
		return nil, notJSON(err)
	}
	p := parser{raw: b, dec: json.NewDecoder(bytes.NewReader(b))}
	p.dec.UseNumber()
	v, err := p.value("", 0)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// notJSON says where the grammar breaks.
func notJSON(err error) error {
	var s *json.SyntaxError
	switch {
	case errors.As(err, &s) && strings.Contains(s.Error(), "unexpected end"):
		return syntax("", "the JSON ends too early, at byte %d", s.Offset)
	case errors.As(err, &s):
		return syntax("", "not JSON at byte %d: %s", s.Offset, s.Error())
	default:
		return syntax("", "not JSON: %v", err)
	}
}

type parser struct {
	raw []byte
	dec *json.Decoder
}

// token gives the next token. Its bytes, with the white space, comma or colon
// before it, tell what decoding loses.
func (p *parser) token(pointer string) (json.Token, error) {
	from := p.dec.InputOffset()
	t, err := p.dec.Token()
	if errors.Is(err, io.EOF) {
		return nil, syntax(pointer, "the JSON ends too early")
	}
	if err != nil {
		return nil, syntax(pointer, "not JSON: %v", err)
	}
	raw := p.raw[from:p.dec.InputOffset()]
	if _, isText := t.(string); isText && halfSurrogate(raw) {
		return nil, syntax(pointer, `half of a \u surrogate pair: write the character itself in UTF-8`)
	}
	return t, nil
}

func (p *parser) value(pointer string, depth int) (*Value, error) {
	t, err := p.token(pointer)
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if depth == MaxDepth {
			return nil, syntax(pointer, "nested deeper than %d", MaxDepth)
		}
		if t == '{' {
			return p.object(pointer, depth+1)
		}
		return p.array(pointer, depth+1)
	case string:
		return &Value{kind: kindText, text: t}, nil
	case json.Number:
		return &Value{kind: kindNumber, text: t.String()}, nil
	case bool:
		return &Value{kind: kindBoolean, truth: t}, nil
	default:
		return &Value{kind: kindNull}, nil
	}
}

func (p *parser) object(pointer string, depth int) (*Value, error) {
	v := &Value{kind: kindObject, members: map[string]*Value{}}
	for p.dec.More() {
		t, err := p.token(pointer)
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		at := child(pointer, name)
		if _, twice := v.members[name]; twice {
			return nil, syntax(at, "this member is there twice: send it once")
		}
		m, err := p.value(at, depth)
		if err != nil {
			return nil, err
		}
		v.names = append(v.names, name)
		v.members[name] = m
	}
	_, err := p.token(pointer)
	return v, err
}

func (p *parser) array(pointer string, depth int) (*Value, error) {
	v := &Value{kind: kindArray}
	for p.dec.More() {
		item, err := p.value(child(pointer, strconv.Itoa(len(v.items))), depth)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
	}
	_, err := p.token(pointer)
	return v, err
}

// child is the pointer to a member. One that is too long says so and stays.
func child(pointer, name string) string {
	if len(pointer)+len(name) > maxPointer {
		if strings.HasSuffix(pointer, "…") {
			return pointer
		}
		return pointer + "/…"
	}
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func syntax(pointer, format string, args ...any) error {
	return &SyntaxError{Problem{pointer, fmt.Sprintf(format, args...)}}
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// halfSurrogate says whether a text's literal has a \ud800 to \udfff escape
// without its other half; encoding/json would quietly put U+FFFD there.
func halfSurrogate(literal []byte) bool {
	for i := 0; i+1 < len(literal); i++ {
		if literal[i] != '\\' {
			continue
		}
		i++ // the escaped character is none that starts an escape
		if literal[i] != 'u' {
			continue
		}
		switch r := hex4(literal, i+1); {
		case r >= 0xdc00 && r < 0xe000:
			return true
		case r >= 0xd800 && r < 0xdc00:
			low := i + 5
			if low+1 >= len(literal) || literal[low] != '\\' || literal[low+1] != 'u' {
				return true
			}
			if r := hex4(literal, low+2); r < 0xdc00 || r >= 0xe000 {
				return true
			}
			i = low + 1
		}
	}
	return false
}

func hex4(b []byte, at int) int64 {
	if at+4 > len(b) {
		return -1
	}
	r, err := strconv.ParseInt(string(b[at:at+4]), 16, 32)
	if err != nil {
		return -1
	}
	return r
}
