package storetest

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
)

var wellNamed = regexp.MustCompile(`\Ak:\{p[0-9a-f]{2}\}:[ -~]{1,240}\z`)

// tagged says whether a key has its partition as hash tag, first and alone,
// and a plain name behind it.
func tagged(name string) bool {
	return wellNamed.MatchString(name) && !strings.ContainsAny(name[len("k:{pXX}"):], "{} \n")
}

// inspect looks at every key and value: each key has its partition as hash
// tag, and nothing secret is in clear.
func (e *env) inspect(t testing.TB) {
	t.Helper()
	for name, values := range e.dump(t) {
		if !tagged(name) {
			t.Errorf("key %q: not k:{pXX}: and a plain name", name)
		}
		for _, v := range append(values, name) {
			if i := slices.IndexFunc(Secrets, func(s string) bool { return strings.Contains(v, s) }); i >= 0 {
				t.Errorf("key %q holds %q in clear", name, Secrets[i])
			}
		}
	}
}

// dump reads all that the state holds, by key.
func (e *env) dump(t testing.TB) map[string][]string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	all := map[string][]string{}
	for _, name := range keys(t, e.b.Client) {
		c := e.b.Client
		var values []string
		var err error
		switch kind := c.Type(ctx, name).Val(); kind {
		case "string":
			var v string
			v, err = c.Get(ctx, name).Result()
			values = []string{v}
		case "hash":
			var m map[string]string
			m, err = c.HGetAll(ctx, name).Result()
			for k, v := range m {
				values = append(values, k, v)
			}
		case "list":
			values, err = c.LRange(ctx, name, 0, -1).Result()
		case "set":
			values, err = c.SMembers(ctx, name).Result()
		case "zset":
			values, err = c.ZRange(ctx, name, 0, -1).Result()
		case "none":
			continue // its time was over since its name was read
		default:
			t.Errorf("key %q: a %s", name, kind)
		}
		if errors.Is(err, redis.Nil) {
			continue // its time was over since its type was read
		}
		if err != nil {
			t.Errorf("read key %q: %v", name, err)
		}
		slices.Sort(values)
		all[name] = values
	}
	return all
}

// unchanged says which keys are not as they were in an earlier dump.
func (e *env) unchanged(t testing.TB, before map[string][]string) {
	t.Helper()
	after := e.dump(t)
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if !slices.Equal(before[name], after[name]) {
			t.Errorf("%s was changed", name)
		}
		delete(after, name)
	}
	for name := range after {
		t.Errorf("%s was written", name)
	}
}

// keys lists the keys of all masters.
func keys(t testing.TB, c redis.UniversalClient) (all []string) {
	t.Helper()
	var mu sync.Mutex
	err := eachMaster(t, c, func(ctx context.Context, c *redis.Client) error {
		for scan := c.Scan(ctx, 0, "*", 1000).Iterator(); scan.Next(ctx); {
			mu.Lock()
			all = append(all, scan.Val())
			mu.Unlock()
		}
		return nil
	})
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	return all
}

func flush(t testing.TB, c redis.UniversalClient) {
	t.Helper()
	if err := eachMaster(t, c, func(ctx context.Context, c *redis.Client) error { return c.FlushAll(ctx).Err() }); err != nil {
		t.Fatalf("empty the state: %v", err)
	}
}

func eachMaster(t testing.TB, c redis.UniversalClient, f func(context.Context, *redis.Client) error) error {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	if cluster, ok := c.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, f)
	}
	return f(ctx, c.(*redis.Client))
}
