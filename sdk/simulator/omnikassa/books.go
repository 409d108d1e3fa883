package omnikassa

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Books is all that the simulator knows, without tokens, keys and addresses that
// carry secrets. Amounts are euro cents, times the provider's.
type Books struct {
	Provider           string               `json:"provider"`
	Now                time.Time            `json:"now"`
	AccessTokens       int                  `json:"access_tokens_issued"`
	NotificationTokens int                  `json:"notification_tokens_issued"`
	Waiting            int                  `json:"results_waiting"` // not yet pulled
	PlannedPages       int                  `json:"planned_pages"`
	Faults             []control.Fault      `json:"faults"`
	Orders             []OrderRecord        `json:"orders"` // in order of announce
	Refunds            []RefundRecord       `json:"refunds"`
	Cards              []CardRecord         `json:"cards"`
	Pulls              []PullRecord         `json:"pulls"`
	Notifications      []NotificationRecord `json:"notifications"`
	Requests           []control.Request    `json:"requests"` // the last 10,000
	RequestsTotal      int                  `json:"requests_total"`
}

// OrderRecord is an announced order.
type OrderRecord struct {
	ID           string              `json:"id"` // omnikassaOrderId
	Status       string              `json:"status"`
	CreatedAt    time.Time           `json:"created_at"`
	FinalAt      *time.Time          `json:"final_at"` // null while in progress
	Pulled       int                 `json:"pulled"`   // how often its result was handed out
	UserAgent    string              `json:"api_user_agent,omitempty"`
	Announcement Announcement        `json:"announcement"`
	Transactions []TransactionRecord `json:"transactions"`
}

// TransactionRecord is one try to pay an order.
type TransactionRecord struct {
	ID        string    `json:"id"`
	Brand     string    `json:"brand"`
	Status    string    `json:"status"`
	StartedAt time.Time `json:"started_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// RefundRecord is a refund.
type RefundRecord struct {
	ID            string    `json:"id"`
	TransactionID string    `json:"transaction_id"`
	RequestID     string    `json:"request_id"`
	Amount        int64     `json:"amount"`
	Status        string    `json:"status"`
	CreatedAt     time.Time `json:"created_at"`
}

// CardRecord is a stored card.
type CardRecord struct {
	ID      string `json:"id"`
	Shopper string `json:"shopper"`
	Brand   string `json:"brand"`
	Status  string `json:"status"`
}

// PullRecord is a page of results that was handed out.
type PullRecord struct {
	At      time.Time `json:"at"`
	Version int       `json:"version"` // 1 without transactions, 2 with
	Key     int       `json:"key"`     // index of the signing key
	Orders  []string  `json:"orders"`  // omnikassaOrderIds
	Fillers int       `json:"fillers,omitempty"`
	More    bool      `json:"more"`
}

// NotificationRecord is a notification and what the webhook answered.
type NotificationRecord struct {
	Number    int       `json:"number"`    // from 1 on, in order of sending
	At        time.Time `json:"at"`        // when it was due
	Key       int       `json:"key"`       // index of the signing key
	Status    int       `json:"status"`    // HTTP status; 0: no answer
	Processed bool      `json:"processed"` // the answer was 200
	Error     string    `json:"error,omitempty"`
	Fault     string    `json:"fault,omitempty"`
}

// Books returns a copy of all that the simulator knows now.
func (s *Simulator) Books() Books {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Books{Provider: Name, Now: s.clock.Now(), AccessTokens: s.issued[accessToken], NotificationTokens: s.issued[notificationToken],
		Waiting: len(s.queue), PlannedPages: len(s.plans), Faults: s.faults.Active(), Orders: []OrderRecord{}, Refunds: []RefundRecord{},
		Cards: []CardRecord{}, Pulls: append([]PullRecord{}, s.pulls...), Notifications: append([]NotificationRecord{}, s.notes...)}
	b.Requests, b.RequestsTotal = s.journal.All()
	for _, o := range s.list {
		s.lapse(o, b.Now)
		b.Orders = append(b.Orders, o.record())
	}
	for _, f := range s.refunds {
		b.Refunds = append(b.Refunds, RefundRecord{f.id, f.tx.id, f.requestID, f.order.cents, f.status, f.createdAt})
	}
	for shopper, cards := range s.cards {
		for _, c := range cards {
			b.Cards = append(b.Cards, CardRecord{c.ID, shopper, c.Brand, c.Status})
		}
	}
	return b
}

// Order finds an order in the books by omnikassaOrderId or, the latest of that
// name, by merchantOrderId.
func (b Books) Order(id string) (found OrderRecord, ok bool) {
	for _, o := range b.Orders {
		if o.ID == id || o.Announcement.MerchantOrderID == id {
			found, ok = o, true
		}
	}
	return found, ok
}

func (o *order) record() OrderRecord {
	r := OrderRecord{ID: o.id, Status: o.status, CreatedAt: o.createdAt, Pulled: o.pulled, UserAgent: o.userAgent,
		Announcement: o.Announcement, Transactions: []TransactionRecord{}}
	if o.final() {
		at := o.finalAt
		r.FinalAt = &at
	}
	for _, t := range o.txs {
		r.Transactions = append(r.Transactions, TransactionRecord{t.id, t.brand.name, t.status, t.startedAt, t.updatedAt})
	}
	return r
}
