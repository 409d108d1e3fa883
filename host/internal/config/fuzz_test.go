package config

import "testing"

// FuzzParse: no document makes the reader panic, and what it reads without
// complaint fits the type.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{sound, "a: [", "admin_key: {env: A}", "shops:\n- id: x\n  keys: [{scopes: [a:b]}]", "? a\n: b", "<<: {a: b}", "- - -", "a: |\n  b", "~", "\"", "a: !x y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := &walker{problems{origin: origin{file: "f", lines: map[string]int{}}}}
		tree, err := w.parse([]byte(text))
		if err != nil || w.err() != nil {
			return
		}
		c, err := layer(defaults, tree)
		if err != nil {
			t.Fatalf("%q was read, and does not fit: %v", text, err)
		}
		_ = c.Validate()
	})
}
