package magento

import (
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Books is all that the shop knows, without credentials. Amounts are decimal texts
// of four decimals, times the shop's.
type Books struct {
	Provider      string            `json:"provider"`
	Now           time.Time         `json:"now"`
	Faults        []control.Fault   `json:"faults"`
	Orders        []OrderRecord     `json:"orders"` // in the order they were placed
	Outbox        []MessageRecord   `json:"outbox"`
	Requests      []control.Request `json:"requests"` // the last 10,000
	RequestsTotal int               `json:"requests_total"`
}

// OrderRecord is an order. Amounts are in its currency where the name does not say
// otherwise.
type OrderRecord struct {
	ID             int             `json:"id"` // entity_id
	Increment      string          `json:"increment_id"`
	Store          int             `json:"store_id"`
	Method         string          `json:"method"`
	State          State           `json:"state"`
	Status         string          `json:"status"`
	Currency       string          `json:"currency"`
	BaseCurrency   string          `json:"base_currency"`
	GrandTotal     string          `json:"grand_total"`
	BaseGrandTotal string          `json:"base_grand_total"`
	Paid           string          `json:"total_paid"`
	Refunded       string          `json:"total_refunded"`
	BaseRefunded   string          `json:"base_total_refunded"`
	Invoices       []InvoiceRecord `json:"invoices"`
	CreditMemos    []MemoRecord    `json:"credit_memos"`
	Comments       []CommentRecord `json:"comments"` // oldest first
	Charges        []string        `json:"charges"`  // what the gateway was asked to take, in the shop
	Payouts        []string        `json:"payouts"`  // and to give back
	Voids          int             `json:"voids"`    // and how often to release
	Mails          int             `json:"mails"`    // to the shopper
	Deleted        bool            `json:"deleted"`
}

// InvoiceRecord is a paid invoice.
type InvoiceRecord struct {
	ID       int    `json:"id"`
	Total    string `json:"total"`
	Captured bool   `json:"captured"` // the gateway was asked to take it
	Comment  string `json:"comment"`
}

// MemoRecord is a credit memo.
type MemoRecord struct {
	ID      int    `json:"id"`
	Total   string `json:"total"`
	Base    string `json:"base_total"`
	Online  bool   `json:"online"` // the gateway was asked to give it back
	Comment string `json:"comment"`
}

// CommentRecord is an entry of an order's history.
type CommentRecord struct {
	Text     string `json:"text"`
	Status   string `json:"status"`
	Notified bool   `json:"notified"`
	Visible  bool   `json:"visible"`
}

// MessageRecord is a row of the module's outbox.
type MessageRecord struct {
	Number  int    `json:"number"`
	Kind    string `json:"kind"` // cancel or capture
	Order   string `json:"order"`
	Tries   int    `json:"tries"`
	Status  int    `json:"status"` // of the latest answer; 0: none
	Told    bool   `json:"told"`
	GivenUp bool   `json:"given_up"`
}

// Books returns a copy of all that the shop knows now.
func (s *Simulator) Books() Books {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Books{Provider: Name, Now: s.clock.Now(), Faults: s.faults.Active(), Orders: []OrderRecord{}, Outbox: []MessageRecord{}}
	b.Requests, b.RequestsTotal = s.journal.All()
	for _, o := range s.orders {
		b.Orders = append(b.Orders, o.record())
	}
	for _, r := range s.outbox {
		b.Outbox = append(b.Outbox, MessageRecord{r.number, r.kind, r.order.increment, r.tries, r.status, r.told, r.givenUp})
	}
	return b
}

// Order finds an order by its shown number.
func (b Books) Order(increment string) (OrderRecord, bool) {
	i := slices.IndexFunc(b.Orders, func(o OrderRecord) bool { return o.Increment == increment })
	if i < 0 {
		return OrderRecord{}, false
	}
	return b.Orders[i], true
}

func (o *order) record() OrderRecord {
	r := OrderRecord{
		ID: o.id, Increment: o.increment, Store: o.store, Method: o.draft.Method, State: o.state, Status: o.status,
		Currency: o.draft.Currency, BaseCurrency: o.draft.BaseCurrency, GrandTotal: o.grand.String(), BaseGrandTotal: o.base(o.grand).String(),
		Paid: o.paid.String(), Refunded: o.refunded.String(), BaseRefunded: o.baseRefunded.String(), Voids: o.voids, Mails: o.mails, Deleted: o.deleted,
		Invoices: []InvoiceRecord{}, CreditMemos: []MemoRecord{}, Comments: []CommentRecord{}, Charges: []string{}, Payouts: []string{},
	}
	for _, i := range o.invoices {
		r.Invoices = append(r.Invoices, InvoiceRecord{i.id, i.total.String(), i.captured, i.comment})
	}
	for _, m := range o.memos {
		r.CreditMemos = append(r.CreditMemos, MemoRecord{m.id, m.total.String(), m.base.String(), m.online, m.comment})
	}
	for _, c := range o.comments {
		if c.text != "" {
			r.Comments = append(r.Comments, CommentRecord{c.text, c.status, c.notified, c.visible})
		}
	}
	for _, u := range o.charges {
		r.Charges = append(r.Charges, u.String())
	}
	for _, u := range o.payouts {
		r.Payouts = append(r.Payouts, u.String())
	}
	return r
}
