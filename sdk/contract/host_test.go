package contract_test

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestCheckHostPattern(t *testing.T) {
	t.Parallel()
	bad := []string{
		"", "*", "*.com", "a.*", "example.*", "localhost", "https://a.example", "a.example/", "a.example:", "a.example:0", "a.example:65536",
		"a.example:0443", "a.example:x", "A.example", "a..example", ".example.com", "a.example.", "-a.example", "a-.example", "a*.x.example",
		"**.x.example", "127.0.0.1", "10.0.0.1:8080", "[::1]:443", "a_b.example", "user@a.example", "a.example:443:443", "é.example",
		strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 127) + "example",
	}
	for _, p := range bad {
		if contract.CheckHostPattern(p) == nil {
			t.Errorf("%q: got no error", p)
		}
		if contract.MatchHost(p, p) {
			t.Errorf("%q: a bad pattern matches", p)
		}
	}
	for _, p := range []string{"a.example", "api.pay-sandbox.rabobank.nl", "*.paypal.com", "*.*.a.example:8443", "xn--e1afmkfd.example"} {
		if err := contract.CheckHostPattern(p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func TestMatchHost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, host string
		want          bool
	}{
		{"*.acme.example", "acme.example", false},
		{"*.acme.example", ".acme.example", false},
		{"*.acme.example", "a.b.acme.example", false},
		{"*.acme.example", "a.acme.example.evil.test", false},
		{"*.acme.example", "aacme.example", false},
		{"api.acme.example", "api.acme.example:8443", false},
		{"api.acme.example:8443", "api.acme.example", false},
		{"api.acme.example", "api.acme.example:", false},
		{"api.acme.example", "user@api.acme.example", false},
		{"api.acme.example", "api.acme.example..", false},
		{"api.acme.example", "[api.acme.example]", false},
		{"api.acme.example", "", false},
		{"api.acme.example", "api.acme.example", true},
		{"api.acme.example", "API.acme.example:443", true},
		{"api.acme.example", "api.acme.example.", true},
		{"*.acme.example", "a.acme.example:443", true},
		{"api.acme.example:8443", "api.acme.example:8443", true},
	}
	for _, tt := range tests {
		if got := contract.MatchHost(tt.pattern, tt.host); got != tt.want {
			t.Errorf("MatchHost(%q, %q): got %t, want %t", tt.pattern, tt.host, got, tt.want)
		}
	}
}

func FuzzMatchHost(f *testing.F) {
	f.Add("*.acme.example:8443", "a.acme.example:8443")
	f.Add("a.example", "A.EXAMPLE.")
	f.Fuzz(func(t *testing.T, pattern, host string) {
		if !contract.MatchHost(pattern, host) {
			return
		}
		if strings.Count(pattern, ".") != strings.Count(strings.TrimSuffix(strings.Split(host, ":")[0], "."), ".") {
			t.Fatalf("%q matches %q with another number of labels", pattern, host)
		}
		if strings.ContainsAny(host, "@/?#[]\\ ") {
			t.Fatalf("%q matches %q", pattern, host)
		}
	})
}
