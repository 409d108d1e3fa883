package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// The fields of the hash that holds the record of shops: as those of the
// plugins' records, with one name.
const shopsName = "all"

func shopsKey() string { return ownKey("shops") }

// ShopsVersion is a number that every change of the shops' record raises, 0
// for none.
func (r *Redis) ShopsVersion(ctx context.Context) (version int64, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		version, err = r.client.HGet(ctx, shopsKey(), "v:"+shopsName).Int64()
		if errors.Is(err, redis.Nil) {
			version, err = 0, nil
		}
		return err
	}, "read the version of the shops' record")
	return version, err
}

// ShopsRecord reads the record of shops and accounts, version 0 for none.
func (r *Redis) ShopsRecord(ctx context.Context) (doc []byte, version int64, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		place := shopsKey()
		fields, err := r.client.HMGet(ctx, place, "v:"+shopsName, "d:"+shopsName).Result()
		if err != nil {
			return err
		}
		text, there := fields[0].(string)
		if !there {
			return nil
		}
		if version, err = strconv.ParseInt(text, 10, 64); err != nil {
			return fmt.Errorf("%w: version %q", ErrRecord, text)
		}
		sealed, _ := fields[1].(string)
		doc, err = r.openBytes(place+"/"+shopsName, sealed)
		return err
	}, "read the shops' record")
	if err != nil {
		return nil, 0, err
	}
	return doc, version, nil
}

// SwapShopsRecord writes the record of shops in place of the one that has this
// version, 0 for none. It is false, and nothing is written, if that was
// changed meanwhile. After checkout.ErrUnavailable it may have been written.
func (r *Redis) SwapShopsRecord(ctx context.Context, version int64, doc []byte) (swapped bool, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		if len(doc) > maxRecord {
			return misuse("a record of %d bytes", len(doc))
		}
		place := shopsKey()
		swapped, err = r.runBool(ctx, scriptSwapRecord, []string{place}, shopsName, version, r.sealBytes(place+"/"+shopsName, doc))
		return err
	}, "write the shops' record")
	return swapped, err
}
