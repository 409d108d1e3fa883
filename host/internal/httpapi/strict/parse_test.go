package strict

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
)

func TestParse_refuses(t *testing.T) {
	tests := []struct{ name, in, pointer, says string }{
		{"nothing", "", "", "ends too early"},
		{"white space", " \n", "", "ends too early"},
		{"two values", "{} {}", "", "after top-level value"},
		{"a comma too many", `{"a":1,}`, "", "not JSON at byte 8"},
		{"a comma too few", `[1 2]`, "", "not JSON at byte 4"},
		{"a leading zero", `[01]`, "", "not JSON"},
		{"a plus", `[+1]`, "", "not JSON"},
		{"single quotes", `{'a':1}`, "", "not JSON"},
		{"a comment", `{} // x`, "", "not JSON"},
		{"NaN", `[NaN]`, "", "not JSON"},
		{"a control character", "[\"\n\"]", "", "not JSON"},
		{"a byte order mark", "\ufeff{}", "", "not JSON"},
		{"Latin-1", "[\"\xe9\"]", "", "byte 2 is not UTF-8"},
		{"overlong", "[\"\xc0\xaf\"]", "", "byte 2 is not UTF-8"},
		{"a surrogate in UTF-8", "[\"\xed\xa0\x80\"]", "", "not UTF-8"},
		{"a high half", `["\ud83d"]`, "/0", "surrogate"},
		{"a high half, then text", `["\ud83dx"]`, "/0", "surrogate"},
		{"two high halves", `["\ud83d\ud83d"]`, "/0", "surrogate"},
		{"a low half", `{"a":"\ude00"}`, "/a", "surrogate"},
		{"a half in a name", `{"\ud83d":1}`, "", "surrogate"},
		{"twice", `{"a":1,"b":{},"a":1}`, "/a", "twice"},
		{"twice by escape", `{"a":1,"\u0061":2}`, "/a", "twice"},
		{"twice in depth", `{"a":[0,{"b/c":1,"b/c":2}]}`, "/a/1/b~1c", "twice"},
		{"the empty name twice", `{"":1,"":2}`, "/", "twice"},
		{"too deep", strings.Repeat("[", 33) + strings.Repeat("]", 33), strings.Repeat("/0", 32), "deeper than 32"},
		{"far too deep", strings.Repeat("[", 1<<19) + strings.Repeat("]", 1<<19), "", "depth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := Parse([]byte(tt.in))
			var bad *SyntaxError
			if !errors.As(err, &bad) || v != nil || bad.Pointer != tt.pointer || !strings.Contains(bad.Message, tt.says) {
				t.Errorf("%.80q: got %v, want %s: …%s…", tt.in, err, tt.pointer, tt.says)
			}
		})
	}
}

func TestParse_takes(t *testing.T) {
	for _, in := range []string{
		`{}`, " [ ] \n", `null`, `"\ud83d\ude00 \\ud83d \" \u00e9"`, `-0`, `{"a":{"a":1},"b":{"a":1}}`, `"𝄞�"`, "\"\\ufffd\"",
		strings.Repeat("[", 32) + strings.Repeat("]", 32),
	} {
		if _, err := Parse([]byte(in)); err != nil {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestParse_longNamesDoNotFillTheAnswer(t *testing.T) {
	name := strings.Repeat("a", 1<<20)
	_, err := Parse([]byte(`{"` + name + `":{"b":1,"b":2}}`))
	var bad *SyntaxError
	if !errors.As(err, &bad) || len(bad.Pointer) > 300 {
		t.Errorf("the pointer has %d bytes", len(bad.Pointer))
	}
}

// FuzzParse: what is taken is JSON to everybody, names no member twice, and
// has a canonical form; reading it panics never.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"reference":"bar-1","amount":{"value":4999,"currency":"EUR"}}`, `{"a":1,"a":2}`, `{"a":[{"b":null}]}`, `"\ud83d\ude00"`, `["\ud83d"]`,
		"\xff", `{"a":1.5,"b":1e2,"c":-0,"d":99999999999999999999}`, strings.Repeat("[", 40), `{"a":true}{}`, `{"":{"~/":0}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := Parse(in)
		if err != nil {
			var bad *SyntaxError
			if !errors.As(err, &bad) || bad.Message == "" {
				t.Fatalf("%q: an error of another kind: %v", in, err)
			}
			return
		}
		if !json.Valid(in) {
			t.Fatalf("%q is not JSON and was taken", in)
		}
		if v.kind == kindObject {
			if _, err := jcs.Transform(in); err != nil && !strings.ContainsAny(string(in), "eE.0123456789") {
				t.Fatalf("%q has no canonical form: %v", in, err)
			}
		}
		d := NewDocument(v)
		o := d.Object()
		o.Need("reference")
		o.Text("reference")
		o.Object("amount", func(o *Object) {
			if n, ok := o.Integer("value"); ok && (n > MaxInteger || n < -MaxInteger) {
				t.Fatalf("%q: read %d", in, n)
			}
			o.Time("at")
			o.End()
		})
		o.Objects("a", func(o *Object) { o.Truth("b"); o.End() })
		o.Texts("c")
		o.TextMap("d")
		o.End()
		if len(d.Problems()) > MaxProblems {
			t.Fatalf("%q: %d problems", in, len(d.Problems()))
		}
	})
}
