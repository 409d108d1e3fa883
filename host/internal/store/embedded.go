package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// embedded is a Redis in this process. Its keys' times to live do not run by
// themselves: each second they are moved on by what has passed on the clock.
type embedded struct {
	server *miniredis.Miniredis
	clock  checkout.Clock
	stop   chan struct{}
	done   chan struct{}

	mu   sync.Mutex
	last time.Time
}

// OpenEmbedded runs a Redis in this process, which nobody else can reach, and
// opens it. Its state is lost when it is closed. Options.Clock is its clock
// too.
func OpenEmbedded(ctx context.Context, o Options) (*Redis, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if o.URL != "" {
		return nil, misuse("the embedded state has no URL")
	}
	e := &embedded{server: miniredis.NewMiniRedis(), clock: o.Clock, stop: make(chan struct{}), done: make(chan struct{}), last: o.Clock()}
	password := checkout.NewSecret()
	e.server.RequireAuth(password)
	if err := e.server.Start(); err != nil {
		return nil, fmt.Errorf("open the embedded state: %w", err)
	}
	u := &redis.UniversalOptions{Addrs: []string{e.server.Addr()}, Password: password}
	r := &Redis{client: newClient(u, o), opt: o, embedded: e}
	r.client.AddHook(e)
	go e.run()
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the embedded state: %w", err), r.Close())
	}
	return r, nil
}

// Embedded says whether the state is lost when this process ends.
func (r *Redis) Embedded() bool { return r.embedded != nil }

func (e *embedded) run() {
	defer close(e.done)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			e.move()
		case <-e.stop:
			return
		}
	}
}

// move gives the server the time, and once a second lets the times to live
// run by what has passed: that looks at every key that has one.
func (e *embedded) move() {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.clock()
	e.server.SetTime(now)
	if passed := now.Sub(e.last); passed >= time.Second {
		e.server.FastForward(passed)
		e.last = now
	}
}

func (e *embedded) close() {
	close(e.stop)
	<-e.done
	e.server.Close()
}

// The hooks move the server's clock before each command, so that alarms ring
// by the same clock that set them.

func (e *embedded) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (e *embedded) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		e.move()
		return next(ctx, cmd)
	}
}

func (e *embedded) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		e.move()
		return next(ctx, cmds)
	}
}

var _ redis.Hook = (*embedded)(nil)
