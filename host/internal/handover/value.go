package handover

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxValue bounds a secret, in bytes.
const MaxValue = 8 << 10

// Value is a secret. It prints as ***.
type Value string

// String writes ***.
func (Value) String() string { return "***" }

// GoString writes ***.
func (Value) GoString() string { return "***" }

// Format writes *** for every verb.
func (Value) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "***") }

// LogValue writes ***.
func (Value) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalText writes ***: in JSON and YAML too.
func (Value) MarshalText() ([]byte, error) { return []byte("***"), nil }

// byteOrderMark is what editors of Windows put before UTF-8.
const byteOrderMark = "\ufeff"

// Clean makes a value of what was typed, or stands in a file: without the line
// feed at its end, as the configuration reads files too. The error says what is
// wrong with it and does not hold it.
func Clean(text []byte) (Value, error) {
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	v := Value(bytes.TrimRight(text, "\r\n"))
	return v, v.check()
}

// check refuses what would not arrive as it left: line feeds and zero bytes
// have no place in an env file, nor in a header or a key.
func (v Value) check() error {
	s := string(v)
	switch {
	case s == "":
		return errors.New("it is empty: copy it from the provider's dashboard once more")
	case len(s) > MaxValue:
		return fmt.Errorf("it has more than %d bytes: that is no key or token, look what was copied", MaxValue)
	case !utf8.ValidString(s) || strings.Contains(s, "\x00"):
		return errors.New("it is not text in UTF-8: save the file as UTF-8 and try again")
	case strings.ContainsFunc(s, unicode.IsControl) || strings.ContainsAny(s, "\u2028\u2029"):
		return errors.New("it has a line feed or another control character within: copy it in one piece, without breaks")
	case strings.TrimSpace(s) != s:
		return errors.New("it begins or ends with a space: copy it once more, without what stands around it")
	case strings.Contains(s, byteOrderMark):
		return errors.New("it has an invisible character within: copy it once more")
	}
	return nil
}

// ParseLines reads secrets as a text file holds them, NAME=VALUE a line; empty
// lines and those after # say nothing. The error names the line and holds
// nothing of it.
func ParseLines(text []byte) (map[string]Value, error) {
	if !utf8.Valid(text) || bytes.ContainsRune(text, 0) {
		return nil, errors.New("it is not text in UTF-8: save it as UTF-8 and try again")
	}
	secrets := map[string]Value{}
	for i, line := range strings.Split(strings.TrimPrefix(string(text), byteOrderMark), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, rest, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || !namePattern.MatchString(name) {
			return nil, fmt.Errorf("line %d is not NAME=VALUE: a name is up to 64 letters, digits and _", i+1)
		}
		if _, twice := secrets[name]; twice {
			return nil, fmt.Errorf("line %d names %s again: leave one of the two", i+1, name)
		}
		v, err := Clean([]byte(strings.TrimSpace(rest)))
		if err != nil {
			return nil, fmt.Errorf("line %d, secret %s: %w", i+1, name, err)
		}
		secrets[name] = v
	}
	if len(secrets) == 0 {
		return nil, errors.New("there is no secret in it: write NAME=VALUE, a line each")
	}
	return secrets, nil
}

// IsName says whether a text can be a secret's name.
func IsName(s string) bool { return namePattern.MatchString(s) }
