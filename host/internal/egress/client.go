package egress

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Options make a client. The zero value is a good one.
type Options struct {
	// Roots are the certificate authorities that are trusted; nil means the system's.
	Roots *x509.CertPool
	// Resolver looks host names up; nil means the system's.
	Resolver *net.Resolver
	// Logger hears of requests (debug) and breakers (warn); nil means nobody does.
	Logger *slog.Logger
	// Clock tells the time for NotAfter and Answer.At; nil means time.Now.
	Clock func() time.Time
	// UserAgent stands where a request names none; "Kassette" if empty.
	UserAgent string
	// Breaker says when a host of an account is left alone for a while.
	Breaker Breaker
	// DialTimeout bounds connecting and, once more, the TLS handshake; 10 s if 0.
	DialTimeout time.Duration
	// IdleTimeout is how long an unused connection is kept; 30 s if 0.
	IdleTimeout time.Duration
	// MaxConns bounds the connections to one host; 256 if 0.
	MaxConns int
	// MaxPools bounds the connection pools, of which there is one for each
	// set of rules: private addresses or not, and each CA; 64 if 0.
	MaxPools int
}

// Breaker says when a circuit breaker opens and for how long.
type Breaker struct {
	// Failures is how many in a row open it: 5xx, timeouts, broken and refused connections; 5 if 0.
	Failures uint32
	// Open is how long nothing is sent, until one request may try again; 15 s if 0.
	Open time.Duration
}

// Client sends requests. It is safe for concurrent use.
type Client struct {
	opt      Options
	pools    *pools
	breakers *breakers
	// pause waits between sendings; tests have their own.
	pause func(context.Context, time.Duration) error
	// jitter spreads a pause: 0.5 to 1.5.
	jitter func() float64

	mu     sync.Mutex
	closed bool
	busy   sync.WaitGroup
	// base ends when the client is closed.
	base context.Context
	stop context.CancelCauseFunc
}

var errClosed = errors.New("the gateway is stopping")

// New makes a client. Close it after use.
func New(opt Options) *Client {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	opt.Logger = orElse(opt.Logger, slog.New(slog.DiscardHandler))
	opt.UserAgent = orElse(opt.UserAgent, "Kassette")
	opt.DialTimeout = orElse(opt.DialTimeout, 10*time.Second)
	opt.IdleTimeout = orElse(opt.IdleTimeout, 30*time.Second)
	opt.MaxConns = orElse(opt.MaxConns, 256)
	opt.MaxPools = orElse(opt.MaxPools, 64)
	opt.Breaker.Failures = orElse(opt.Breaker.Failures, 5)
	opt.Breaker.Open = orElse(opt.Breaker.Open, 15*time.Second)
	c := &Client{opt: opt, pause: sleep, jitter: func() float64 { return 0.5 + rand.Float64() }}
	c.base, c.stop = context.WithCancelCause(context.Background())
	c.pools = newPools(c)
	c.breakers = newBreakers(opt.Breaker, opt.Logger)
	return c
}

// Send sends a request and says what came of it. It may be sent up to three
// times if it is repeatable. All sendings and the pauses between them lie
// within Timeout. A request's after_ms is the caller's: it waits before it
// writes the intent that NotAfter belongs to.
//
// If the context is cancelled, or the client closed, the error's kind is lost.
func (c *Client) Send(ctx context.Context, o Outbound) Answer {
	if !c.begin() {
		return c.blocked(errClosed)
	}
	defer c.busy.Done()
	ctx, cancel := c.join(ctx)
	defer cancel()

	p, err := c.plan(o)
	if err != nil {
		return c.blocked(err)
	}
	if !o.NotAfter.IsZero() && c.opt.Clock().After(o.NotAfter) {
		return c.blocked(errors.New(p.label + ": too late to begin sending"))
	}
	ctx, cancel = context.WithTimeout(ctx, p.timeout)
	defer cancel()
	a := c.repeat(ctx, p)
	a.At = c.opt.Clock()
	c.log(ctx, p, a)
	return a
}

// State tells the state of a breaker: closed, half-open or open. Where it has
// several hosts it is the worst of them.
func (c *Client) State(breaker string) string { return c.breakers.state(breaker) }

// Close stops the client: requests under way end as lost, connections are
// closed. It returns when nothing of the client runs any more.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop(errClosed)
	c.busy.Wait()
	c.pools.close()
}

// begin counts something that Close waits for; it is false after Close.
func (c *Client) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.busy.Add(1)
	return true
}

// join makes a context that ends with the caller's or the client's.
func (c *Client) join(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	detach := context.AfterFunc(c.base, func() { cancel(errClosed) })
	return ctx, func() { detach(); cancel(nil) }
}

func (c *Client) blocked(err error) Answer { return c.failed(contract.ErrorBlocked, err.Error()) }

// failed is the answer of a request that was not sent.
func (c *Client) failed(kind contract.ErrorKind, message string) Answer {
	return Answer{Error: &contract.ExchangeError{Kind: kind, Sent: contract.SentNo, Message: message}, At: c.opt.Clock()}
}

func (c *Client) log(ctx context.Context, p *plan, a Answer) {
	attrs := []slog.Attr{slog.String("request", p.label), slog.Int("attempts", a.Attempts)}
	if a.Response != nil {
		attrs = append(attrs, slog.Int("status", a.Response.Status))
	} else {
		attrs = append(attrs, slog.String("kind", string(a.Error.Kind)), slog.String("sent", string(a.Error.Sent)))
	}
	c.opt.Logger.LogAttrs(ctx, slog.LevelDebug, "request sent", attrs...)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
