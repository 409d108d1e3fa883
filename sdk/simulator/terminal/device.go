package terminal

import (
	"slices"
	"time"
)

// remembered is how long a terminal knows a ServiceID (section 3).
const remembered = 48 * time.Hour

// device is one terminal. Its members are guarded by the simulator's lock.
type device struct {
	poi        string
	sale       string // the till that is logged in
	login      bool   // whether one must be
	tip        tipRule
	currencies []string
	shape      string // of receipts
	running    *transaction
	exchanges  []*exchange // oldest first
	done       []*transaction
	plans      []plan
}

// tipRule is the terminal's own setting, off until its maker switches it on; the
// ECR cannot (section 7).
type tipRule struct {
	Enabled    bool  `json:"enabled"`
	MaxPercent int64 `json:"max_percent"`
}

func newDevice(poi string) *device {
	return &device{poi: poi, login: true, tip: tipRule{false, 100}, currencies: []string{"SEK", "NOK", "DKK", "EUR", "PLN", "GBP"}, shape: shapeKeyed}
}

// exchange is a request with the response that it got, or will get.
type exchange struct {
	message
	at       time.Time
	response object        // nil while it runs, and of an Abort
	ready    chan struct{} // closed with the response
	hung     chan struct{} // closed when the connection breaks without one
	lost     bool          // the response is there and is not sent
	taken    bool          // it was carried out: TransactionStatus tells of it
}

// recall finds the exchange of a ServiceID; an older one is forgotten.
func (d *device) recall(sale, service string, now time.Time) *exchange {
	d.exchanges = slices.DeleteFunc(d.exchanges, func(x *exchange) bool { return now.Sub(x.at) > remembered })
	for _, x := range d.exchanges {
		if x.SaleID == sale && x.ServiceID == service {
			return x
		}
	}
	return nil
}

// latest finds the last transaction of a till.
func (d *device) latest(sale string) *exchange {
	for _, x := range slices.Backward(d.exchanges) {
		if x.SaleID == sale && x.taken {
			return x
		}
	}
	return nil
}

// begin remembers a payment, refund or reversal that is being carried out.
func (d *device) begin(m message, now time.Time) *exchange {
	x := d.remember(m, now)
	x.taken = true
	return x
}

// answer remembers a message with its response; nil where nexo has none.
func (d *device) answer(m message, response object, now time.Time) *exchange {
	x := d.remember(m, now)
	x.end(response)
	return x
}

func (d *device) remember(m message, now time.Time) *exchange {
	x := &exchange{message: m, at: now, ready: make(chan struct{}), hung: make(chan struct{})}
	d.exchanges = append(d.exchanges, x)
	return x
}

func (x *exchange) end(response object) {
	x.response = response
	close(x.ready)
}

// hang breaks the connection of whoever waits; the transaction goes on.
func (x *exchange) hang() {
	select {
	case <-x.hung:
	default:
		close(x.hung)
	}
}

// transaction is a payment or a refund at a terminal.
type transaction struct {
	x         *exchange
	id        string // POITransactionID
	reference string // the till's SaleTransactionID
	kind      string // Normal, Refund
	requested int64
	currency  string
	startedAt time.Time
	attended  bool // somebody looks at the display
	refused   string
	outcome   Outcome // "" while it runs
	endedAt   time.Time
	charged   int64
	tip       int64
	reversed  bool
	entry     string
}
