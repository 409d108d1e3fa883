package store

import (
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url, addrs, user, password, master string
		db                                 int
		cluster, tls                       bool
	}{
		{url: "redis://localhost", addrs: "localhost:6379"},
		{url: "redis://localhost:1/2", addrs: "localhost:1", db: 2},
		{url: "redis://localhost?db=4", addrs: "localhost:6379", db: 4},
		{url: "rediss://u:p%40%2F@h:1", addrs: "h:1", user: "u", password: "p@/", tls: true},
		{url: "redis://:p@[::1]:7/0", addrs: "[::1]:7", password: "p"},
		{url: "redis://[::1]", addrs: "[::1]:6379"},
		{url: "redis://a:1,b:2,c", addrs: "a:1 b:2 c:6379", cluster: true},
		{url: "redis+cluster://u:p@a:1", addrs: "a:1", user: "u", password: "p", cluster: true},
		{url: "rediss+cluster://a", addrs: "a:6379", cluster: true, tls: true},
		{url: "redis+sentinel://a,b:1/main?db=3", addrs: "a:26379 b:1", master: "main", db: 3},
		{url: "unix:///run/redis.sock?db=1", addrs: "/run/redis.sock", db: 1},
	} {
		o, err := parseURL(c.url, nil)
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		if got := strings.Join(o.Addrs, " "); got != c.addrs || o.Username != c.user || o.Password != c.password ||
			o.MasterName != c.master || o.DB != c.db || o.IsClusterMode != c.cluster || (o.TLSConfig != nil) != c.tls {
			t.Errorf("%s: got %+v, want %+v", c.url, o, c)
		}
		if o.ReadOnly || o.RouteByLatency || o.RouteRandomly {
			t.Errorf("%s: reads from replicas", c.url)
		}
	}
}

func TestParseURL_bad(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "localhost:6379", "redis://", "redis://,", "redis://a,,b", "redis://a/x", "redis://a/-1", "redis://a?db=x", "redis://a?x=1",
		"redis+sentinel://a:1", "redis+sentinel://a:1/", "redis+cluster://a/3", "redis+x://a", "http://a", "rediss+unix://a",
		"redis://u:s3cret%zz@a", "unix://", "redis+sentinel://a/m?sentinel=x",
	} {
		if o, err := parseURL(url, nil); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: got %+v, %v, want an error without the password", url, o, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"redis://a", "rediss://u:p@a:1,b:2/0", "redis+sentinel://a/m?db=1", "unix:///x", "redis://[::1]:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, url string) {
		o, err := parseURL(url, nil)
		if err == nil && (len(o.Addrs) == 0 || o.DB < 0) {
			t.Errorf("%q: got %+v", url, o)
		}
	})
}
