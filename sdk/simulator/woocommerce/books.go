package woocommerce

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Books is all that the shop knows, without its key and secrets.
type Books struct {
	Provider   string            `json:"provider"`
	Now        time.Time         `json:"now"`
	Faults     []control.Fault   `json:"faults"`
	Orders     []OrderRecord     `json:"orders"` // by id
	Webhooks   []HookRecord      `json:"webhooks"`
	Deliveries []DeliveryRecord  `json:"deliveries"`
	Waiting    int               `json:"waiting"` // deliveries that wait for the queue
	Mails      []MailRecord      `json:"mails"`
	Payouts    []PayoutRecord    `json:"payouts"`
	Requests   []control.Request `json:"requests"` // the last 10,000
	Total      int               `json:"requests_total"`
}

// OrderRecord is an order. Amounts are the shop's decimal strings.
type OrderRecord struct {
	ID            int                        `json:"id"`
	Number        string                     `json:"number"`
	Key           string                     `json:"order_key"`
	Status        string                     `json:"status"`
	Currency      string                     `json:"currency"`
	Total         string                     `json:"total"`
	Created       time.Time                  `json:"created"`
	Modified      time.Time                  `json:"modified"`
	Paid          time.Time                  `json:"paid,omitzero"`
	Payments      int                        `json:"payments"` // how often it became paid
	TransactionID string                     `json:"transaction_id"`
	Meta          map[string]json.RawMessage `json:"meta"`
	Notes         []NoteRecord               `json:"notes"` // oldest first
	Refunds       []RefundRecord             `json:"refunds"`
}

// NoteRecord is a note.
type NoteRecord struct {
	Author   string `json:"author"`
	Text     string `json:"text"`
	Customer bool   `json:"customer_note"`
}

// RefundRecord is a refund; Paid says that the gateway paid it out.
type RefundRecord struct {
	Amount string                     `json:"amount"`
	Reason string                     `json:"reason"`
	Paid   bool                       `json:"refunded_payment"`
	Meta   map[string]json.RawMessage `json:"meta"`
}

// HookRecord is a webhook.
type HookRecord struct {
	ID       int    `json:"id"`
	Topic    string `json:"topic"`
	URL      string `json:"delivery_url"`
	Status   string `json:"status"`
	Failures int    `json:"failures"` // in a row
}

// Books returns a copy of all that the shop knows now.
func (s *Simulator) Books() Books {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Books{
		Provider: Name, Now: s.clock.Now(), Faults: s.faults.Active(), Orders: []OrderRecord{}, Webhooks: []HookRecord{},
		Deliveries: append([]DeliveryRecord{}, s.deliveries...), Waiting: len(s.queue),
		Mails: append([]MailRecord{}, s.mails...), Payouts: append([]PayoutRecord{}, s.payouts...),
	}
	b.Requests, b.Total = s.journal.All()
	for _, o := range s.orders {
		b.Orders = append(b.Orders, s.record(o))
	}
	for _, h := range s.hooks {
		b.Webhooks = append(b.Webhooks, HookRecord{h.id, h.Topic, h.URL, h.status, h.failures})
	}
	return b
}

// record copies an order. The caller holds s.mu.
func (s *Simulator) record(o *order) OrderRecord {
	r := OrderRecord{
		ID: o.id, Number: o.number, Key: o.key, Status: o.status, Currency: o.currency, Total: o.text(o.total()), Created: o.created, Modified: o.changed,
		Paid: o.paid, Payments: o.payments, TransactionID: o.transaction, Meta: values(o.meta), Notes: []NoteRecord{}, Refunds: []RefundRecord{},
	}
	for _, n := range o.notes {
		r.Notes = append(r.Notes, NoteRecord{n.author, n.text, n.customer})
	}
	for _, f := range o.refunds {
		r.Refunds = append(r.Refunds, RefundRecord{o.text(f.amount), f.reason, f.paid, values(f.meta)})
	}
	return r
}

func values(list []meta) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for _, e := range list {
		m[e.Key] = slices.Clone(e.Value)
	}
	return m
}

// Order finds an order by its id.
func (b Books) Order(id int) (OrderRecord, bool) {
	i := slices.IndexFunc(b.Orders, func(o OrderRecord) bool { return o.ID == id })
	if i < 0 {
		return OrderRecord{}, false
	}
	return b.Orders[i], true
}
