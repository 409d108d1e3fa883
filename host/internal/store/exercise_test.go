//go:build unix

package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/host/internal/store/storetest"
)

func TestExercise_server(t *testing.T) {
	t.Parallel()
	p := redistest.Server(t)
	storetest.Exercise(t, backend(p.URL(), p.Client()))
}

func TestExercise_cluster(t *testing.T) {
	t.Parallel()
	nodes := redistest.Cluster(t)
	addrs := make([]string, len(nodes))
	for i, n := range nodes {
		addrs[i] = n.Addr()
	}
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs, Protocol: 2})
	t.Cleanup(func() { _ = c.Close() })
	storetest.Exercise(t, backend(nodes.URL(), c))
}

// backend is one with a clock that nobody moves: what ends is polled for.
func backend(url string, client redis.UniversalClient) storetest.Backend {
	return storetest.Backend{
		Client: client, Now: time.Now, Pass: func() { time.Sleep(5 * time.Millisecond) },
		Open: func(t testing.TB, o store.Options) storetest.Store {
			t.Helper()
			o.URL = url
			s, err := store.Open(t.Context(), o)
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			t.Cleanup(func() { closed(t, s) })
			return s
		},
	}
}

func TestExercise_embedded(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Now()}
	owner := embedded(t, store.Options{Clock: c.Now})
	storetest.Exercise(t, storetest.Backend{
		Client: store.Client(owner), Now: c.Now, Pass: func() { c.Move(time.Second) },
		Open: func(t testing.TB, o store.Options) storetest.Store {
			t.Helper()
			o.Clock = c.Now
			s, err := store.Sibling(owner, o)
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			t.Cleanup(func() { closed(t, s) })
			return s
		},
	})
}

// embedded opens an embedded store that is closed when the test ends.
func embedded(t testing.TB, o store.Options) *store.Redis {
	t.Helper()
	if o.Seal == nil {
		o.Seal = ring(t)
	}
	s, err := store.OpenEmbedded(t.Context(), o)
	if err != nil {
		t.Fatalf("open embedded: %v", err)
	}
	t.Cleanup(func() { closed(t, s) })
	return s
}

func ring(t testing.TB) *seal.Ring {
	t.Helper()
	r, err := seal.NewRing(seal.NewKey())
	if err != nil {
		t.Fatalf("make a ring: %v", err)
	}
	return r
}

func closed(t testing.TB, s *store.Redis) {
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// clock is moved by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
