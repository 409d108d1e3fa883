//go:build unix

package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

func TestOpen_badOptions_areRefused(t *testing.T) {
	t.Parallel()
	good := store.Options{URL: "redis://127.0.0.1:1", Seal: ring(t)}
	for name, change := range map[string]func(*store.Options){
		"no key":            func(o *store.Options) { o.Seal = nil },
		"no URL":            func(o *store.Options) { o.URL = "" },
		"another scheme":    func(o *store.Options) { o.URL = "http://x:s3cret@127.0.0.1" },
		"negative time":     func(o *store.Options) { o.OrderTTL = -time.Hour },
		"too long a bound":  func(o *store.Options) { o.Timeout = time.Minute },
		"unknown parameter": func(o *store.Options) { o.URL = "redis://:s3cret@127.0.0.1/?read_from=replica" },
	} {
		o := good
		change(&o)
		if _, err := store.Open(t.Context(), o); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want refused without the password", name, err)
		}
	}
	if _, err := store.OpenEmbedded(t.Context(), good); err == nil {
		t.Error("embedded with a URL: got no error")
	}
	if _, err := store.OpenEmbedded(t.Context(), store.Options{}); err == nil {
		t.Error("embedded without a key: got no error")
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	warned := func(t *testing.T, s *store.Redis, want ...string) {
		t.Helper()
		got, err := s.Warnings(t.Context())
		if err != nil || len(got) != len(want) {
			t.Fatalf("got %q, %v, want %d", got, err, len(want))
		}
		for i, w := range want {
			if !strings.Contains(got[i], w) {
				t.Errorf("got %q, want %q in it", got[i], w)
			}
		}
	}
	t.Run("well set", func(t *testing.T) {
		t.Parallel()
		warned(t, open(t, redistest.Server(t).URL(), store.Options{}))
	})
	t.Run("badly set", func(t *testing.T) {
		t.Parallel()
		p := redistest.Server(t, "--appendonly", "no", "--maxmemory-policy", "allkeys-lru")
		warned(t, open(t, p.URL(), store.Options{}), "appendonly", "allkeys-lru")
	})
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		s := embedded(t, store.Options{})
		warned(t, s, "lost when it ends")
		if !s.Embedded() {
			t.Error("it does not say that it is embedded")
		}
	})
}

func TestOpen_passwordAndDatabase(t *testing.T) {
	t.Parallel()
	p := redistest.Server(t)
	if err := p.Client().ConfigSet(t.Context(), "requirepass", "s3cret").Err(); err != nil {
		t.Fatalf("set a password: %v", err)
	}
	if _, err := store.Open(t.Context(), store.Options{URL: p.URL(), Seal: ring(t)}); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("open without the password: got %v", err)
	}
	s := open(t, "redis://:s3cret@"+p.Addr()+"/3", store.Options{})
	made(t, s, "A-1")
	if n, err := store.Client(s).DBSize(t.Context()).Result(); err != nil || n == 0 {
		t.Errorf("database 3: got %d keys, %v", n, err)
	}
}

func TestEmbedded_timesToLiveRunByItsClock(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Now()}
	s := embedded(t, store.Options{Clock: c.Now})
	if _, err := s.Lease(t.Context(), "acc", "n", "node_1", 10*time.Second); err != nil {
		t.Fatalf("lease: %v", err)
	}
	for _, step := range []struct {
		move time.Duration
		want bool
	}{{9 * time.Second, false}, {-time.Hour, false}, {time.Hour + 2*time.Second, true}} {
		c.Move(step.move)
		if got, err := s.Lease(t.Context(), "acc", "n", "node_2", time.Hour); err != nil || got != step.want {
			t.Errorf("after %s: got %t, %v, want %t", step.move, got, err, step.want)
		}
	}
}

func TestEmbedded_manyAtATime_doNotMeet(t *testing.T) {
	t.Parallel()
	a, b := embedded(t, store.Options{}), embedded(t, store.Options{})
	rec := made(t, a, "A-1")
	if _, err := b.Load(t.Context(), rec.Order.ID); err == nil {
		t.Error("one holds the other's order")
	}
}

func TestScripts_haveAHeader(t *testing.T) {
	t.Parallel()
	sources := store.ScriptSources()
	if len(sources) < 10 {
		t.Fatalf("%d scripts", len(sources))
	}
	for name, source := range sources {
		head, _, _ := strings.Cut(source, "\n\n")
		if !strings.HasPrefix(head, "-- ") {
			t.Errorf("%s does not begin with what it does", name)
		}
		for _, part := range []string{"\n-- KEYS ", "\n-- ARGV ", "\n-- returns "} {
			if name != "step.lua" && !strings.Contains(head, part) {
				t.Errorf("%s: no%s in its header", name, strings.TrimPrefix(part, "\n--"))
			}
		}
		for _, newer := range []string{"FCALL", "GETDEL", "'COPY'", "XAUTOCLAIM", "HEXPIRE", "cjson", "cmsgpack", "struct."} {
			if strings.Contains(source, newer) {
				t.Errorf("%s uses %s", name, newer)
			}
		}
	}
}

func TestClock_aheadOfRedis_stillRings(t *testing.T) {
	t.Parallel()
	s := open(t, redistest.Server(t).URL(), store.Options{Clock: func() time.Time { return time.Now().Add(time.Hour) }})
	rec := made(t, s, "A-1")
	c := cancel(t, rec, "")
	if _, err := s.Commit(t.Context(), c); err != nil {
		t.Fatalf("commit: %v", err)
	}
	p, _ := checkout.PartitionOfID(rec.Order.ID)
	due, err := s.DuePartitions(t.Context())
	if err != nil || !slices.Contains(due, p) {
		t.Errorf("due: got %v, %v, want %s: telling is due by the clock of Redis", due, err, p)
	}
}
