package omnikassa

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// fields is a JSON object of an announce, read as leniently as the bank reads:
// null, missing and empty are the same, unknown members are ignored.
type fields map[string]json.RawMessage

// readFields reads an object.
func readFields(raw []byte) (fields, bool) {
	var f fields
	if err := json.Unmarshal(raw, &f); err != nil || f == nil {
		return nil, false
	}
	return f, true
}

// empty tells whether a member is missing, null, "", [] or {}.
func (f fields) empty(name string) bool {
	raw := bytes.TrimSpace(f[name])
	switch string(raw) {
	case "", "null", `""`:
		return true
	}
	if raw[0] != '[' && raw[0] != '{' {
		return false
	}
	return len(bytes.TrimSpace(raw[1:len(raw)-1])) == 0
}

// text reads a text member; absent is "".
func (f fields) text(name string) (string, *apiError) {
	var text string
	if f.empty(name) {
		return "", nil
	}
	if err := json.Unmarshal(f[name], &text); err != nil {
		return "", invalid(name + " should be text")
	}
	return text, nil
}

// cut reads a text member and cuts it after max characters.
func (f fields) cut(name string, max int) (string, *apiError) {
	text, e := f.text(name)
	return cutText(text, max), e
}

// flag reads a boolean member; absent is false.
func (f fields) flag(name string) (bool, *apiError) {
	var v bool
	if f.empty(name) {
		return false, nil
	}
	if err := json.Unmarshal(f[name], &v); err != nil {
		return false, invalid(name + " should be true or false")
	}
	return v, nil
}

// object reads a member that is an object; absent is nil.
func (f fields) object(name string) (fields, *apiError) {
	if f.empty(name) {
		return nil, nil
	}
	o, ok := readFields(f[name])
	if !ok {
		return nil, invalid(name + " should be an object")
	}
	return o, nil
}

// money reads {"currency", "amount"} in cents. what names the amount in error
// texts, as the bank does: "order amount".
func (f fields) money(name, what string) (int64, *apiError) {
	m, e := f.object(name)
	if e != nil {
		return 0, e
	}
	if m == nil {
		return 0, invalid(what + " is required")
	}
	currency, e := m.text("currency")
	if e != nil || currency != currencyEUR {
		return 0, invalid("currency required and should be one of: " + currencies)
	}
	cents, ok := readWhole(m["amount"])
	if !ok {
		return 0, invalid(what + " should be a whole number of cents")
	}
	return cents, nil
}

func cutText(text string, max int) string {
	if utf8.RuneCountInString(text) <= max {
		return text
	}
	return string([]rune(text)[:max])
}

// alphanumeric tells whether text is made of A-Z, a-z and 0-9 alone.
func alphanumeric(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0
}

// printableASCII tells whether text is made of visible ASCII and blanks alone.
func printableASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}
