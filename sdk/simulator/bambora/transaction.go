package bambora

import (
	"fmt"
	"strconv"
	"time"
)

// transaction is an approved payment (document, 8.1). Amounts are minor units;
// authorized includes the surcharge.
type transaction struct {
	id, orderID, reference string
	createdAt              time.Time
	currency               currency
	card                   card
	authorized, fee        int64
	captured, credited     int64
	multi, deleted         bool
	exempt                 string
	session                *session
	operations             []*operation
}

// operation is a step of a transaction.
type operation struct {
	id, action, subaction string
	amount, balance       int64
	createdAt             time.Time
}

// The actions of operations.
const (
	actionAuthorize = "Authorize"
	actionCapture   = "Capture"
	actionCredit    = "Credit"
	actionDelete    = "Delete"
)

// firstNumber makes transaction numbers that no float64 holds (document, 5).
const firstNumber = 214_748_364_800_000_000

// approve makes the transaction of a session. The caller holds s.mu.
func (s *Simulator) approve(o *session, c card) *transaction {
	n := s.next()
	t := &transaction{
		id: strconv.FormatInt(firstNumber+n, 10), orderID: o.orderID, reference: fmt.Sprintf("%012d", 12_345_677+n),
		createdAt: s.clock.Now(), currency: o.currency, card: c, fee: c.surcharge(o.amount), multi: o.multi, exempt: o.exempt, session: o,
	}
	t.authorized = o.amount + t.fee
	if s.faults.On(faultWrongAmount, callWindow) {
		t.authorized--
	}
	sub := "threed"
	if c.eci == "07" {
		sub = "ssl"
	}
	s.operate(t, actionAuthorize, sub, t.authorized, t.authorized)
	if n := min(o.instant, t.authorized); n > 0 {
		t.captured = n
		sub := "multiinstant"
		if n == t.authorized {
			sub = "fullinstant"
		}
		s.operate(t, actionCapture, sub, n, t.authorized-n)
	}
	o.tx, s.txs[t.id] = t, t
	s.txList = append(s.txList, t)
	if o.payment != nil {
		o.payment.status = requestClosed
	}
	return t
}

func (s *Simulator) operate(t *transaction, action, sub string, amount, balance int64) *operation {
	p := &operation{
		id: strconv.FormatInt(firstNumber+s.next(), 10), action: action, subaction: sub, amount: amount, balance: balance, createdAt: s.clock.Now(),
	}
	t.operations = append(t.operations, p)
	return p
}

// toCapture is what may still be captured.
func (t *transaction) toCapture() int64 {
	if t.deleted || (!t.multi && t.captured > 0) {
		return 0
	}
	return t.authorized - t.captured
}

func (t *transaction) toCredit() int64 { return t.captured - t.credited }

func (t *transaction) canDelete() bool { return t.captured == 0 && !t.deleted }
