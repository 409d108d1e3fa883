package work

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	in := Input()
	if len(in) != InputSize {
		t.Errorf("got an input of %d bytes, want %d", len(in), InputSize)
	}
	out, err := Answer(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < InputSize*9/10 || len(out) > InputSize*11/10 {
		t.Errorf("got an output of %d bytes, want about %d", len(out), InputSize)
	}
	var sent, got map[string]any
	var answer struct {
		Signature string
		Payment   json.RawMessage
	}
	for text, to := range map[string]any{string(in): &sent, string(out): &answer} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.Unmarshal(answer.Payment, &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range sent {
		if value, kept := got[key]; kept == strings.HasPrefix(key, "x") || kept && value != want {
			t.Errorf("%s: got %v, want %v", key, value, want)
		}
	}
	mac := hmac.New(sha512.New, []byte(Key))
	d := json.NewDecoder(strings.NewReader(string(in)))
	d.UseNumber()
	for i := 0; ; i++ {
		token, err := d.Token()
		if err != nil {
			break
		}
		if i > 0 && i%2 == 0 { // { key value key value … }
			if i > 2 {
				mac.Write([]byte{'|'})
			}
			switch v := token.(type) {
			case string:
				mac.Write([]byte(v))
			case json.Number:
				mac.Write([]byte(v))
			}
		}
	}
	if want := hex.EncodeToString(mac.Sum(nil)); answer.Signature != want {
		t.Errorf("got signature %s, want %s", answer.Signature, want)
	}
}

func TestAnswer_refuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", "[]", "{", `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1 "b":2}`, `{"a":"x`, `{"a":"\`, `{"a":"\n"}`, `{"a":"\u12"}`, `{"a":"\u00EZ"}`, "{\"a\":\"\n\"}", `{"a":{}}`} {
		if out, err := Answer([]byte(in)); err == nil {
			t.Errorf("%s: got %s", in, out)
		}
	}
}
