package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// errLost: the marker that this node knew is gone or another one.
var errLost = errors.New("the state was lost or replaced: its marker is not the one that this node knew")

func markerKey() string { return ownKey("marker") }
func probeKey() string  { return ownKey("marker", "probe") }

// mark writes the marker if there is none, and remembers it.
func (r *Redis) mark(ctx context.Context) error {
	mine := hash(r.now().UTC().Format(time.RFC3339Nano), checkout.NewSecret())
	pipe := r.client.Pipeline()
	pipe.SetNX(ctx, markerKey(), mine, 0)
	got := pipe.Get(ctx, markerKey())
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("write marker: %w", err)
	}
	marker := got.Val()
	r.marker.Store(&marker)
	return nil
}

// Ping says whether the state can be read and written, and is still the one
// that this node began with. In a Cluster every master must answer.
func (r *Redis) Ping(ctx context.Context) error {
	return r.do(ctx, func(ctx context.Context) error {
		pipe := r.client.Pipeline()
		got := pipe.Get(ctx, markerKey())
		pipe.Set(ctx, probeKey(), r.now().Unix(), time.Minute)
		_, err := pipe.Exec(ctx)
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if known := r.marker.Load(); known == nil || got.Val() != *known {
			return fmt.Errorf("%w: %w", checkout.ErrUnavailable, errLost)
		}
		return r.eachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return c.Ping(ctx).Err() })
	}, "ping the state")
}

// checkVersion refuses a server that lacks commands that the scripts use.
func (r *Redis) checkVersion(ctx context.Context) error {
	if r.embedded != nil {
		return nil
	}
	return r.eachMaster(ctx, func(ctx context.Context, c *redis.Client) error {
		info, err := serverInfo(ctx, c)
		if err != nil {
			return err
		}
		version := info["redis_version"]
		major, rest, _ := strings.Cut(version, ".")
		minor, _, _ := strings.Cut(rest, ".")
		ma, errMajor := strconv.Atoi(major)
		mi, errMinor := strconv.Atoi(minor)
		if errMajor != nil || errMinor != nil || ma < 6 || ma == 6 && mi < 2 {
			return misuse("Redis %q: 6.2 or newer is needed", version)
		}
		return nil
	})
}

// Warnings says what is unwise about the servers' settings, for the start of
// the gateway.
func (r *Redis) Warnings(ctx context.Context) ([]string, error) {
	if r.embedded != nil {
		return []string{"the state is kept in this process and lost when it ends: set redis.url for anything but a trial"}, nil
	}
	var mu sync.Mutex
	var found []string
	err := r.do(ctx, func(ctx context.Context) error {
		return r.eachMaster(ctx, func(ctx context.Context, c *redis.Client) error {
			info, err := serverInfo(ctx, c)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, w := range unwise(info) {
				found = append(found, "redis "+c.Options().Addr+": "+w)
			}
			return nil
		})
	}, "read the settings of the state")
	slices.Sort(found)
	return found, err
}

// unwise reads the reply of INFO.
func unwise(info map[string]string) []string {
	var found []string
	if info["aof_enabled"] != "1" {
		found = append(found, "appendonly is off: a crash loses what is newer than the last snapshot")
	}
	if p := info["maxmemory_policy"]; p != "noeviction" {
		found = append(found, fmt.Sprintf("maxmemory-policy is %q: orders can be evicted; set noeviction", p))
	}
	if n := info["connected_slaves"]; n != "" && n != "0" {
		if _, ok := info["min_slaves_good_slaves"]; !ok {
			found = append(found, "there are replicas but min-replicas-to-write is 0: a failover can lose writes that were acknowledged; set 1")
		}
	}
	return found
}

func serverInfo(ctx context.Context, c *redis.Client) (map[string]string, error) {
	text, err := c.Info(ctx).Result()
	if err != nil {
		return nil, fmt.Errorf("INFO: %w", err)
	}
	info := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok {
			info[name] = value
		}
	}
	return info, nil
}
