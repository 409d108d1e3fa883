package egress

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

var canary = purse{
	"key":    {"canary-key-0123456789", []string{contract.UseBearer, contract.UseHeader}},
	"user":   {"canary-user", []string{contract.UseBasic}},
	"pass":   {`canary-pass"/<&>wörd`, []string{contract.UseBasic}},
	"colon":  {"canary:colon", []string{contract.UseBasic}},
	"feed":   {"canary\r\nX-Evil: 1", []string{contract.UseBearer, contract.UseBasic, contract.UseHeader}},
	"mac":    {"canary-mac-only", []string{contract.UseMAC("sha512")}},
	"empty":  {"", []string{contract.UseBearer}},
	"oauth":  {"canary-oauth-secret", []string{contract.UseOAuth1}},
	"number": {"1234567890", []string{contract.UseHeader}},
}

func lit(s string) contract.Parts { return contract.Parts{contract.Lit(s)} }
func sec(s string) contract.Parts { return contract.Parts{contract.Sec(s)} }

func TestAuth_refused(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	c := newClient(t, Options{})
	one := contract.OAuth1{Method: "HMAC-SHA1", ConsumerKey: lit("k"), ConsumerSecret: sec("oauth"), In: "header"}
	with := func(change func(*contract.OAuth1)) *contract.Auth {
		o := one
		change(&o)
		return &contract.Auth{OAuth1: &o}
	}
	for _, tc := range []struct {
		name string
		auth *contract.Auth
		says string
	}{
		{"nothing", &contract.Auth{}, "0 members"},
		{"two", &contract.Auth{Bearer: "key", Basic: &[2]contract.Parts{}}, "2 members"},
		{"no such secret", &contract.Auth{Bearer: "other"}, `secret "other" is not set`},
		{"an empty secret", &contract.Auth{Bearer: "empty"}, `secret "empty" is not set`},
		{"bearer of another use", &contract.Auth{Bearer: "mac"}, `secret "mac" may not be used for bearer, only for mac:sha512`},
		{"basic of another use", &contract.Auth{Basic: &[2]contract.Parts{lit("u"), sec("key")}}, "may not be used for basic, only for bearer, header"},
		{"header of another use", &contract.Auth{Header: &contract.AuthHeader{Name: "X-Key", Value: sec("user")}}, "may not be used for header"},
		{"oauth1 of another use", with(func(o *contract.OAuth1) { o.ConsumerSecret = sec("key") }), "may not be used for oauth1"},
		{"a colon in the user", &contract.Auth{Basic: &[2]contract.Parts{sec("colon"), sec("pass")}}, "colon"},
		{"a line feed in basic", &contract.Auth{Basic: &[2]contract.Parts{sec("user"), sec("feed")}}, "control character"},
		{"a line feed in bearer", &contract.Auth{Bearer: "feed"}, "control character"},
		{"a line feed in header", &contract.Auth{Header: &contract.AuthHeader{Name: "X-Key", Value: sec("feed")}}, "control character"},
		{"a header that is the host's", &contract.Auth{Header: &contract.AuthHeader{Name: "Host", Value: sec("key")}}, "cannot be set"},
		{"a header that is no name", &contract.Auth{Header: &contract.AuthHeader{Name: "X Y", Value: sec("key")}}, "characters"},
		{"a header set already", &contract.Auth{Header: &contract.AuthHeader{Name: "x-there", Value: sec("key")}}, "set beside auth"},
		{"oauth1 by another method", with(func(o *contract.OAuth1) { o.Method = "PLAINTEXT" }), "HMAC-SHA256"},
		{"oauth1 nowhere", with(func(o *contract.OAuth1) { o.In = "" }), "header or query"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := to(s.URL, contract.Request{URL: s.URL + "/?q=query-canary", Auth: tc.auth, Headers: map[string]string{"X-There": "1"}})
			o.Secrets = canary
			a := c.Send(t.Context(), o)
			mustFail(t, a, contract.ErrorBlocked, contract.SentNo, tc.says)
			if strings.Contains(a.Error.Message, "canary") {
				t.Errorf("the message tells a secret: %s", a.Error.Message)
			}
		})
	}
}

func TestAuth(t *testing.T) {
	t.Parallel()
	var seen http.Header
	var query string
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { seen, query = r.Header, r.URL.RawQuery })
	c := newClient(t, Options{})
	send := func(a contract.Auth) {
		t.Helper()
		o := to(s.URL, contract.Request{URL: s.URL + "/?a=b", Auth: &a})
		o.Secrets = canary
		mustAnswer(t, c.Send(t.Context(), o))
	}
	send(contract.Auth{Bearer: "key"})
	if got := seen.Get("Authorization"); got != "Bearer canary-key-0123456789" {
		t.Errorf("bearer: got %q", got)
	}
	send(contract.Auth{Basic: &[2]contract.Parts{sec("user"), {contract.Lit("x-"), contract.Sec("pass")}}})
	r := &http.Request{Header: seen}
	if u, p, ok := r.BasicAuth(); !ok || u != "canary-user" || p != `x-canary-pass"/<&>wörd` {
		t.Errorf("basic: got %q %q", u, p)
	}
	send(contract.Auth{Header: &contract.AuthHeader{Name: "X-Api-Key", Value: contract.Parts{contract.Lit("v="), contract.Sec("key")}}})
	if got := seen.Get("X-Api-Key"); got != "v=canary-key-0123456789" {
		t.Errorf("header: got %q", got)
	}
	one := contract.OAuth1{Method: "HMAC-SHA256", ConsumerKey: lit("k"), ConsumerSecret: sec("oauth"), In: "header"}
	send(contract.Auth{OAuth1: &one})
	first := seen.Get("Authorization")
	if !strings.HasPrefix(first, `OAuth oauth_consumer_key="k", oauth_nonce="`) || !strings.Contains(first, `oauth_signature="`) {
		t.Errorf("oauth1: got %q", first)
	}
	if send(contract.Auth{OAuth1: &one}); seen.Get("Authorization") == first {
		t.Error("oauth1: the same header twice")
	}
	one.In = "query"
	if send(contract.Auth{OAuth1: &one}); !strings.HasPrefix(query, "a=b&oauth_consumer_key=k&") || seen.Get("Authorization") != "" {
		t.Errorf("oauth1: got query %q", query)
	}
}
