package egress

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestSend_refused_nothingArrives(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { arrived.Add(1) })
	c := newClient(t, Options{})
	name := strings.TrimPrefix(s.URL, "http://")
	long := strings.Repeat("a", maxURL)
	for _, tc := range []struct {
		name string
		req  contract.Request
		host Host
		says string
	}{
		{"no host granted", contract.Request{}, Host{}, "not granted"},
		{"another port", contract.Request{}, Host{Pattern: "127.0.0.1:1", AllowHTTP: true}, "not granted"},
		{"the port is not in the pattern", contract.Request{}, Host{Pattern: "127.0.0.1", AllowHTTP: true}, "not granted"},
		{"no TLS", contract.Request{}, Host{Pattern: name, AllowPrivate: true}, "over TLS only"},
		{"no private addresses", contract.Request{}, Host{Pattern: name, AllowHTTP: true}, "not a permitted destination"},
		{"another scheme", contract.Request{URL: "ftp://" + name}, Host{}, "neither https nor http"},
		{"a file", contract.Request{URL: "file:///etc/passwd"}, Host{}, "neither https nor http"},
		{"no scheme", contract.Request{URL: "//" + name}, Host{}, "neither"},
		{"a user", contract.Request{URL: "http://u:p@" + name}, Host{}, "holds a user"},
		{"a fragment", contract.Request{URL: s.URL + "/#x"}, Host{}, "fragment"},
		{"an empty fragment", contract.Request{URL: s.URL + "/#"}, Host{}, "fragment"},
		{"a space in the query", contract.Request{URL: s.URL + "/?a b"}, Host{}, "percent-encoded"},
		{"a line feed", contract.Request{URL: s.URL + "/\n"}, Host{}, "cannot be read"},
		{"a URL too long", contract.Request{URL: s.URL + "/" + long}, Host{}, "cannot be read"},
		{"no host", contract.Request{URL: "http:///x"}, Host{}, "names no host"},
		{"a zone", contract.Request{URL: "http://[fe80::1%25lo]/"}, Host{}, "zone"},
		{"a name that is not ASCII", contract.Request{URL: "http://bücher.example/"}, Host{}, "ASCII"},
		{"port 0", contract.Request{URL: "http://127.0.0.1:0/"}, Host{}, "port"},
		{"no method", contract.Request{Method: " "}, Host{}, "method"},
		{"a method in small letters", contract.Request{Method: "get"}, Host{}, "method"},
		{"a method with a line feed", contract.Request{Method: "GET\r\nX: y"}, Host{}, "method"},
		{"a tunnel", contract.Request{Method: "CONNECT"}, Host{}, "not sent"},
		{"header host", contract.Request{Headers: map[string]string{"Host": "inside"}}, Host{}, "cannot be set"},
		{"header content-length", contract.Request{Headers: map[string]string{"Content-Length": "1"}}, Host{}, "cannot be set"},
		{"header transfer-encoding", contract.Request{Headers: map[string]string{"transfer-Encoding": "chunked"}}, Host{}, "cannot be set"},
		{"header connection", contract.Request{Headers: map[string]string{"connection": "close"}}, Host{}, "cannot be set"},
		{"header expect", contract.Request{Headers: map[string]string{"EXPECT": "100-continue"}}, Host{}, "cannot be set"},
		{"header upgrade", contract.Request{Headers: map[string]string{"Upgrade": "websocket"}}, Host{}, "cannot be set"},
		{"header proxy-x", contract.Request{Headers: map[string]string{"Proxy-X": "y"}}, Host{}, "cannot be set"},
		{"a header's value with a line feed", contract.Request{Headers: map[string]string{"X": "a\r\nHost: inside"}}, Host{}, "control character"},
		{"a header's name with a line feed", contract.Request{Headers: map[string]string{"X\r\nY": "a"}}, Host{}, "characters"},
		{"a header without a name", contract.Request{Headers: map[string]string{"": "a"}}, Host{}, "characters"},
		{"a header twice", contract.Request{Headers: map[string]string{"X-A": "a", "x-a": "b"}}, Host{}, "twice"},
		{"headers too large", contract.Request{Headers: map[string]string{"X-A": strings.Repeat("a", maxHeaders)}}, Host{}, "too large"},
		{"two bodies", contract.Request{Method: "POST", Body: "a", BodyBase64: []byte("a")}, Host{}, "both body and body_base64"},
		{"a pointer that is none", contract.Request{Keep: map[string]contract.Keep{"t": {Pointer: "a"}}}, Host{}, "JSON pointer"},
		{"a unit that is none", contract.Request{Keep: map[string]contract.Keep{"t": {Pointer: "/a", TTLUnit: "h"}}}, Host{}, "ttl_unit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := to(s.URL, tc.req)
			if strings.Contains(tc.name, "granted") || tc.host.Pattern != "" {
				o.Hosts = []Host{tc.host}
			}
			a := c.Send(t.Context(), o)
			mustFail(t, a, contract.ErrorBlocked, contract.SentNo, tc.says)
		})
	}
	if n := arrived.Load(); n != 0 {
		t.Errorf("%d requests arrived, want 0", n)
	}
}

func TestGrant(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, url string
		want         bool
	}{
		{"api.example.com", "https://api.example.com/x", true},
		{"api.example.com", "https://API.Example.com./x", true},
		{"api.example.com", "https://api.example.com:443/x", true},
		{"api.example.com", "https://api.example.com:8443/x", false},
		{"api.example.com:8443", "https://api.example.com:8443/x", true},
		{"api.example.com", "https://api.example.com.evil.example/x", false},
		{"api.example.com", "https://evil-api.example.com/x", false},
		{"*.example.com", "https://a.example.com/", true},
		{"*.example.com", "https://a.b.example.com/", false},
		{"*.example.com", "https://example.com/", false},
		{"*", "https://example.com/", false},
		{"*.com", "https://example.com/", false},
		{"shop.local:80", "http://shop.local/", true},
		{"shop.local", "http://shop.local/", false},
		{"terminal", "https://terminal/", true},
		{"127.0.0.1:8080", "https://127.0.0.1:8080/", true},
		{"[::1]:8080", "https://[0:0::1]:8080/", true},
		{"[::1]", "https://[::1]/", true},
		{"127.0.0.1", "https://2130706433/", false},
		{"127.0.0.1", "https://0x7f.1/", false},
		{"127.0.0.1", "https://[::ffff:127.0.0.1]/", false},
		{"", "https://example.com/", false},
	} {
		u, hostport, err := parseURL(tc.url)
		if err != nil {
			t.Fatalf("%s: %v", tc.url, err)
		}
		if _, err := grant([]Host{{Pattern: tc.pattern, AllowHTTP: true}}, u.Scheme, hostport); (err == nil) != tc.want {
			t.Errorf("pattern %q, %s: got %v, want granted=%v", tc.pattern, tc.url, err, tc.want)
		}
	}
}

func TestGrant_whichRulesWin(t *testing.T) {
	t.Parallel()
	hosts := []Host{
		{Pattern: "a.example.com"}, {Pattern: "a.example.com", AllowPrivate: true}, {Pattern: "*.example.com", AllowHTTP: true},
	}
	got, err := grant(hosts, "https", "a.example.com:443")
	if err != nil || !got.AllowPrivate || got.AllowHTTP {
		t.Errorf("got %+v, %v, want the later of the exact ones", got, err)
	}
	if got, err = grant(hosts, "https", "b.example.com:443"); err != nil || got.AllowPrivate {
		t.Errorf("got %+v, %v, want the pattern with *", got, err)
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	got := Origins([]string{"https://shop.example", "http://localhost:8083", "nonsense"}, true, true)
	if len(got) != 2 || got[0].Pattern != "shop.example:443" || got[1].Pattern != "localhost:8083" || !got[1].AllowPrivate || !got[1].AllowHTTP {
		t.Errorf("got %+v", got)
	}
}

// TestSend_notice is how a shop is told: its origins are the hosts, the
// caller has signed the body, and there are no secrets.
func TestSend_notice(t *testing.T) {
	t.Parallel()
	var got string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Webhook-Signature")
		w.WriteHeader(http.StatusGone)
	})
	notice := Outbound{
		Request: contract.Request{Method: "POST", URL: s.URL + "/notify", Headers: map[string]string{"webhook-signature": "v1,x"}, Body: "{}"},
		Hosts:   Origins([]string{s.URL}, true, true),
	}
	c := newClient(t, Options{})
	if r := mustAnswer(t, c.Send(t.Context(), notice)); r.Status != http.StatusGone || got != "v1,x" {
		t.Errorf("got %d, signature %q", r.Status, got)
	}
	notice.Hosts = Origins([]string{s.URL}, false, false)
	mustFail(t, c.Send(t.Context(), notice), contract.ErrorBlocked, contract.SentNo, "TLS only")
}
