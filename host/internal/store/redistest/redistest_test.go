//go:build unix

package redistest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func TestServer_killed_comesBackWithItsData(t *testing.T) {
	t.Parallel()
	p := Server(t)
	if err := p.Client().Set(t.Context(), "a", "1", 0).Err(); err != nil {
		t.Fatal(err)
	}
	p.Kill()
	if err := p.ping(t.Context()); err == nil {
		t.Error("it answers after it was killed")
	}
	p.Restart()
	if got, err := p.Client().Get(t.Context(), "a").Result(); err != nil || got != "1" {
		t.Errorf("after it came back: got %q, %v, want 1", got, err)
	}
}

func TestServer_paused_answersNobodyUntilItGoesOn(t *testing.T) {
	t.Parallel()
	p := Server(t)
	c := redis.NewClient(&redis.Options{Addr: p.Addr(), Protocol: 2, ReadTimeout: 100 * time.Millisecond, MaxRetries: -1})
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	p.Pause()
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("it answers while it is paused")
	}
	p.Resume()
	if err := p.ping(t.Context()); err != nil {
		t.Errorf("after it went on: %v", err)
	}
}

// Every slot belongs to one of three masters, and each knows of all.
func TestCluster_isWhole(t *testing.T) {
	t.Parallel()
	nodes := Cluster(t)
	for _, n := range nodes {
		if err := whole(t.Context(), n.Client(), len(nodes)); err != nil {
			t.Errorf("%s: %v", n.Addr(), err)
		}
	}
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr()}, Protocol: 2})
	t.Cleanup(func() { _ = c.Close() })
	var masters atomic.Int32
	if err := c.ForEachMaster(t.Context(), func(context.Context, *redis.Client) error { masters.Add(1); return nil }); err != nil || masters.Load() != 3 {
		t.Errorf("got %d masters, %v, want 3", masters.Load(), err)
	}
}
