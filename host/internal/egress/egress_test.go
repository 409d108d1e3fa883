package egress

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// purse is a set of secrets with their uses.
type purse map[string]struct {
	value string
	uses  []string
}

func (p purse) Secret(name string) (string, []string, bool) {
	s, ok := p[name]
	return s.value, s.uses, ok
}

func (p purse) Values() []string {
	var values []string
	for _, s := range p {
		values = append(values, s.value)
	}
	return values
}

// newClient makes a client that pauses without waiting and does not jitter.
func newClient(t *testing.T, opt Options) *Client {
	t.Helper()
	c := New(opt)
	c.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	c.jitter = func() float64 { return 1 }
	t.Cleanup(c.Close)
	return c
}

// serve starts a plain server on loopback.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// serveTLS starts a TLS server on loopback, HTTP/2 or not, and gives its certificate as PEM.
func serveTLS(t *testing.T, h2 bool, h http.HandlerFunc) (*httptest.Server, string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = h2
	s.Config.ErrorLog = discard()
	s.StartTLS()
	t.Cleanup(s.Close)
	return s, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

func rootsOf(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// raw starts a TCP server on loopback that gives each connection to handle and then closes it.
func raw(t *testing.T, handle func(net.Conn)) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			handle(conn)
			_ = conn.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

// to grants exactly the server at a URL, on loopback and without TLS.
func to(url string, r contract.Request) Outbound {
	pattern, err := HostOf(url)
	if err != nil {
		panic(err)
	}
	if r.URL == "" {
		r.URL = url
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	return Outbound{Request: r, Hosts: []Host{{Pattern: pattern, AllowPrivate: true, AllowHTTP: true}}, Timeout: 30 * time.Second}
}

// mustAnswer fails the test unless there is a response.
func mustAnswer(t *testing.T, a Answer) contract.Response {
	t.Helper()
	if a.Error != nil || a.Response == nil {
		t.Fatalf("got %v, want a response", a.Error)
	}
	return *a.Response
}

// mustFail fails the test unless the answer is this error.
func mustFail(t *testing.T, a Answer, kind contract.ErrorKind, sent contract.Sent, says string) {
	t.Helper()
	if a.Error == nil || a.Response != nil {
		t.Fatalf("got response %+v, want %s", a.Response, kind)
	}
	if a.Error.Kind != kind || a.Error.Sent != sent || !strings.Contains(a.Error.Message, says) {
		t.Errorf("got %v, want %s (sent: %s) saying %q", a.Error, kind, sent, says)
	}
	if a.At.IsZero() {
		t.Error("the error has no time")
	}
}
