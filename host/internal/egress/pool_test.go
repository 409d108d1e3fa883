package egress

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// TestPool_reuse: once warm, 16 at a time open no new connection.
// Extism's own client opened about 30 in 1,000.
func TestPool_reuse(t *testing.T) {
	t.Parallel()
	const wide = 16
	var opened atomic.Int32
	var warm sync.WaitGroup
	warm.Add(wide)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/warm" {
			warm.Done()
			warm.Wait()
		}
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	c := newClient(t, Options{Roots: rootsOf(s)})
	each := func(path string, times int) {
		var all sync.WaitGroup
		for range wide {
			all.Go(func() {
				for range times {
					if a := c.Send(t.Context(), to(s.URL, contract.Request{Method: "POST", URL: s.URL + path, Body: "x"})); a.Error != nil {
						t.Error(a.Error)
					}
				}
			})
		}
		all.Wait()
	}
	each("/warm", 1)
	if got := opened.Load(); got != wide {
		t.Errorf("got %d connections, want %d", got, wide)
	}
	each("/", 60)
	// On a machine that is busy net/http gives up a connection whose writer was
	// not scheduled for 50 ms; nothing else opens one.
	if got := opened.Load() - wide; got > 2 {
		t.Errorf("got %d new connections in %d requests, want 0", got, wide*60)
	}
}

// TestPool_rulesAreNotShared: a connection to an inner address that one
// account may open is not used for another that may not.
func TestPool_rulesAreNotShared(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	s, ca := serveTLS(t, true, func(http.ResponseWriter, *http.Request) { arrived.Add(1) })
	c := newClient(t, Options{})
	with := func(change func(*Host)) Answer {
		o := to(s.URL, contract.Request{})
		o.Hosts[0].CA = ca
		change(&o.Hosts[0])
		return c.Send(t.Context(), o)
	}
	mustAnswer(t, with(func(*Host) {}))
	mustFail(t, with(func(h *Host) { h.AllowPrivate = false }), contract.ErrorBlocked, contract.SentNo, "not a permitted destination")
	mustFail(t, with(func(h *Host) { h.CA = "" }), contract.ErrorTLS, contract.SentNo, "unknown authority")
	mustFail(t, with(func(h *Host) { h.CA = "nonsense" }), contract.ErrorBlocked, contract.SentNo, "no certificate")
	if arrived.Load() != 1 {
		t.Errorf("%d arrived, want 1", arrived.Load())
	}
}

// TestPool_ownCAIsTheOnlyTrust: the client's roots do not count for a host with a CA of its own.
func TestPool_ownCAIsTheOnlyTrust(t *testing.T) {
	t.Parallel()
	s, _ := serveTLS(t, false, func(http.ResponseWriter, *http.Request) {})
	other := `-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn+dNuaTAKBggqhkjOPQQDAjASMRAw
DgYDVQQKEwdBY21lIENvMB4XDTE3MTAyMDE5NDMwNloXDTE4MTAyMDE5NDMwNlow
EjEQMA4GA1UEChMHQWNtZSBDbzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD0d
7VNhbWvZLWPuj/RtHFjvtJBEwOkhbN/BnnE8rnZR8+sbwnc/KhCk3FhnpHZnQz7B
5aETbbIgmuvewdjvSBSjYzBhMA4GA1UdDwEB/wQEAwICpDATBgNVHSUEDDAKBggr
BgEFBQcDATAPBgNVHRMBAf8EBTADAQH/MCkGA1UdEQQiMCCCDmxvY2FsaG9zdDo1
NDUzgg4xMjcuMC4wLjE6NTQ1MzAKBggqhkjOPQQDAgNIADBFAiEA2zpJEPQyz6/l
Wf86aX6PepsntZv2GYlA5UpabfT2EZICICpJ5h/iI+i341gBmLiAFQOyTDT+/wQc
6MF9+Yw1Yy0t
-----END CERTIFICATE-----`
	c := newClient(t, Options{Roots: rootsOf(s)})
	o := to(s.URL, contract.Request{})
	mustAnswer(t, c.Send(t.Context(), o))
	o.Hosts[0].CA = other
	mustFail(t, c.Send(t.Context(), o), contract.ErrorTLS, contract.SentNo, "")
}

func TestPool_oldTLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") }))
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	s.Config.ErrorLog = discard()
	s.StartTLS()
	t.Cleanup(s.Close)
	mustFail(t, newClient(t, Options{Roots: rootsOf(s)}).Send(t.Context(), to(s.URL, contract.Request{})), contract.ErrorTLS, contract.SentNo, "version")
}

func TestPool_wrongName(t *testing.T) {
	t.Parallel()
	s, _ := serveTLS(t, false, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	url := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	mustFail(t, newClient(t, Options{Roots: rootsOf(s)}).Send(t.Context(), to(url, contract.Request{})), contract.ErrorTLS, contract.SentNo, "")
}

// TestPool_bounded: the number of pools has an end, and what is dropped still works.
func TestPool_bounded(t *testing.T) {
	t.Parallel()
	s, ca := serveTLS(t, false, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, Options{MaxPools: 3})
	for i := range 10 {
		o := to(s.URL, contract.Request{})
		o.Hosts[0].CA = ca + strings.Repeat("\n", i)
		mustAnswer(t, c.Send(t.Context(), o))
	}
	if n := len(c.pools.byRule); n != 3 {
		t.Errorf("got %d pools, want 3", n)
	}
}

// TestPool_noProxy is not parallel: it sets the environment.
func TestPool_noProxy(t *testing.T) {
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request went to the proxy") })
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	t.Setenv("NO_PROXY", "")
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	mustAnswer(t, newClient(t, Options{}).Send(t.Context(), to(s.URL, contract.Request{})))
	dns := &zone{}
	c := newClient(t, Options{Resolver: dns.resolver(t)})
	mustFail(t, c.Send(t.Context(), to("http://provider.example", contract.Request{})), contract.ErrorDNS, contract.SentNo, "")
}

// TestSend_messages: no message holds a query, nor a secret that came back in an error.
func TestSend_messages(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, handle := range []func(net.Conn){
		func(c net.Conn) { readHead(c); _, _ = fmt.Fprint(c, "canary-key-0123456789 is no HTTP\r\n\r\n") },
		func(c net.Conn) { readHead(c) },
	} {
		url := raw(t, handle)
		o := to(url, contract.Request{URL: url + "/path?token=query-canary", Auth: &contract.Auth{Bearer: "key"}})
		o.Secrets = canary
		a := c.Send(t.Context(), o)
		mustFail(t, a, contract.ErrorReset, contract.SentMaybe, "GET "+url+"/path: ")
		if strings.Contains(a.Error.Message, "canary") {
			t.Errorf("got %s", a.Error.Message)
		}
	}
}
