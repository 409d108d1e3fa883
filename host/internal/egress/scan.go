package egress

import (
	"encoding/json"
	"strconv"
	"strings"
)

// scalar is a string or number of a JSON document, with its place in the bytes.
type scalar struct {
	start, end int
	// key says that it is the name of a member.
	key bool
	// path are the names and indices that lead to it, good until the visit ends.
	path []string
}

// edit replaces bytes of a document.
type edit struct {
	start, end int
	with       string
}

// scan visits every string and number of a document that is valid JSON, in order.
func scan(doc []byte, visit func(scalar)) {
	s := scanner{doc: doc, visit: visit}
	s.value()
}

type scanner struct {
	doc   []byte
	at    int
	path  []string
	visit func(scalar)
}

func (s *scanner) value() {
	s.skip(" \t\r\n")
	switch c := s.doc[s.at]; c {
	case '{':
		s.members()
	case '[':
		s.elements()
	case '"':
		start := s.at
		s.text()
		s.visit(scalar{start: start, end: s.at, path: s.path})
	default:
		start := s.at
		s.until(" \t\r\n,]}")
		if c == '-' || (c >= '0' && c <= '9') {
			s.visit(scalar{start: start, end: s.at, path: s.path})
		}
	}
}

func (s *scanner) members() {
	for s.at++; ; s.at++ {
		if s.skip(" \t\r\n"); s.doc[s.at] == '}' {
			s.at++
			return
		}
		start := s.at
		s.text()
		s.visit(scalar{start: start, end: s.at, key: true, path: s.path})
		name := unquote(s.doc[start:s.at])
		s.skip(" \t\r\n:")
		s.inside(name)
		if s.skip(" \t\r\n"); s.doc[s.at] == '}' {
			s.at++
			return
		}
	}
}

func (s *scanner) elements() {
	s.at++
	for i := 0; ; i++ {
		if s.skip(" \t\r\n,"); s.doc[s.at] == ']' {
			s.at++
			return
		}
		s.inside(strconv.Itoa(i))
	}
}

func (s *scanner) inside(name string) {
	s.path = append(s.path, name)
	s.value()
	s.path = s.path[:len(s.path)-1]
}

// text passes a string, quotes and all.
func (s *scanner) text() {
	for s.at++; s.doc[s.at] != '"'; s.at++ {
		if s.doc[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
}

func (s *scanner) skip(of string) {
	for s.at < len(s.doc) && strings.IndexByte(of, s.doc[s.at]) >= 0 {
		s.at++
	}
}

func (s *scanner) until(of string) {
	for s.at < len(s.doc) && strings.IndexByte(of, s.doc[s.at]) < 0 {
		s.at++
	}
}

// unquote reads a JSON string that is known to be valid.
func unquote(quoted []byte) string {
	inner := string(quoted[1 : len(quoted)-1])
	if !strings.Contains(inner, `\`) {
		return inner
	}
	var text string
	_ = json.Unmarshal(quoted, &text) // valid, so never fails
	return text
}

// splice applies edits, which are in order and do not overlap.
func splice(doc []byte, edits []edit) []byte {
	if len(edits) == 0 {
		return doc
	}
	out := make([]byte, 0, len(doc))
	at := 0
	for _, e := range edits {
		out = append(append(out, doc[at:e.start]...), e.with...)
		at = e.end
	}
	return append(out, doc[at:]...)
}
