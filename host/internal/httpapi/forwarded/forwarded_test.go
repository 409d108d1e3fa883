package forwarded

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestClient(t *testing.T) {
	proxies := Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	tests := []struct {
		name    string
		proxies Proxies
		remote  string
		headers []string
		want    string
	}{
		{"no proxies, a header all the same", nil, "198.51.100.1:1", []string{"192.0.2.1"}, "198.51.100.1"},
		{"not a proxy", proxies, "198.51.100.1:1", []string{"192.0.2.1"}, "198.51.100.1"},
		{"a proxy without a header", proxies, "10.0.0.1:1", nil, "10.0.0.1"},
		{"a proxy", proxies, "10.0.0.1:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"two proxies", proxies, "10.0.0.1:1", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
		{"two headers", proxies, "10.0.0.1:1", []string{"192.0.2.1", "10.0.0.2"}, "192.0.2.1"},
		{"what the client wrote before", proxies, "10.0.0.1:1", []string{"203.0.113.9, 192.0.2.1"}, "192.0.2.1"},
		{"the client pretends to be a proxy", proxies, "10.0.0.1:1", []string{"203.0.113.9, 10.9.9.9, 192.0.2.1"}, "192.0.2.1"},
		{"proxies all the way", proxies, "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"rubbish", proxies, "10.0.0.1:1", []string{"192.0.2.1, unknown"}, "10.0.0.1"},
		{"an empty header", proxies, "10.0.0.1:1", []string{""}, "10.0.0.1"},
		{"a port", proxies, "10.0.0.1:1", []string{"192.0.2.1:4711"}, "192.0.2.1"},
		{"IPv6", proxies, "[fd00::1]:1", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 with port", proxies, "[fd00::1]:1", []string{"[2001:db8::1]:99"}, "2001:db8::1"},
		{"IPv6 in brackets", proxies, "[fd00::1]:1", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv4 in IPv6", proxies, "[::ffff:10.0.0.1]:1", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"a zone", proxies, "[fe80::1%eth0]:1", nil, "fe80::1"},
		{"a socket of the machine", proxies, "@", []string{"192.0.2.1"}, "invalid IP"},
		{"nothing", nil, "", nil, "invalid IP"},
	}
	for _, tt := range tests {
		r := &http.Request{RemoteAddr: tt.remote, Header: http.Header{"X-Forwarded-For": tt.headers}}
		if got := tt.proxies.Client(r).String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
