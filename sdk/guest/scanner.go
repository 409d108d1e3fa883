package guest

import "unicode/utf8"

// Scanner reads JSON that is large, member by member. It takes the place of
// encoding/json where that is too dear: in Wasm it costs a thousand instructions
// a byte, so that an order of a shop with forty lines would use up a round.
//
//	s := guest.Scan(resp.Bytes())
//	for name := range s.Members {
//		switch name {
//		case "id":
//			id = s.Text()
//		default:
//			s.Skip()
//		}
//	}
//	if err := s.Err(); err != nil { … }
//
// Each value is read, or skipped, before the next. What is skipped is only
// looked at as far as its end must be found.
type Scanner struct{ in scanner }

// Scan reads a text, which must be UTF-8.
func Scan(text []byte) *Scanner { return &Scanner{scanner{b: text, bad: !utf8.Valid(text)}} }

// Members gives the names of an object's members. A value that is no object is
// skipped and has none.
func (s *Scanner) Members(yield func(name string) bool) {
	if s.in.next() != '{' {
		s.Skip()
		return
	}
	s.in.members(yield)
}

// Items stops before each item of an array. Of an object it stops before each
// member's value: PHP writes a list with a gap as an object. A value that is
// neither is skipped and has none.
func (s *Scanner) Items(yield func() bool) {
	switch s.in.next() {
	case '[':
		s.in.items(yield)
	case '{':
		s.in.members(func(string) bool { return yield() })
	default:
		s.Skip()
	}
}

// Text reads a string, or a number as it is written. Anything else is skipped
// and is "".
func (s *Scanner) Text() string {
	switch c := s.in.next(); {
	case c == '"':
		return s.in.text()
	case c == '-' || c >= '0' && c <= '9':
		return string(s.in.value())
	}
	s.Skip()
	return ""
}

// True reads a value and says whether it is true.
func (s *Scanner) True() bool { return string(s.in.value()) == "true" }

// Raw gives a value as it is written, for another [Scan] or for encoding/json.
func (s *Scanner) Raw() []byte { return s.in.value() }

// Skip passes over a value.
func (s *Scanner) Skip() { s.in.value() }

// Err says whether the text, of which all must have been read, is JSON as far as
// it was looked at.
func (s *Scanner) Err() error {
	if s.in.bad || s.in.next() != 0 {
		return errJSON
	}
	return nil
}
