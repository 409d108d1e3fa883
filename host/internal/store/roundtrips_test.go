//go:build unix

package store_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// trips counts round trips: a command is one, and so is a pipeline. The first
// words of a new connection are none of an operation's.
type trips struct{ n atomic.Int64 }

func (c *trips) count(cmd redis.Cmder) {
	if cmd.Name() != "hello" {
		c.n.Add(1)
	}
}

func (c *trips) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (c *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.count(cmd)
		return next(ctx, cmd)
	}
}

func (c *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.count(cmds[0])
		return next(ctx, cmds)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) *store.Redis{
		"embedded": func(t *testing.T) *store.Redis { return embedded(t, store.Options{}) },
		"server":   func(t *testing.T) *store.Redis { return open(t, redistest.Server(t).URL(), store.Options{}) },
		"cluster":  func(t *testing.T) *store.Redis { return open(t, redistest.Cluster(t).URL(), store.Options{}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			countTrips(t, open(t))
		})
	}
}

func countTrips(t *testing.T, s *store.Redis) {
	ctx := t.Context()
	var count trips
	store.Client(s).AddHook(&count)
	var rec checkout.Record
	made := newOrder(t, "A-1")
	next := newOrder(t, "A-1")
	next.Claim.Key = "another"
	p, _ := checkout.PartitionOfID(made.Order.ID)
	call := checkout.NewCallID(p, time.Now())
	to := checkout.PaymentAddress{Order: made.Order.ID, Payment: "pay_1"}
	for _, op := range []struct {
		name string
		want int64
		run  func() error
	}{
		{"claim the key of a create", 1, func() error { _, err := s.ClaimKey(ctx, shop, "k", "f"); return err }},
		{"create", 1, func() error { _, err := s.Create(ctx, made); return err }},
		{"load", 1, func() error { r, err := s.Load(ctx, made.Order.ID); rec = r; return err }},
		{"create, taken", 1, func() error { _, err := s.Create(ctx, next); return err }},
		{"supersede", 1, func() error { return s.Supersede(ctx, next, cancel(t, rec, next.Order.ID)) }},
		{"load the next", 1, func() error { r, err := s.Load(ctx, next.Order.ID); rec = r; return err }},
		{"commit", 1, func() error { _, err := s.Commit(ctx, cancel(t, rec, "")); return err }},
		{"answered", 1, func() error { _, err := s.Answered(ctx, "A-1", p, *made.Claim); return err }},
		{"events", 1, func() error { _, err := s.Events(ctx, made.Order.ID, 1, 10); return err }},
		{"find reference", 1, func() error { _, err := s.FindReference(ctx, shop, "A-1"); return err }},
		{"learn", 1, func() error { _, err := s.Learn(ctx, "acc", "psp", to); return err }},
		{"find payment", 1, func() error {
			_, err := s.FindPayment(ctx, "acc", contract.PaymentKey{ProviderReference: "psp", Number: 5, Reference: checkout.NewReference(p)})
			return err
		}},
		{"next number", 2, func() error { _, err := s.NextNumber(ctx, "acc", 1, to); return err }},
		{"intent", 1, func() error { _, err := s.Intent(ctx, call, "i", map[string][]byte{"i": nil}, time.Now()); return err }},
		{"journal", 1, func() error { return s.Write(ctx, call, map[string][]byte{"a": nil}) }},
		{"end", 1, func() error { return s.End(ctx, checkout.JournalEnd{Call: call}) }},
		{"due partitions", 1, func() error { _, err := s.DuePartitions(ctx); return err }},
		{"claim due", 1, func() error { _, err := s.ClaimDue(ctx, p, 25); return err }},
		{"tell", 1, func() error { return s.Tell(ctx, checkout.Telling{Order: made.Order.ID, Told: 1}) }},
		{"list", 2, func() error { _, _, err := s.List(ctx, shop, checkout.Filter{Limit: 50}); return err }},
		{"book of a day", 1, func() error {
			for _, err := range s.Book(ctx, time.Now()) {
				return err
			}
			return nil
		}},
		{"live", 1, func() error { _, err := s.Live(ctx, "acc"); return err }},
		{"lease", 1, func() error { _, err := s.Lease(ctx, "acc", "n", "h", time.Hour); return err }},
	} {
		before := count.n.Load()
		if err := op.run(); err != nil {
			t.Errorf("%s: %v", op.name, err)
		}
		if got := count.n.Load() - before; got != op.want {
			t.Errorf("%s: %d round trips, want %d", op.name, got, op.want)
		}
	}
}

func TestCluster_ordersLandOnAllMasters(t *testing.T) {
	t.Parallel()
	nodes := redistest.Cluster(t)
	s := open(t, nodes.URL(), store.Options{})
	for i := range 60 {
		made(t, s, string(rune('A'+i)))
	}
	for _, n := range nodes {
		found, err := n.Client().Keys(t.Context(), "k:{p??}:order:*").Result()
		if err != nil || len(found) < 5 {
			t.Errorf("%s holds %d orders, %v, want about 20", n.Addr(), len(found), err)
		}
	}
}
