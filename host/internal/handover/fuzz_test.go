package handover

import (
	"bytes"
	"strings"
	"testing"
)

// What is read is written the same, to the byte, and keeps every bound.
func FuzzParse(f *testing.F) {
	good := `{
  "kassette": "handover",
  "version": 1,
  "account": "cheese_rabo",
  "provider": "omnikassa",
  "environment": "live",
  "made_by": "Jo",
  "made_at": "2026-11-27T12:00:00Z",
  "expires_at": "2026-12-04T12:00:00Z",
  "salt": "000102030405060708090a0b0c0d0e0f",
  "secrets": {
    "signing_key": "abc=="
  }
}
`
	if _, err := parse([]byte(good)); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		good, good[:100], good + good, "{}", `{"kassette":"handover","version":9}`, strings.ToUpper(good),
		strings.Replace(good, "abc", `\u0000`, 1), strings.Replace(good, "abc", `a\nb`, 1), strings.Replace(good, `"salt"`, `"salt": 1, "salt"`, 1),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := parse(text)
		if err != nil {
			return
		}
		again, err := d.encode()
		if err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%q is written as %q, %v", text, again, err)
		}
		for _, name := range d.Names() {
			for _, bad := range []string{"\n", "\r", "\x00"} {
				if !IsName(name) || strings.Contains(string(d.Secrets[name]), bad) {
					t.Fatalf("secret %q is let through", name)
				}
			}
		}
		if _, err := d.Env(); err == nil && strings.ContainsAny(d.EnvName("x"), "-\n=") {
			t.Fatalf("a variable of account %q", d.Account)
		}
	})
}
