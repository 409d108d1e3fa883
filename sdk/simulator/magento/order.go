package magento

import (
	"slices"
	"time"
)

// State drives an order; a status is a label of it (document, 1).
type State string

// The states (document, 1).
const (
	StateNew            State = "new"
	StatePendingPayment State = "pending_payment"
	StatePaymentReview  State = "payment_review"
	StateProcessing     State = "processing"
	StateComplete       State = "complete"
	StateClosed         State = "closed"
	StateCanceled       State = "canceled"
	StateHolded         State = "holded"
)

// statuses are those of each state on a new install, the default first (document, 1).
var statuses = map[State][]string{
	StateNew: {"pending"}, StatePendingPayment: {"pending_payment"}, StatePaymentReview: {"payment_review", "fraud"},
	StateProcessing: {"processing", "fraud"}, StateComplete: {"complete"}, StateClosed: {"closed"}, StateCanceled: {"canceled"}, StateHolded: {"holded"},
}

// Statuses lists the statuses of a state, the default first.
func Statuses(s State) []string { return slices.Clone(statuses[s]) }

// offline are methods without a gateway, whose orders begin as new; those of all
// others begin as pending_payment (document, 1).
var offline = []string{"checkmo", "banktransfer", "cashondelivery", "purchaseorder", "free"}

// order is an order. What has a base… beside it is in the order's currency, else
// in units.
type order struct {
	id        int
	increment string
	store     int // from 1 on
	draft     Draft
	state     State
	status    string
	before    State // the state before it was put on hold
	statusWas string

	rate                      units // base_to_order_rate
	items                     []*item
	subtotal, tax             units
	shipping, shippingTax     units // shipping without tax
	shippingDiscount          units
	discount                  units // of lines and shipping, not negative
	grand                     units
	paid, refunded            units
	basePaid, baseRefunded    units
	shippingInvoiced          bool
	shippingRefunded          units
	additional                [][2]string
	authorized                bool
	shipped                   bool
	createdAt, updatedAt      time.Time
	invoices                  []*invoice
	memos                     []*memo
	comments                  []comment
	transactions              []transaction
	charges, payouts          []units // what the gateway was asked to take and give, in the order's currency
	voids, mails              int
	deleted                   bool
	lastTransaction, checkout string
	messages                  []*row
}

// item is a line. parent is the configurable product's line, 0 for none.
type item struct {
	id, parent                          int
	sku, name, kind                     string
	virtual                             bool
	price, priceTax                     units
	ordered, invoiced, refunded, voided units
	net, tax, gross, discount, taxRate  units
}

type comment struct {
	id                int
	text, status      string
	notified, visible bool
	at                time.Time
}

type invoice struct {
	id       int
	total    units
	items    map[int]units
	captured bool // by the gateway
	comment  string
	at       time.Time
}

type memo struct {
	id, invoice int
	total, base units
	adjustment  units
	online      bool
	comment     string
	at          time.Time
}

type transaction struct {
	id       int
	txn, typ string
	at       time.Time
}

// base is an amount in the base currency.
func (o *order) base(u units) units { return share(u, one, o.rate) }

func (o *order) hasGateway() bool { return !slices.Contains(offline, o.draft.Method) }

func (o *order) isVirtual() bool {
	return !slices.ContainsFunc(o.items, func(i *item) bool { return !i.virtual })
}

// left is what of a line is still to be invoiced.
func (i *item) left() units { return i.ordered - i.invoiced - i.voided }

func (o *order) toInvoice() bool {
	return slices.ContainsFunc(o.items, func(i *item) bool { return i.parent == 0 && i.left() > 0 })
}

// move changes the state and takes its default status.
func (o *order) move(to State) { o.state, o.status = to, statuses[to][0] }

// settle moves an order on after an invoice, a shipment or a credit memo: a
// virtual one is complete when it is paid, one that is refunded whole is closed
// (document, 1).
func (o *order) settle() {
	to := StateProcessing
	switch {
	case o.paid > 0 && o.refunded >= o.paid && !o.toInvoice():
		to = StateClosed
	case o.paid > 0 && !o.toInvoice() && (o.shipped || o.isVirtual()):
		to = StateComplete
	}
	if o.state != to {
		o.move(to)
	}
}

// canCancel is Order::canCancel: an order with something left to be invoiced, in a
// state that allows it.
func (o *order) canCancel() bool {
	blocked := []State{StateCanceled, StatePaymentReview, StateComplete, StateClosed, StateHolded}
	return !slices.Contains(blocked, o.state) && o.toInvoice()
}

// cancel cancels; where the order's method has a gateway, its command is run
// (document, 2.2).
func (o *order) cancel() {
	for _, i := range o.items {
		i.voided = i.ordered - i.invoiced
	}
	if o.hasGateway() {
		o.voids++
	}
	o.move(StateCanceled)
}

// find gives an order by its number, entity_id. The caller holds s.mu.
func (s *Simulator) find(id int) (*order, *apiError) {
	if id < 1 || id > len(s.orders) || s.orders[id-1].deleted {
		return nil, missing()
	}
	return s.orders[id-1], nil
}

// note adds a comment in the order's status. The caller holds s.mu.
func (s *Simulator) note(o *order, text string) {
	o.comments = append(o.comments, comment{id: s.next(), text: text, status: o.status, at: s.clock.Now()})
}

// touch marks an order as changed now. The caller holds s.mu.
func (s *Simulator) touch(o *order) { o.updatedAt = s.clock.Now() }
