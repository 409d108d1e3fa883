package order

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// maxCancelTries bounds how often cancel_payment is tried before the provider's
// own expiry is waited for.
const maxCancelTries = 8

// cancel ends an order that is not paid. Every attempt that can still be paid
// is to be cancelled at the provider, where its plugin can.
func (s *step) cancel(c Cancel) error {
	switch s.o.Status() {
	case Paid:
		return ErrPaid
	case Cancelled:
		return nil
	}
	s.o.CancelledAt, s.o.SupersededBy = s.now, c.SupersededBy
	for i := range s.o.Payments {
		p := &s.o.Payments[i]
		if (p.Live() || p.underCapture()) && p.can(contract.CancelPayment) {
			s.wantCancelled(p)
		}
	}
	return nil
}

// requestCancel notes that one payment is to be cancelled.
func (s *step) requestCancel(p *Payment) error {
	if !p.Live() && !p.underCapture() {
		return nil
	}
	if !p.can(contract.CancelPayment) {
		return refuse("not_supported", "The provider cannot cancel a payment; it expires at %s by itself.", p.ExpiresAt.Format(time.RFC3339))
	}
	s.wantCancelled(p)
	return nil
}

func (s *step) wantCancelled(p *Payment) {
	if p.CancelRequestedAt.IsZero() {
		p.CancelRequestedAt, p.CancelTries, p.CancelAccepted = s.now, 0, false
		s.happened(Event{Type: CancelRequested, Payment: p.ID})
	}
}

// cancelEnded books the result of cancel_payment. A success is later than any
// authorisation, whatever the provider's clock says.
func (s *step) cancelEnded(p *Payment, c CancelEnded) error {
	if c.At.IsZero() {
		c.At = s.now
	}
	p.CancelTries++
	p.CancelTriedAt = s.now
	if p.UnknownCall == contract.CancelPayment {
		p.know()
	}
	switch c.Result.Status {
	case contract.OperationSucceeded:
		at := utc(c.At)
		if authorized := p.News.At[contract.UpdateAuthorized]; !at.After(authorized) {
			at = authorized.Add(1)
		}
		p.News.note(contract.UpdateCancelled, at)
	case contract.OperationPending:
		p.CancelAccepted = true
	default:
		p.giveUpCancel()
	}
	p.keepState(c.Result.State)
	return s.book(p, c.Result.Updates, true, contract.CancelPayment, c.At)
}

// cancelFailed tries again later where the provider was not reached, and takes
// its word where it refused.
func (s *step) cancelFailed(p *Payment, c CallFailed) {
	p.CancelTries++
	p.CancelTriedAt = s.now
	if c.Outcome == OutcomeUnknown {
		s.unknown(p, c)
		if p.CancelTries >= maxCancelTries {
			p.giveUpCancel()
		}
		return
	}
	switch c.Failure.Code {
	case contract.ProviderUnavailable, contract.RateLimited, contract.Conflict, contract.Internal:
		if p.CancelTries < maxCancelTries {
			return
		}
	}
	p.giveUpCancel()
}

// giveUpCancel leaves the payment to its own end.
func (p *Payment) giveUpCancel() { p.CancelRequestedAt = time.Time{} }

// expire ends the attempts whose time is over, and then the order if its own
// is, nothing can still be paid and nothing was.
func (s *step) expire() error {
	for i := range s.o.Payments {
		p := &s.o.Payments[i]
		if at, ok := p.lapse(); ok && !s.now.Before(at) {
			p.News.fall(contract.UpdateExpired)
		}
	}
	o := &s.o
	if s.now.Before(o.ExpiresAt) || len(o.LiveAttempts()) > 0 {
		return nil
	}
	switch o.Status() {
	case Open, Pending:
		o.ExpiredAt = s.now
	}
	return nil
}

// raise adds attention, once.
func (s *step) raise(c Raise) error {
	a := c.Attention
	a.Code, a.Message = AttentionCode(cut(string(a.Code), maxAttentionCode)), cut(a.Message, maxAttentionMessage)
	for _, was := range s.o.Raised {
		if was == a {
			return nil
		}
	}
	s.o.Raised = append(s.o.Raised, a)
	return nil
}

// setControlReference notes the reference, once.
func (s *step) setControlReference(c SetControlReference) error {
	switch {
	case c.Reference == s.o.ControlReference && c.Reference != "":
		return nil
	case s.o.ControlReference != "":
		return refuse("control_reference_set", "The order has the control reference %s, which stays.", s.o.ControlReference)
	case strings.TrimSpace(c.Reference) == "" || utf8.RuneCountInString(c.Reference) > maxText || !printable(c.Reference):
		return &InvalidError{Problems: []Problem{{Pointer: "/control_reference", Message: "give 1 to 255 printable characters"}}}
	}
	s.o.ControlReference = c.Reference
	s.happened(Event{Type: ControlReferenceSet, Detail: c.Reference})
	return nil
}
