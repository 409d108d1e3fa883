package order

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Payment finds a payment of the order by its id.
func (o Order) Payment(id string) (Payment, bool) {
	if i := o.index(id); i >= 0 {
		return o.Payments[i], true
	}
	return Payment{}, false
}

func (o Order) index(id string) int {
	return slices.IndexFunc(o.Payments, func(p Payment) bool { return p.ID == id })
}

// Status is one function of the payments and two flags: cancelled, then paid,
// authorized, pending, expired, open. A payment that the shop captured in part
// keeps the order authorized until its rest is captured or given back.
func (o Order) Status() Status {
	switch {
	case !o.CancelledAt.IsZero():
		return Cancelled
	case o.reached():
		return Paid
	case slices.ContainsFunc(o.Payments, func(p Payment) bool { return p.Status() == PaymentAuthorized || p.underCapture() }):
		return Authorized
	case slices.ContainsFunc(o.Payments, func(p Payment) bool { return p.Status() == PaymentPending }):
		return Pending
	case !o.ExpiredAt.IsZero():
		return Expired
	}
	return Open
}

// underCapture says that more of a part capture may follow.
func (p Payment) underCapture() bool {
	return p.Status() == PaymentCaptured && p.Capture == contract.CaptureManual &&
		(p.uncaptured() > 0 || slices.ContainsFunc(p.Captures, isPending))
}

// reached says whether what counts and what was released have ever reached the
// amount. Both only grow together, so it stays true.
func (o Order) reached() bool { return o.Amount.Value > 0 && o.covered() >= o.Amount.Value }

func (o Order) covered() int64 {
	var v int64
	for _, p := range o.Payments {
		v += p.News.counted() + p.released()
	}
	return v
}

// RefundStatus says how much of what was captured went back.
func (o Order) RefundStatus() RefundStatus {
	a := o.Amounts()
	switch {
	case a.Refunded.Value == 0:
		return RefundNone
	case a.Refunded.Value < a.Captured.Value:
		return RefundPartial
	}
	return RefundFull
}

// Amounts are the sums over the payments, in the order's currency.
func (o Order) Amounts() Amounts {
	zero := Money{Currency: o.Amount.Currency}
	sum := Amounts{zero, zero, zero, zero, zero, zero, zero, zero, zero}
	for _, p := range o.Payments {
		a := p.Amounts()
		for _, add := range []struct{ to, v *Money }{
			{&sum.Authorized, &a.Authorized}, {&sum.Captured, &a.Captured}, {&sum.Refunded, &a.Refunded},
			{&sum.Reserved, &a.Reserved}, {&sum.Released, &a.Released}, {&sum.ChargedBack, &a.ChargedBack},
			{&sum.Tip, &a.Tip}, {&sum.Surcharge, &a.Surcharge}, {&sum.Fee, &a.Fee},
		} {
			add.to.Value += add.v.Value
		}
	}
	return sum
}

// Counts is what counts towards the amount: captured less tip and surcharge,
// in the order's currency. It is the most that any one state of the news came
// to, so it never falls.
func (o Order) Counts() Money {
	var v int64
	for _, p := range o.Payments {
		v += p.News.counted()
	}
	return Money{Value: v, Currency: o.Amount.Currency}
}

// Due is what is still to be paid: amount − what counts − released, never
// below zero.
func (o Order) Due() Money {
	return Money{Value: max(0, o.Amount.Value-o.covered()), Currency: o.Amount.Currency}
}

// Final says whether nothing more is to be expected: paid, cancelled or
// expired, every payment final, and no overpayment to be settled. Late news
// may still come.
func (o Order) Final() bool {
	switch o.Status() {
	case Paid, Cancelled, Expired:
	default:
		return false
	}
	if _, settling := o.Settlement(); settling {
		return false
	}
	return !slices.ContainsFunc(o.Payments, func(p Payment) bool { return !p.Final() })
}

// LiveAttempts are the payments that can still be paid.
func (o Order) LiveAttempts() []Payment {
	var live []Payment
	for _, p := range o.Payments {
		if p.Live() {
			live = append(live, p)
		}
	}
	return live
}

func (o Order) snapshot() Snapshot {
	s := Snapshot{Status: o.Status(), RefundStatus: o.RefundStatus(), Amounts: o.Amounts()}
	for _, a := range o.Attention() {
		s.Attention = append(s.Attention, a.Code)
	}
	slices.Sort(s.Attention)
	s.Attention = slices.Compact(s.Attention)
	return s
}

func (p Payment) snapshot() PaymentSnapshot {
	return PaymentSnapshot{Status: p.Status(), Outcome: p.Outcome, Amounts: p.Amounts()}
}
