package store

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// token is a kept token with its end.
type token struct {
	Value string    `json:"value"`
	Until time.Time `json:"until"`
}

func tokenKey(account, name string) string { return ownKey("token", word(account), word(name)) }
func cacheKey(account, name string) string { return ownKey("cache", word(account), word(name)) }
func leaseKey(account, name string) string { return ownKey("lease", word(account), word(name)) }

// Token gives a kept token and its end. One whose time is over by this node's
// clock is not found.
func (r *Redis) Token(ctx context.Context, account, name string) (value string, until time.Time, err error) {
	var t token
	err = r.do(ctx, func(ctx context.Context) error {
		place := tokenKey(account, name)
		sealed, err := r.get(ctx, place)
		if err != nil {
			return err
		}
		if err := r.openJSON(place, sealed, &t); err != nil {
			return err
		}
		if !t.Until.After(r.now()) {
			return checkout.ErrNotFound
		}
		return nil
	}, "read token %s of account %s", name, account)
	if err != nil {
		return "", time.Time{}, err
	}
	return t.Value, t.Until, nil
}

// PutToken keeps a token until its end. One that has ended is not kept.
func (r *Redis) PutToken(ctx context.Context, account, name, value string, until time.Time) error {
	return r.do(ctx, func(ctx context.Context) error {
		ttl := until.Sub(r.now())
		if ttl < time.Millisecond {
			return nil
		}
		place := tokenKey(account, name)
		sealed, err := r.sealJSON(place, token{value, until})
		if err != nil {
			return err
		}
		return r.client.Set(ctx, place, sealed, ttl).Err()
	}, "keep token %s of account %s", name, account)
}

// Cached gives an answer that may be used again.
func (r *Redis) Cached(ctx context.Context, account, name string) (value []byte, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		place := cacheKey(account, name)
		sealed, err := r.get(ctx, place)
		if err != nil {
			return err
		}
		value, err = r.openBytes(place, sealed)
		return err
	}, "read cached answer of account %s", account)
	if err != nil {
		return nil, err
	}
	return value, nil
}

// PutCached keeps an answer for ttl.
func (r *Redis) PutCached(ctx context.Context, account, name string, value []byte, ttl time.Duration) error {
	return r.do(ctx, func(ctx context.Context) error {
		if ttl < time.Millisecond {
			return nil
		}
		place := cacheKey(account, name)
		return r.client.Set(ctx, place, r.sealBytes(place, value), ttl).Err()
	}, "cache answer of account %s", account)
}

// Lease takes a lease by name, or renews the holder's own.
func (r *Redis) Lease(ctx context.Context, account, name, holder string, ttl time.Duration) (ours bool, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		if holder == "" || ttl < time.Millisecond {
			return misuse("holder %q for %s", holder, ttl)
		}
		ours, err = r.runBool(ctx, scriptLease, []string{leaseKey(account, name)}, holder, ttl.Milliseconds())
		return err
	}, "take lease %s of account %s", name, account)
	return ours, err
}

// Release gives a lease back, if the holder has it.
func (r *Redis) Release(ctx context.Context, account, name, holder string) error {
	return r.do(ctx, func(ctx context.Context) error {
		return r.run(ctx, scriptRelease, []string{leaseKey(account, name)}, holder).Err()
	}, "release lease %s of account %s", name, account)
}

func syncedKey(account string) string { return ownKey("synced", word(account)) }

// Synced reads how far the shop of an account was asked.
func (r *Redis) Synced(ctx context.Context, account string) (at checkout.Synced, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		place := syncedKey(account)
		sealed, err := r.get(ctx, place)
		if err != nil {
			return err
		}
		return r.openJSON(place, sealed, &at)
	}, "read how far the shop of account %s was asked", account)
	return at, err
}

// SetSynced keeps it.
func (r *Redis) SetSynced(ctx context.Context, account string, at checkout.Synced) error {
	return r.do(ctx, func(ctx context.Context) error {
		place := syncedKey(account)
		sealed, err := r.sealJSON(place, at)
		if err != nil {
			return err
		}
		return r.client.Set(ctx, place, sealed, 0).Err()
	}, "keep how far the shop of account %s was asked", account)
}

func (r *Redis) get(ctx context.Context, place string) (string, error) {
	v, err := r.client.Get(ctx, place).Result()
	if errors.Is(err, redis.Nil) {
		return "", checkout.ErrNotFound
	}
	return v, err
}
