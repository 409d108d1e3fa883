package omnikassa

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Order statuses. All but orderInProgress are final.
const (
	orderInProgress = "IN_PROGRESS"
	orderCompleted  = "COMPLETED"
	orderCancelled  = "CANCELLED"
	orderExpired    = "EXPIRED"
)

// Transaction statuses.
const (
	txNew       = "NEW"      // brand chosen, nothing known
	txOpen      = "OPEN"     // the consumer is done, the bank does not know yet
	txSuccess   = "SUCCESS"  // paid
	txAccepted  = "ACCEPTED" // paid, as pay-later brands say it
	txCancelled = "CANCELLED"
	txExpired   = "EXPIRED"
	txFailure   = "FAILURE" // a failed try; the order stays open
)

// order is an announced order.
type order struct {
	Announcement
	id        string // omnikassaOrderId
	page      string // token of its payment page
	userAgent string // X-Api-User-Agent of the announce
	createdAt time.Time
	expiresAt time.Time
	finalAt   time.Time // zero while in progress
	status    string
	txs       []*transaction
	tried     bool // a try has failed, so FORCE_ONCE offers the other brands
	pulled    int  // how often its result was handed out
	lost      bool // the way back to the shop is lost, by a fault
}

// transaction is one try to pay an order.
type transaction struct {
	id        string
	order     *order
	brand     brand
	status    string
	startedAt time.Time
	updatedAt time.Time
	refunds   []*refund
}

func (o *order) final() bool { return o.status != orderInProgress }

// changedAt is the time of the last try to pay, else that of the announce.
func (o *order) changedAt() time.Time {
	if t := o.last(); t != nil {
		return t.updatedAt
	}
	return o.createdAt
}

func (o *order) last() *transaction {
	if len(o.txs) == 0 {
		return nil
	}
	return o.txs[len(o.txs)-1]
}

// running is the transaction that may still bring news, or nil.
func (o *order) running() *transaction {
	if t := o.last(); t != nil && (t.status == txNew || t.status == txOpen) {
		return t
	}
	return nil
}

// waiting tells that the consumer is done and the bank does not know yet.
func (o *order) waiting() bool {
	t := o.running()
	return t != nil && t.status == txOpen
}

func (t *transaction) paid() bool { return t.status == txSuccess || t.status == txAccepted }

func (t *transaction) set(status string, at time.Time) { t.status, t.updatedAt = status, at }

// open books an announced order and has it expire in time.
func (s *Simulator) open(a *Announcement, userAgent string) *order {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	o := &order{Announcement: *a, id: uuid.NewString(), page: randomText(20), userAgent: userAgent,
		createdAt: now, expiresAt: now.Add(s.cfg.OrderLife), status: orderInProgress}
	s.orders[o.id], s.pages[o.page] = o, o
	s.list = append(s.list, o)
	s.due.At(o.expiresAt, func(_ context.Context, due time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lapse(o, due)
	})
	return o
}

// lapse expires an order at the end of its life. The caller holds s.mu.
func (s *Simulator) lapse(o *order, now time.Time) {
	if !o.final() && !now.Before(o.expiresAt) {
		s.conclude(o, orderExpired, o.expiresAt)
	}
}

// begin starts a transaction with a brand, or goes on with the one that runs.
// The caller holds s.mu.
func (s *Simulator) begin(o *order, b brand, at time.Time) *transaction {
	if t := o.running(); t != nil {
		if t.brand.name == b.name || t.status == txOpen {
			return t
		}
		t.set(txCancelled, at) // the consumer went back and chose another brand
	}
	t := &transaction{id: uuid.NewString(), order: o, brand: b, status: txNew, startedAt: at, updatedAt: at}
	o.txs = append(o.txs, t)
	s.txs[t.id] = t
	return t
}

// conclude brings an order to a final state, has its result wait to be pulled,
// and the shop notified. The caller holds s.mu.
func (s *Simulator) conclude(o *order, status string, at time.Time) {
	if t := o.running(); t != nil {
		switch status {
		case orderCompleted:
			t.set(t.brand.paid, at)
			s.store(t, at)
		case orderCancelled:
			t.set(txCancelled, at)
		default:
			t.set(txExpired, at)
		}
	}
	o.status, o.finalAt = status, at
	s.cfg.Logger.Info("omnikassa order final", "order", o.id, "merchant_order", o.MerchantOrderID, "status", status)
	s.enqueue(&result{order: o, finalAt: at})
}
