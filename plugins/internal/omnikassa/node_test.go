package omnikassa

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParse_bad(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"empty": "", "white space": " \n", "null": "null", "array": "[]", "text": `"a"`, "page of HTML": "<!DOCTYPE html>",
		"cut": `{"a":1`, "cut in a text": `{"a":"b`, "cut in an escape": `{"a":"\`, "cut after a colon": `{"a":`, "no colon": `{"a" 1}`, "no comma": `{"a":1 "b":2}`,
		"comma at the end": `{"a":1,}`, "no name": `{1:2}`, "crossed": `{"a":[1}]`, "more behind": `{} {}`, "no such escape": `{"a":"\x"}`,
		"too deep": `{"a":` + strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1) + `}`,
	} {
		if n, err := parse(in); err == nil {
			t.Errorf("%s: %s is read as %+v", name, in, n)
		}
	}
}

// Signatures cover members as texts: numbers as they came, null and missing
// as nothing; of two members of one name the last counts.
func TestParse_scalars(t *testing.T) {
	t.Parallel()
	n, err := parse(` {"a":"x\u20ac\n","n":1.50e3,"t":true,"z":null,"twice":1,"twice":"2","list":[{"b":1},2],"o":{"c":"d"}} `)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "x€\n", "n": "1.50e3", "t": "true", "z": "", "missing": "", "twice": "2", "list": "", "o": ""} {
		if got := n.scalar(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := n.get("list").first().scalar("b") + n.get("o").scalar("c") + n.get("a").scalar("b") + n.get("z").first().text; got != "1d" {
		t.Errorf("got %q", got)
	}
}

// FuzzParse holds the parser to encoding/json: what is an object there is one
// here, with the same texts.
func FuzzParse(f *testing.F) {
	f.Add(`{"a":"b","c":1,"d":null}`)
	f.Add(`{"a":"\ud83d\udcb6","a":[]}`)
	f.Add(`{"a":{"b":[{"c":"d"}]}}`)
	f.Fuzz(func(t *testing.T, in string) {
		n, err := parse(in)
		var want map[string]json.RawMessage
		if json.Unmarshal([]byte(in), &want) != nil || want == nil || strings.Count(in, "[")+strings.Count(in, "{") > maxDepth {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		for name, raw := range want {
			var text string
			if len(raw) > 0 && raw[0] == '"' && utf8.ValidString(in) && json.Unmarshal(raw, &text) == nil && n.scalar(name) != text {
				t.Errorf("%q: %s is %q, want %q", in, name, n.scalar(name), text)
			}
		}
	})
}

func TestMoneyValue(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]money{
		"nothing": {}, "no currency": {Amount: "1"}, "no amount": {Currency: "EUR"}, "float": {"EUR", "1.5"}, "exponent": {"EUR", "1e3"}, "negative": {"EUR", "-1"},
		"too large": {"EUR", "9223372036854775808"}, "unknown currency": {"ZZZ", "1"}, "hexadecimal": {"EUR", "0x10"},
	} {
		if v, err := m.value(); err == nil {
			t.Errorf("%s: %+v is read as %s", name, m, v)
		}
	}
	if v, err := (money{"EUR", "4999"}).value(); err != nil || v.Value != 4999 || v.Currency != "EUR" {
		t.Errorf("got %s, %v", v, err)
	}
}
