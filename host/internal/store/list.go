package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// maxPages is how many pages of candidates one listing looks at before it
// returns what fits so far, with a cursor to go on.
const maxPages = 8

// entry is an order in a shop's list.
type entry struct {
	at int64 // created, in milliseconds
	id string
}

// newer sorts the newest first.
func newer(a, b entry) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.id, a.id)) }

// List reads a shop's orders, the newest first: those created from CreatedFrom
// until before CreatedTo. Where the filter leaves out
// much, a page may hold fewer orders than the limit, even none, and still have
// a cursor. An order that is kept no more leaves the list here.
func (r *Redis) List(ctx context.Context, shop string, f checkout.Filter) (items []order.Order, next string, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		if f.Limit < 1 || f.Limit > 256 {
			return misuse("a page of %d orders, at most 256", f.Limit)
		}
		after, err := readCursor(f.Cursor)
		if err != nil {
			return err
		}
		for range maxPages {
			page, err := r.page(ctx, shop, f, after)
			if err != nil {
				return err
			}
			orders, err := r.loadPage(ctx, shop, page)
			if err != nil {
				return err
			}
			for i, o := range orders {
				after = page[i]
				if o == nil || f.Status != "" && o.Status() != f.Status {
					continue
				}
				if items = append(items, *o); len(items) == f.Limit {
					next = after.cursor()
					return nil
				}
			}
			if len(page) < f.Limit {
				return nil // the end of the list
			}
		}
		next = after.cursor()
		return nil
	}, "list orders of shop %s", shop)
	if err != nil {
		return nil, "", err
	}
	return items, next, nil
}

// page is the next f.Limit entries after one, or all that are left. Each
// partition gives a few; the merged list is sure down to the last entry of a
// partition that may have more, so those are asked again for twice as many
// until it is sure for the whole page.
func (r *Redis) page(ctx context.Context, shop string, f checkout.Filter, after entry) ([]entry, error) {
	var merged []entry
	ask := make([]int, 0, partitions)
	for p := range partitions {
		ask = append(ask, p)
	}
	found := make([][]entry, partitions)
	for chunk := f.Limit/32 + 4; ; chunk *= 2 {
		more, err := r.chunks(ctx, shop, f, after, ask, chunk, found)
		if err != nil {
			return nil, err
		}
		merged = merged[:0]
		for _, list := range found {
			merged = append(merged, list...)
		}
		slices.SortFunc(merged, newer)
		merged = merged[:min(f.Limit, len(merged))]
		ask = ask[:0]
		for _, p := range more {
			// Of a full chunk, what follows its last entry is not known.
			if list := found[p]; len(merged) < f.Limit || len(list) == 0 || newer(list[len(list)-1], merged[len(merged)-1]) < 0 {
				ask = append(ask, p)
			}
		}
		if len(ask) == 0 {
			return merged, nil
		}
	}
}

// chunks reads the first entries of some partitions after one, into found. It
// returns the partitions that may have more.
func (r *Redis) chunks(ctx context.Context, shop string, f checkout.Filter, after entry, ask []int, chunk int, found [][]entry) ([]int, error) {
	by := redis.ZRangeBy{Min: "-inf", Max: "+inf", Count: int64(chunk)}
	if !f.CreatedFrom.IsZero() {
		by.Min = millis(f.CreatedFrom)
	}
	if !f.CreatedTo.IsZero() {
		by.Max = "(" + millis(f.CreatedTo)
	}
	if after.id != "" && (f.CreatedTo.IsZero() || after.at < f.CreatedTo.UnixMilli()) {
		by.Max = strconv.FormatInt(after.at, 10)
	}
	cmds := make([]*redis.ZSliceCmd, len(ask))
	pipe := r.client.Pipeline()
	for i, p := range ask {
		cmds[i] = pipe.ZRevRangeByScoreWithScores(ctx, listKey(checkout.Partition(p), shop), &by)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	var more []int
	for i, p := range ask {
		found[p] = found[p][:0]
		for _, z := range cmds[i].Val() {
			id, _ := z.Member.(string)
			if e := (entry{int64(z.Score), id}); after.id == "" || newer(after, e) < 0 {
				found[p] = append(found[p], e)
			}
		}
		if len(cmds[i].Val()) == chunk {
			more = append(more, p)
		}
	}
	return more, nil
}

// loadPage reads the orders of a page in one pipeline. One that is kept no
// more is nil, and leaves the list.
func (r *Redis) loadPage(ctx context.Context, shop string, page []entry) ([]*order.Order, error) {
	orders := make([]*order.Order, len(page))
	if len(page) == 0 {
		return orders, nil
	}
	places := make([]string, len(page))
	replies := make([]*redis.SliceCmd, len(page))
	pipe := r.client.Pipeline()
	for i, e := range page {
		p, err := checkout.PartitionOfID(e.id)
		if err != nil {
			return nil, err
		}
		places[i] = orderKey(p, e.id)
		replies[i] = loadFields(ctx, pipe, places[i])
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	var gone []entry
	for i := range page {
		rec, err := r.readOrder(places[i], replies[i])
		switch {
		case errors.Is(err, checkout.ErrNotFound):
			gone = append(gone, page[i])
		case err != nil:
			return nil, err
		default:
			orders[i] = &rec.Order
		}
	}
	return orders, r.unlist(ctx, shop, gone)
}

func (r *Redis) unlist(ctx context.Context, shop string, gone []entry) error {
	if len(gone) == 0 {
		return nil
	}
	pipe := r.client.Pipeline()
	for _, e := range gone {
		p, err := checkout.PartitionOfID(e.id)
		if err != nil {
			return err
		}
		pipe.ZRem(ctx, listKey(p, shop), e.id)
	}
	_, err := pipe.Exec(ctx)
	return err
}
