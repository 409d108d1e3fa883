package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// AddOrphan keeps verified news that matches no payment. The same news is kept once.
func (r *Redis) AddOrphan(ctx context.Context, o checkout.Orphan) error {
	return r.do(ctx, func(ctx context.Context) error {
		byID, times := orphanKeys(o.Account)
		sealed, err := r.sealJSON(byID+"/"+o.ID, o)
		if err != nil {
			return err
		}
		now := r.now()
		return r.run(ctx, scriptOrphan, []string{byID, times},
			o.ID, sealed, millis(now), millis(now.Add(-r.opt.OrphanTTL)), r.opt.OrphanTTL.Milliseconds()).Err()
	}, "keep orphan %s of account %s", o.ID, o.Account)
}

// Orphans lists those of an account whose time is not over, the oldest first.
func (r *Redis) Orphans(ctx context.Context, account string) (orphans []checkout.Orphan, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		byID, times := orphanKeys(account)
		pipe := r.client.Pipeline()
		all := pipe.HGetAll(ctx, byID)
		kept := pipe.ZRangeByScore(ctx, times, &redis.ZRangeBy{Min: "(" + millis(r.now().Add(-r.opt.OrphanTTL)), Max: "+inf"})
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		for _, id := range kept.Val() {
			sealed, ok := all.Val()[id]
			if !ok {
				continue // dropped between the two reads
			}
			var o checkout.Orphan
			if err := r.openJSON(byID+"/"+id, sealed, &o); err != nil {
				return err
			}
			orphans = append(orphans, o)
		}
		return nil
	}, "list orphans of account %s", account)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(orphans, func(a, b checkout.Orphan) int { return a.At.Compare(b.At) })
	return orphans, nil
}

// DropOrphan ends one that found its payment.
func (r *Redis) DropOrphan(ctx context.Context, account, id string) error {
	return r.do(ctx, func(ctx context.Context) error {
		byID, times := orphanKeys(account)
		pipe := r.client.Pipeline()
		pipe.HDel(ctx, byID, id)
		pipe.ZRem(ctx, times, id)
		_, err := pipe.Exec(ctx)
		return err
	}, "drop orphan %s of account %s", id, account)
}

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

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
