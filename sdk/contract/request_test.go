package contract_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestAuth_roundTrip(t *testing.T) {
	t.Parallel()
	parts := contract.Parts{contract.Lit("Key "), contract.Sec("api_key")}
	tests := []struct {
		name string
		auth contract.Auth
		text string
	}{
		{"bearer", contract.Auth{Bearer: "access_token"}, `{"bearer":"access_token"}`},
		{"basic", contract.Auth{Basic: &[2]contract.Parts{{contract.Lit("shop")}, {contract.Sec("password")}}},
			`{"basic":[["shop"],[{"secret":"password"}]]}`},
		{"header", contract.Auth{Header: &contract.AuthHeader{Name: "x-api-key", Value: parts}},
			`{"header":["x-api-key",["Key ",{"secret":"api_key"}]]}`},
		{"oauth1", contract.Auth{OAuth1: &contract.OAuth1{
			Method: contract.OAuthSHA256, ConsumerKey: contract.Parts{contract.Sec("ck")}, ConsumerSecret: contract.Parts{contract.Sec("cs")}, In: contract.OAuthHeader,
		}}, `{"oauth1":{"method":"HMAC-SHA256","consumer_key":[{"secret":"ck"}],"consumer_secret":[{"secret":"cs"}],"in":"header"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := json.Marshal(tt.auth)
			if err != nil || string(b) != tt.text {
				t.Errorf("got %s, %v; want %s", b, err, tt.text)
			}
			var back contract.Auth
			if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, tt.auth) {
				t.Errorf("got %+v, %v; want %+v", back, err, tt.auth)
			}
		})
	}
}

func TestPart_UnmarshalJSON_refuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`1`, `null`, `{}`, `{"secret":""}`, `{"secret":1}`, `["a"]`, `{"text":"a"}`, `{"secret":"a","x":1}`} {
		var p contract.Part
		if err := json.Unmarshal([]byte(text), &p); err == nil {
			t.Errorf("%s: got %+v, want an error", text, p)
		}
	}
	for _, text := range []string{`["x"]`, `["x",[],"y"]`, `[]`, `{}`, `["x",null]`} {
		var h contract.AuthHeader
		if err := json.Unmarshal([]byte(text), &h); err == nil {
			t.Errorf("header %s: got %+v, want an error", text, h)
		}
	}
}

func TestRequest_defaults(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	tests := []struct {
		name       string
		req        contract.Request
		effect     contract.Effect
		repeatable bool
	}{
		{"GET", contract.Request{Method: "GET"}, contract.Read, true},
		{"POST", contract.Request{Method: "POST"}, contract.Write, false},
		{"DELETE", contract.Request{Method: "DELETE"}, contract.Write, false},
		{"POST with a key", contract.Request{Method: "POST", Repeat: &yes}, contract.Write, true},
		{"POST that reads", contract.Request{Method: "POST", Effect: contract.Read}, contract.Read, true},
		{"GET once", contract.Request{Method: "GET", Repeat: &no}, contract.Read, false},
		{"GET that consumes", contract.Request{Method: "GET", Consumes: true, Repeat: &yes}, contract.Read, false},
		{"GET that writes", contract.Request{Method: "GET", Effect: contract.Write}, contract.Write, false},
	}
	for _, tt := range tests {
		if e, r := tt.req.Effective(), tt.req.Repeatable(); e != tt.effect || r != tt.repeatable {
			t.Errorf("%s: got %s, %t; want %s, %t", tt.name, e, r, tt.effect, tt.repeatable)
		}
	}
}
