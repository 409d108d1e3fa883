package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// heard are the events that a shop must hear.
var heard = order.Told()

// stepArgs are the keys and arguments of scripts that write steps, in the
// order in which step.lua reads them.
type stepArgs struct {
	keys []string
	args []any
}

func (a *stepArgs) key(keys ...string) { a.keys = append(a.keys, keys...) }
func (a *stepArgs) arg(args ...any)    { a.args = append(a.args, args...) }

// step adds one step of an order that lies in p. Everything that is to be
// decided, sealed or formatted is so here; the script compares and writes.
func (r *Redis) step(a *stepArgs, p checkout.Partition, c checkout.Commit) error {
	o := c.Order
	if err := checkStep(p, c); err != nil {
		return err
	}
	doc, err := r.sealJSON(orderKey(p, o.ID), o)
	if err != nil {
		return err
	}
	part := keysOf(p)
	a.key(orderKey(p, o.ID), eventsKey(p, o.ID), referenceKey(p, o.Shop, o.Reference), listKey(p, o.Shop),
		part.due, part.held, part.fence, part.dead, part.seq, part.heal)
	a.arg(o.ID, c.Version, c.Version+1, schema, doc, millis(o.CreatedAt))
	a.arg(lastHeard(c.Events), alarmTime(c.Next))
	if c.Alarm != nil {
		a.arg(c.Alarm.Member, c.Alarm.Token)
	} else {
		a.arg("", "")
	}
	if err := a.busy(c); err != nil {
		return err
	}
	a.arg(referenceRecord(o), r.orderTTL(o))
	if err := r.claim(a, p, c); err != nil {
		return err
	}
	r.journalEnd(a, p, c)
	if err := r.events(a, p, c); err != nil {
		return err
	}
	r.payments(a, p, o)
	return nil
}

// checkStep refuses what would break a promise of the store.
func checkStep(p checkout.Partition, c checkout.Commit) error {
	if q := checkout.PartitionOf(c.Order.Shop, c.Order.Reference); q != p {
		return misuse("order %s of a reference in partition %s", c.Order.ID, q)
	}
	for i, e := range c.Events {
		if want := c.Order.LastEvent - int64(len(c.Events)-1-i); e.Number != want {
			return misuse("order %s: event %d where %d is next", c.Order.ID, e.Number, want)
		}
	}
	if a := c.Alarm; a != nil && (a.Partition != p || a.Member != c.Order.ID && a.Member != c.Order.ID+checkout.TellSuffix) {
		return misuse("order %s with the alarm of %s", c.Order.ID, a.Member)
	}
	if c.Journal != nil {
		if q, err := checkout.PartitionOfID(c.Journal.Call); err != nil || q != p {
			return misuse("order %s with the journal of call %s, which is not in its partition", c.Order.ID, c.Journal.Call)
		}
	}
	return nil
}

func (a *stepArgs) busy(c checkout.Commit) error {
	if c.SetBusy == nil {
		a.arg("", "", c.ClearBusy)
		return nil
	}
	busy, err := json.Marshal(c.SetBusy)
	if err != nil {
		return fmt.Errorf("encode call %s: %w", c.SetBusy.Call, err)
	}
	a.arg(busy, c.SetBusy.Call, c.ClearBusy)
	return nil
}

// claim adds the idempotent answer. One that never ends is kept as long as the order.
func (r *Redis) claim(a *stepArgs, p checkout.Partition, c checkout.Commit) error {
	ends := 0
	if c.ClearBusy != "" || c.Journal != nil {
		ends = 1
	}
	if c.Claim == nil {
		a.arg("", "", 0, ends)
		return nil
	}
	head, err := claimHead(*c.Claim)
	if err != nil {
		return err
	}
	place := answerKey(p, *c.Claim)
	a.key(place)
	if c.Answer == nil {
		a.arg(head, "", r.opt.OrderTTL.Milliseconds(), ends)
		return nil
	}
	answer, err := r.sealJSON(place, c.Answer)
	if err != nil {
		return err
	}
	a.arg(head, answer, r.opt.AnswerTTL.Milliseconds(), ends)
	return nil
}

func (r *Redis) journalEnd(a *stepArgs, p checkout.Partition, c checkout.Commit) {
	if c.Journal == nil {
		a.arg("", 0)
		return
	}
	ttl := r.opt.JournalTTL
	if !c.Order.Final() {
		ttl += r.opt.JournalWait
	}
	place := callKey(p, c.Journal.Call)
	a.key(place)
	fields := r.sealFields(place, c.Journal.Fields)
	a.arg(ttl.Milliseconds(), len(fields)/2)
	a.arg(fields...)
}

// events adds the events and the lines of the book that they make.
func (r *Redis) events(a *stepArgs, p checkout.Partition, c checkout.Commit) error {
	a.arg(len(c.Events), c.Order.LastEvent-int64(len(c.Events))+1)
	var lines []order.BookLine
	for _, e := range c.Events {
		sealed, err := r.sealJSON(eventPlace(p, c.Order.ID, e.Number), e)
		if err != nil {
			return err
		}
		a.arg(sealed)
		if line, ok := order.Book(c.Order, e); ok {
			lines = append(lines, line)
		}
	}
	a.arg(len(lines))
	for _, line := range lines {
		place := bookKey(p, line.At)
		sealed, err := r.sealJSON(place, line)
		if err != nil {
			return err
		}
		a.key(place)
		a.arg(sealed)
	}
	return nil
}

// payments adds where payments are found: by reference, by account while
// they are not final, by the plugin's bytes for as long; and until when those
// that are final need the bytes.
func (r *Redis) payments(a *stepArgs, p checkout.Partition, o order.Order) {
	a.arg(len(o.Payments))
	for _, pay := range o.Payments {
		needs := "0"
		if pay.Final() {
			needs = millis(r.needs(pay))
		}
		a.key(paymentKey(p, pay.Reference), liveKey(p, pay.Account), pinKey(p, pay.Plugin.Digest), neededKey(p, pay.Plugin.Digest))
		a.arg(paymentRecord(o.ID, pay), addressRecord(checkout.PaymentAddress{Order: o.ID, Payment: pay.ID}), needs)
	}
}

// lateNews is how long after its end a payment is expected to be heard of.
const lateNews = 30 * day

// needs is until when a final payment needs its plugin's bytes: as long as it
// can be refunded, and for news that come late.
func (r *Redis) needs(p order.Payment) time.Time {
	until := r.now().Add(lateNews)
	end, ends := p.RefundableUntil()
	if !ends {
		end = r.now().Add(r.opt.OrderTTL)
	}
	if end.After(until) {
		return end
	}
	return until
}

// orderTTL is how long the order is kept from now on: 0 while it is not final.
func (r *Redis) orderTTL(o order.Order) int64 {
	if o.Final() {
		return r.opt.OrderTTL.Milliseconds()
	}
	return 0
}

// written is what a script that writes steps says of it.
type written struct {
	status string
	// record is what it found where it wrote nothing.
	record string
	// seq is the partition's number of commits, healing whether it heals.
	seq     int64
	healing bool
}

func (r *Redis) write(ctx context.Context, s lua, a stepArgs) (written, error) {
	reply, err := r.run(ctx, s, a.keys, a.args...).StringSlice()
	if err != nil {
		return written{}, err
	}
	w := written{status: reply[0]}
	switch w.status {
	case "done":
		w.healing = reply[2] == "1"
		if w.seq, err = strconv.ParseInt(reply[1], 10, 64); err != nil {
			return written{}, fmt.Errorf("%w: number of commits %q", ErrRecord, reply[1])
		}
	case "known", "taken":
		w.record = reply[1]
	case "moved":
		return w, checkout.ErrMoved
	case "gone":
		return w, checkout.ErrNotFound
	case "full":
		return w, checkout.ErrFull
	default:
		return w, misuse("%s in the events", w.status)
	}
	return w, nil
}

// lastHeard is the number of the last event that the shop must hear, or 0.
func lastHeard(events []order.Event) int64 {
	for _, e := range slices.Backward(events) {
		if slices.Contains(heard, e.Type) {
			return e.Number
		}
	}
	return 0
}

func eventPlace(p checkout.Partition, id string, number int64) string {
	return eventsKey(p, id) + "/" + strconv.FormatInt(number, 10)
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// alarmTime is a time as a script takes it: nothing for the zero time. A
// fraction of a millisecond counts as a whole one, so that what rings is due.
func alarmTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return millis(t.Add(time.Millisecond - 1))
}
