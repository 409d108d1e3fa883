package bench

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands in front of a server and counts round trips: how often a
// client spoke after the server had, whatever the number of commands. Opening
// a connection is one more, which is not an operation's.
type proxy struct {
	listener net.Listener
	target   string
	trips    atomic.Int64
	ran      sync.WaitGroup
}

// newProxy begins to serve; the test's end ends it.
func newProxy(tb testing.TB, target string) *proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{listener: l, target: target}
	p.ran.Go(p.accept)
	tb.Cleanup(func() { _ = l.Close(); p.ran.Wait() })
	return p
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.trips.Add(-1) // its greeting
		var waiting atomic.Bool
		p.ran.Go(func() {
			pass(server, client, func() {
				if waiting.CompareAndSwap(false, true) {
					p.trips.Add(1)
				}
			})
		})
		p.ran.Go(func() { pass(client, server, func() { waiting.Store(false) }) })
	}
}

// pass copies until either side ends, and closes both.
func pass(to, from net.Conn, seen func()) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 256<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			seen()
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func TestProxy_countsTurns(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.Copy(c, c)
	}()
	p := newProxy(t, l.Addr().String())
	c, err := net.Dial("tcp", p.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i, text := range []string{"greeting", "one", "two and three", "four"} {
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, len(text))); err != nil {
			t.Fatal(err)
		}
		if got := p.trips.Load(); got != int64(i) {
			t.Errorf("%s: got %d round trips, want %d", text, got, i)
		}
	}
}
