package order

import (
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// compare adds the events that follow from what the order was and is: money
// first, then statuses, then attention.
func (s *step) compare(before Order) {
	for _, p := range s.o.Payments {
		was, known := before.Payment(p.ID)
		if !known {
			continue
		}
		s.compareMoney(was, p)
		from, to := was.snapshot(), p.snapshot()
		if from.Status != to.Status {
			s.happened(Event{Type: PaymentChanged, Payment: p.ID, Detail: fmt.Sprintf("%s → %s", from.Status, to.Status)})
		} else if from != to && !slices.ContainsFunc(s.events, func(e Event) bool { return e.Payment == p.ID }) {
			s.happened(Event{Type: PaymentChanged, Payment: p.ID})
		}
	}
	s.compareStatus(before.Status(), s.o.Status())
	s.compareAttention(before)
}

// compareMoney tells of operations that ended, and books what was added. What
// no operation accounts for is booked by an event of its own.
func (s *step) compareMoney(was, is Payment) {
	old, now := was.Amounts(), is.Amounts()
	known := old
	if old.Captured.Value == 0 { // what an authorisation told of is on the first line
		known.Tip, known.Fee = Money{}, Money{}
	}
	captured := Event{Type: CaptureSucceeded, Payment: is.ID,
		Tip: grown(known.Tip, now.Tip), Fee: grown(known.Fee, now.Fee)}
	s.compareOperations(was.Captures, is.Captures, captured, now.Captured.Value-old.Captured.Value)
	s.compareOperations(was.Refunds, is.Refunds, Event{Type: RefundSucceeded, Payment: is.ID}, now.Refunded.Value-old.Refunded.Value)
	back := now.ChargedBack.Value - old.ChargedBack.Value
	for _, ref := range sortedKeys(is.News.Items[contract.UpdateChargedBack]) {
		i := is.News.Items[contract.UpdateChargedBack][ref]
		if _, told := was.News.Items[contract.UpdateChargedBack][ref]; !told {
			e := Event{Type: ChargebackOpened, Payment: is.ID, Reference: ref, Amount: is.money(i.Amount), Booked: is.money(min(i.Amount, back))}
			s.happened(e)
			back -= e.Booked.Value
		}
	}
	if back > 0 {
		s.happened(Event{Type: ChargebackOpened, Payment: is.ID, Amount: is.money(back), Booked: is.money(back)})
	}
}

func (s *step) compareOperations(was, is []Operation, done Event, added int64) {
	failed := CaptureFailed
	if done.Type == RefundSucceeded {
		failed = RefundFailed
	}
	for _, op := range is {
		e := done
		e.Operation, e.Amount, e.Reference = op.ID, op.Amount, op.ProviderReference
		i := find(was, op.ID)
		if i < 0 && op.Origin == OriginShop {
			continue // just reserved
		}
		switch {
		case op.Status == contract.OperationSucceeded && (i < 0 || was[i].Status != op.Status):
			e.Booked = Money{Value: min(added, op.Amount.Value), Currency: op.Amount.Currency}
			added -= e.Booked.Value
			if e.Booked.Value > 0 {
				done.Tip, done.Fee = Money{}, Money{}
			}
		case op.Status == contract.OperationFailed && was[i].Status != op.Status:
			e = Event{Type: failed, Payment: e.Payment, Operation: op.ID, Amount: op.Amount, Detail: text(op.Failure)}
		case op.Status == contract.OperationPending && done.Type == RefundSucceeded && was[i].Outcome == OutcomeNotAttempted && op.Outcome != was[i].Outcome:
			e = Event{Type: RefundPending, Payment: e.Payment, Operation: op.ID, Amount: op.Amount}
		default:
			continue
		}
		s.happened(e)
	}
	if added > 0 {
		done.Amount = Money{Value: added, Currency: s.o.Amount.Currency}
		done.Booked = done.Amount
		s.happened(done)
	}
}

func (s *step) compareStatus(was, is Status) {
	if was == is {
		return
	}
	t, ok := map[Status]EventType{Open: OrderOpen, Pending: OrderPending, Authorized: OrderAuthorized, Paid: OrderPaid,
		Cancelled: OrderCancelled, Expired: OrderExpired}[is]
	if is == Cancelled && s.o.SupersededBy != "" {
		t = OrderSuperseded
	}
	if ok {
		s.happened(Event{Type: t, Amount: s.o.Amount, Detail: s.o.SupersededBy})
	}
}

// compareAttention tells of each attention that is new. When the last of a
// code went, the timeline says so.
func (s *step) compareAttention(before Order) {
	old := before.Attention()
	has := func(all []Attention, a Attention) bool {
		return slices.ContainsFunc(all, func(b Attention) bool { return a.Code == b.Code && a.Payment == b.Payment })
	}
	told := slices.Clone(old)
	for _, a := range s.o.Attention() {
		if has(told, a) && !slices.Contains(s.o.Raised[len(before.Raised):], a) {
			continue
		}
		told = append(told, a)
		t := OrderAttention
		if a.Code == AttentionOverpaid {
			t = OrderOverpaid
		}
		s.happened(Event{Type: t, Payment: a.Payment, Detail: string(a.Code) + ": " + a.Message})
	}
	if len(s.events) == 0 && !slices.Equal(before.snapshot().Attention, s.o.snapshot().Attention) {
		s.happened(Event{Type: PaymentChanged, Detail: "attention ended"})
	}
}

// watchOverpayment notes when an overpayment was first seen.
func (s *step) watchOverpayment() {
	switch _, over := s.o.overpaid(); {
	case over == 0:
		s.o.OverpaidAt = time.Time{}
	case s.o.OverpaidAt.IsZero():
		s.o.OverpaidAt = s.now
	}
}

func (p Payment) money(v int64) Money { return Money{Value: v, Currency: p.Amount.Currency} }

// grown is by how much an amount grew, or no amount.
func grown(was, is Money) Money {
	if is.Value <= was.Value {
		return Money{}
	}
	return Money{Value: is.Value - was.Value, Currency: is.Currency}
}

func text(f *contract.Failure) string {
	if f == nil {
		return ""
	}
	return f.Error()
}
