package guest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestReadEnvelope_bad(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"empty": "", "no object": "[]", "text": `"x"`, "cut": `{"contract":"1"`, "cut in a text": `{"contract":"1`, "cut in an escape": `{"call":"\`,
		"cut in a code": `{"call":"\u12"}`, "no such escape": `{"call":"\x"}`, "no code": `{"call":"\uzzzz"}`, "no colon": `{"call" "1"}`, "no comma": `{"call":"1" "now":"x"}`,
		"comma at the end": `{"call":"1",}`, "more behind": `{"call":"1"} {}`, "no time": `{"now":"yesterday"}`, "no base64": `{"entropy":"!"}`,
		"number for text": `{"call":1}`, "text for a list": `{"secrets":"a"}`, "crossed brackets": `{"input":}`, "closed twice": `{"input":{}}}`,
		"status no number": `{"exchanges":[{"response":{"status":"200"}}]}`, "bad UTF-8": "{\"call\":\"\xff\"}", "half a null": `{"call":nul}`,
	}
	for name, in := range tests {
		if e, err := readEnvelope([]byte(in)); err == nil {
			t.Errorf("%s: %s is read as %+v", name, in, e)
		}
	}
}

// asWritten is what readEnvelope must give for an envelope.
func asWritten(t *testing.T, e contract.Envelope) envelope {
	t.Helper()
	w := envelope{contract: e.Contract, call: e.Call, now: e.Now, entropy: e.Entropy, settings: e.Settings, input: e.Input, secrets: e.Secrets}
	for _, x := range e.Exchanges {
		request, err := json.Marshal(x.Request)
		if err != nil {
			t.Fatal(err)
		}
		w.exchanges = append(w.exchanges, exchange{request, x.At, x.Response, x.Error})
	}
	return w
}

func TestReadEnvelope(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 30, 0, 281e6, time.UTC)
	e := contract.Envelope{
		Contract: "1", Call: "call_1", Now: at, Entropy: []byte("thirty-two bytes of randomness.."), Secrets: []string{"a", "b\"c"},
		Settings: json.RawMessage(`{"a":[1,{"b":"}]\\\""}]}`), Input: json.RawMessage(`{"x":"{[,:"}`),
		Exchanges: []contract.Exchange{
			{Request: contract.Request{Method: "GET", URL: "https://a.example/?q=1&r=<2>"}, At: at, Response: &contract.Response{
				Status: 200, Headers: map[string][]string{"x-a": {"1", "2"}}, Body: "{\"a\":\"\\u00e9 € \U0001F4B6 \x01\x7f\b\f\t\r\n/\\\"\"}",
			}},
			{Request: contract.Request{Method: "GET", URL: "https://a.example/b"}, At: at, Response: &contract.Response{Status: 404, BodyBase64: []byte{0xff, 0}}},
			{Request: contract.Request{Method: "POST", URL: "https://a.example/c"}, At: at, Error: &contract.ExchangeError{Kind: contract.ErrorReset, Sent: contract.SentYes, Message: "x"}},
		},
	}
	for _, indent := range []string{"", "\t"} {
		b, err := json.MarshalIndent(e, "", indent)
		if indent == "" {
			b, err = json.Marshal(e)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := readEnvelope(b)
		if string(got.at.b[got.at.at:]) != string(got.input) {
			t.Errorf("the input is at %d", got.at.at)
		}
		got.at = scanner{}
		if err != nil {
			t.Fatal(err)
		}
		if want := asWritten(t, e); indent == "" && !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		} else if got.exchanges[0].response.Body != e.Exchanges[0].Response.Body {
			t.Errorf("indented: got %q", got.exchanges[0].response.Body)
		}
	}
}

// A text of JSON means to the scanner what it means to encoding/json.
func FuzzText(f *testing.F) {
	for _, s := range []string{`"a"`, `"\ud83d\udcb6"`, `"\ud83d"`, `"\ud83d\u0041"`, `"\udcb6\ud83d"`, `"\\\""`, `"\u0000\/"`, `"é"`, `null`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var want string
		if json.Unmarshal([]byte(in), &want) != nil || strings.TrimSpace(in) != in || !json.Valid([]byte(in)) || strings.ToValidUTF8(in, "") != in {
			return
		}
		s := &scanner{b: []byte(in)}
		if got := s.text(); s.bad || got != want || s.at != len(in) {
			t.Errorf("%s: got %q (bad: %v, %d bytes), want %q", in, got, s.bad, s.at, want)
		}
	})
}

// Any valid JSON is one value, and no bytes at all make the reader panic.
func FuzzReadEnvelope(f *testing.F) {
	f.Add([]byte(`{"contract":"1","input":{"a":[1,2,{"b":null}]},"exchanges":[{"request":{},"response":{"status":200,"body":"x"}}]}`))
	f.Add([]byte(`{"a":[true,-1.5e+3,"\""]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		_, _ = readEnvelope(in)
		if !json.Valid(in) {
			return
		}
		s := &scanner{b: in}
		if raw := s.value(); s.bad || s.next() != 0 || !json.Valid(raw) {
			t.Errorf("%q: got %q (bad: %v)", in, raw, s.bad)
		}
	})
}
