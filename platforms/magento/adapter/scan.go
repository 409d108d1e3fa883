package main

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON. It takes the place of encoding/json, which in Wasm costs a
// thousand instructions a byte: a page of orders would use up a round. What is not
// asked for is passed over.
type scanner struct {
	text string
	at   int
	bad  bool
}

// scan reads a whole text and says whether it is well-formed.
func scan(text string, read func(s *scanner)) bool {
	s := &scanner{text: text}
	read(s)
	return !s.bad && s.next() == 0 && s.at == len(text)
}

// next skips white space and gives the byte that follows, 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) take(c byte) bool {
	if s.bad || s.next() != c {
		return false
	}
	s.at++
	return true
}

// begins opens an object or an array and says whether there is anything in it; null
// has nothing. Whoever asks reads each value, and before those of an object its name.
func (s *scanner) begins(open, end byte) bool {
	if s.null() {
		return false
	}
	if !s.take(open) {
		s.bad = true
		return false
	}
	return !s.take(end)
}

// goesOn says whether another value follows.
func (s *scanner) goesOn(end byte) bool {
	if s.take(end) {
		return false
	}
	s.bad = s.bad || !s.take(',')
	return !s.bad
}

// name is that of an object's next value.
func (s *scanner) name() string {
	name := s.quoted()
	s.bad = s.bad || !s.take(':')
	return name
}

// scalar is a text as it is meant, a number, true or false as it is written, and null
// or anything else nothing: the shop writes some members now as one, now as another.
func (s *scanner) scalar() text {
	switch s.next() {
	case '"':
		return text(s.quoted())
	case '{', '[':
		s.skip()
		return ""
	}
	if word := s.word(); word != "null" {
		return text(word)
	}
	return ""
}

// skip passes over any value.
func (s *scanner) skip() {
	depth := 0
	for !s.bad {
		switch s.next() {
		case '"':
			s.raw()
		case '{', '[':
			depth++
			s.at++
			continue
		case '}', ']':
			depth--
			s.at++
		case ',', ':':
			s.bad = depth == 0
			s.at++
			continue
		default:
			s.word()
		}
		s.bad = s.bad || depth < 0
		if depth == 0 {
			return
		}
	}
}

// word is a number, true, false or null.
func (s *scanner) word() string {
	start := s.at
	for s.at < len(s.text) {
		c := s.text[s.at]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E' {
			s.at++
			continue
		}
		break
	}
	s.bad = s.bad || s.at == start
	return s.text[start:s.at]
}

// null passes over null, if it is there.
func (s *scanner) null() bool {
	if s.next() != 'n' {
		return false
	}
	s.bad = s.word() != "null" || s.bad
	return true
}

// raw is what stands between a string's quotes.
func (s *scanner) raw() string {
	if !s.take('"') {
		s.bad = true
		return ""
	}
	start := s.at
	for {
		i := strings.IndexByte(s.text[s.at:], '"')
		if i < 0 {
			s.bad = true
			return ""
		}
		end := s.at + i
		escapes := 0
		for s.text[end-1-escapes] == '\\' { // ends at the quote before, at the latest
			escapes++
		}
		s.at = end + 1
		if escapes%2 == 0 {
			return s.text[start:end]
		}
	}
}

// short are the escapes of one letter.
var short = [...]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// quoted is a string as it is meant.
func (s *scanner) quoted() string {
	raw := s.raw()
	i := strings.IndexByte(raw, '\\')
	if i < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for ; i >= 0; i = strings.IndexByte(raw, '\\') {
		out = append(out, raw[:i]...)
		c := raw[i+1] // an escape is whole: the quote behind the string is not escaped
		raw = raw[i+2:]
		switch {
		case c == 'u':
			var r rune
			r, raw = s.unicode(raw)
			out = utf8.AppendRune(out, r)
		case int(c) < len(short) && short[c] != 0:
			out = append(out, short[c])
		default:
			s.bad = true
			return ""
		}
	}
	return string(append(out, raw...))
}

// unicode reads what follows \u: four digits, and of a pair its other half. Half a
// pair is U+FFFD.
func (s *scanner) unicode(raw string) (rune, string) {
	r, rest := s.digits(raw)
	if !utf16.IsSurrogate(r) || len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return r, rest // AppendRune writes U+FFFD for half a pair
	}
	low, after := s.digits(rest[2:])
	if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
		return both, after
	}
	return utf8.RuneError, rest
}

func (s *scanner) digits(raw string) (rune, string) {
	if len(raw) < 4 {
		s.bad = true
		return 0, ""
	}
	n, err := strconv.ParseUint(raw[:4], 16, 32)
	s.bad = s.bad || err != nil
	return rune(n), raw[4:]
}
