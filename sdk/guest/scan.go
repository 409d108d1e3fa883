package guest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads the envelope's JSON. It takes the place of encoding/json there,
// which in Wasm costs a thousand instructions a byte: an answer of a bank would
// use up a round before the plugin has seen it. What it passes over as a raw
// value is judged by whoever reads that value.
type scanner struct {
	b   []byte
	at  int
	bad bool
	// long is the longest string that was passed over: a webhook's body within the
	// input, which is read when the envelope has been.
	long struct{ start, end int }
}

var errJSON = errors.New("it is no valid JSON")

// next skips white space and gives the byte that follows, 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.b); s.at++ {
		switch c := s.b[s.at]; c {
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

// quoted passes over a string and gives it with its quotes.
func (s *scanner) quoted() []byte {
	start := s.at
	if !s.take('"') {
		s.bad = true
		return nil
	}
	if start == s.long.start && s.long.end > start {
		s.at = s.long.end
		return s.b[start:s.at]
	}
	for {
		i := bytes.IndexByte(s.b[s.at:], '"')
		if i < 0 {
			s.bad = true
			return nil
		}
		end := s.at + i
		escapes := 0
		for s.b[end-1-escapes] == '\\' { // ends at the quote before, at the latest
			escapes++
		}
		s.at = end + 1
		if escapes%2 == 0 {
			if s.at-start > s.long.end-s.long.start {
				s.long.start, s.long.end = start, s.at
			}
			return s.b[start:s.at]
		}
	}
}

// value passes over any value and gives its bytes.
func (s *scanner) value() []byte {
	s.next()
	start, depth := s.at, 0
	for !s.bad {
		switch s.next() {
		case 0:
			s.bad = true
		case '"':
			s.quoted()
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
		if depth < 0 {
			s.bad = true
		}
		if depth == 0 && !s.bad {
			return s.b[start:s.at]
		}
	}
	return nil
}

// word passes over a number, true, false or null.
func (s *scanner) word() {
	start := s.at
	for s.at < len(s.b) {
		c := s.b[s.at]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E' {
			s.at++
			continue
		}
		break
	}
	s.bad = s.bad || s.at == start
}

// members gives the names of an object's members; null has none. Whoever asks
// reads the value of each before the next.
func (s *scanner) members(yield func(string) bool) {
	if s.null() || s.empty('{', '}') {
		return
	}
	for !s.bad {
		name := s.text()
		if s.bad = s.bad || !s.take(':'); s.bad || !yield(name) || s.closes('}') {
			return
		}
	}
}

// items stops before each item of an array; null has none. Whoever asks reads
// each before the next.
func (s *scanner) items(yield func() bool) {
	if s.null() || s.empty('[', ']') {
		return
	}
	for !s.bad {
		if !yield() || s.closes(']') {
			return
		}
	}
}

// null passes over null, if it is there.
func (s *scanner) null() bool {
	if s.next() != 'n' {
		return false
	}
	start := s.at
	s.word()
	s.bad = s.bad || string(s.b[start:s.at]) != "null"
	return true
}

// empty opens an object or an array and says whether there is nothing in it.
func (s *scanner) empty(begin, end byte) bool {
	if !s.take(begin) {
		s.bad = true
		return true
	}
	return s.take(end)
}

// closes says whether no more follows.
func (s *scanner) closes(end byte) bool {
	if s.take(end) {
		return true
	}
	s.bad = s.bad || !s.take(',')
	return s.bad
}

// short are the escapes of one letter.
var short = [...]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// text reads a string. Null is "".
func (s *scanner) text() string {
	if s.null() {
		return ""
	}
	raw := s.quoted()
	if s.bad {
		return ""
	}
	raw = raw[1 : len(raw)-1]
	i := bytes.IndexByte(raw, '\\')
	if i < 0 {
		return string(raw)
	}
	out := make([]byte, 0, len(raw))
	for ; i >= 0; i = bytes.IndexByte(raw, '\\') {
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

// unicode reads what follows \u: four digits, and of a pair its other half.
// Half a pair is U+FFFD.
func (s *scanner) unicode(raw []byte) (rune, []byte) {
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

func (s *scanner) digits(raw []byte) (rune, []byte) {
	if len(raw) < 4 {
		s.bad = true
		return 0, nil
	}
	n, err := strconv.ParseUint(string(raw[:4]), 16, 32)
	s.bad = s.bad || err != nil
	return rune(n), raw[4:]
}

// other reads a value that is small or rare with encoding/json.
func (s *scanner) other(into any) {
	raw := s.value()
	s.bad = s.bad || json.Unmarshal(raw, into) != nil
}
