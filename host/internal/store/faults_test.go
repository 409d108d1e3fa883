//go:build unix

package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// open opens a store on a server, closed when the test ends.
func open(t testing.TB, url string, o store.Options) *store.Redis {
	t.Helper()
	o.URL = url
	if o.Seal == nil {
		o.Seal = ring(t)
	}
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	t.Cleanup(func() { closed(t, s) })
	return s
}

// away checks that every operation says within two seconds that the state is
// not available.
func away(t *testing.T, s *store.Redis, rec checkout.Record) {
	t.Helper()
	for _, e := range everything(t, s, rec) {
		if !errors.Is(e.err, checkout.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v", e.name, e.err, checkout.ErrUnavailable)
		}
		if e.took > 2*time.Second {
			t.Errorf("%s took %s, want at most 2 s", e.name, e.took)
		}
	}
}

// back waits until the store works again, and checks that it lost nothing.
func back(t *testing.T, s *store.Redis, rec checkout.Record) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		err := s.Ping(t.Context())
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not recover: %v", err)
		}
	}
	for _, e := range everything(t, s, rec) {
		if errors.Is(e.err, checkout.ErrUnavailable) {
			t.Errorf("%s after recovery: %v", e.name, e.err)
		}
	}
}

func TestRedis_killed_failsFastAndRecovers(t *testing.T) {
	t.Parallel()
	p := redistest.Server(t)
	s := open(t, p.URL(), store.Options{})
	rec := made(t, s, "A-1")
	p.Kill()
	away(t, s, rec)
	away(t, s, rec) // with no connection left in the pool
	p.Restart()
	back(t, s, rec)
}

func TestRedis_paused_failsFastAndRecovers(t *testing.T) {
	t.Parallel()
	p := redistest.Server(t)
	s := open(t, p.URL(), store.Options{})
	rec := made(t, s, "A-1")
	p.Pause()
	away(t, s, rec)
	p.Resume()
	back(t, s, rec)
}

// A plugin's megabytes are kept at the start, when nobody waits for an answer.
func TestRedis_pausedWhileAPluginIsKept_waits(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	s := open(t, server.URL(), store.Options{})
	wasm := bytes.Repeat([]byte("wasm"), 1<<20)
	sum := sha256.Sum256(wasm)
	server.Pause()
	defer time.AfterFunc(2*time.Second, server.Resume).Stop()
	if err := s.PutPlugin(t.Context(), hex.EncodeToString(sum[:]), wasm); err != nil {
		t.Error(err)
	}
}

func TestRedis_busyPool_failsFast(t *testing.T) {
	t.Parallel()
	p := redistest.Server(t)
	s := open(t, p.URL(), store.Options{PoolSize: 2})
	rec := made(t, s, "A-1")
	p.Pause()
	defer p.Resume()
	away(t, s, rec)
}

func TestRedis_clusterNodeKilled_failsFastAndRecovers(t *testing.T) {
	t.Parallel()
	nodes := redistest.Cluster(t)
	s := open(t, nodes.URL(), store.Options{})
	rec := made(t, s, "A-1")
	for _, p := range nodes {
		p.Kill()
	}
	away(t, s, rec)
	for _, p := range nodes {
		p.Restart()
	}
	back(t, s, rec)
}

func TestRedis_clusterNodePaused_failsFast(t *testing.T) {
	t.Parallel()
	nodes := redistest.Cluster(t)
	s := open(t, nodes.URL(), store.Options{})
	rec := made(t, s, "A-1")
	nodes[1].Pause()
	for _, e := range everything(t, s, rec) {
		if e.took > 2*time.Second {
			t.Errorf("%s took %s, want at most 2 s", e.name, e.took)
		}
	}
	nodes[1].Resume()
	back(t, s, rec)
}

func TestRedis_sentinelMovesTheMaster_recovers(t *testing.T) {
	t.Parallel()
	w := redistest.Sentinel(t)
	s := open(t, w.URL(), store.Options{})
	if got, err := s.Warnings(t.Context()); err != nil || len(got) != 1 || !strings.Contains(got[0], "min-replicas-to-write") {
		t.Errorf("warnings: got %q, %v, want the replicas", got, err)
	}
	rec := made(t, s, "A-1")
	replicated(t, w.Master.Addr())
	w.Master.Kill()
	away(t, s, rec)
	back(t, s, rec)
	if got, err := s.Load(t.Context(), rec.Order.ID); err != nil || got.Order.ID != rec.Order.ID {
		t.Errorf("load from the new master: got %+v, %v", got, err)
	}
}

func TestOpen_whereNobodyIs_failsFast(t *testing.T) {
	t.Parallel()
	p := redistest.Server(t)
	p.Kill()
	for _, url := range []string{p.URL(), "redis+cluster://" + p.Addr(), "redis+sentinel://" + p.Addr() + "/main"} {
		start := time.Now()
		_, err := store.Open(t.Context(), store.Options{URL: url, Seal: ring(t)})
		if took := time.Since(start); !errors.Is(err, checkout.ErrUnavailable) || took > 2*time.Second {
			t.Errorf("open %s: got %v after %s, want %v within 2 s", url, err, took, checkout.ErrUnavailable)
		}
	}
}

func TestRedis_callersDeadline_isHonoured(t *testing.T) {
	t.Parallel()
	p := redistest.Server(t)
	s := open(t, p.URL(), store.Options{})
	rec := made(t, s, "A-1")
	p.Pause()
	defer p.Resume()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := s.Load(ctx, rec.Order.ID); !errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("load: got %v, want %v", err, checkout.ErrUnavailable)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("load took %s with a deadline of 100 ms", took)
	}
}

func TestRedis_refusingReplies_areUnavailable(t *testing.T) {
	t.Parallel()
	p := redistest.Server(t)
	s := open(t, p.URL(), store.Options{})
	rec := made(t, s, "A-1")
	for _, setting := range [][3]string{{"maxmemory", "1", "0"}, {"min-replicas-to-write", "1", "0"}} {
		if err := store.Client(s).ConfigSet(t.Context(), setting[0], setting[1]).Err(); err != nil {
			t.Fatalf("config set %s: %v", setting[0], err)
		}
		if _, err := s.Commit(t.Context(), cancel(t, rec, "")); !errors.Is(err, checkout.ErrUnavailable) {
			t.Errorf("commit with %s %s: got %v, want %v", setting[0], setting[1], err, checkout.ErrUnavailable)
		}
		if err := store.Client(s).ConfigSet(t.Context(), setting[0], setting[2]).Err(); err != nil {
			t.Fatalf("config set %s: %v", setting[0], err)
		}
	}
	got, err := s.Load(t.Context(), rec.Order.ID)
	if err != nil || got.Version != rec.Version {
		t.Errorf("load: got version %d, %v, want nothing changed", got.Version, err)
	}
}

// replicated waits until a replica has all that was written before: what only
// the master has goes with it.
func replicated(t *testing.T, master string) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: master})
	defer c.Close()
	conn := c.Conn()
	defer conn.Close()
	if err := conn.Set(t.Context(), "k:{p00}:mark", "1", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Do(t.Context(), "WAIT", 1, 2000).Int(); err != nil || n != 1 {
		t.Fatalf("%d replicas have what was written, %v", n, err)
	}
}
