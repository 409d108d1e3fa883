package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// Book reads the lines of a day (UTC), from all partitions in one pipeline,
// in the order of their time.
func (r *Redis) Book(ctx context.Context, on time.Time) (lines []order.BookLine, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		var lists [partitions]*redis.StringSliceCmd
		pipe := r.client.Pipeline()
		for p := range lists {
			lists[p] = pipe.LRange(ctx, bookKey(checkout.Partition(p), on), 0, -1)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		for p, list := range lists {
			for _, sealed := range list.Val() {
				var line order.BookLine
				if err := r.openJSON(bookKey(checkout.Partition(p), on), sealed, &line); err != nil {
					return err
				}
				lines = append(lines, line)
			}
		}
		return nil
	}, "read the book of %s", on.UTC().Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(lines, func(a, b order.BookLine) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return lines, nil
}
