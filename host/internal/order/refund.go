package order

import (
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// requestRefund reserves a refund before the plugin runs.
func (s *step) requestRefund(c RequestRefund) error {
	if s.o.holds(c.ID) {
		return nil
	}
	p, err := s.o.bearer(c, s.now)
	if err != nil {
		return err
	}
	rest, refused := p.refundable(s.now)
	if refused == nil {
		refused = p.checkRefund(&c, rest)
	}
	if refused != nil {
		return refused
	}
	if err := checkOperation(c.Reason, c.Lines, c.Amount); err != nil {
		return err
	}
	p.Refunds = append(p.Refunds, Operation{
		ID: c.ID, Amount: c.Amount, Reason: c.Reason, Lines: slices.Clone(c.Lines), IdempotencyKey: c.IdempotencyKey,
		Status: contract.OperationPending, Outcome: OutcomeNotAttempted, Origin: OriginShop, CreatedAt: s.now,
	})
	s.happened(Event{Type: RefundRequested, Payment: p.ID, Operation: c.ID, Amount: c.Amount, Detail: c.Reason})
	return nil
}

// bearer finds the payment that a refund is taken from: the one named, or the
// first that can bear it, or the one that comes nearest so that the refusal
// says why.
func (o *Order) bearer(c RequestRefund, now time.Time) (*Payment, error) {
	if c.Payment != "" {
		i := o.index(c.Payment)
		if i < 0 {
			return nil, fmt.Errorf("payment %q: %w", c.Payment, ErrUnknownPayment)
		}
		return &o.Payments[i], nil
	}
	var nearest *Payment
	var most int64 = -1
	for i := range o.Payments {
		p := &o.Payments[i]
		if p.Status() != PaymentCaptured {
			continue
		}
		rest, refused := p.refundable(now)
		if refused == nil {
			ask := c
			if p.checkRefund(&ask, rest) == nil {
				return p, nil
			}
		}
		if rest.Value > most {
			nearest, most = p, rest.Value
		}
	}
	if nearest == nil {
		return nil, refuse(nothingCaptured, "No payment of the order was captured, so there is nothing to give back.")
	}
	return nearest, nil
}

// refundable says how much of a payment can be refunded now, or why nothing.
func (p Payment) refundable(now time.Time) (Money, *RefusedError) {
	a := p.Amounts()
	none := Money{Currency: p.Amount.Currency}
	rule := p.Rules.Refund
	switch {
	case a.Captured.Value == 0:
		return none, refuse(nothingCaptured, "The payment is %s; only what was captured can be given back.", p.Status())
	case rule != nil && len(rule.Elsewhere) > 0 && !(p.can(contract.RefundPayment) && (rule.Full || rule.Partial)):
		return none, elsewhere("refund_elsewhere", rule)
	case rule == nil || !(rule.Full || rule.Partial) || !p.can(contract.RefundPayment):
		return none, refuse("not_supported", "The method has no refunds; pay the consumer back in another way.")
	case p.Outcome == OutcomeUnknown:
		return none, refuse("unknown_outcome", "It is not known yet how an earlier request ended; the provider is being asked. Try again later.")
	}
	if end, ends := p.RefundableUntil(); ends {
		if now.After(end) {
			r := elsewhere("window_over", rule)
			r.Detail = fmt.Sprintf("The payment could be refunded until %s. %s", end.Format(time.RFC3339), r.Detail)
			return none, r
		}
	}
	earlier := slices.ContainsFunc(p.Refunds, func(r Operation) bool { return r.Status != contract.OperationFailed })
	if !rule.Multiple && (earlier || a.Refunded.Value > 0) {
		return none, refuse("multiple_not_supported", "The provider takes one refund of a payment, and there is one.")
	}
	rest := Money{Value: a.Captured.Value - a.Refunded.Value - a.Reserved.Value - a.ChargedBack.Value, Currency: a.Captured.Currency}
	if rest.Value <= 0 {
		return none, refuse("amount_exceeds_rest", "Nothing is left to refund: %s captured, %s refunded, %s under way, %s charged back.",
			a.Captured, a.Refunded, a.Reserved, a.ChargedBack)
	}
	return rest, nil
}

// RefundableUntil is when the payment's refund window closes: the zero time
// where it never opened, and false where it does not close.
func (p Payment) RefundableUntil() (end time.Time, ends bool) {
	rule := p.Rules.Refund
	if rule == nil || p.News.amount(contract.UpdateCaptured) == 0 {
		return time.Time{}, true
	}
	if rule.WindowDays == 0 {
		return time.Time{}, false
	}
	return p.capturedAt().Add(time.Duration(rule.WindowDays) * day), true
}

// nothingCaptured is the reason where there is nothing to give back.
const nothingCaptured = "nothing_captured"

// mostRefundable is the most that one refund may ask for, or why none may.
func (p Payment) mostRefundable(now time.Time) (Money, *RefusedError) {
	rest, refused := p.refundable(now)
	if refused != nil {
		return rest, refused
	}
	if whole := p.News.amount(contract.UpdateCaptured); rest.Value == whole && !p.Rules.Refund.Full {
		rest.Value--
	}
	if refused = p.checkRefund(&RequestRefund{Amount: rest}, rest); refused != nil {
		return Money{Currency: rest.Currency}, refused
	}
	return rest, nil
}

// elsewhere is a refusal that says where and how, as the manifest does.
func elsewhere(reason string, rule *contract.RefundRule) *RefusedError {
	r := &RefusedError{Reason: reason, Detail: "Pay the consumer back in another way.", Text: rule.Elsewhere}
	if en := rule.Elsewhere["en"]; en != "" {
		r.Detail = en
	}
	return r
}

// checkRefund holds a request against the rest, and fills in a zero amount.
func (p Payment) checkRefund(c *RequestRefund, rest Money) *RefusedError {
	if c.Amount.IsZero() {
		c.Amount = rest
	}
	if refused := checkAmount(c.Amount, rest); refused != nil {
		return refused
	}
	whole := p.News.amount(contract.UpdateCaptured)
	if c.Amount.Value < whole && !p.Rules.Refund.Partial {
		return refuse("partial_not_supported", "The provider gives back the whole payment or nothing: %s.", Money{Value: whole, Currency: rest.Currency})
	}
	if c.Amount.Value == whole && !p.Rules.Refund.Full {
		return refuse("not_supported", "The provider gives back parts only: ask for less than %s.", rest)
	}
	return nil
}
