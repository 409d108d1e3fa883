package woocommerce

import (
	"encoding/json"
	"slices"
	"time"
)

// The statuses that an order may be given (1.3). Over REST and in the books they
// are without the prefix that the database has.
const (
	Pending    = "pending"
	Failed     = "failed"
	OnHold     = "on-hold"
	Processing = "processing"
	Completed  = "completed"
	Cancelled  = "cancelled"
	Refunded   = "refunded"
	Draft      = "checkout-draft"
	AutoDraft  = "auto-draft"
	Trash      = "trash"
)

var statuses = []string{Pending, Failed, OnHold, Processing, Completed, Cancelled, Refunded, Draft, AutoDraft, Trash}

// order is an order as the shop keeps it.
type order struct {
	id               int
	number, key      string
	via, status      string
	before           string // the status before it went to the trash
	currency         string
	places           int // decimals of its amounts
	payments         int // how often it became paid
	created, changed time.Time
	paid, completed  time.Time
	customer         int
	ip, note         string
	billing          map[string]string
	shipping         map[string]string
	gateway, title   string
	transaction      string
	meta             []meta
	lines            []line
	ships, fees      []line
	coupon           string
	discount         int64 // without tax
	discountTax      int64
	refunds          []*refund
	notes            []note
}

// line is an item of an order; amounts are after discount, without tax.
type line struct {
	id, product      int
	name, sku        string
	quantity         json.Number
	subtotal, total  int64
	subtotalTax, tax int64
	digital          bool // virtual and downloadable
}

// meta is one entry of meta data.
type meta struct {
	ID    int             `json:"id"`
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// text writes an amount of the order.
func (o *order) text(units int64) string { return text(units, o.places) }

// all gives every line.
func (o *order) all() []line { return slices.Concat(o.lines, o.ships, o.fees) }

// total is what the order costs.
func (o *order) total() int64 {
	var sum int64
	for _, l := range o.all() {
		sum += l.total + l.tax
	}
	return sum
}

func (o *order) refunded() int64 {
	var sum int64
	for _, r := range o.refunds {
		sum += r.amount
	}
	return sum
}

// holdsPaid says whether its status is one of what was paid.
func (o *order) holdsPaid() bool { return o.status == Processing || o.status == Completed }

// needsPayment is true for pending and failed orders that cost something (1.4).
func (o *order) needsPayment() bool {
	return (o.status == Pending || o.status == Failed) && o.total() > 0
}

// needsProcessing is false when all items are virtual and downloadable (1.4).
func (o *order) needsProcessing() bool {
	return slices.ContainsFunc(o.lines, func(l line) bool { return !l.digital })
}

// find gives the order of an id. The caller holds s.mu.
func (s *Simulator) find(id int) *order {
	for _, o := range s.orders {
		if o.id == id {
			return o
		}
	}
	return nil
}

// touch notes that an order was changed, and tells webhooks. The caller holds s.mu.
func (s *Simulator) touch(o *order, topic string) {
	if now := s.second(); now.After(o.changed) {
		o.changed = now
	}
	s.enqueue(topic, o.id)
}

// second is the shop's time: it counts whole seconds.
func (s *Simulator) second() time.Time { return s.clock.Now().UTC().Truncate(time.Second) }

// move sets a status, as any write may (1.3): there is no state machine. The dates
// of payment and completion are filled once and stay. The caller holds s.mu.
func (s *Simulator) move(o *order, status string) {
	if status == o.status {
		return
	}
	s.comment(o, "Order status changed from "+o.status+" to "+status+".", note{})
	before := o.holdsPaid()
	o.status = status
	if o.holdsPaid() && !before {
		o.payments++
	}
	if o.holdsPaid() && o.paid.IsZero() {
		o.paid = s.second()
	}
	if status == Completed {
		o.completed = s.second()
	}
}

// pay is payment_complete as set_paid reaches it: only while the order needs
// payment (1.4). The caller holds s.mu.
func (s *Simulator) pay(o *order) {
	if !o.needsPayment() {
		return
	}
	status := Processing
	if !o.needsProcessing() {
		status = Completed
	}
	s.comment(o, "Payment complete.", note{})
	s.move(o, status)
}

// setMeta sets the single entry of a key, or adds it (1.2). The caller holds s.mu.
func (s *Simulator) setMeta(list []meta, id int, key string, value json.RawMessage) []meta {
	for i := range list {
		if id != 0 && list[i].ID == id || id == 0 && list[i].Key == key {
			list[i].Key, list[i].Value = key, value
			return list
		}
	}
	s.rows++
	return append(list, meta{s.rows, key, value})
}
