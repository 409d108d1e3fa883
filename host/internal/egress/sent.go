package egress

import (
	"context"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// countedConn counts what was written to it. An HTTP/1 connection carries one
// request at a time, so the difference is what that request wrote. Of TLS the
// text is counted: a farewell is none, and half a record cannot be read.
type countedConn struct {
	net.Conn
	written atomic.Int64
}

func (c *countedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	return n, err
}

// tracker knows of one sending whether bytes left.
type tracker struct {
	mu sync.Mutex
	// conn is the HTTP/1 connection, from is what others wrote to it before.
	conn *countedConn
	from int64
	// left is set once something left on a connection before this one, or on
	// an HTTP/2 connection, where it errs on the side of yes.
	left   bool
	reused bool
	// sendings counts those that began to leave.
	sendings int
}

func (t *tracker) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.settle()
			t.reused = info.Reused
			if t.conn, _ = info.Conn.(*countedConn); t.conn != nil {
				t.from = t.conn.written.Load()
			}
		},
		WroteHeaderField: func(string, []string) {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.conn == nil && !t.left {
				t.left = true
				t.sendings++
			}
		},
	})
}

// settle books what was written to the connection so far. The lock is held.
func (t *tracker) settle() {
	if t.conn != nil && t.conn.written.Load() > t.from {
		t.left = true
		t.sendings++
	}
	t.conn = nil
}

// outcome is what is known when there is no answer: no or maybe.
func (t *tracker) outcome() contract.Sent {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle()
	if t.left {
		return contract.SentMaybe
	}
	return contract.SentNo
}

// times is how often the request went out; the transport may have sent it
// again by itself over another connection.
func (t *tracker) times() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle()
	return max(t.sendings, 1)
}

// stale says that a connection kept alive was found dead before anything was written to it.
func (t *tracker) stale() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle()
	return t.reused && !t.left
}
