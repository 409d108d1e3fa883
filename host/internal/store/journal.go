package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// sealFields seals journal fields for their places: name, value, name, value, …
func (r *Redis) sealFields(place string, fields map[string][]byte) []any {
	out := make([]any, 0, 2*len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, name, r.sealBytes(place+"/"+name, fields[name]))
	}
	return out
}

// Intent writes field if it is absent, and with it the others, in one script.
// The value of field is that in fields. An unfinished journal never expires.
// At alarm, if it is not zero, the call itself is due: an order's call has the
// alarm of its order, an account's has none else.
func (r *Redis) Intent(ctx context.Context, call, field string, fields map[string][]byte, alarm time.Time) (ours bool, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(call)
		if err != nil {
			return err
		}
		place := callKey(p, call)
		others := maps.Clone(fields)
		delete(others, field)
		args := []any{call, field, r.sealBytes(place+"/"+field, fields[field]), alarmTime(alarm)}
		ours, err = r.runBool(ctx, scriptIntent, []string{place, keysOf(p).due}, append(args, r.sealFields(place, others)...)...)
		return err
	}, "write intent %s of call %s", field, call)
	return ours, err
}

// Write adds fields to a journal.
func (r *Redis) Write(ctx context.Context, call string, fields map[string][]byte) error {
	return r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(call)
		if err != nil || len(fields) == 0 {
			return err
		}
		place := callKey(p, call)
		return r.client.HSet(ctx, place, r.sealFields(place, fields)...).Err()
	}, "write journal of call %s", call)
}

// Read gives all fields of a journal. Error: checkout.ErrNoJournal.
func (r *Redis) Read(ctx context.Context, call string) (fields map[string][]byte, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(call)
		if err != nil {
			return errors.Join(checkout.ErrNoJournal, err)
		}
		place := callKey(p, call)
		sealed, err := r.client.HGetAll(ctx, place).Result()
		if err != nil {
			return err
		}
		if len(sealed) == 0 {
			return checkout.ErrNoJournal
		}
		fields = make(map[string][]byte, len(sealed))
		for name, value := range sealed {
			if fields[name], err = r.openBytes(place+"/"+name, value); err != nil {
				return err
			}
		}
		return nil
	}, "read journal of call %s", call)
	if err != nil {
		return nil, err
	}
	return fields, nil
}

// End closes a call's journal and drops its alarm. From then on it is kept for
// Options.JournalTTL.
func (r *Redis) End(ctx context.Context, end checkout.JournalEnd) error {
	return r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(end.Call)
		if err != nil {
			return fmt.Errorf("no call: %w", err)
		}
		place, k := callKey(p, end.Call), keysOf(p)
		args := append([]any{end.Call, r.opt.JournalTTL.Milliseconds()}, r.sealFields(place, end.Fields)...)
		return r.run(ctx, scriptEndCall, []string{place, k.due, k.held, k.fence}, args...).Err()
	}, "end journal of call %s", end.Call)
}
