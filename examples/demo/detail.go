package main

import (
	"bytes"
	"encoding/json"
	"html/template"
	"regexp"
	"strings"
)

// masks hide what opens doors in a story: pay links, one-time tokens, and what
// a provider gives to prove itself.
var masks = []struct {
	pattern *regexp.Regexp
	to      string
}{
	{regexp.MustCompile(`(ord_[0-9A-Za-z]+)\.[a-z2-7]{20,}`), "$1.***"},
	{regexp.MustCompile(`([?&](?:token|access_token|key)=)[^&"\\\s]+`), "$1***"},
	{regexp.MustCompile(`("authentication(?:Token)?":\s*")[^"]+`), "$1***"},
	{regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`), "***"},
}

func masked(s string) string {
	for _, m := range masks {
		s = m.pattern.ReplaceAllString(s, m.to)
	}
	return s
}

var (
	jsonKey = regexp.MustCompile(`^(\s*)(&#34;(?:[^&]|&amp;|&#39;|&lt;|&gt;)*&#34;)(: )(.*)$`)
	stars   = regexp.MustCompile(`\*\*\*`)
)

// pretty writes JSON for reading: indented, names and hidden secrets marked.
// A text that is JSON itself, such as a body, is shown as what it holds.
func pretty(raw json.RawMessage) template.HTML {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if len(raw) == 0 || d.Decode(&v) != nil || v == nil {
		return ""
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if e.Encode(unfolded(v)) != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(masked(b.String())), "\n")
	for i, l := range lines {
		l = jsonKey.ReplaceAllString(template.HTMLEscapeString(l), "$1<b>$2</b>$3$4")
		lines[i] = stars.ReplaceAllString(l, "<mark>***</mark>")
	}
	return template.HTML(strings.Join(lines, "\n")) // escaped above, line by line
}

// unfolded reads texts that hold a JSON object.
func unfolded(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = unfolded(v[k])
		}
	case []any:
		for i := range v {
			v[i] = unfolded(v[i])
		}
	case string:
		var inner map[string]any
		d := json.NewDecoder(strings.NewReader(v))
		d.UseNumber()
		if strings.HasPrefix(v, "{") && d.Decode(&inner) == nil && !d.More() {
			return inner
		}
	}
	return v
}
