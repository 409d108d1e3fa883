package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// pools holds one connection pool for each set of rules, so that a
// connection is only ever used again under the rules it was opened with.
type pools struct {
	client *Client
	mu     sync.Mutex
	byRule map[ruleSet]*pool
	clock  uint64
}

// ruleSet is what decides how a connection is opened.
type ruleSet struct {
	private bool
	ca      string
}

type pool struct {
	transport *http.Transport
	used      uint64
}

func newPools(c *Client) *pools { return &pools{client: c, byRule: map[ruleSet]*pool{}} }

// transport gives the pool of a host's rules. Beyond the bound the one that
// was not used for longest goes; what is under way in it ends undisturbed.
func (p *pools) transport(h Host) (*http.Transport, error) {
	key := ruleSet{private: h.AllowPrivate, ca: h.CA}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock++
	if found, ok := p.byRule[key]; ok {
		found.used = p.clock
		return found.transport, nil
	}
	t, err := p.open(key)
	if err != nil {
		return nil, err
	}
	if len(p.byRule) >= p.client.opt.MaxPools {
		p.dropOldest()
	}
	p.byRule[key] = &pool{transport: t, used: p.clock}
	return t, nil
}

func (p *pools) dropOldest() {
	var oldest ruleSet
	at := p.clock + 1
	for key, pool := range p.byRule {
		if pool.used < at {
			oldest, at = key, pool.used
		}
	}
	p.byRule[oldest].transport.CloseIdleConnections()
	delete(p.byRule, oldest)
}

func (p *pools) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pool := range p.byRule {
		pool.transport.CloseIdleConnections()
	}
	clear(p.byRule)
}

func (p *pools) open(key ruleSet) (*http.Transport, error) {
	opt := p.client.opt
	d := &dialer{client: p.client, timeout: opt.DialTimeout, roots: opt.Roots, sessions: tls.NewLRUClientSessionCache(64)}
	d.net = net.Dialer{Resolver: opt.Resolver, Timeout: opt.DialTimeout, Control: guard(key.private)}
	if key.ca != "" {
		d.roots = x509.NewCertPool()
		if !d.roots.AppendCertsFromPEM([]byte(key.ca)) {
			return nil, errors.New("the ca of the host is no certificate in PEM")
		}
	}
	return &http.Transport{
		// No proxy: the address that is checked is the one that is spoken to.
		Proxy:                  nil,
		DialContext:            d.plain,
		DialTLSContext:         d.secure,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // so that sizes are what is counted
		MaxIdleConns:           4 * opt.MaxConns,
		MaxIdleConnsPerHost:    opt.MaxConns,
		MaxConnsPerHost:        opt.MaxConns,
		IdleConnTimeout:        opt.IdleTimeout,
		MaxResponseHeaderBytes: maxHeaders,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
	}, nil
}

// dialer opens connections. Its errors are all of type *dialError: nothing
// of a request has left when one comes.
type dialer struct {
	client   *Client
	net      net.Dialer
	timeout  time.Duration
	roots    *x509.CertPool
	sessions tls.ClientSessionCache
}

func (d *dialer) plain(ctx context.Context, network, addr string) (net.Conn, error) {
	// The transport dials in a goroutine that outlives the request: Close waits for it too.
	if !d.client.begin() {
		return nil, &dialError{contract.ErrorLost, errClosed}
	}
	defer d.client.busy.Done()
	raw, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &countedConn{Conn: raw}, nil
}

func (d *dialer) secure(ctx context.Context, network, addr string) (net.Conn, error) {
	if !d.client.begin() {
		return nil, &dialError{contract.ErrorLost, errClosed}
	}
	defer d.client.busy.Done()
	raw, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, errors.Join(&dialError{contract.ErrorBlocked, err}, raw.Close())
	}
	ctx, cancel := d.client.join(ctx)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, d.timeout)
	defer stop()
	conn := tls.Client(raw, &tls.Config{
		ServerName: host, RootCAs: d.roots, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"}, ClientSessionCache: d.sessions,
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close() // the handshake's error is the one that counts
		return nil, &dialError{orElse(timeoutKind(err), contract.ErrorTLS), err}
	}
	if conn.ConnectionState().NegotiatedProtocol == "h2" {
		return conn, nil // net/http asks for this very type
	}
	return &countedConn{Conn: conn}, nil
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := d.client.join(ctx)
	defer cancel()
	conn, err := d.net.DialContext(ctx, network, addr)
	if err != nil {
		return nil, &dialError{dialKind(err), err}
	}
	return conn, nil
}

// dialError is an error from before a connection stood.
type dialError struct {
	kind contract.ErrorKind
	err  error
}

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }
