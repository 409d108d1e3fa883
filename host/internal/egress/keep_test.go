package egress

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestKeep(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJIUzI1NiJ9.e30.tok"
	at := contract.Keep{Pointer: "/token", TTLPointer: "/ttl", TTLS: 100}
	ms := contract.Keep{Pointer: "/token", TTLPointer: "/ttl", TTLUnit: "ms"}
	for _, tc := range []struct {
		name   string
		status int
		keep   contract.Keep
		body   string
		want   string
		ttl    time.Duration // 0: not kept
	}{
		{"no such member", 200, at, `{"other":"x"}`, `{"other":"x"}`, 0},
		{"not a string", 200, at, `{"token":12345678}`, `{"token":12345678}`, 0},
		{"an empty string", 200, at, `{"token":""}`, `{"token":"***"}`, 0},
		{"an object", 200, at, `{"token":{"a":1}}`, `{"token":{"a":1}}`, 0},
		{"a refusal", 401, at, `{"token":"short"}`, `{"token":"short"}`, 0},
		{"a redirect", 302, at, `{"token":"short"}`, `{"token":"short"}`, 0},
		{"not JSON", 200, at, `token=` + token, `token=` + token, 0},
		{"spaces in it", 200, at, `{"token":"a b"}`, `{"token":"***"}`, 0},
		{"a line feed in it", 200, at, `{"token":"a\r\nb"}`, `{"token":"***"}`, 0},
		{"too long", 200, at, `{"token":"` + strings.Repeat("x", maxKept+1) + `"}`, `{"token":"***"}`, 0},
		{"ended already", 200, at, `{"token":"t","ttl":0}`, `{"token":"***","ttl":0}`, 0},
		{"ended long ago", 200, at, `{"token":"t","ttl":-5}`, `{"token":"***","ttl":-5}`, 0},

		{"a number", 200, at, `{"token":"T","ttl":1000}`, `{"token":"***","ttl":1000}`, 950 * time.Second},
		{"a fraction", 200, at, `{"token":"T","ttl":1e3}`, `{"token":"***","ttl":1e3}`, 950 * time.Second},
		{"digits", 201, at, `{"token":"T","ttl":"1000"}`, `{"token":"***","ttl":"1000"}`, 950 * time.Second},
		{"milliseconds", 200, ms, `{"token":"T","ttl":28800000}`, `{"token":"***","ttl":28800000}`, 27360 * time.Second},
		{"one millisecond", 200, ms, `{"token":"T","ttl":1}`, `{"token":"***","ttl":1}`, time.Second},
		{"for ever", 200, at, `{"token":"T","ttl":1e300}`, `{"token":"***","ttl":1e300}`, maxLife - maxLife/20},
		{"not told", 200, at, `{"token":"T"}`, `{"token":"***"}`, 95 * time.Second},
		{"told as null", 200, at, `{"token":"T","ttl":null}`, `{"token":"***","ttl":null}`, 95 * time.Second},
		{"told as text", 200, at, `{"token":"T","ttl":"inf"}`, `{"token":"***","ttl":"inf"}`, 95 * time.Second},
		{"nobody tells", 200, contract.Keep{Pointer: "/token"}, `{"token":"T"}`, `{"token":"***"}`, defaultLife - defaultLife/20},
		{"deep", 200, contract.Keep{Pointer: "/a~1b/0/~0c", TTLS: 10}, `{"a/b":[{"~c":"T"},{"~c":"U"}]}`, `{"a/b":[{"~c":"***"},{"~c":"U"}]}`, 9500 * time.Millisecond},
		{"the whole answer", 200, contract.Keep{TTLS: 10}, ` "T" `, ` "***" `, 9500 * time.Millisecond},
		{"escaped", 200, at, `{"t\u006fken":"\u0054"}`, `{"t\u006fken":"***"}`, 95 * time.Second},
		{"twice", 200, at, `{"token":"first","token":"T"}`, `{"token":"***","token":"***"}`, 95 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
			a := newClient(t, Options{}).Send(t.Context(), to(s.URL, contract.Request{Method: "POST", Keep: map[string]contract.Keep{"t": tc.keep}}))
			if got := mustAnswer(t, a).Body; got != tc.want {
				t.Errorf("got  %.200s\nwant %.200s", got, tc.want)
			}
			kept, ok := a.Kept["t"]
			if ok != (tc.ttl > 0) || kept.TTL != tc.ttl || (ok && kept.Value != "T") {
				t.Errorf("got %+v, %v, want ttl %v", kept, ok, tc.ttl)
			}
		})
	}
}

// TestKeep_hiddenEverywhere: a token is not shown where it stands again.
func TestKeep_hiddenEverywhere(t *testing.T) {
	t.Parallel()
	const token = "token-0123456789"
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "session="+token)
		_, _ = fmt.Fprintf(w, `{"access":%q,"refresh":"refresh-0123456789","again":"Bearer %s"}`, token, token)
	})
	a := newClient(t, Options{}).Send(t.Context(), to(s.URL, contract.Request{Keep: map[string]contract.Keep{
		"access": {Pointer: "/access", TTLS: 60}, "refresh": {Pointer: "/refresh", TTLS: 60}, "same": {Pointer: "/access", TTLS: 60},
	}}))
	r := mustAnswer(t, a)
	if r.Body != `{"access":"***","refresh":"***","again":"Bearer ***"}` || r.Header("set-cookie") != "session=***" || len(a.Kept) != 3 {
		t.Errorf("got %s %v, kept %d", r.Body, r.Headers, len(a.Kept))
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	m := NewMask([]string{"short", "secret-value", "secret-value-longer", `quo"te/<&>wörd+x`, "1234567890", "nabcdefgh"})
	for _, tc := range []struct{ name, in, want string }{
		{"short ones stay", "short", "short"},
		{"text", "a secret-value b", "a *** b"},
		{"the longest wins", "secret-value-longer", "***"},
		{"in JSON", `{"secret-value":"x secret-value"}`, `{"***":"x ***"}`},
		{"escaped in JSON", `{"a":"quo\"te\/\u003c&>w\u00f6rd+x"}`, `{"a":"***"}`},
		{"JSON in JSON", `{"a":"{\"b\":\"quo\\\"te/<&>wörd+x\"}"}`, `{"a":"{\"b\":\"***\"}"}`},
		{"a number", `{"a":1234567890,"b":[-1234567890.5]}`, `{"a":"***","b":["***"]}`},
		{"behind a backslash", `{"a":"\nabcdefgh"}`, `{"a":"\nabcdefgh"}`},
		{"in text, escaped", `a "quo\"te/<&>wörd+x`, `a "***`},
		{"in a query", "a=quo%22te%2F%3C%26%3Ew%C3%B6rd%2Bx", "a=***"},
		{"in base64", "x c2VjcmV0LXZhbHVl y", "x *** y"},
		{"base64, padded", "MTIzNDU2Nzg5MA==", "***=="},
		{"untouched bytes", "{ \"a\" : [ 1.50, \"\\u00e9<>\" ] }", "{ \"a\" : [ 1.50, \"\\u00e9<>\" ] }"},
		{"empty", "", ""},
	} {
		if got := string(m.Body([]byte(tc.in))); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
	if got := NewMask([]string{"short"}).Text("short"); got != "short" {
		t.Errorf("got %q", got)
	}
}

// TestMask_echo has a server send back all it was given, credentials included.
func TestMask_echo(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization")+r.Header.Get("X-Key"))
		_ = json.NewEncoder(w).Encode(r.Header)
	})
	for _, auth := range []contract.Auth{
		{Bearer: "key"},
		{Basic: &[2]contract.Parts{sec("user"), sec("pass")}},
		{Header: &contract.AuthHeader{Name: "X-Key", Value: contract.Parts{contract.Lit("k"), contract.Sec("number")}}},
	} {
		o := to(s.URL, contract.Request{Auth: &auth})
		o.Secrets = canary
		r := mustAnswer(t, newClient(t, Options{}).Send(t.Context(), o))
		if !json.Valid([]byte(r.Body)) || !strings.Contains(r.Body, masked) || !strings.Contains(r.Header("x-echo"), masked) {
			t.Errorf("got %s %v", r.Body, r.Headers)
		}
		for _, s := range []string{"canary", "1234567890", "Y2FuYXJ5"} { // the last is base64 of canary
			if all := fmt.Sprint(r); strings.Contains(all, s) {
				t.Errorf("%q came back: %s", s, all)
			}
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, seed := range []string{`{"a":["secret-value",1,true,null,{"b":"\u0073ecret-value"}]}`, `"secret-value`, `[[]]`, `{}`, ` [ {"": -1e5 } , [ ] ] `} {
		f.Add([]byte(seed))
	}
	m := NewMask([]string{"secret-value", "1234567890"})
	f.Fuzz(func(t *testing.T, doc []byte) {
		was := json.Valid(doc)
		out := m.Body(doc)
		if was && !json.Valid(out) {
			t.Errorf("%q became %q, which is no JSON", doc, out)
		}
		if strings.Contains(string(out), "secret-value") {
			t.Errorf("%q became %q", doc, out)
		}
	})
}
