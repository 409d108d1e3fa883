package checkout

import (
	"encoding/json"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// booking is what a call of one payment brought, ready to be booked.
type booking struct {
	failure *contract.Failure
	create  *contract.CreateResult
	op      *contract.OperationResult
	// updates are those of the call's own payment, elsewhere those of others.
	updates   []contract.Update
	elsewhere []contract.Update
	// action is where complete_payment sends the consumer on to, if it does.
	action *contract.Action
}

// read decodes the result of a call of an order, and keeps of its updates
// what may count. A result that is none is a failure of the plugin's; one that
// says "failed" where money may have moved is a failure whose outcome counts.
func (s *Service) read(c Call, e Ended) booking {
	b, failure := booking{}, e.Failure
	if failure == nil {
		var err error
		if b, err = s.readResult(c, e); err != nil {
			failure = &contract.Failure{Code: contract.Internal, Message: err.Error()}
		}
	}
	if failure == nil && e.Outcome == order.OutcomeUnknown {
		failure = b.refused()
	}
	b.failure = failure
	return b
}

// refused is the failure that a result tells, or nil.
func (b booking) refused() *contract.Failure {
	switch {
	case b.op == nil || b.op.Status != contract.OperationFailed:
		return nil
	case b.op.Failure != nil:
		return b.op.Failure
	}
	return &contract.Failure{Code: contract.Declined, Message: "the provider refused it"}
}

func (s *Service) readResult(c Call, e Ended) (booking, error) {
	var b booking
	var updates []contract.Update
	switch c.Export {
	case contract.CreatePayment:
		b.create = &contract.CreateResult{}
		if err := json.Unmarshal(e.Result, b.create); err != nil {
			return booking{}, fmt.Errorf("result of %s: %w", c.Export, err)
		}
		updates = b.create.Updates
	case contract.CompletePayment, contract.GetPayment:
		var r contract.UpdatesResult
		if err := json.Unmarshal(e.Result, &r); err != nil {
			return booking{}, fmt.Errorf("result of %s: %w", c.Export, err)
		}
		if updates = r.Updates; c.Export == contract.CompletePayment {
			b.action = r.Action
		}
	default:
		b.op = &contract.OperationResult{}
		if err := json.Unmarshal(e.Result, b.op); err != nil {
			return booking{}, fmt.Errorf("result of %s: %w", c.Export, err)
		}
		updates = b.op.Updates
	}
	for _, u := range s.counting(c, e, updates) {
		if own(c, u) {
			b.updates = append(b.updates, u)
		} else {
			b.elsewhere = append(b.elsewhere, u)
		}
	}
	return b, nil
}

// own says whether an update of a payment's call is about that payment: it
// says so, or names none.
func own(c Call, u contract.Update) bool {
	return u.Payment == (contract.PaymentKey{}) || u.Payment.ID == c.Payment
}

// counting keeps the updates that may be booked: verified ones of a call in
// which something was verified. Hints book nothing.
func (s *Service) counting(c Call, e Ended, updates []contract.Update) []contract.Update {
	var kept []contract.Update
	for _, u := range updates {
		switch {
		case u.Trust != contract.Verified:
		case !e.Verified:
			s.o.Logger.Warn("update refused: nothing was verified in this call", "plugin", c.Plugin.Name, "version", c.Plugin.Version, "call", c.ID, "export", c.Export, "type", u.Type)
		default:
			kept = append(kept, u)
		}
	}
	return kept
}

// references are the provider's references of the call's own payment.
func (b booking) references() []string {
	var refs []string
	if b.create != nil && b.create.ProviderReference != "" {
		refs = append(refs, b.create.ProviderReference)
	}
	for _, u := range b.updates {
		if u.NewProviderReference != "" {
			refs = append(refs, u.NewProviderReference)
		}
	}
	return refs
}

// changes are what the domain is told.
func (b booking) changes(c Call, e Ended, o order.Order) []order.Change {
	p, _ := o.Payment(c.Payment)
	mine := p.Plugin.Digest == c.Plugin.Digest
	reported := func() []order.Change {
		if len(b.updates) == 0 {
			return nil
		}
		return []order.Change{order.Reported{Payment: c.Payment, Updates: b.updates, State: mine, Source: c.Export, At: e.At}}
	}
	switch {
	case b.failure != nil && b.failure.Code == contract.NotFound && asks(c.Export):
		return []order.Change{order.Polled{Payment: c.Payment, Operation: c.Operation, NotFound: true}}
	case b.failure != nil:
		return append(reported(), order.CallFailed{Payment: c.Payment, Export: c.Export, Operation: c.Operation, Failure: *b.failure, Outcome: e.Outcome, At: e.At})
	case b.create != nil:
		r := *b.create
		r.Updates = b.updates
		return []order.Change{order.Created{Payment: c.Payment, Result: r, At: e.At}}
	case c.Export == contract.GetPayment:
		return append(reported(), order.Polled{Payment: c.Payment, Operation: c.Operation})
	case c.Export == contract.CompletePayment: // also without updates: it has ended
		return []order.Change{order.Reported{Payment: c.Payment, Updates: b.updates, State: mine, Source: c.Export, Action: b.action, At: e.At}}
	}
	r := *b.op
	r.Updates = b.updates
	if c.Export == contract.CancelPayment {
		return []order.Change{order.CancelEnded{Payment: c.Payment, Result: r, At: e.At}}
	}
	ended := order.OperationEnded{Payment: c.Payment, Export: c.Export, Operation: c.Operation, Result: r, At: e.At}
	if c.Export == contract.GetRefund {
		return []order.Change{ended, order.Polled{Payment: c.Payment, Operation: c.Operation}}
	}
	return []order.Change{ended}
}

// asks says whether an operation is a question that changes nothing.
func asks(e contract.Export) bool { return e == contract.GetPayment || e == contract.GetRefund }

// failed is the failure of an operation that somebody waits for.
func (b booking) failed(c Call, e Ended) *CallError {
	subject := c.Payment
	if c.Operation != "" {
		subject = c.Operation
	}
	f := b.failure
	if f == nil {
		f = b.refused()
	}
	if f == nil {
		return nil
	}
	return &CallError{Export: c.Export, Failure: *f, Outcome: e.Outcome, Subject: subject}
}

// beside holds back a cancellation that ended beside a running call of its
// payment: that call's result decides.
func (b *booking) beside() {
	if b.op != nil && b.op.Status == contract.OperationSucceeded {
		b.op.Status = contract.OperationPending
	}
}

// approved says that the consumer has approved and complete_payment may take
// the money.
func (b booking) approved(c Call) bool {
	if c.Export == contract.CompletePayment {
		return false
	}
	for _, u := range b.updates {
		if u.Type == contract.UpdateApproved {
			return true
		}
	}
	return false
}
