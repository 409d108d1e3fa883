package pages

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// What is read of a form is what the standard library reads, in order and with
// nothing joined: the fields of each name, as often as they are there.
func FuzzPosted(f *testing.F) {
	for _, seed := range []string{"", "key=a&key=b&amount.value=1000", "a=%C3%A9+b", "=&&a", "a=%zz", "a;b=c", "a%3Db=c%26d", "%00=%0A"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		fields, ok := posted(body)
		if strings.Contains(body, ";") {
			return // which the library refuses, and browsers escape
		}
		want, err := url.ParseQuery(body)
		if ok != (err == nil) {
			t.Fatalf("%q: read %v, the library says %v", body, ok, err)
		}
		if !ok {
			return
		}
		got := url.Values{}
		for i, one := range fields {
			if one != [2]string{} || strings.Split(body, "&")[i] != "" { // nothing between two marks is no field to the library
				got.Add(one[0], one[1])
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%q: got %v, want %v", body, got, want)
		}
		for name, values := range want {
			if !slices.Equal(got[name], values) {
				t.Fatalf("%q: field %q: got %q, want %q", body, name, got[name], values)
			}
		}
	})
}
