package egress

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
	"golang.org/x/net/dns/dnsmessage"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		address         string
		public, private bool
	}{
		{"127.0.0.1:443", false, true},
		{"127.255.0.1:80", false, true},
		{"10.1.2.3:443", false, true},
		{"172.16.0.1:443", false, true},
		{"172.32.0.1:443", true, true},
		{"192.168.1.1:443", false, true},
		{"[::1]:443", false, true},
		{"[fd12::1]:443", false, true},
		{"0.0.0.0:443", false, false},
		{"[::]:443", false, false},
		{"169.254.169.254:80", false, false},
		{"[fe80::1]:80", false, false},
		{"[fd00:ec2::254]:80", false, false},
		{"[fd20:ce::254]:80", false, false},
		{"100.100.100.200:80", false, false},
		{"[::ffff:127.0.0.1]:443", false, false},
		{"[::ffff:169.254.169.254]:80", false, false},
		{"[64:ff9b::7f00:1]:443", false, false},
		{"[2002:7f00:1::]:443", false, false},
		{"[2001::1]:443", false, false},
		{"224.0.0.1:443", false, false},
		{"255.255.255.255:443", false, false},
		{"192.0.2.1:443", false, false},
		{"198.18.0.1:443", false, false},
		{"1.1.1.1:443", true, true},
		{"1.1.1.1:8443", true, true},
		{"[2606:4700::1111]:443", true, true},
		{"nonsense", false, false},
	} {
		network := "tcp4"
		if strings.HasPrefix(tc.address, "[") {
			network = "tcp6"
		}
		if got := guard(false)(network, tc.address, nil) == nil; got != tc.public {
			t.Errorf("%s: got let through %v, want %v", tc.address, got, tc.public)
		}
		if got := guard(true)(network, tc.address, nil) == nil; got != tc.private {
			t.Errorf("%s with private addresses: got let through %v, want %v", tc.address, got, tc.private)
		}
	}
	if guard(true)("udp4", "127.0.0.1:53", nil) == nil {
		t.Error("udp was let through")
	}
}

// TestGuard_addressesAsWritten sends to odd spellings of inner addresses, all of them granted.
func TestGuard_addressesAsWritten(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	dns := &zone{addrs: map[string][]netip.Addr{}}
	c := newClient(t, Options{Resolver: dns.resolver(t)})
	for _, host := range []string{
		"127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0.0.0.0", "0", "localhost", "LOCALHOST.",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "169.254.169.254",
	} {
		o := to("http://"+host+":"+port, contract.Request{})
		o.Hosts[0].AllowPrivate = false
		a := c.Send(t.Context(), o)
		if a.Error == nil || (a.Error.Kind != contract.ErrorBlocked && a.Error.Kind != contract.ErrorDNS) || a.Error.Sent != contract.SentNo {
			t.Errorf("%s: got %v, want blocked or dns, sent no", host, a.Error)
		}
	}
}

// TestGuard_rebinding has a name point outside when it is first asked for and inside the next time.
func TestGuard_rebinding(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	dns := &zone{addrs: map[string][]netip.Addr{
		"inside.example.": {netip.MustParseAddr("127.0.0.1")},
		"cloud.example.":  {netip.MustParseAddr("169.254.169.254")},
		"mixed.example.":  {netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("127.0.0.1")},
	}}
	c := newClient(t, Options{Resolver: dns.resolver(t)})
	for _, name := range []string{"inside.example", "cloud.example", "mixed.example"} {
		o := to("http://"+name+":"+port, contract.Request{})
		o.Hosts[0].AllowPrivate = false
		mustFail(t, c.Send(t.Context(), o), contract.ErrorBlocked, contract.SentNo, "not a permitted destination")
	}
	mustFail(t, c.Send(t.Context(), to("http://nowhere.example", contract.Request{})), contract.ErrorDNS, contract.SentNo, "nowhere.example")
	// The cloud's own address stays closed even where private ones are open.
	mustFail(t, c.Send(t.Context(), to("http://cloud.example", contract.Request{})), contract.ErrorBlocked, contract.SentNo, "")
}

// zone is a name server on loopback.
type zone struct {
	mu    sync.Mutex
	addrs map[string][]netip.Addr
}

func (z *zone) resolver(t *testing.T) *net.Resolver {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = conn.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply := z.reply(buf[:n]); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (z *zone) reply(question []byte) []byte {
	z.mu.Lock()
	defer z.mu.Unlock()
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	addrs, known := z.addrs[q.Name.String()]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	if !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, a := range addrs {
		if q.Type == dnsmessage.TypeA && a.Is4() {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 0},
				Body:   &dnsmessage.AResource{A: a.As4()},
			})
		}
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}
