package order

import (
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

const day = 24 * time.Hour

// Status derives the payment's status from the set of its news: captured if
// anything was captured; else the latest of authorized, cancelled, failed and
// expired (a tie goes to the first named); else pending if anything was heard,
// or the consumer was sent on to the provider or to a terminal.
func (p Payment) Status() PaymentStatus {
	if p.News.amount(contract.UpdateCaptured) > 0 {
		return PaymentCaptured
	}
	status, latest := PaymentCreated, time.Time{}
	for _, s := range ranked {
		at, ok := p.News.At[s.news]
		if ok && (status == PaymentCreated || status == PaymentPending || !at.Before(latest)) {
			status, latest = s.status, at
		}
	}
	if status == PaymentCreated && p.Action != nil {
		return PaymentPending
	}
	return status
}

// ranked lists the news that make a status, the weakest first. Nothing that
// was decided goes back to pending, whatever its time.
var ranked = []struct {
	news   contract.UpdateType
	status PaymentStatus
}{
	{contract.UpdatePending, PaymentPending},
	{contract.UpdateApproved, PaymentPending},
	{contract.UpdateExpired, PaymentExpired},
	{contract.UpdateFailed, PaymentFailed},
	{contract.UpdateCancelled, PaymentCancelled},
	{contract.UpdateAuthorized, PaymentAuthorized},
}

// Amounts are the payment's amounts, all in its own currency. Reserved never
// exceeds what is left: a refund made at the provider pushes out reservations
// that no longer fit.
func (p Payment) Amounts() Amounts {
	of := func(v int64) Money { return Money{Value: v, Currency: p.Amount.Currency} }
	n := p.News
	captured, refunded, back := n.amount(contract.UpdateCaptured), n.amount(contract.UpdateRefunded), n.amount(contract.UpdateChargedBack)
	return Amounts{
		Authorized:  of(n.amount(contract.UpdateAuthorized)),
		Captured:    of(captured),
		Refunded:    of(refunded),
		Reserved:    of(min(pending(p.Refunds), max(0, captured-refunded-back))),
		Released:    of(p.released()),
		ChargedBack: of(back),
		Tip:         of(n.side(n.Tip, func(i Item) int64 { return i.Tip })),
		Surcharge:   of(n.side(n.Surcharge, func(i Item) int64 { return i.Surcharge })),
		Fee:         of(n.side(n.Fee, func(i Item) int64 { return i.Fee })),
	}
}

// Live says whether the payment can still be paid: nothing decided yet,
// authorized, or with an outcome that is unknown.
func (p Payment) Live() bool {
	switch p.Status() {
	case PaymentCreated, PaymentPending, PaymentAuthorized:
		return true
	case PaymentCaptured:
		return false
	}
	return p.Outcome == OutcomeUnknown
}

// AwaitsConsumer says whether the consumer can still do something for the
// payment: it is not decided, and nobody has asked to cancel it.
func (p Payment) AwaitsConsumer() bool { return p.undecided() && p.CancelRequestedAt.IsZero() }

func (p Payment) undecided() bool {
	s := p.Status()
	return s == PaymentCreated || s == PaymentPending
}

// Final says whether the payment is decided with nothing under way or
// unknown: no operation pending, no authorisation left to capture.
func (p Payment) Final() bool {
	return !p.Live() && p.Outcome != OutcomeUnknown && p.uncaptured() == 0 &&
		!slices.ContainsFunc(p.Captures, isPending) && !slices.ContainsFunc(p.Refunds, isPending)
}

// Unsure says that the outcome of a request about the payment or one of its
// captures is unknown: the provider is asked before anything else is sent.
func (p Payment) Unsure() bool {
	return p.Outcome == OutcomeUnknown || slices.ContainsFunc(p.Captures, unknownOutcome)
}

// ProviderReference is the newest reference that the provider gave, or "".
func (p Payment) ProviderReference() string {
	if len(p.ProviderReferences) == 0 {
		return ""
	}
	return p.ProviderReferences[len(p.ProviderReferences)-1]
}

// Reserves is how much of the payment a pending refund still holds: the oldest
// holds first. Zero: it no longer fits and is not to be sent any more.
func (p Payment) Reserves(refund string) Money {
	left := p.Amounts().Reserved
	for _, r := range p.Refunds {
		if !isPending(r) {
			continue
		}
		held := min(left.Value, r.Amount.Value)
		if r.ID == refund {
			return Money{Value: held, Currency: left.Currency}
		}
		left.Value -= held
	}
	return Money{Currency: left.Currency}
}

// can says whether the plugin had an export.
func (p Payment) can(e contract.Export) bool {
	return len(p.Operations) == 0 || slices.Contains(p.Operations, e)
}

// counts is what counts towards the order now: captured less tip and surcharge.
func (p Payment) counts() int64 {
	a := p.Amounts()
	return max(0, a.Captured.Value-a.Tip.Value-a.Surcharge.Value)
}

// uncaptured is what a manual payment may still capture: authorized, less
// what was captured, is asked for, or was given back.
func (p Payment) uncaptured() int64 {
	if p.Capture != contract.CaptureManual && p.Status() != PaymentAuthorized {
		return 0
	}
	final := func(c Operation) bool { return c.Final && isPending(c) }
	if p.givenBack() || p.over() || slices.ContainsFunc(p.Captures, final) {
		return 0
	}
	n := p.News
	return max(0, n.amount(contract.UpdateAuthorized)-n.amount(contract.UpdateCaptured)-pending(p.Captures))
}

// over says that the provider ended the authorisation or the attempt.
func (p Payment) over() bool {
	switch p.decided() {
	case PaymentCancelled, PaymentExpired, PaymentFailed:
		return true
	}
	return false
}

// decided is the status with the captures left out.
func (p Payment) decided() PaymentStatus {
	p.News.Totals, p.News.Items, p.News.Own = nil, nil, nil
	return p.Status()
}

// givenBack says that the rest of an authorisation went back: a final capture
// succeeded, or the provider ended what the shop had captured in part.
func (p Payment) givenBack() bool {
	_, cancelled := p.News.At[contract.UpdateCancelled]
	_, expired := p.News.At[contract.UpdateExpired]
	return slices.ContainsFunc(p.Captures, func(c Operation) bool {
		return c.Origin == OriginShop && c.Status == contract.OperationSucceeded && (c.Final || cancelled || expired)
	})
}

// released is what a final part capture gave back: what nobody asked for, and
// never more than was not captured.
func (p Payment) released() int64 {
	if !p.givenBack() {
		return 0
	}
	var asked int64
	for _, c := range p.Captures {
		if c.Origin == OriginShop && c.Status != contract.OperationFailed {
			asked = min(asked+c.Amount.Value, p.Amount.Value)
		}
	}
	return max(0, min(p.Amount.Value-asked, p.Amount.Value-p.News.counted()))
}

// authorizedAt is when the authorisation is known to have begun, at least.
func (p Payment) authorizedAt() time.Time {
	if t, ok := p.News.Since[contract.UpdateAuthorized]; ok && t.After(p.CreatedAt) {
		return t
	}
	return p.CreatedAt
}

// windowEnd is when an authorisation can no longer be captured, or the zero
// time where the provider names no window.
func (p Payment) windowEnd() time.Time {
	if c := p.Rules.Capture; c != nil && c.WindowDays > 0 {
		return p.authorizedAt().Add(time.Duration(c.WindowDays) * day)
	}
	return time.Time{}
}

// capturedAt is when the last capture is known to have been, at least.
func (p Payment) capturedAt() time.Time {
	at := p.CreatedAt
	if t := p.News.Since[contract.UpdateCaptured]; t.After(at) {
		at = t
	}
	for _, set := range []map[string]Item{p.News.Items[contract.UpdateCaptured], p.News.Own[contract.UpdateCaptured]} {
		for _, i := range set {
			if i.At.After(at) {
				at = i.At
			}
		}
	}
	return at
}

func isPending(op Operation) bool { return op.Status == contract.OperationPending }

// pending adds up the operations under way.
func pending(ops []Operation) int64 {
	var total int64
	for _, op := range ops {
		if isPending(op) {
			total += op.Amount.Value
		}
	}
	return total
}

// find gives the index of an operation, or -1.
func find(ops []Operation, id string) int {
	return slices.IndexFunc(ops, func(op Operation) bool { return op.ID == id })
}
