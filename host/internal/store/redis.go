package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// Redis keeps the state in Redis. It is safe for concurrent use.
type Redis struct {
	client redis.UniversalClient
	opt    Options
	// marker is what the marker key held when this node first saw it.
	marker   atomic.Pointer[string]
	embedded *embedded
}

// Open connects to Redis, checks its version, gives it the scripts and
// writes the marker. It fails where Redis cannot be reached now; what is
// unwise about the server's settings, [Redis.Warnings] says.
func Open(ctx context.Context, o Options) (*Redis, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	u, err := parseURL(o.URL, o.TLS)
	if err != nil {
		return nil, fmt.Errorf("open the state: %w", err)
	}
	r := &Redis{client: newClient(u, o), opt: o}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the state: %w", err), r.Close())
	}
	return r, nil
}

// newClient makes a client that fails rather than waits. The gateway's answer
// is due within 2.5 s: a dial, a reply, or a free connection that takes a
// second is taken for lost, and the context bounds them all together.
func newClient(u *redis.UniversalOptions, o Options) redis.UniversalClient {
	u.Protocol = 2
	u.DisableIdentity = true
	u.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	u.ContextTimeoutEnabled = true
	u.DialTimeout, u.ReadTimeout, u.WriteTimeout, u.PoolTimeout = time.Second, time.Second, time.Second, time.Second
	u.DialerRetries = 1
	u.MaxRetries = 2
	u.PoolSize, u.MinIdleConns, u.ConnMaxIdleTime = o.PoolSize, 2, 5*time.Minute
	redis.SetLogger(clientLog{o.Log})
	return redis.NewUniversalClient(u)
}

func (r *Redis) start(ctx context.Context) error {
	ctx, cancel := r.bound(ctx)
	defer cancel()
	for _, step := range []func(context.Context) error{r.checkVersion, r.loadScripts, r.mark} {
		if err := step(ctx); err != nil {
			return classify(ctx, err)
		}
	}
	return nil
}

// Close closes the connections, and the embedded server if there is one.
func (r *Redis) Close() error {
	err := r.client.Close()
	if r.embedded != nil {
		r.embedded.close()
	}
	if err != nil {
		return fmt.Errorf("close the state: %w", err)
	}
	return nil
}

// bound is the caller's context with the time that an operation may take.
func (r *Redis) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, r.opt.Timeout)
}

// do runs one operation within its bound and says what was being done if it fails.
func (r *Redis) do(ctx context.Context, f func(context.Context) error, doing string, args ...any) error {
	return r.within(ctx, r.opt.Timeout, f, doing, args...)
}

// within is do with another bound.
func (r *Redis) within(ctx context.Context, bound time.Duration, f func(context.Context) error, doing string, args ...any) error {
	bounded, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	if err := classify(ctx, f(bounded)); err != nil {
		return fmt.Errorf("%s: %w", fmt.Sprintf(doing, args...), err)
	}
	return nil
}

func (r *Redis) now() time.Time { return r.opt.Clock() }

// clientLog takes the client's messages, which repeat what operations return.
type clientLog struct{ log *slog.Logger }

func (l clientLog) Printf(ctx context.Context, format string, v ...any) {
	if l.log.Enabled(ctx, slog.LevelDebug) {
		l.log.DebugContext(ctx, "redis client", "message", fmt.Sprintf(format, v...))
	}
}

var _ checkout.Store = (*Redis)(nil)
