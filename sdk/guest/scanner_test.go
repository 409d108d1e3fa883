package guest_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// read writes what a scanner finds: objects and lists of texts.
func read(text string) (string, error) {
	s := guest.Scan([]byte(text))
	var found []string
	for name := range s.Members {
		switch name {
		case "list":
			for range s.Items {
				found = append(found, "item "+s.Text())
			}
		case "flag":
			found = append(found, fmt.Sprint("flag ", s.True()))
		case "skip":
			s.Skip()
		default:
			found = append(found, name+" "+s.Text())
		}
	}
	return strings.Join(found, ", "), s.Err()
}

func TestScanner(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{}`: "", `[1]`: "", `"x"`: "", `null`: "",
		"\t{ \"a\" : \"b\\u00e9\\n\" }\n":                                     "a b\u00e9\n",
		`{"a":12.50,"b":-3,"c":1e9,"d":true,"e":null,"f":{"g":[1]},"h":[{}]}`: "a 12.50, b -3, c 1e9, d , e , f , h ",
		`{"list":["a",2,{"x":1},null]}`:                                       "item a, item 2, item , item ",
		`{"list":{"0":"a","2":"b"}}`:                                          "item a, item b",
		`{"list":"none","a":1}`:                                               "a 1",
		`{"list":[],"list":null}`:                                             "",
		`{"flag":true,"flag":false,"flag":"true","flag":1}`:                   "flag true, flag false, flag false, flag false",
		`{"skip":{"a":["}]",{"\"":1}]},"a":1}`:                                "a 1",
	} {
		if got, err := read(in); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{"a" 1}`, `{"list":[1`, `{"list":[1,}`, `{"skip":[}`, `{"skip":`, `{} {}`, `{"a":"x}`, "\xff", `{"a":"\q"}`} {
		if got, err := read(in); err == nil {
			t.Errorf("%q was taken: %q", in, got)
		}
	}
}

// receiver gives its message back.
type receiver struct{ got *contract.Message }

// Describe implements [guest.Provider].
func (receiver) Describe() contract.Manifest { return contract.Manifest{Kind: contract.KindShop} }

// ReadOrder implements [guest.OrderReader].
func (r receiver) ReadOrder(_ *guest.Call, in contract.ReadOrderInput) (contract.ReadOrderResult, error) {
	*r.got = in.Message
	return contract.ReadOrderResult{Response: contract.WebhookResponse{Status: 200}}, nil
}

// signed is a plugin that checks the MAC of a message's body.
type signed struct{ receiver }

// ReadOrder implements [guest.OrderReader].
func (signed) ReadOrder(c *guest.Call, in contract.ReadOrderInput) (contract.ReadOrderResult, error) {
	err := c.CheckMAC(contract.MACRequest{
		Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec("k"), contract.Lit(`","data":null,"`)}, Data: contract.Parts{contract.Lit(in.Message.Body)},
	}, []byte("sum"))
	return contract.ReadOrderResult{Response: contract.WebhookResponse{Status: 200}}, err
}

// The host is asked for the MAC of the body, to the byte, however it was quoted.
func TestCheckMAC_ofTheBody(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"x", `{"a":"b\\\"c\u0000"}`, "<&>\u2028 \u00e9 \U0001f600\n\x01", `","data":null,"`} {
		input, err := json.Marshal(contract.CannedEnvelope(contract.ReadOrderInput{Message: contract.Message{Method: "POST", Body: body}}))
		if err != nil {
			t.Fatal(err)
		}
		asked := false
		out := guest.Run(signed{}, contract.ReadOrder, input, guest.HostFuncs{Call: func(_ contract.HostFunction, in []byte) ([]byte, error) {
			var r contract.MACRequest
			if err := json.Unmarshal(in, &r); err != nil {
				return nil, err
			}
			asked = len(r.Data) == 1 && r.Data[0].Text == body && string(r.Expect) == "sum" && r.Algorithm == contract.SHA256 && len(r.Key) == 2
			return []byte(`{"equal":true}`), nil
		}})
		if !asked || !strings.Contains(string(out), "200") {
			t.Errorf("%q: asked for something else: %s", body, out)
		}
	}
}

// A message means to a plugin what it means to encoding/json.
func TestReadOrder_message(t *testing.T) {
	t.Parallel()
	for _, m := range []contract.Message{
		{}, {Method: "POST", Path: "/a", Query: "b=c&d=\u00e9", RemoteIP: "192.0.2.7", Body: "{\"a\":\"\\u00e9<>&\u2028\"}\n", Headers: map[string][]string{"a": {"b", "c"}}},
		{Method: "GET", BodyBase64: []byte{0xff, 0}}, {BodyBase64: []byte{}},
	} {
		var got, want contract.Message
		in := contract.ReadOrderInput{Message: m}
		input, err := json.Marshal(contract.CannedEnvelope(in))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := json.Marshal(m); err != nil || json.Unmarshal(b, &want) != nil {
			t.Fatal(err)
		}
		if out := guest.Run(receiver{&got}, contract.ReadOrder, input, guest.HostFuncs{}); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v: %s", got, want, out)
		}
	}
	for _, bad := range []string{`{"message":[]}`, `{"message":{"headers":[]}}`, `{"message":{"body":1}}`, `{"message":{"body_base64":"%"}}`, `{"message"`} {
		e := contract.CannedEnvelope(json.RawMessage(`{}`))
		e.Input = json.RawMessage(`null`)
		input, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		input = []byte(strings.Replace(string(input), `"input":null`, `"input":`+bad, 1))
		if out := guest.Run(receiver{&contract.Message{}}, contract.ReadOrder, input, guest.HostFuncs{}); !strings.Contains(string(out), `"failure"`) {
			t.Errorf("%s was taken: %s", bad, out)
		}
	}
}
