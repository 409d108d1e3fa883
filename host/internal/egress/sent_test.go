package egress

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

// readHead reads a request's head, so that closing afterwards is no reset.
func readHead(c net.Conn) {
	r := bufio.NewReader(c)
	for {
		if line, err := r.ReadString('\n'); err != nil || line == "\r\n" {
			return
		}
	}
}

// hang reads until the client goes.
func hang(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// TestSent shows for each way in which a request can go wrong what is known of it.
func TestSent(t *testing.T) {
	t.Parallel()
	refusing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = refusing.Close()
	answer := func(text string) func(net.Conn) {
		return func(c net.Conn) { readHead(c); _, _ = io.WriteString(c, text) }
	}
	thenHang := func(text string) func(net.Conn) {
		return func(c net.Conn) { readHead(c); _, _ = io.WriteString(c, text); hang(c) }
	}
	quick := func(o *Outbound) { o.Timeout = 400 * time.Millisecond }
	tls := func(o *Outbound) { o.Request.URL = strings.Replace(o.Request.URL, "http:", "https:", 1) }
	for _, tc := range []struct {
		name   string
		handle func(net.Conn)
		change func(*Outbound)
		kind   contract.ErrorKind
		sent   contract.Sent
	}{
		{"refused", nil, nil, contract.ErrorRefused, contract.SentNo},
		{"not granted", nil, func(o *Outbound) { o.Hosts = nil }, contract.ErrorBlocked, contract.SentNo},
		{"too late", hang, func(o *Outbound) { o.NotAfter = time.Now().Add(-time.Second) }, contract.ErrorBlocked, contract.SentNo},
		{"an address inside", hang, func(o *Outbound) { o.Hosts[0].AllowPrivate = false }, contract.ErrorBlocked, contract.SentNo},
		{"closed at once instead of TLS", func(net.Conn) {}, tls, contract.ErrorTLS, contract.SentNo},
		{"text instead of TLS", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, tls, contract.ErrorTLS, contract.SentNo},
		{"silence instead of TLS", hang, func(o *Outbound) { tls(o); quick(o) }, contract.ErrorTimeout, contract.SentNo},
		{"read and closed", readHead, nil, contract.ErrorReset, contract.SentMaybe},
		{"read and reset", func(c net.Conn) { readHead(c); _ = c.(*net.TCPConn).SetLinger(0) }, nil, contract.ErrorReset, contract.SentMaybe},
		{"read and silent", hang, quick, contract.ErrorTimeout, contract.SentMaybe},
		{"nonsense", answer("SSH-2.0-OpenSSH_9.9\r\n\r\n"), nil, contract.ErrorReset, contract.SentMaybe},
		{"half a status line", answer("HTTP/1.1 20"), nil, contract.ErrorReset, contract.SentMaybe},
		{"half a head", answer("HTTP/1.1 200 OK\r\nContent-Le"), nil, contract.ErrorReset, contract.SentMaybe},
		{"a head that does not end", thenHang("HTTP/1.1 200 OK\r\nX: y\r\n"), quick, contract.ErrorTimeout, contract.SentMaybe},
		{"half a body", answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), nil, contract.ErrorReset, contract.SentYes},
		{"a body that does not end", thenHang("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), quick, contract.ErrorTimeout, contract.SentYes},
		{"half a chunk", answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"), nil, contract.ErrorReset, contract.SentYes},
		{"a body said too large", answer("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"), nil, contract.ErrorTooLarge, contract.SentYes},
		{"a body without end, too large", answer("HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", 2000)), nil, contract.ErrorTooLarge, contract.SentYes},
		{"headers too large", answer("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 3*maxHeaders) + "\r\n\r\n"), nil, contract.ErrorTooLarge, contract.SentYes},
		{"another protocol", answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), nil, contract.ErrorReset, contract.SentYes},
		{"a status of no class", answer("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"), nil, contract.ErrorReset, contract.SentYes},
	} {
		for _, method := range []string{"GET", "POST"} {
			t.Run(tc.name+" "+method, func(t *testing.T) {
				t.Parallel()
				url := "http://" + refusing.Addr().String()
				if tc.handle != nil {
					url = raw(t, tc.handle)
				}
				no := false
				o := to(url, contract.Request{Method: method, Repeat: &no})
				if method == "POST" {
					o.Request.Body = "a=b"
				}
				o.MaxBody = 1000
				if tc.change != nil {
					tc.change(&o)
				}
				a := newClient(t, Options{}).Send(t.Context(), o)
				mustFail(t, a, tc.kind, tc.sent, "")
				if want := 1; tc.kind != contract.ErrorBlocked && a.Attempts != want {
					t.Errorf("got %d attempts, want %d", a.Attempts, want)
				}
			})
		}
	}
}

func TestSent_http2(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s, ca := serveTLS(t, true, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("got %s, want HTTP/2", r.Proto)
		}
		switch r.URL.Path {
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/half":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		case "/hang":
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
	})
	defer close(release)
	c := newClient(t, Options{})
	for _, tc := range []struct {
		path string
		kind contract.ErrorKind
		sent contract.Sent
	}{
		{"/abort", contract.ErrorReset, contract.SentMaybe},
		{"/half", contract.ErrorReset, contract.SentYes},
		{"/hang", contract.ErrorTimeout, contract.SentMaybe},
	} {
		o := to(s.URL, contract.Request{Method: "POST", URL: s.URL + tc.path, Body: "x"})
		o.Hosts[0].CA = ca
		if tc.path == "/hang" {
			o.Timeout = 400 * time.Millisecond
		}
		mustFail(t, c.Send(t.Context(), o), tc.kind, tc.sent, "")
	}
}

func TestSent_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	url := raw(t, func(c net.Conn) { readHead(c); cancel(); hang(c) })
	c := newClient(t, Options{})
	mustFail(t, c.Send(ctx, to(url, contract.Request{})), contract.ErrorLost, contract.SentMaybe, "")
	mustFail(t, c.Send(ctx, to(url, contract.Request{})), contract.ErrorLost, contract.SentNo, "")
}

func TestSent_closed(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	url := raw(t, func(conn net.Conn) { readHead(conn); go c.Close(); hang(conn) })
	mustFail(t, c.Send(t.Context(), to(url, contract.Request{Method: "POST", Body: "x"})), contract.ErrorLost, contract.SentMaybe, "")
	c.Close()
	mustFail(t, c.Send(t.Context(), to(url, contract.Request{})), contract.ErrorBlocked, contract.SentNo, "stopping")
}

func TestSent_notAfter(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, Options{Clock: func() time.Time { return time.Unix(10, 0) }})
	o := to(s.URL, contract.Request{})
	o.NotAfter = time.Unix(9, 0)
	mustFail(t, c.Send(t.Context(), o), contract.ErrorBlocked, contract.SentNo, "too late")
	o.NotAfter = time.Unix(10, 0)
	if a := c.Send(t.Context(), o); mustAnswer(t, a).Status != http.StatusOK || !a.At.Equal(time.Unix(10, 0)) {
		t.Errorf("got %+v", a)
	}
}
