package bambora

import (
	"encoding/json"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Books is all that the simulator knows, without credentials and keys. Amounts
// are minor units, times the provider's.
type Books struct {
	Provider      string              `json:"provider"`
	Now           time.Time           `json:"now"`
	PlannedPages  int                 `json:"planned_pages"`
	Faults        []control.Fault     `json:"faults"`
	Sessions      []SessionRecord     `json:"sessions"` // in the order they were made
	Transactions  []TransactionRecord `json:"transactions"`
	Callbacks     []CallbackRecord    `json:"callbacks"`
	Requests      []control.Request   `json:"requests"` // the last 10,000
	RequestsTotal int                 `json:"requests_total"`
}

// SessionRecord is a checkout session.
type SessionRecord struct {
	Token         string    `json:"token"`
	Order         string    `json:"order"`
	Amount        int64     `json:"amount"`
	Currency      string    `json:"currency"`
	InstantAmount int64     `json:"instant_capture_amount"`
	CreatedAt     time.Time `json:"created_at"`
	Expired       bool      `json:"expired"`
	Cancelled     bool      `json:"cancelled"` // the consumer left once
	Declines      int       `json:"declines"`
	Transaction   string    `json:"transaction,omitempty"`
	// Request is the body as it came.
	Request json.RawMessage `json:"request"`
}

// TransactionRecord is an approved payment.
type TransactionRecord struct {
	ID         string            `json:"id"`
	Order      string            `json:"order"`
	Currency   string            `json:"currency"`
	Authorized int64             `json:"authorized"` // surcharge included
	Surcharge  int64             `json:"surcharge"`
	Captured   int64             `json:"captured"`
	Credited   int64             `json:"credited"`
	Deleted    bool              `json:"deleted"`
	Operations []OperationRecord `json:"operations"`
}

// OperationRecord is a step of a transaction.
type OperationRecord struct {
	ID        string    `json:"id"`
	Action    string    `json:"action"`
	SubAction string    `json:"subaction"`
	Amount    int64     `json:"amount"`
	At        time.Time `json:"at"`
}

// CallbackRecord is a callback and what the shop answered.
type CallbackRecord struct {
	Number      int       `json:"number"` // from 1 on, in order of sending
	At          time.Time `json:"at"`     // when it was due
	Transaction string    `json:"transaction"`
	Order       string    `json:"order"`
	Try         int       `json:"try"`    // from 1 on
	Status      int       `json:"status"` // HTTP status; 0: no answer
	Error       string    `json:"error,omitempty"`
}

// Books returns a copy of all that the simulator knows now.
func (s *Simulator) Books() Books {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Books{
		Provider: Name, Now: s.clock.Now(), PlannedPages: len(s.plans), Faults: s.faults.Active(),
		Sessions: []SessionRecord{}, Transactions: []TransactionRecord{}, Callbacks: append([]CallbackRecord{}, s.callbacks...),
	}
	b.Requests, b.RequestsTotal = s.journal.All()
	for _, o := range s.list {
		r := SessionRecord{
			Token: o.token, Order: o.orderID, Amount: o.amount, Currency: o.currency.Code, InstantAmount: o.instant, CreatedAt: o.createdAt,
			Expired: o.tx == nil && s.over(o), Cancelled: o.cancelled, Declines: o.declines, Request: o.request,
		}
		if o.tx != nil {
			r.Transaction = o.tx.id
		}
		b.Sessions = append(b.Sessions, r)
	}
	for _, t := range s.txList {
		b.Transactions = append(b.Transactions, t.record())
	}
	return b
}

func (t *transaction) record() TransactionRecord {
	r := TransactionRecord{
		ID: t.id, Order: t.orderID, Currency: t.currency.Code, Authorized: t.authorized, Surcharge: t.fee,
		Captured: t.captured, Credited: t.credited, Deleted: t.deleted,
	}
	for _, p := range t.operations {
		r.Operations = append(r.Operations, OperationRecord{p.id, p.action, p.subaction, p.amount, p.createdAt})
	}
	return r
}

// Count is how many operations of an action there are, such as "Capture".
func (r TransactionRecord) Count(action string) int {
	n := 0
	for _, p := range r.Operations {
		if p.Action == action {
			n++
		}
	}
	return n
}

// Session finds the latest session of an order.
func (b Books) Session(order string) (found SessionRecord, ok bool) {
	for _, o := range b.Sessions {
		if o.Order == order {
			found, ok = o, true
		}
	}
	return found, ok
}

// Transaction finds the transaction of an order.
func (b Books) Transaction(order string) (found TransactionRecord, ok bool) {
	for _, t := range b.Transactions {
		if t.Order == order {
			found, ok = t, true
		}
	}
	return found, ok
}
