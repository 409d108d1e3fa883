package store

import (
	"cmp"
	"context"
	"iter"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// bookChunk is how many lines of a partition are read at a time: a whole day
// may not fit in memory.
const bookChunk = 64

// Book reads the lines of a day (UTC) in the order of their time. It holds at
// most bookChunk lines of each partition, and ends with the first error.
func (r *Redis) Book(ctx context.Context, on time.Time) iter.Seq2[order.BookLine, error] {
	return func(yield func(order.BookLine, error) bool) {
		d := &bookDay{r: r, on: on}
		for {
			if err := d.fill(ctx); err != nil {
				yield(order.BookLine{}, err)
				return
			}
			for !d.thirsty {
				line, ok := d.next()
				if !ok || !yield(line, nil) {
					return
				}
			}
		}
	}
}

// bookDay is a day's lines on their way.
type bookDay struct {
	r     *Redis
	on    time.Time
	lists [partitions]bookList
	// thirsty says that the next line may be one that was not read yet.
	thirsty bool
}

// bookList is what was read of one partition and not given yet.
type bookList struct {
	lines []order.BookLine
	read  int64
	// ended says that there was no more.
	ended bool
}

// fill reads on, in one pipeline, wherever little is left.
func (d *bookDay) fill(ctx context.Context) error {
	return d.r.do(ctx, func(ctx context.Context) error {
		cmds := map[int]*redis.StringSliceCmd{}
		pipe := d.r.client.Pipeline()
		for p := range d.lists {
			if l := &d.lists[p]; !l.ended && len(l.lines) <= bookChunk/2 {
				cmds[p] = pipe.LRange(ctx, bookKey(checkout.Partition(p), d.on), l.read, l.read+bookChunk-1)
			}
		}
		if len(cmds) == 0 {
			return nil
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		for p, cmd := range cmds {
			if err := d.lists[p].take(d.r, bookKey(checkout.Partition(p), d.on), cmd.Val()); err != nil {
				return err
			}
		}
		d.thirsty = false
		return nil
	}, "read the book of %s", d.on.UTC().Format(time.DateOnly))
}

func (l *bookList) take(r *Redis, place string, sealed []string) error {
	for _, s := range sealed {
		var line order.BookLine
		if err := r.openJSON(place, s, &line); err != nil {
			return err
		}
		l.lines = append(l.lines, line)
	}
	l.read += int64(len(sealed))
	l.ended = len(sealed) < bookChunk
	return nil
}

// next gives the earliest line; false at the end of the day.
func (d *bookDay) next() (order.BookLine, bool) {
	var first *bookList
	for p := range d.lists {
		if l := &d.lists[p]; len(l.lines) > 0 && (first == nil || earlier(l.lines[0], first.lines[0]) < 0) {
			first = l
		}
	}
	if first == nil {
		return order.BookLine{}, false
	}
	line := first.lines[0]
	first.lines = first.lines[1:]
	d.thirsty = len(first.lines) == 0 && !first.ended
	return line, true
}

func earlier(a, b order.BookLine) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) }
