package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// pluginTimeout bounds keeping a plugin's megabytes: that is at the start, when
// nobody waits for an answer, and the client tries three times within it.
const pluginTimeout = 10 * time.Second

// PutPlugin keeps a plugin's bytes by digest. They are not sealed: they hold
// no secret, and the digest guards them.
func (r *Redis) PutPlugin(ctx context.Context, digest string, b []byte) error {
	return r.within(ctx, pluginTimeout, func(ctx context.Context) error {
		if digestOf(b) != digest {
			return misuse("these bytes have digest %s", digestOf(b))
		}
		place := ownKey("plugin", word(digest))
		n, err := r.client.Exists(ctx, place).Result()
		if err != nil || n > 0 {
			return err
		}
		return r.client.SetNX(ctx, place, b, 0).Err()
	}, "keep plugin %s", digest)
}

// Plugin reads a plugin's bytes, and holds them to their digest.
func (r *Redis) Plugin(ctx context.Context, digest string) (b []byte, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		b, err = r.client.Get(ctx, ownKey("plugin", word(digest))).Bytes()
		if errors.Is(err, redis.Nil) {
			return checkout.ErrNotFound
		}
		if err == nil && digestOf(b) != digest {
			return fmt.Errorf("%w: digest %s", ErrRecord, digestOf(b))
		}
		return err
	}, "read plugin %s", digest)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// DropPlugin lets a plugin's bytes go. Those that are gone are gone.
func (r *Redis) DropPlugin(ctx context.Context, digest string) error {
	return r.do(ctx, func(ctx context.Context) error {
		return r.client.Del(ctx, ownKey("plugin", word(digest))).Err()
	}, "let plugin %s go", digest)
}

// PluginNeeded is until when payments that are final may still need a plugin's
// bytes: the zero time for none. Those that are not final, [Redis.Pinned] counts.
func (r *Redis) PluginNeeded(ctx context.Context, digest string) (until time.Time, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		var found [partitions]*redis.StringCmd
		pipe := r.client.Pipeline()
		for p := range found {
			found[p] = pipe.Get(ctx, neededKey(checkout.Partition(p), digest))
		}
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		until = time.Time{}
		for p, one := range found {
			ms, err := one.Int64()
			switch at := time.UnixMilli(ms).UTC(); {
			case errors.Is(err, redis.Nil):
			case err != nil:
				return fmt.Errorf("%w %s", ErrRecord, neededKey(checkout.Partition(p), digest))
			case at.After(until):
				until = at
			}
		}
		return nil
	}, "read until when plugin %s is needed", digest)
	return until, err
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// The fields of the hash that holds the plugins' records: "rev" counts all
// changes, "v:NAME" those of one plugin, "d:NAME" is its record, sealed.
const revField = "rev"

func pluginsKey() string { return ownKey("plugins") }

// PluginsRevision is a number that every change of a plugin's record raises.
func (r *Redis) PluginsRevision(ctx context.Context) (rev int64, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		rev, err = r.client.HGet(ctx, pluginsKey(), revField).Int64()
		if errors.Is(err, redis.Nil) {
			rev, err = 0, nil
		}
		return err
	}, "read the plugins' revision")
	return rev, err
}

// PluginRecords reads the record of every plugin, with the revision that they had.
func (r *Redis) PluginRecords(ctx context.Context) (records map[string]checkout.PluginRecord, rev int64, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		place := pluginsKey()
		all, err := r.client.HGetAll(ctx, place).Result()
		if err != nil {
			return err
		}
		records = map[string]checkout.PluginRecord{}
		rev, _ = strconv.ParseInt(all[revField], 10, 64) // none: 0
		for field, sealed := range all {
			name, ok := strings.CutPrefix(field, "d:")
			if !ok {
				continue
			}
			version, err := strconv.ParseInt(all["v:"+name], 10, 64)
			if err != nil {
				return fmt.Errorf("%w: plugin %s has no version", ErrRecord, name)
			}
			doc, err := r.openBytes(place+"/"+name, sealed)
			if err != nil {
				return fmt.Errorf("plugin %s: %w", name, err)
			}
			records[name] = checkout.PluginRecord{Version: version, Doc: doc}
		}
		return nil
	}, "read the plugins' records")
	if err != nil {
		return nil, 0, err
	}
	return records, rev, nil
}

// SwapPluginRecords writes records of plugins, each in place of the one that
// has its version. It is false, and nothing is written, if one was changed
// meanwhile.
func (r *Redis) SwapPluginRecords(ctx context.Context, swaps ...checkout.PluginSwap) (swapped bool, err error) {
	var names []string
	for _, s := range swaps {
		names = append(names, s.Plugin)
	}
	err = r.do(ctx, func(ctx context.Context) error {
		place := pluginsKey()
		var args []any
		for _, s := range swaps {
			args = append(args, s.Plugin, s.Version, r.sealBytes(place+"/"+s.Plugin, s.Doc))
		}
		swapped, err = r.runBool(ctx, scriptSwapRecord, []string{place}, args...)
		return err
	}, "write the record of plugin %s", strings.Join(names, ", "))
	return swapped, err
}

// PluginTrapped notes that a plugin's bytes trapped for a payment, and counts
// the different payments for which they did within the window.
func (r *Redis) PluginTrapped(ctx context.Context, digest, payment string, window time.Duration) (payments int64, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		place, now := ownKey("traps", word(digest)), r.now()
		pipe := r.client.TxPipeline()
		pipe.ZAdd(ctx, place, redis.Z{Score: float64(now.UnixMilli()), Member: word(payment)})
		pipe.ZRemRangeByScore(ctx, place, "-inf", "("+millis(now.Add(-window)))
		count := pipe.ZCard(ctx, place)
		pipe.PExpire(ctx, place, window)
		_, err := pipe.Exec(ctx)
		payments = count.Val()
		return err
	}, "count traps of plugin %s", digest)
	return payments, err
}

// ForgetTraps has a plugin's bytes count as if they had never trapped.
func (r *Redis) ForgetTraps(ctx context.Context, digest string) error {
	return r.do(ctx, func(ctx context.Context) error {
		return r.client.Del(ctx, ownKey("traps", word(digest))).Err()
	}, "forget the traps of plugin %s", digest)
}

// nodeLife is how long a node is listed that no longer says what it runs.
const nodeLife = time.Minute

// NodeSeen notes what a node runs now, by Redis's clock.
func (r *Redis) NodeSeen(ctx context.Context, n checkout.PluginNode) error {
	return r.do(ctx, func(ctx context.Context) error {
		doc, err := json.Marshal(n)
		if err != nil {
			return err
		}
		return r.run(ctx, scriptNodeSeen, []string{ownKey("nodes")}, word(n.ID), doc).Err()
	}, "note node %s", n.ID)
}

// Nodes lists the nodes that said within a minute what they run. Others are
// struck off.
func (r *Redis) Nodes(ctx context.Context) (nodes []checkout.PluginNode, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		reply, err := r.run(ctx, scriptNodes, []string{ownKey("nodes")}).StringSlice()
		if err != nil {
			return err
		}
		now, err := strconv.ParseInt(reply[0], 10, 64)
		if err != nil {
			return fmt.Errorf("%w: the time %q", ErrRecord, reply[0])
		}
		nodes = nil
		var gone []string
		for i := 1; i+1 < len(reply); i += 2 {
			n, err := readNode(reply[i+1], now)
			if err != nil || n.Silent > nodeLife {
				gone = append(gone, reply[i])
				continue
			}
			nodes = append(nodes, n)
		}
		if len(gone) > 0 {
			return r.client.HDel(ctx, ownKey("nodes"), gone...).Err()
		}
		return nil
	}, "list nodes")
	return nodes, err
}

func readNode(text string, now int64) (n checkout.PluginNode, err error) {
	at, doc, _ := strings.Cut(text, " ")
	seen, err := strconv.ParseInt(at, 10, 64)
	if err == nil {
		err = json.Unmarshal([]byte(doc), &n)
	}
	n.SeenAt, n.Silent = time.UnixMilli(seen).UTC(), time.Duration(now-seen)*time.Millisecond
	return n, err
}

// NodeGone strikes a node off that ends.
func (r *Redis) NodeGone(ctx context.Context, id string) error {
	return r.do(ctx, func(ctx context.Context) error {
		return r.client.HDel(ctx, ownKey("nodes"), word(id)).Err()
	}, "strike off node %s", id)
}
