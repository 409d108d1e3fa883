package order

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Attention derives what an operator should look at, sorted by code and
// payment; what was raised from outside is among it. It goes away by itself
// when its cause does: an overpayment that went back, an outcome that became
// known. What was raised, and what a plugin asked for, stays.
func (o Order) Attention() []Attention {
	all := slices.Clone(o.Raised)
	if p, over := o.overpaid(); over > 0 {
		m := Money{Value: over, Currency: o.Amount.Currency}
		all = append(all, Attention{AttentionOverpaid, p, fmt.Sprintf("%s more than the order's amount was captured: give it back", m)})
	}
	for _, p := range o.Payments {
		for _, a := range p.attention() {
			a.Payment = p.ID
			all = append(all, a)
		}
		if a := p.Amounts(); !o.CancelledAt.IsZero() && a.Captured.Value > a.Refunded.Value {
			all = append(all, Attention{AttentionPaidAfterCancel, p.ID, "money came in for a cancelled order: give it back"})
		}
	}
	slices.SortFunc(all, func(a, b Attention) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Payment, b.Payment), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(all)
}

// overpaid gives the payment whose capture was the last, and by how much what
// counts, less what went back, exceeds the amount.
func (o Order) overpaid() (payment string, excess int64) {
	var latest time.Time
	for _, p := range o.Payments {
		counts := p.counts()
		excess += max(0, counts-p.News.amount(contract.UpdateRefunded))
		if counts > 0 && (payment == "" || p.firstCapture().After(latest)) {
			payment, latest = p.ID, p.firstCapture()
		}
	}
	return payment, max(0, excess-o.Amount.Value)
}

func (p Payment) firstCapture() time.Time { return p.News.Since[contract.UpdateCaptured] }

// attention is what follows from one payment.
func (p Payment) attention() []Attention {
	var all []Attention
	add := func(code AttentionCode, format string, args ...any) {
		all = append(all, Attention{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	a := p.Amounts()
	for code, message := range p.News.Attention {
		add(AttentionCode(code), "%s", message)
	}
	for currency, v := range p.News.Foreign {
		add(AttentionAmountMismatch, "the provider reported %s, the order is in %s: it does not count", Money{Value: v, Currency: currency}, p.Amount.Currency)
	}
	for t := range p.News.Unpriced {
		add(AttentionAmountMismatch, "the provider reported %s without a usable amount: it does not count", t)
	}
	if m := p.mismatch(); m != "" {
		add(AttentionAmountMismatch, "%s", m)
	}
	for _, m := range append(p.disputed(p.Captures, contract.UpdateCaptured), p.disputed(p.Refunds, contract.UpdateRefunded)...) {
		add(AttentionAmountMismatch, "%s", m)
	}
	if a.Refunded.Value > a.Captured.Value || a.Refunded.Value+a.ChargedBack.Value > a.Captured.Value {
		add(AttentionAmountMismatch, "%s refunded and %s charged back are more than %s captured", a.Refunded, a.ChargedBack, a.Captured)
	}
	if a.ChargedBack.Value > 0 {
		add(AttentionChargedBack, "%s was charged back", a.ChargedBack)
	}
	if p.Outcome == OutcomeUnknown {
		add(AttentionUnknownOutcome, "%s got no answer: money may have moved", p.UnknownCall)
	}
	for _, op := range slices.Concat(p.Captures, p.Refunds) {
		if isPending(op) && op.Outcome == OutcomeUnknown {
			add(AttentionUnknownOutcome, "%s of %s got no answer: money may have moved", op.ID, op.Amount)
		}
	}
	if p.silent() {
		add(AttentionProviderSilent, "the provider has not said how this ended: ask it, or look in its back office")
	}
	if end := p.windowEnd(); !end.IsZero() && p.uncaptured() > 0 && !p.RemindedAt.Before(end.Add(-windowNotice)) {
		add(AttentionCaptureWindowEnds, "%s can be captured until %s", Money{Value: p.uncaptured(), Currency: p.Amount.Currency}, end.Format(time.RFC3339))
	}
	return all
}

// mismatch says that less was captured though nobody asked for less.
func (p Payment) mismatch() string {
	a := p.Amounts()
	counts := p.counts()
	if a.Captured.Value == 0 || p.Capture == contract.CaptureManual || counts+a.Released.Value >= p.Amount.Value {
		return ""
	}
	return fmt.Sprintf("%s of %s was captured, though nobody asked for less", Money{Value: counts, Currency: p.Amount.Currency}, p.Amount)
}

// disputed lists the shop's own operations that the provider reported with
// another amount, or as both done and failed.
func (p Payment) disputed(ops []Operation, done contract.UpdateType) []string {
	var texts []string
	for _, op := range ops {
		if op.Origin != OriginShop {
			continue
		}
		f := p.facts(op, done)
		if f.done && f.amount != op.Amount.Value {
			texts = append(texts, fmt.Sprintf("%s: asked for %s, the provider says %s", op.ID, op.Amount, Money{Value: f.amount, Currency: op.Amount.Currency}))
		}
		if f.done && f.failed {
			texts = append(texts, op.ID+" was reported as done and as failed: ask the provider which of them holds")
		}
	}
	return texts
}

// silent says that an alarm found the provider overdue with its word.
func (p Payment) silent() bool {
	if p.waiting() && !p.RemindedAt.Before(p.ExpiresAt.Add(silentAfter)) {
		return true
	}
	return slices.ContainsFunc(slices.Concat(p.Captures, p.Refunds), func(op Operation) bool {
		return isPending(op) && !p.RemindedAt.Before(op.CreatedAt.Add(operationSilentAfter))
	})
}

// waiting says that the provider's word is awaited: the attempt is not
// decided, or an outcome is unknown.
func (p Payment) waiting() bool { return p.undecided() || p.Outcome == OutcomeUnknown }
