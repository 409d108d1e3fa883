// Package work is what every side of the benchmark does, as Go: it reads a flat
// JSON object of about 1 KB, signs its values with HMAC-SHA512, and writes
// another of 1 KB. The guests in C and AssemblyScript and the script for goja do
// the same, byte for byte.
package work

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Key signs.
const Key = "0123456789abcdef0123456789abcdef"

// InputSize is the length of Input: whole words, as Extism's guests read it.
const InputSize = 1024

// Failure is what a guest answers to what it cannot read.
const Failure = `{"failure":{"code":"unsupported","message":"not a flat object"}}`

// Input is the document, the same in each run.
func Input() []byte {
	b := []byte(`{"id":"pay_01J8ZC4W3T","order":"ord_01J8ZC4QXK","amount":12995,"currency":"EUR","shop":"demo","description":"Two \"good\" chairs \\ one table","locale":"nl-NL","created":1795432109,"email":"jan@example.org","city":"Utrecht","street":"Lange Nieuwstraat 12","country":"NL","return_url":"https:\/\/shop.example\/return?order=1042","webhook_url":"https:\/\/pay.example\/hooks\/7f01","café":"caf\u00e9 \u20ac"`)
	for i := 0; len(b) < InputSize-230; i++ {
		b = fmt.Appendf(b, `,"item_%d":"SKU-%04d blue, size %d","line_%d":%d`, i, 37*i%1000, 36+i, i, 1999*(i+1))
	}
	b = append(b, `,"x_note":"`...)
	b = append(b, strings.Repeat("n", InputSize-len(b)-2)...)
	return append(b, `"}`...)
}

// field is a member of the document. Its key and a string's value are decoded,
// a number's are its digits.
type field struct {
	key, value []byte
	number     bool
}

var separator = []byte{'|'}

var errDocument = errors.New("not a flat object of strings and integers")

// Answer does the work. Members whose key begins with x are signed and left out.
func Answer(in []byte) ([]byte, error) {
	fields, err := parse(in)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha512.New, []byte(Key))
	for i, f := range fields {
		if i > 0 {
			mac.Write(separator)
		}
		mac.Write(f.value)
	}
	out := append(make([]byte, 0, len(in)+256), `{"signature":"`...)
	out = append(hex.AppendEncode(out, mac.Sum(nil)), `","payment":{`...)
	first := true
	for _, f := range fields {
		if len(f.key) > 0 && f.key[0] == 'x' {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(quote(out, f.key), ':')
		if f.number {
			out = append(out, f.value...)
		} else {
			out = quote(out, f.value)
		}
	}
	return append(out, "}}"...), nil
}

func quote(out, text []byte) []byte {
	out = append(out, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return append(out, '"')
}

// scanner reads the document. What it decodes is put into text, one after the other.
type scanner struct {
	b    []byte
	at   int
	text []byte
}

func parse(in []byte) ([]field, error) {
	s := scanner{b: in, text: make([]byte, 0, len(in))}
	fields := make([]field, 0, 64)
	if !s.take('{') {
		return nil, errDocument
	}
	for !s.take('}') {
		if len(fields) > 0 && !s.take(',') {
			return nil, errDocument
		}
		var f field
		var ok bool
		if f.key, ok = s.string(); !ok || !s.take(':') {
			return nil, errDocument
		}
		if f.value, ok = s.string(); !ok {
			f.number = true
			if f.value = s.digits(); len(f.value) == 0 {
				return nil, errDocument
			}
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func (s *scanner) take(c byte) bool {
	for s.at < len(s.b) && s.b[s.at] <= ' ' {
		s.at++
	}
	if s.at < len(s.b) && s.b[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) digits() []byte {
	from := s.at
	for s.at < len(s.b) && s.b[s.at] >= '0' && s.b[s.at] <= '9' {
		s.at++
	}
	return s.b[from:s.at]
}

func (s *scanner) string() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	from := len(s.text)
	for s.at < len(s.b) {
		c := s.b[s.at]
		s.at++
		switch {
		case c == '"':
			return s.text[from:], true
		case c < ' ':
			return nil, false
		case c != '\\':
			s.text = append(s.text, c)
		case !s.escape():
			return nil, false
		}
	}
	return nil, false
}

func (s *scanner) escape() bool {
	if s.at >= len(s.b) {
		return false
	}
	c := s.b[s.at]
	s.at++
	switch c {
	case '"', '\\', '/':
		s.text = append(s.text, c)
		return true
	case 'u':
		return s.unicode()
	}
	return false // the rest are control characters, which no document here has
}

func (s *scanner) unicode() bool {
	if s.at+4 > len(s.b) {
		return false
	}
	var r rune
	for range 4 {
		c := s.b[s.at]
		s.at++
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		default:
			return false
		}
	}
	s.text = utf8.AppendRune(s.text, r)
	return true
}
