package order

import (
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// The times of waiting.
const (
	// silentAfter is how long past a payment's expiry it is polled by its rule; then it is attention.
	silentAfter = day
	// askedDaily is how long it is then asked about once a day.
	askedDaily = 30 * day
	// operationSilentAfter is how long a capture or refund may be pending before it is attention.
	operationSilentAfter = 7 * day
	// windowNotice is how long before the end of a capture window it is attention.
	windowNotice = 2 * day
	// remindAgain is how often an alarm looks at what cannot be asked about and does not end by time.
	remindAgain = 30 * day
	// settleAfter is the least time between an overpayment and giving it back.
	settleAfter = 15 * time.Minute
)

// maxCompletes and maxSettles bound how often the host tries.
const (
	maxCompletes = 8
	maxSettles   = 5
)

// Next says what is due first and when; a time in the past means now. False:
// the order is final and nothing is due. Whatever comes of the work, one of
// the changes named beside it moves the time on. Telling the shop is not the
// order's business.
//
// An attempt that was not heard of is asked about by its rule until its expiry
// and a day, then once a day for 30 days. One that the provider never called
// pending ends at its expiry, once asked (where asking is allowed at all); one
// that is pending ends when those 30 days are over. An outcome that is unknown
// never ends by time.
func Next(o Order) (Due, bool) { return next(o, nil) }

// NextHealing is Next where the state may have lost what was written: nothing
// is given up by time, given back, or taken for never sent. Asking goes on.
func NextHealing(o Order) (Due, bool) {
	return next(o, []Work{WorkExpire, WorkSettle, WorkResume})
}

// next is Next without some work.
func next(o Order, without []Work) (Due, bool) {
	if o.Final() {
		return Due{}, false
	}
	var first Due
	add := func(d Due) {
		if !slices.Contains(without, d.Work) && (first.Work == "" || d.At.Before(first.At)) {
			first = d
		}
	}
	for _, p := range o.Payments {
		p.due(!o.CancelledAt.IsZero(), func(w Work, operation string, at time.Time) {
			add(Due{At: at, Work: w, Payment: p.ID, Operation: operation})
		})
	}
	if s, ok := o.Settlement(); ok {
		p, _ := o.Payment(s.Payment)
		at := o.OverpaidAt.Add(settleAfter)
		if p.SettleTries > 0 {
			at = p.SettleTriedAt.Add(growing(time.Hour, p.SettleTries-1))
		}
		add(Due{At: at, Work: WorkSettle, Payment: s.Payment})
	}
	switch o.Status() {
	case Open, Pending:
		if len(o.LiveAttempts()) == 0 {
			add(Due{At: o.ExpiresAt, Work: WorkExpire})
		}
	}
	return first, first.Work != ""
}

type adder func(w Work, operation string, at time.Time)

// due names everything that one payment is due for.
func (p Payment) due(cancelled bool, add adder) {
	for _, c := range p.Captures {
		p.operationDue(c, false, add)
	}
	for _, r := range p.Refunds {
		p.operationDue(r, p.can(contract.GetRefund), add)
	}
	switch {
	case !p.Started && p.Live():
		add(WorkResume, "", later(p.CreatedAt, p.PolledAt).Add(growing(5*time.Minute, p.Polls)))
		return
	case p.waiting() || (p.CancelAccepted && p.Live()):
		p.waitingDue(add)
	case p.Status() == PaymentAuthorized || p.uncaptured() > 0:
		p.windowDue(add)
	}
	if p.Unsure() {
		return // asked before anything else is sent
	}
	if !p.CancelRequestedAt.IsZero() && !p.CancelAccepted && (p.Live() || p.underCapture()) {
		at := p.CancelRequestedAt
		if p.CancelTries > 0 {
			at = p.CancelTriedAt.Add(growing(time.Minute, p.CancelTries-1))
		}
		add(WorkCancel, "", at)
	}
	if p.approved() && !cancelled && p.CancelRequestedAt.IsZero() && p.Completes < maxCompletes {
		at := p.CreatedAt
		if p.Completes > 0 {
			at = p.CompletedAt.Add(growing(time.Minute, p.Completes-1))
		}
		add(WorkComplete, "", at)
	}
}

// approved says that the provider waits for complete_payment.
func (p Payment) approved() bool {
	_, heard := p.News.At[contract.UpdateApproved]
	return heard && !p.Completed && p.Status() == PaymentPending && p.can(contract.CompletePayment)
}

// waitingDue is for an attempt that is not decided, or whose outcome is unknown.
func (p Payment) waitingDue(add adder) {
	silent := p.ExpiresAt.Add(silentAfter)
	if at, ok := p.question(silent); ok {
		add(WorkPoll, "", at)
	}
	if p.RemindedAt.Before(silent) {
		add(WorkRemind, "", silent)
	}
	if at, ok := p.lapse(); ok {
		add(WorkExpire, "", at)
	} else if !p.RemindedAt.Before(silent) {
		add(WorkRemind, "", p.RemindedAt.Add(remindAgain))
	}
}

// windowDue is for an authorisation: it is not polled until its window is over.
func (p Payment) windowDue(add adder) {
	end := p.windowEnd()
	notice := end.Add(-windowNotice)
	switch {
	case end.IsZero():
		add(WorkRemind, "", later(p.authorizedAt(), p.RemindedAt).Add(remindAgain))
	case p.RemindedAt.Before(notice):
		add(WorkRemind, "", notice)
	case p.RemindedAt.Before(end):
		add(WorkRemind, "", end)
	default:
		if at := later(end, p.PolledAt.Add(day)); p.pollable() && at.Before(end.Add(askedDaily)) {
			add(WorkPoll, "", at)
		}
		add(WorkRemind, "", p.RemindedAt.Add(remindAgain))
	}
}

// operationDue is for a capture or a refund under way.
func (p Payment) operationDue(op Operation, own bool, add adder) {
	if !isPending(op) {
		return
	}
	last := later(op.CreatedAt, op.PolledAt)
	if op.Outcome == OutcomeNotAttempted {
		add(WorkResume, op.ID, last.Add(growing(5*time.Minute, op.Polls)))
		return
	}
	at := last.Add(growing(time.Minute, op.Polls))
	if n := len(op.NotFound); n > 0 {
		at = op.NotFound[n-1].Add(notFoundApart)
	}
	silent := op.CreatedAt.Add(operationSilentAfter)
	if !at.After(silent.Add(askedDaily)) {
		switch {
		case own:
			add(WorkPollRefund, op.ID, at)
		case p.pollable():
			if p.Rules.Polling.OnlyAfterExpiry {
				at = later(at, p.ExpiresAt)
			}
			add(WorkPoll, op.ID, at)
		}
	}
	if p.RemindedAt.Before(silent) {
		add(WorkRemind, "", silent)
	} else {
		add(WorkRemind, "", p.RemindedAt.Add(remindAgain))
	}
}

// Settlement names a second payment that the account's setting gives back,
// and the one that covers the order. WorkSettle asks about the latter, and
// acts only if Settlement still says the same.
type Settlement struct{ Payment, Covering string }

// Settlement finds what is to be settled: the order was overpaid, one payment
// covers it alone with nothing refunded, under way or charged back, and a
// later one, whose account says so, was never refunded by the shop.
func (o Order) Settlement() (Settlement, bool) {
	if o.OverpaidAt.IsZero() || !o.CancelledAt.IsZero() {
		return Settlement{}, false
	}
	second, _ := o.overpaid()
	p, ok := o.Payment(second)
	rule := p.Rules.Refund
	if !ok || !p.Settle || p.SettleTries >= maxSettles || rule == nil || !rule.Full || !p.can(contract.RefundPayment) ||
		p.Outcome == OutcomeUnknown || len(p.Refunds) > 0 || p.News.amount(contract.UpdateChargedBack) > 0 || p.News.amount(contract.UpdateRefunded) > 0 {
		return Settlement{}, false
	}
	for _, q := range o.Payments {
		a := q.Amounts()
		if q.ID != p.ID && q.counts() >= o.Amount.Value && a.Refunded.Value+a.Reserved.Value+a.ChargedBack.Value == 0 {
			return Settlement{Payment: p.ID, Covering: q.ID}, true
		}
	}
	return Settlement{}, false
}
