package robokassa

import (
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Books is all that the simulator knows, without passwords. Amounts are minor
// units (kopecks, tiyn), times the provider's.
type Books struct {
	Provider      string               `json:"provider"`
	Now           time.Time            `json:"now"`
	PlannedPages  int                  `json:"planned_pages"`
	Faults        []control.Fault      `json:"faults"`
	Payments      []PaymentRecord      `json:"payments"` // in order of start
	Refunds       []RefundRecord       `json:"refunds"`
	Invoices      int                  `json:"invoices"`
	Notifications []NotificationRecord `json:"notifications"`
	Requests      []control.Request    `json:"requests"` // the last 10,000
	RequestsTotal int                  `json:"requests_total"`
}

// PaymentRecord is a payment that was started.
type PaymentRecord struct {
	InvID       int64             `json:"inv_id"`
	State       int               `json:"state"` // 0: the buyer has not chosen a way to pay
	StateAt     time.Time         `json:"state_at"`
	StartedAt   time.Time         `json:"started_at"`
	Sum         int64             `json:"sum"`     // asked for
	Charged     int64             `json:"charged"` // of the buyer; less after a smaller confirmation
	Refunded    int64             `json:"refunded"`
	Currency    string            `json:"currency"`
	Description string            `json:"description,omitempty"`
	Method      string            `json:"method,omitempty"` // alias of the way that was taken
	Label       string            `json:"inc_curr_label,omitempty"`
	Receipt     string            `json:"receipt,omitempty"`
	OpKey       string            `json:"op_key"`
	Test        bool              `json:"is_test,omitempty"`
	Hold        bool              `json:"hold,omitempty"`
	Previous    int64             `json:"previous_invoice_id,omitempty"`
	Shop        map[string]string `json:"shop_fields,omitempty"`
	Page        string            `json:"page"` // path of its page
}

// RefundRecord is a refund.
type RefundRecord struct {
	ID     string    `json:"id"`
	InvID  int64     `json:"inv_id"`
	Amount int64     `json:"amount"`
	Label  string    `json:"label"`
	At     time.Time `json:"at"`
}

// Payment is a payment by its number, the latest of that name.
func (b Books) Payment(invID int64) (PaymentRecord, bool) {
	for _, p := range slices.Backward(b.Payments) {
		if p.InvID == invID {
			return p, true
		}
	}
	return PaymentRecord{}, false
}

// Books tells all that the simulator knows.
func (s *Simulator) Books() Books {
	requests, total := s.journal.All()
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Books{
		Provider: Name, Now: s.clock.Now().UTC(), PlannedPages: len(s.plans), Faults: s.faults.Active(), Payments: []PaymentRecord{}, Refunds: []RefundRecord{},
		Invoices: len(s.invoices), Notifications: slices.Clone(s.notes), Requests: requests, RequestsTotal: total,
	}
	for _, o := range s.list {
		p := PaymentRecord{
			InvID: o.invID, State: o.state, StateAt: o.at.UTC(), StartedAt: o.startedAt.UTC(), Sum: o.sum, Charged: o.charged, Refunded: o.refunded,
			Currency: o.currency, Description: o.description, Method: o.method.Alias, Label: o.label, Receipt: o.receipt, OpKey: o.opKey,
			Test: o.test, Hold: o.hold, Previous: o.previous, Page: "/Merchant/Index/" + o.page,
		}
		if p.Currency == "" {
			p.Currency = s.cfg.Currency
		}
		for _, f := range o.shop {
			if p.Shop == nil {
				p.Shop = map[string]string{}
			}
			p.Shop[f.Name] = f.Value
		}
		b.Payments = append(b.Payments, p)
	}
	for _, f := range s.refunds {
		b.Refunds = append(b.Refunds, RefundRecord{f.id, f.of.invID, f.amount, f.label, f.at.UTC()})
	}
	return b
}
