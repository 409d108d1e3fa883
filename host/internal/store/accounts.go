package store

import (
	"context"
	"slices"

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
