package egress

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// TestRepeat lists once what is sent again.
func TestRepeat(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	get, post := contract.Request{Method: "GET"}, contract.Request{Method: "POST", Body: "x"}
	may := contract.Request{Method: "POST", Body: "x", Repeat: &yes}
	for _, tc := range []struct {
		name     string
		req      contract.Request
		statuses string // what is answered in turn; 0 hangs up
		want     int    // the status in the end, 0 for an error
		attempts int
	}{
		{"all well", get, "200", 200, 1},
		{"a redirect", get, "302 200", 302, 1},
		{"bad request", get, "400 200", 400, 1},
		{"unauthorized", get, "401 200", 401, 1},
		{"not found", get, "404 200", 404, 1},
		{"conflict", get, "409 200", 409, 1},
		{"too many, then well", get, "429 200", 200, 2},
		{"internal, then well", get, "500 200", 200, 2},
		{"bad gateway twice, then well", get, "502 502 200", 200, 3},
		{"unavailable for ever", get, "503 503 503 200", 503, 3},
		{"hung up, then well", get, "0 200", 200, 2},
		{"hung up for ever", get, "0 0 0 200", 0, 3},
		{"a write", post, "503 200", 503, 1},
		{"a write, hung up", post, "0 200", 0, 1},
		{"a write that may be repeated", may, "503 0 200", 200, 3},
		{"a read that may not be repeated", contract.Request{Method: "GET", Repeat: &no}, "503 200", 503, 1},
		{"a read that consumes", contract.Request{Method: "GET", Consumes: true, Repeat: &yes}, "503 200", 503, 1},
		{"a write that reads", contract.Request{Method: "POST", Body: "x", Effect: contract.Read}, "503 200", 200, 2},
		{"a GET that writes", contract.Request{Method: "GET", Effect: contract.Write}, "503 200", 503, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				var status int
				_, _ = fmt.Sscan(strings.Fields(tc.statuses)[n.Add(1)-1], &status)
				if b, _ := io.ReadAll(r.Body); string(b) != tc.req.Body {
					t.Errorf("got body %q", b)
				}
				if status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(status)
			})
			a := newClient(t, Options{}).Send(t.Context(), to(s.URL, tc.req))
			if a.Attempts != tc.attempts || int(n.Load()) != tc.attempts {
				t.Errorf("got %d attempts, %d arrived, want %d", a.Attempts, n.Load(), tc.attempts)
			}
			if tc.want == 0 {
				mustFail(t, a, contract.ErrorReset, contract.SentMaybe, "")
			} else if got := mustAnswer(t, a).Status; got != tc.want {
				t.Errorf("got status %d, want %d", got, tc.want)
			}
		})
	}
}

func TestRepeat_pauses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, after string
		jitter      float64
		want        []time.Duration
	}{
		{"growing", "", 1, []time.Duration{200 * time.Millisecond, 600 * time.Millisecond}},
		{"with jitter", "", 0.5, []time.Duration{100 * time.Millisecond, 300 * time.Millisecond}},
		{"as told, in seconds", "2", 1, []time.Duration{2 * time.Second, 2 * time.Second}},
		{"as told, by date", "Thu, 01 Jan 1970 00:00:03 GMT", 1, []time.Duration{3 * time.Second, 3 * time.Second}},
		{"by a date gone by", "Thu, 01 Jan 1960 00:00:03 GMT", 1, []time.Duration{200 * time.Millisecond, 600 * time.Millisecond}},
		{"nonsense", "soon", 1, []time.Duration{200 * time.Millisecond, 600 * time.Millisecond}},
		{"longer than there is time", "60", 1, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", tc.after)
				w.WriteHeader(http.StatusServiceUnavailable)
			})
			c := newClient(t, Options{Clock: func() time.Time { return time.Unix(0, 0) }})
			var got []time.Duration
			c.pause = func(_ context.Context, d time.Duration) error { got = append(got, d); return nil }
			c.jitter = func() float64 { return tc.jitter }
			if r := mustAnswer(t, c.Send(t.Context(), to(s.URL, contract.Request{}))); r.Status != 503 {
				t.Errorf("got %d", r.Status)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

// TestRepeat_notBehindOurBack has a connection that was kept alive break
// under each kind of request that net/http would send again by itself.
func TestRepeat_notBehindOurBack(t *testing.T) {
	t.Parallel()
	no := false
	key := map[string]string{"Idempotency-Key": "k"}
	for _, tc := range []struct {
		name string
		req  contract.Request
	}{
		{"a read that consumes", contract.Request{Method: "GET", Consumes: true}},
		{"a read not to be repeated", contract.Request{Method: "HEAD", Repeat: &no}},
		{"options", contract.Request{Method: "OPTIONS"}},
		{"a write with a key", contract.Request{Method: "POST", Headers: key, Body: "x"}},
		{"a write with a key and no body", contract.Request{Method: "POST", Headers: key}},
		{"a write with another key", contract.Request{Method: "DELETE", Headers: map[string]string{"x-idempotency-key": "k"}}},
		{"a read", contract.Request{Method: "GET"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var heads atomic.Int32
			url := raw(t, func(c net.Conn) {
				readHead(c)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				readHead(c)
				heads.Add(1)
			})
			c := newClient(t, Options{})
			mustAnswer(t, c.Send(t.Context(), to(url, contract.Request{}))) // opens the connection
			a := c.Send(t.Context(), to(url, tc.req))
			if tc.req.Repeatable() {
				if mustAnswer(t, a); a.Attempts != 2 {
					t.Errorf("got %d attempts, want 2", a.Attempts)
				}
				return
			}
			mustFail(t, a, contract.ErrorReset, contract.SentMaybe, "")
			if heads.Load() != 1 || a.Attempts != 1 {
				t.Errorf("arrived %d times, %d attempts, want 1", heads.Load(), a.Attempts)
			}
		})
	}
}

func TestTracker(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer func() { _ = near.Close() }()
	go func() { _, _ = io.Copy(io.Discard, far) }()
	conn := &countedConn{Conn: near}
	got := func(tr *tracker, reused bool) *httptrace.ClientTrace {
		hooks := httptrace.ContextClientTrace(tr.trace(t.Context()))
		hooks.GotConn(httptrace.GotConnInfo{Conn: conn, Reused: reused})
		return hooks
	}
	_, _ = conn.Write([]byte("of another request"))
	tr := &tracker{}
	hooks := got(tr, true)
	hooks.WroteHeaderField("Host", nil) // into a buffer only
	if tr.outcome() != contract.SentNo || !tr.stale() || tr.times() != 1 {
		t.Error("nothing was written: want no, stale")
	}
	tr = &tracker{}
	got(tr, true)
	_, _ = conn.Write([]byte("x"))
	got(tr, false) // the transport goes on to another connection
	if tr.outcome() != contract.SentMaybe || tr.stale() {
		t.Error("something was written before: want maybe")
	}
	_ = far.Close()
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreakers(Breaker{Failures: 3, Open: 15 * time.Second}, New(Options{}).opt.Logger)
		tell := func(a Answer) error {
			done, err := b.allow("acc", "h:443")
			if err == nil {
				done(a)
			}
			return err
		}
		status := func(n int) Answer { return Answer{Response: &contract.Response{Status: n}} }
		kind := func(k contract.ErrorKind) Answer { return Answer{Error: &contract.ExchangeError{Kind: k}} }
		for _, a := range []Answer{status(400), status(401), status(429), status(404), status(200), status(302), kind(contract.ErrorBlocked), kind(contract.ErrorLost), kind(contract.ErrorTooLarge)} {
			for range 5 {
				_ = tell(a)
			}
			if got := b.state("acc"); got != "closed" {
				t.Fatalf("after %+v: got %s, want closed", a, got)
			}
		}
		for _, trouble := range []Answer{status(500), kind(contract.ErrorTimeout), kind(contract.ErrorRefused), kind(contract.ErrorReset), kind(contract.ErrorDNS), kind(contract.ErrorTLS)} {
			_, _ = tell(trouble), tell(trouble)
			_ = tell(status(404)) // begins anew
			_, _, _ = tell(trouble), tell(trouble), tell(kind(contract.ErrorBlocked))
			if got := b.state("acc"); got != "closed" {
				t.Fatalf("got %s, want closed", got)
			}
			_ = tell(trouble)
			if got := b.state("acc"); got != "open" || tell(status(200)) == nil {
				t.Fatalf("after %+v: got %s, want open", trouble, got)
			}
			time.Sleep(16 * time.Second) // of the bubble's time
			if got := b.state("acc"); got != "half-open" {
				t.Fatalf("got %s, want half-open", got)
			}
			if err := tell(status(200)); err != nil || b.state("acc") != "closed" {
				t.Fatalf("got %v, %s, want closed", err, b.state("acc"))
			}
		}
		if b.state("other") != "closed" {
			t.Error("a breaker nobody used is not closed")
		}
		for i := range 2 * maxBreakers {
			_ = b.breaker(fmt.Sprint(i), "h:443")
		}
		if b.count > maxBreakers {
			t.Errorf("%d breakers are kept", b.count)
		}
	})
}

func TestBreaker_blocksNothingLeaves(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { n.Add(1); w.WriteHeader(http.StatusInternalServerError) })
	c := newClient(t, Options{Breaker: Breaker{Failures: 2, Open: time.Hour}})
	o := to(s.URL, contract.Request{})
	o.Breaker = "acc_1"
	// The breaker opens in the middle of the attempts: the last answer stands.
	if a := c.Send(t.Context(), o); mustAnswer(t, a).Status != 500 || a.Attempts != 2 {
		t.Errorf("got %+v", a)
	}
	mustFail(t, c.Send(t.Context(), o), contract.ErrorBlocked, contract.SentNo, "left alone")
	if c.State("acc_1") != "open" || n.Load() != 2 {
		t.Errorf("state %s, %d arrived", c.State("acc_1"), n.Load())
	}
	o.Breaker = "acc_2"
	if a := c.Send(t.Context(), o); mustAnswer(t, a).Status != 500 {
		t.Errorf("another account: got %+v", a)
	}
}
