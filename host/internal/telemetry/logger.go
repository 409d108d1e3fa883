package telemetry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"
)

// hidden stands where a secret was.
const hidden = "***"

// sensitive are the words in an attribute's key that keep its value out of
// the log. People's data is among them: a log is read by many.
var sensitive = map[string]bool{
	"authorization": true, "token": true, "tokens": true, "secret": true, "secrets": true, "signature": true, "signatures": true,
	"password": true, "passwords": true, "passphrase": true, "credential": true, "credentials": true, "cookie": true, "cookies": true,
	"key": true, "keys": true, "body": true, "bodies": true, "query": true, "iban": true, "pan": true, "cvc": true, "cvv": true,
	"email": true, "phone": true, "birthday": true, "apikey": true, "accesstoken": true,
}

// NewLogger makes a logger that writes JSON lines. An attribute whose key
// says that it holds a secret, a body or a person's data reads ***, at any
// depth. Values that are known to be secrets are for [Secrets.Mask].
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: redact}))
}

// redact is the logger's ReplaceAttr.
func redact(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && slices.Contains([]string{slog.TimeKey, slog.LevelKey, slog.MessageKey}, a.Key) {
		return a
	}
	if isSensitive(a.Key) || slices.ContainsFunc(groups, isSensitive) {
		return slog.String(a.Key, hidden)
	}
	if a.Value.Kind() == slog.KindAny {
		return slog.Any(a.Key, plain(a.Value.Any()))
	}
	return a
}

// plain writes a value out, so that its members are looked at as well.
func plain(v any) any {
	switch v := v.(type) {
	case nil, string, time.Time, time.Duration:
		return v
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case []byte:
		return fmt.Sprintf("%d bytes", len(v))
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%T", v)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return fmt.Sprintf("%T", v)
	}
	return scrub(tree, isSensitive)
}

// scrub hides the members of a tree whose names say so.
func scrub(tree any, hide func(string) bool) any {
	switch t := tree.(type) {
	case map[string]any:
		for name, v := range t {
			if hide(name) {
				t[name] = hidden
				continue
			}
			t[name] = scrub(v, hide)
		}
	case []any:
		for i, v := range t {
			t[i] = scrub(v, hide)
		}
	}
	return tree
}

// isSensitive looks at the words of a key: api_key, apiKey, X-Api-Key.
func isSensitive(key string) bool { return hasWord(key, sensitive) }

func hasWord(key string, words map[string]bool) bool {
	runes := []rune(key)
	start := 0
	for i, r := range runes {
		// A word ends before what is no letter, and where capitals begin or end: apiKey, APIKey.
		begins := i > start && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if unicode.IsLetter(r) && !begins {
			continue
		}
		if words[strings.ToLower(string(runes[start:i]))] {
			return true
		}
		if start = i; !unicode.IsLetter(r) {
			start++
		}
	}
	return words[strings.ToLower(string(runes[start:]))]
}
