package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestScan(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"state":"n\u00e9w\/ \"x\" \\ \n","status":null,"entity_id":7}`: "néw/ \"x\" \\ \n||7", `{"state":"\ud83d\ude00","status":true}`: "😀|true|", `{"state":"\ud83d","entity_id":"7"}`: "\uFFFD||7",
		`{"items":[{"item_id":1},null,{}],"payment":null,"state":[1,{"a":"]"}],"status":1.5e3,"status_histories":[],"unknown":{"a":[{}]}}`: "|1.5e3|", `null`: "||",
	} {
		var d document
		if ok := scan(in, func(s *scanner) { d = s.document() }); !ok || d.State+"|"+d.Status+"|"+string(d.EntityID) != want {
			t.Errorf("%s: got %q, %v, want %q", in, d.State+"|"+d.Status+"|"+string(d.EntityID), ok, want)
		}
	}
	for _, in := range []string{
		``, `{`, `{"`, `{"a`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `[]`, `1`, `"x"`, `{} {}`, `{"state":"\x"}`, `{"state":"\u12"}`, `{"state":"\u12zz"}`, `{"state":"x\"}`,
		`{"items":{}}`, `{"items":[1]}`, `{"items":[{}`, `{"items":[{},]}`, `{"a":]}`, `{"a":,}`, `nul`, `{"state":nul}x`, strings.Repeat(`{"payment":`, 10_000),
	} {
		if scan(in, func(s *scanner) { s.document() }) {
			t.Errorf("%s was taken", in[:min(len(in), 40)])
		}
	}
}

// What is JSON is read, and texts as encoding/json reads them.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{`{"state":"a\u00e9","items":[{"sku":"x"}],"b":[1,{"c":null}]}`, `"\ud83d\ude00\/"`, `[[],{}]`, `{"items":[`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		valid := json.Valid([]byte(in))
		if valid && !scan(in, func(s *scanner) { s.skip() }) {
			t.Errorf("%q was refused", in)
		}
		scan(in, func(s *scanner) { s.message() })
		scan(in, func(s *scanner) { s.list() })
		var want string
		var got text
		if ok := scan(in, func(s *scanner) { got = s.scalar() }); json.Unmarshal([]byte(in), &want) == nil && want == strings.ToValidUTF8(want, "") && !strings.ContainsRune(want, '\uFFFD') && (!ok || string(got) != want) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	})
}
