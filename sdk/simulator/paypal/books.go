package paypal

import (
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Books is all that the simulator knows, without tokens, secrets and addresses
// that carry secrets. Amounts are as the API writes them.
type Books struct {
	Provider      string            `json:"provider"`
	Now           time.Time         `json:"now"`
	AccessTokens  int               `json:"access_tokens_issued"`
	PlannedPages  int               `json:"planned_pages"`
	Faults        []control.Fault   `json:"faults"`
	Orders        []OrderRecord     `json:"orders"` // in order of creation
	Events        []EventRecord     `json:"events"`
	Deliveries    []DeliveryRecord  `json:"deliveries"`
	Requests      []control.Request `json:"requests"` // the last 10,000
	RequestsTotal int               `json:"requests_total"`
}

// OrderRecord is an order with what came of it.
type OrderRecord struct {
	ID             string         `json:"id"`
	Intent         string         `json:"intent"`
	Status         string         `json:"status"`
	CustomID       string         `json:"custom_id"`
	InvoiceID      string         `json:"invoice_id"`
	Currency       string         `json:"currency"`
	Amount         string         `json:"amount"`
	Gone           bool           `json:"gone"` // it ended without being carried out
	CreatedAt      time.Time      `json:"created_at"`
	Authorizations []AmountRecord `json:"authorizations"`
	Captures       []AmountRecord `json:"captures"`
	Refunds        []AmountRecord `json:"refunds"`
}

// AmountRecord is an authorization, a capture or a refund.
type AmountRecord struct {
	ID        string `json:"id"`
	Of        string `json:"of,omitempty"` // the authorization of a capture, the capture of a refund
	Status    string `json:"status"`
	Amount    string `json:"amount"`
	InvoiceID string `json:"invoice_id,omitempty"`
}

// EventRecord is an event that was made.
type EventRecord struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// DeliveryRecord is one transmission of an event and what the listener answered.
type DeliveryRecord struct {
	Number int       `json:"number"` // from 1 on, in order of sending
	At     time.Time `json:"at"`     // when it was due
	Event  string    `json:"event"`
	Type   string    `json:"type"`
	Status int       `json:"status"` // HTTP status; 0: no answer
	Taken  bool      `json:"taken"`  // the answer was 2xx
	Error  string    `json:"error,omitempty"`
	Fault  string    `json:"fault,omitempty"`
}

// Books returns a copy of all that the simulator knows now.
func (s *Simulator) Books() Books {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Books{Provider: Name, Now: s.clock.Now(), AccessTokens: s.issued, PlannedPages: len(s.plans), Faults: s.faults.Active(),
		Orders: []OrderRecord{}, Events: []EventRecord{}, Deliveries: append([]DeliveryRecord{}, s.deliveries...)}
	b.Requests, b.RequestsTotal = s.journal.All()
	for _, o := range s.list {
		b.Orders = append(b.Orders, o.record(b.Now))
	}
	for _, e := range s.events {
		b.Events = append(b.Events, EventRecord{e.id, e.kind})
	}
	return b
}

// Order finds an order in the books by its id or, the latest of that name, by
// its custom_id.
func (b Books) Order(id string) (OrderRecord, bool) {
	for _, o := range slices.Backward(b.Orders) {
		if o.ID == id || o.CustomID == id {
			return o, true
		}
	}
	return OrderRecord{}, false
}

func (o *order) record(now time.Time) OrderRecord {
	r := OrderRecord{ID: o.id, Intent: o.intent, Status: o.status, CustomID: o.units[0].CustomID, InvoiceID: o.units[0].InvoiceID,
		Currency: o.currency(), Gone: o.gone(now), CreatedAt: o.created,
		Authorizations: []AmountRecord{}, Captures: []AmountRecord{}, Refunds: []AmountRecord{}}
	var total int64
	write := func(n int64) string { return amount(n, r.Currency).Value }
	for _, u := range o.units {
		total += u.total
		for _, a := range u.authorizations {
			r.Authorizations = append(r.Authorizations, AmountRecord{ID: a.id, Status: a.status, Amount: write(a.total)})
		}
		for _, c := range u.captures {
			one := AmountRecord{ID: c.id, Status: c.status, Amount: write(c.total), InvoiceID: c.invoice}
			if c.from != nil {
				one.Of = c.from.id
			}
			r.Captures = append(r.Captures, one)
		}
		for _, f := range u.refunds {
			r.Refunds = append(r.Refunds, AmountRecord{f.id, f.capture.id, f.status, write(f.total), f.refundRequest.InvoiceID})
		}
	}
	r.Amount = write(total)
	return r
}
