package terminal

import (
	"fmt"
	"net/http"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Books is all that the simulator knows. Amounts are minor units.
type Books struct {
	Provider      string              `json:"provider"`
	Now           time.Time           `json:"now"`
	Faults        []control.Fault     `json:"faults"`
	Terminals     []DeviceRecord      `json:"terminals"`
	Transactions  []TransactionRecord `json:"transactions"` // by terminal, oldest first
	Callbacks     []CallbackRecord    `json:"callbacks"`
	Requests      []control.Request   `json:"requests"` // the last 10,000
	RequestsTotal int                 `json:"requests_total"`
}

// DeviceRecord is a terminal as it is set up.
type DeviceRecord struct {
	POIID      string   `json:"poi_id"`
	SaleID     string   `json:"sale_id"` // logged in, or ""
	Login      string   `json:"login"`   // required or none
	Tip        tipRule  `json:"tip"`
	Currencies []string `json:"currencies"`
	Shape      string   `json:"receipt_shape"`
	Busy       bool     `json:"busy"`
	Planned    int      `json:"planned"`
}

// TransactionRecord is a payment or a refund.
type TransactionRecord struct {
	ID        string    `json:"id"` // POITransactionID
	POIID     string    `json:"poi_id"`
	SaleID    string    `json:"sale_id"`
	ServiceID string    `json:"service_id"`
	Reference string    `json:"reference"` // the till's SaleTransactionID
	Type      string    `json:"type"`      // Normal or Refund
	Outcome   Outcome   `json:"outcome"`   // "" while it runs
	Requested int64     `json:"requested"`
	Charged   int64     `json:"charged"` // or given back, for a refund
	Tip       int64     `json:"tip"`
	Currency  string    `json:"currency"`
	Reversed  bool      `json:"reversed"`
	StartedAt time.Time `json:"started_at"`
}

// Books returns a copy of all that the simulator knows now.
func (s *Simulator) Books() Books {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Books{Provider: Name, Now: s.clock.Now(), Faults: s.faults.Active(), Transactions: []TransactionRecord{}, Callbacks: append([]CallbackRecord{}, s.posted...)}
	b.Requests, b.RequestsTotal = s.journal.All()
	for _, id := range s.cfg.POIIDs {
		d := s.devices[id]
		b.Terminals = append(b.Terminals, d.record())
		for _, t := range d.done {
			b.Transactions = append(b.Transactions, TransactionRecord{t.id, id, t.x.SaleID, t.x.ServiceID, t.reference, t.kind, t.outcome, t.requested, t.charged, t.tip, t.currency, t.reversed, t.startedAt})
		}
	}
	return b
}

func (d *device) record() DeviceRecord {
	r := DeviceRecord{d.poi, d.sale, "none", d.tip, append([]string{}, d.currencies...), d.shape, d.running != nil, len(d.plans)}
	if d.login {
		r.Login = "required"
	}
	return r
}

// Of lists the transactions with a till's reference.
func (b Books) Of(reference string) []TransactionRecord {
	var list []TransactionRecord
	for _, t := range b.Transactions {
		if t.Reference == reference {
			list = append(list, t)
		}
	}
	return list
}

// Settle has the customer of a running payment act, by the till's reference.
func (s *Simulator) Settle(reference string, o Outcome, enterTotal string) error {
	p := plan{Outcome: o, EnterTotal: enterTotal}
	if err := p.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.devices {
		if t := d.running; t != nil && t.reference == reference {
			s.settle(d, p)
			return nil
		}
	}
	return &control.Problem{Status: http.StatusConflict, Message: fmt.Sprintf("no payment %q is in progress", reference)}
}
