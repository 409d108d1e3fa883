package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// ClaimKey ties a create's idempotency key to its body. Whoever answers the
// create has claimed its key before, so the key outlives the answer, which lies
// in another slot.
func (r *Redis) ClaimKey(ctx context.Context, shop, idempotencyKey, fingerprint string) (ours bool, err error) {
	place := ownKey("key", word(shop), hash(idempotencyKey))
	record := fmt.Sprint(schema, " ", fingerprint)
	err = r.do(ctx, func(ctx context.Context) error {
		ttl := r.opt.AnswerTTL + r.opt.AnswerWait
		ours, err = r.runBool(ctx, scriptLease, []string{place}, record, ttl.Milliseconds())
		return err
	}, "claim key of shop %s", shop)
	return ours, err
}

// Create writes a new order, unless its reference is taken or its claim is known.
func (r *Redis) Create(ctx context.Context, c checkout.Creation) (made checkout.Created, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(c.Order.ID)
		if err != nil {
			return err
		}
		var a stepArgs
		if err := r.step(&a, p, firstStep(c)); err != nil {
			return err
		}
		w, err := r.write(ctx, scriptCreate, a)
		if err != nil {
			return err
		}
		switch w.status {
		case "known":
			made.Claimed, err = r.readClaim(answerKey(p, *c.Claim), w.record, *c.Claim)
		case "taken":
			var ref checkout.Reference
			ref, err = readReference(referenceKey(p, c.Order.Shop, c.Order.Reference), w.record)
			made.Taken = &ref
		}
		return err
	}, "create order %s", c.Order.ID)
	if err != nil {
		return checkout.Created{}, err
	}
	return made, nil
}

// firstStep is a creation as the step from nothing.
func firstStep(c checkout.Creation) checkout.Commit {
	return checkout.Commit{Order: c.Order, Events: c.Events, Claim: c.Claim, Answer: c.Answer, Next: c.Next}
}

// Supersede ends an order and writes the one that replaces it. Where the new
// one's claim is known the caller reads again, as where the old one moved.
func (r *Redis) Supersede(ctx context.Context, c checkout.Creation, old checkout.Commit) error {
	return r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(c.Order.ID)
		if err != nil {
			return err
		}
		if c.Order.Shop != old.Order.Shop || c.Order.Reference != old.Order.Reference {
			return misuse("order %s does not have its reference", old.Order.ID)
		}
		var a stepArgs
		if err := errors.Join(r.step(&a, p, old), r.step(&a, p, firstStep(c))); err != nil {
			return err
		}
		w, err := r.write(ctx, scriptSupersede, a)
		if err == nil && w.status == "known" {
			return checkout.ErrMoved
		}
		return err
	}, "replace order %s by %s", old.Order.ID, c.Order.ID)
}

// Load reads an order.
func (r *Redis) Load(ctx context.Context, id string) (rec checkout.Record, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(id)
		if err != nil {
			return fmt.Errorf("%w: %w", checkout.ErrNotFound, err)
		}
		pipe := r.client.Pipeline()
		reply, heals := loadFields(ctx, pipe, orderKey(p, id)), pipe.Exists(ctx, keysOf(p).heal)
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		rec, err = r.readOrder(orderKey(p, id), reply)
		rec.Healing = heals.Val() == 1
		return err
	}, "load order %s", id)
	if err != nil {
		return checkout.Record{}, err
	}
	return rec, nil
}

// loadFields asks for the fields of an order's hash that readOrder takes.
func loadFields(ctx context.Context, c redis.Cmdable, place string) *redis.SliceCmd {
	return c.HMGet(ctx, place, "schema", "v", "doc", "told", "tries", "busy")
}

func (r *Redis) readOrder(place string, reply *redis.SliceCmd) (checkout.Record, error) {
	values, err := reply.Result()
	if err != nil {
		return checkout.Record{}, err
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i], _ = v.(string) // absent: ""
	}
	number, version, doc, told, tries, busy := texts[0], texts[1], texts[2], texts[3], texts[4], texts[5]
	if version == "" {
		return checkout.Record{}, checkout.ErrNotFound
	}
	if n, _ := strconv.Atoi(number); n > schema {
		return checkout.Record{}, checkSchema(place, n, schema)
	}
	var rec checkout.Record
	if rec.Order, err = r.openOrder(place, doc); err != nil {
		return checkout.Record{}, err
	}
	if rec.Version, err = strconv.ParseInt(version, 10, 64); err != nil {
		return checkout.Record{}, fmt.Errorf("%w %s: version", ErrRecord, place)
	}
	rec.Told, _ = strconv.ParseInt(told, 10, 64) // absent: 0
	rec.Tries, _ = strconv.Atoi(tries)           // absent: 0
	if busy != "" {
		rec.Busy = new(checkout.Busy)
		if err := json.Unmarshal([]byte(busy), rec.Busy); err != nil {
			return checkout.Record{}, fmt.Errorf("%w %s: busy: %w", ErrRecord, place, err)
		}
	}
	return rec, nil
}

// openOrder reads a document. One of a newer version may not even decode, so
// its schema is looked at by itself then.
func (r *Redis) openOrder(place, doc string) (order.Order, error) {
	var o order.Order
	err := r.openJSON(place, doc, &o)
	if err != nil && !errors.Is(err, errDecode) {
		return order.Order{}, err
	}
	if err != nil {
		var only struct {
			Schema int `json:"schema"`
		}
		_ = r.openJSON(place, doc, &only) // err says it
		o.Schema = only.Schema
	}
	if err := checkSchema(place+" document", o.Schema, order.Schema); err != nil {
		return order.Order{}, err
	}
	return o, err
}

// Commit writes a step of an order. The step that ends a call (it clears the
// call or ends its journal) is written even if its claim has an answer
// already: what a provider said is booked, and the first answer stays.
func (r *Redis) Commit(ctx context.Context, c checkout.Commit) (known checkout.Claimed, err error) {
	err = r.do(ctx, func(ctx context.Context) error {
		p, err := checkout.PartitionOfID(c.Order.ID)
		if err != nil {
			return err
		}
		if c.Version < 1 {
			return misuse("order %s at version %d", c.Order.ID, c.Version)
		}
		var a stepArgs
		if err := r.step(&a, p, c); err != nil {
			return err
		}
		w, err := r.write(ctx, scriptCommit, a)
		if err != nil || w.status != "known" {
			return err
		}
		known, err = r.readClaim(answerKey(p, *c.Claim), w.record, *c.Claim)
		return err
	}, "commit order %s", c.Order.ID)
	if err != nil {
		return checkout.Claimed{}, err
	}
	return known, nil
}

// Answered gives what is known of a claim. Subject is the claim's, and p the
// partition of the order that it is about.
func (r *Redis) Answered(ctx context.Context, subject string, p checkout.Partition, c checkout.Claim) (known checkout.Claimed, err error) {
	c.Subject = subject
	place := answerKey(p, c)
	err = r.do(ctx, func(ctx context.Context) error {
		record, err := r.client.Get(ctx, place).Result()
		if errors.Is(err, redis.Nil) {
			return nil
		}
		if err != nil {
			return err
		}
		known, err = r.readClaim(place, record, c)
		return err
	}, "read answer for %s", subject)
	return known, err
}
