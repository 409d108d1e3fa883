package shop

import (
	"slices"
	"sync"
	"time"
)

// Bounds of the book: the oldest orders are forgotten first, and of an order
// the newest notices are not kept.
const (
	maxOrders  = 1000
	maxNotices = 100
)

// purchase is an order as the shop knows it.
type purchase struct {
	Reference, ID, CheckoutURL, Lang string
	Status                           string
	Market                           market
	Items                            []item
	Shipping, Total                  int64
	Placed                           time.Time
	// Packed is when the parcel was packed: once.
	Packed time.Time
	// Notices are those that were heard, in order.
	Notices []heard

	version int64
	last    int64 // number of the last event that was taken
}

func (p purchase) packed() bool { return !p.Packed.IsZero() }

// heard is a notice that came.
type heard struct {
	Number int64
	Type   string
	At     time.Time
	ID     string
	// Ignored says that it came too late: newer ones were there.
	Ignored bool
}

// book keeps the orders. It is safe for concurrent use.
type book struct {
	mu    sync.Mutex
	of    map[string]*purchase
	order []string // references, the oldest first
}

func newBook() *book { return &book{of: map[string]*purchase{}} }

// write notes an order before the gateway is asked: its notices may be here
// sooner than the answer. An order that is there already stays as it is.
func (b *book) write(p purchase) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.of[p.Reference]; ok {
		return
	}
	if len(b.order) >= maxOrders {
		delete(b.of, b.order[0])
		b.order = b.order[1:]
	}
	b.of[p.Reference], b.order = &p, append(b.order, p.Reference)
}

// find reads an order.
func (b *book) find(reference string) (purchase, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.of[reference]
	if !ok {
		return purchase{}, false
	}
	found := *p
	found.Notices = slices.Clone(p.Notices)
	return found, true
}

// learn takes what the gateway said when it was asked.
func (b *book) learn(o apiOrder, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p, ok := b.of[o.Reference]; ok {
		p.take(o, now)
	}
}

// hear takes a notice, once, in the order of its number: one that is older
// than what is known changes nothing. It says whether the notice was news.
func (b *book) hear(id string, n notice, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.of[n.Data.Order.Reference]
	if !ok || (p.ID != "" && p.ID != n.Data.Order.ID) {
		return false
	}
	if slices.ContainsFunc(p.Notices, func(h heard) bool { return h.ID == id }) {
		return false
	}
	h := heard{Number: n.Data.Event.Number, Type: n.Type, At: now, ID: id, Ignored: n.Data.Event.Number <= p.last}
	if len(p.Notices) < maxNotices {
		p.Notices = append(p.Notices, h)
	}
	if h.Ignored {
		return false
	}
	p.last = h.Number
	p.take(n.Data.Order, now)
	return true
}

// take makes the order what the gateway says it is, unless something newer is
// known. What is paid is packed, once.
func (p *purchase) take(o apiOrder, now time.Time) {
	if p.Status != "" && o.Version < p.version {
		return
	}
	p.ID, p.Status, p.version = o.ID, o.Status, o.Version
	if o.CheckoutURL != "" {
		p.CheckoutURL = o.CheckoutURL
	}
	if paid(o.Status) && !p.packed() {
		p.Packed = now
	}
}

// paid says whether goods may leave.
func paid(status string) bool { return status == "paid" || status == "authorized" }

// waiting says whether an order may still become paid.
func waiting(status string) bool { return status == "" || status == "open" || status == "pending" }
