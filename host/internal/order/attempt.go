package order

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// reserve starts an attempt for what is due.
func (s *step) reserve(c Reserve) error {
	o := &s.o
	if o.index(c.Payment) >= 0 {
		return nil
	}
	switch o.Status() {
	case Cancelled, Paid, Authorized, Expired:
		return ErrClosed
	}
	if !s.now.Before(o.ExpiresAt) {
		return ErrClosed
	}
	if p, ok := o.same(c); ok {
		return &LiveAttemptError{Payment: p}
	}
	if len(o.Payments) >= MaxAttempts {
		return ErrTooManyAttempts
	}
	if err := CheckMethodOptions(c.MethodOptions); err != nil {
		return err
	}
	o.Payments = append(o.Payments, Payment{
		ID: c.Payment, Reference: c.Reference, Number: c.Number,
		Method: c.Method, MethodOptions: maps.Clone(c.MethodOptions), Account: c.Account,
		Plugin: c.Plugin, Capture: o.Capture, Rules: c.Rules, Operations: slices.Clone(c.Operations), Settle: c.Settle,
		Amount: o.Due(), IdempotencyKey: c.IdempotencyKey, CreatedAt: s.now, ExpiresAt: o.ExpiresAt,
		Outcome: OutcomeNotAttempted,
	})
	s.happened(Event{Type: PaymentReserved, Payment: c.Payment, Amount: o.Due(), Detail: c.Method})
	return nil
}

// same finds the attempt that a request asks for once more: a live one of its
// method, or, where the form had seen another number of attempts than there
// are, the newest (of its method, if there is one).
func (o Order) same(c Reserve) (string, bool) {
	of := func(match func(Payment) bool) (string, bool) {
		for i := len(o.Payments) - 1; i >= 0; i-- {
			if match(o.Payments[i]) {
				return o.Payments[i].ID, true
			}
		}
		return "", false
	}
	live := func(p Payment) bool { return p.Method == c.Method && p.Live() && p.CancelRequestedAt.IsZero() }
	if p, ok := of(live); ok {
		return p, true
	}
	if c.Seen < 0 || c.Seen == len(o.Payments) {
		return "", false
	}
	if p, ok := of(func(p Payment) bool { return p.Method == c.Method }); ok {
		return p, true
	}
	return of(func(Payment) bool { return true })
}

// created books the result of create_payment. The first result, or the first
// after an unknown outcome, gives the action; later ones add news alone.
func (s *step) created(p *Payment, c Created) error {
	r := c.Result
	p.learn(r.ProviderReference)
	if !p.Started || p.Action == nil || p.UnknownCall == contract.CreatePayment {
		if !p.Started || p.Action == nil {
			s.happened(Event{Type: PaymentStarted, Payment: p.ID, Amount: p.Amount, Detail: string(r.Action.Type)})
		}
		p.begin()
		p.Action = action(r.Action)
		p.keepState(r.State)
		p.shorten(r.ExpiresAt)
		p.know()
	}
	return s.book(p, r.Updates, true, contract.CreatePayment, c.At)
}

// begin notes that create_payment ended; questions count from here. A
// cancellation that the provider took while it ran has come to its end: if the
// payment lives on, it is to be cancelled anew.
func (p *Payment) begin() {
	p.Started, p.Polls, p.PolledAt = true, 0, time.Time{}
	p.CancelAccepted = false
}

// interim books the answer of a call that goes on. What comes after its end is
// of no use any more.
func (s *step) interim(p *Payment, c InterimGiven) error {
	if c.Interim.Exclusive != "" { // a capture's or refund's too
		p.Exclusive = c.Interim.Exclusive
	}
	if p.Started {
		return nil
	}
	was := p.Action
	p.Action = action(c.Interim.Action)
	p.keepState(c.Interim.State)
	p.shorten(c.Interim.ExpiresAt)
	if was == nil || !reflect.DeepEqual(*was, *p.Action) {
		s.happened(Event{Type: PaymentInterim, Payment: p.ID, Detail: string(p.Action.Type)})
	}
	return nil
}

// learn adds a provider's reference.
func (p *Payment) learn(reference string) {
	if reference != "" && !slices.Contains(p.ProviderReferences, reference) {
		p.ProviderReferences = append(p.ProviderReferences, reference)
	}
}

// keepState takes a plugin's state where it gave one.
func (p *Payment) keepState(state []byte) {
	if len(state) > 0 && !bytes.Equal(state, p.State) {
		p.State = bytes.Clone(state)
	}
}

// shorten brings the expiry forward: a payment expires no later than its order.
func (p *Payment) shorten(t time.Time) {
	if !t.IsZero() && t.Before(p.ExpiresAt) && t.After(p.CreatedAt) {
		p.ExpiresAt = utc(t)
	}
}

func action(a contract.Action) *contract.Action {
	a.Fields, a.Text = slices.Clone(a.Fields), maps.Clone(a.Text)
	return &a
}
