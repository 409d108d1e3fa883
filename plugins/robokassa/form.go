package main

import (
	"encoding/hex"
	"errors"
	"strings"
)

// encode writes a value as a form does: a space as +, other bytes but letters,
// digits and -_.~ as %XX. (net/url would make the module a tenth larger.)
func encode(s string) string {
	const upper = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte('+')
		case strings.IndexByte(digits+letters+"-_.~", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', upper[c>>4], upper[c&15]})
		}
	}
	return b.String()
}

var errForm = errors.New("it is no form: a % is not followed by two hexadecimal digits")

// decode reads a value of a form.
func decode(s string) (string, error) {
	if !strings.ContainsAny(s, "+%") {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			b = append(b, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", errForm
			}
			one, err := hex.DecodeString(s[i+1 : i+3])
			if err != nil {
				return "", errForm
			}
			b = append(b, one[0])
			i += 2
		default:
			b = append(b, c)
		}
	}
	return string(b), nil
}

// encodeForm writes fields as a form's body or a query.
func encodeForm(fields [][2]string) string {
	pairs := make([]string, len(fields))
	for i, f := range fields {
		pairs[i] = encode(f[0]) + "=" + encode(f[1])
	}
	return strings.Join(pairs, "&")
}

// decodeForm reads a form's body or a query, in order.
func decodeForm(text string) ([][2]string, error) {
	var fields [][2]string
	for _, pair := range strings.Split(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		var f [2]string
		var errs [2]error
		f[0], errs[0] = decode(name)
		f[1], errs[1] = decode(value)
		if err := errors.Join(errs[:]...); err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	return fields, nil
}
