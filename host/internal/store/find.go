package store

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Events reads events numbered from `from` (1 is the first), at most limit.
func (r *Redis) Events(ctx context.Context, id string, from int64, limit int) (events []order.Event, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(id)
		if err != nil {
			return errors.Join(checkout.ErrNotFound, err)
		}
		from = max(from, 1)
		sealed, err := r.client.LRange(ctx, eventsKey(p, id), from-1, from+int64(limit)-2).Result()
		if err != nil || limit < 1 {
			return err
		}
		events = make([]order.Event, len(sealed))
		for i := range sealed {
			if err := r.openJSON(eventPlace(p, id, from+int64(i)), sealed[i], &events[i]); err != nil {
				return err
			}
		}
		return nil
	}, "read events of order %s", id)
	if err != nil {
		return nil, err
	}
	return events, nil
}

// FindReference gives the latest order of a shop's reference.
func (r *Redis) FindReference(ctx context.Context, shop, reference string) (ref checkout.Reference, err error) {
	place := referenceKey(checkout.PartitionOf(shop, reference), shop, reference)
	err = r.do(ctx, func(ctx context.Context) error {
		record, err := r.client.Get(ctx, place).Result()
		if errors.Is(err, redis.Nil) {
			return checkout.ErrNotFound
		}
		if err != nil {
			return err
		}
		ref, err = readReference(place, record)
		return err
	}, "find reference of shop %s", shop)
	return ref, err
}

// FindPayment gives the order that holds a payment of this account. It looks
// by reference, number and provider's reference in one pipeline; the first
// that is known wins. A payment's own id names no partition: it is looked for
// among the account's payments that are not final.
func (r *Redis) FindPayment(ctx context.Context, account string, k contract.PaymentKey) (orderID string, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		if orderID, err = r.findByKeys(ctx, account, k); err != nil || orderID != "" {
			return err
		}
		if k.ID == "" {
			return checkout.ErrNotFound
		}
		live, err := r.live(ctx, account)
		if err != nil {
			return err
		}
		for _, to := range live {
			if to.Payment == k.ID {
				orderID = to.Order
				return nil
			}
		}
		return checkout.ErrNotFound
	}, "find payment of account %s", account)
	return orderID, err
}

func (r *Redis) findByKeys(ctx context.Context, account string, k contract.PaymentKey) (string, error) {
	pipe := r.client.Pipeline()
	type look struct {
		place string
		got   *redis.StringCmd
	}
	var looks []look
	ask := func(place string) { looks = append(looks, look{place, pipe.Get(ctx, place)}) }
	byReference := false
	if p, err := checkout.PartitionOfReference(k.Reference); err == nil {
		byReference = true
		ask(paymentKey(p, k.Reference))
	}
	if k.Number != 0 {
		_, tie := numberKeys(account)
		ask(tie(k.Number))
	}
	if k.ProviderReference != "" {
		ask(foreignKey(account, k.ProviderReference))
	}
	if len(looks) == 0 {
		return "", nil
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return "", err
	}
	for i, l := range looks {
		record, err := l.got.Result()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return "", err
		}
		if i > 0 || !byReference {
			to, err := readAddress(l.place, record)
			return to.Order, err
		}
		w, err := words(l.place, record, 3)
		if err != nil {
			return "", err
		}
		if w[2] == word(account) {
			return w[0], nil
		}
	}
	return "", nil
}

func foreignKey(account, providerReference string) string {
	return ownKey("foreign", word(account), hash(providerReference))
}

// Learn ties a provider's reference of an account to a payment, unless it
// belongs to another. It is kept twice as long as a final order.
func (r *Redis) Learn(ctx context.Context, account, providerReference string, to checkout.PaymentAddress) (ours bool, err error) {
	place, record := foreignKey(account, providerReference), addressRecord(to)
	err = r.do(ctx, func(ctx context.Context) error {
		pipe := r.client.Pipeline()
		pipe.SetNX(ctx, place, record, r.opt.foreignTTL())
		has := pipe.Get(ctx, place)
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		ours = has.Val() == record
		return nil
	}, "learn reference of payment %s", to.Payment)
	return ours, err
}

// NextNumber takes the next integer of an account's counter and ties it to
// the payment. A number that was taken and not tied, since the connection
// broke in between, is left out for good. A counter behind start jumps to it.
func (r *Redis) NextNumber(ctx context.Context, account string, start int64, to checkout.PaymentAddress) (n int64, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		counter, tie := numberKeys(account)
		if n, err = r.run(ctx, scriptNumber, []string{counter}, start).Int64(); err != nil {
			return err
		}
		return r.client.Set(ctx, tie(n), addressRecord(to), r.opt.foreignTTL()).Err()
	}, "next number of account %s", account)
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Live lists the payments of an account that are not final, from all
// partitions in one pipeline.
func (r *Redis) Live(ctx context.Context, account string) (live []checkout.PaymentAddress, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		live, err = r.live(ctx, account)
		return err
	}, "list payments of account %s", account)
	return live, err
}

func (r *Redis) live(ctx context.Context, account string) ([]checkout.PaymentAddress, error) {
	var sets [partitions]*redis.StringSliceCmd
	pipe := r.client.Pipeline()
	for p := range sets {
		sets[p] = pipe.SMembers(ctx, liveKey(checkout.Partition(p), account))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	var live []checkout.PaymentAddress
	for p, set := range sets {
		for _, member := range set.Val() {
			to, err := readAddress(liveKey(checkout.Partition(p), account), member)
			if err != nil {
				return nil, err
			}
			live = append(live, to)
		}
	}
	return live, nil
}

// Pinned counts the payments, not final, that were begun with a plugin's
// bytes and go on with them.
func (r *Redis) Pinned(ctx context.Context, digest string) (n int64, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		var sets [partitions]*redis.IntCmd
		pipe := r.client.Pipeline()
		for p := range sets {
			sets[p] = pipe.SCard(ctx, pinKey(checkout.Partition(p), digest))
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		for _, set := range sets {
			n += set.Val()
		}
		return nil
	}, "count payments of plugin %s", digest)
	return n, err
}
