package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// An alarm is a member of due, scored with its time in milliseconds, or while
// a node works on it of held, scored with when the hold ends. Its token is in
// fence: it stays the same while the hold is renewed. A commit that sets a new
// time while the alarm is held puts it into due beside the hold; nobody claims
// it there until the hold ends.

// DuePartitions looks at the heads of all partitions in one pipeline.
func (r *Redis) DuePartitions(ctx context.Context) (due []checkout.Partition, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		var heads [partitions][2]*redis.ZSliceCmd
		pipe := r.client.Pipeline()
		for p := range heads {
			k := keysOf(checkout.Partition(p))
			heads[p] = [2]*redis.ZSliceCmd{pipe.ZRangeWithScores(ctx, k.due, 0, 0), pipe.ZRangeWithScores(ctx, k.held, 0, 0)}
		}
		clock := pipe.Time(ctx)
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		now := float64(clock.Val().UnixMilli())
		for p, head := range heads {
			if rings(head[0], now) || rings(head[1], now) {
				due = append(due, checkout.Partition(p))
			}
		}
		return nil
	}, "look for what is due")
	if err != nil {
		return nil, err
	}
	return due, nil
}

// rings says whether the first member of a set is due. Scores are
// milliseconds, which are whole in a float64 for the next 285,000 years.
func rings(head *redis.ZSliceCmd, now float64) bool {
	first := head.Val()
	return len(first) == 1 && first[0].Score <= now
}

// ClaimDue moves up to limit due members of a partition to held. Should the
// reply be lost, they are due again when the hold ends.
func (r *Redis) ClaimDue(ctx context.Context, p checkout.Partition, limit int) (claimed []checkout.Alarm, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		k := keysOf(p)
		reply, err := r.run(ctx, scriptClaimDue, []string{k.due, k.held, k.fence}, limit, r.opt.Hold.Milliseconds()).StringSlice()
		if err != nil {
			return err
		}
		for pair := range slices.Chunk(reply, 2) {
			token, err := strconv.ParseInt(pair[1], 10, 64)
			if err != nil {
				return fmt.Errorf("%w %s: token of %s", ErrRecord, k.fence, pair[0])
			}
			claimed = append(claimed, checkout.Alarm{Partition: p, Member: pair[0], Token: token})
		}
		return nil
	}, "claim what is due in partition %s", p)
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// Renew holds a claimed alarm for another while.
func (r *Redis) Renew(ctx context.Context, a checkout.Alarm) (held bool, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		k := keysOf(a.Partition)
		held, err = r.runBool(ctx, scriptRenew, []string{k.held, k.fence}, a.Member, a.Token, r.opt.Hold.Milliseconds())
		return err
	}, "renew alarm %s", a.Member)
	return held, err
}

// PutBack makes a claimed alarm due again at a time, or earlier if a commit
// said so meanwhile. One that was lost is left to who has it.
func (r *Redis) PutBack(ctx context.Context, a checkout.Alarm, at time.Time) error {
	if at.IsZero() {
		at = r.now()
	}
	return r.endAlarm(ctx, a, alarmTime(at))
}

// Drop ends a claimed alarm that has nothing left to do. A time that a commit
// set meanwhile stays.
func (r *Redis) Drop(ctx context.Context, a checkout.Alarm) error { return r.endAlarm(ctx, a, "") }

func (r *Redis) endAlarm(ctx context.Context, a checkout.Alarm, again string) error {
	return r.do(ctx, func(ctx context.Context) error {
		k := keysOf(a.Partition)
		return r.run(ctx, scriptEndAlarm, []string{k.due, k.held, k.fence}, a.Member, a.Token, again).Err()
	}, "end alarm %s", a.Member)
}

// Tell notes how far the shop has been told, and makes the delivery due again
// or gives it up.
func (r *Redis) Tell(ctx context.Context, t checkout.Telling) error {
	return r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(t.Order)
		if err != nil {
			return err
		}
		if t.Alarm.Token != 0 && t.Alarm.Member != t.Order+checkout.TellSuffix {
			return misuse("delivery with the alarm of %s", t.Alarm.Member)
		}
		dead := 0
		if t.Dead {
			dead = 1
		}
		k := keysOf(p)
		_, err = r.write(ctx, scriptTell, stepArgs{
			keys: []string{orderKey(p, t.Order), k.due, k.held, k.fence, k.dead, k.seq, k.heal},
			args: []any{t.Order, t.Alarm.Token, t.Told, alarmTime(t.Again), dead, t.Tries},
		})
		return err
	}, "note delivery of order %s", t.Order)
}

// Dead lists deliveries that were given up, the oldest first.
func (r *Redis) Dead(ctx context.Context, limit int) (dead []checkout.Delivery, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		var lists [partitions]*redis.ZSliceCmd
		pipe := r.client.Pipeline()
		for p := range lists {
			lists[p] = pipe.ZRangeWithScores(ctx, keysOf(checkout.Partition(p)).dead, 0, int64(limit)-1)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		for _, list := range lists {
			for _, z := range list.Val() {
				id, _ := z.Member.(string)
				dead = append(dead, checkout.Delivery{Order: id, At: time.UnixMilli(int64(z.Score))})
			}
		}
		return nil
	}, "list deliveries that were given up")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(dead, func(a, b checkout.Delivery) int { return a.At.Compare(b.At) })
	return dead[:min(limit, len(dead))], nil
}

// Redeliver makes an order's delivery due now, its tries forgotten. Error: checkout.ErrNotFound.
func (r *Redis) Redeliver(ctx context.Context, orderID string) error {
	return r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(orderID)
		if err != nil {
			return errors.Join(checkout.ErrNotFound, err)
		}
		k := keysOf(p)
		ok, err := r.runBool(ctx, scriptRedeliver, []string{orderKey(p, orderID), k.due, k.held, k.dead}, orderID)
		if err == nil && !ok {
			return checkout.ErrNotFound
		}
		return err
	}, "redeliver order %s", orderID)
}
