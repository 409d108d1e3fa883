package httpapi

import (
	"context"
	"errors"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi/strict"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/view"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// sentinels says which problem an error is that tells nothing but itself. The
// first that fits wins.
var sentinels = []struct {
	err    error
	kind   problemKind
	detail string
}{
	{checkout.ErrKeyReused, problemKeyReused, "This Idempotency-Key came with another request before."},
	{checkout.ErrRunning, problemRunning, "The first request with this Idempotency-Key has not ended."},
	{checkout.ErrBusy, problemBusy, "Another operation on this order has not ended."},
	{checkout.ErrMoved, problemBusy, "The order changed too often meanwhile."},
	{checkout.ErrWhichAccount, problemNotFound, "The shop has several adapters: send to /v1/shops/{shop}/orders/{account}."},
	{checkout.ErrFlood, problemFlood, "Too many messages without a valid signature came from this address."},
	{checkout.ErrSchema, problemUnavailable, "The record was written by a newer version of the gateway: this node must be brought up to date."},
	{checkout.ErrFull, problemUnavailable, "The state is nearly full: no new order is taken until an operator gives Redis more memory."},
	{checkout.ErrUnavailable, problemUnavailable, "The state cannot be reached."},
	{context.DeadlineExceeded, problemUnavailable, "The state did not answer in time."},
	{context.Canceled, problemUnavailable, "The request ended before its answer."},
	{order.ErrClosed, problemClosed, "The order takes no more payments."},
	{order.ErrPaid, problemPaid, "The order is paid and cannot be cancelled."},
	{order.ErrTooManyAttempts, problemAttempts, "The order has had as many attempts as it may have."},
	{checkout.ErrNotFound, problemNotFound, "There is nothing with this id for this key."},
	{order.ErrUnknownOperation, problemNotFound, "There is nothing with this id for this key."},
	{checkout.ErrIdentifier, problemNotFound, "There is nothing with this id for this key."},
}

// members says which member of a request an error is about.
var members = []struct {
	err   error
	wrong strict.Problem
}{
	{order.ErrUnknownPayment, strict.Problem{Pointer: "/payment", Message: "is no payment of this order: name one of its payments"}},
	{checkout.ErrCursor, strict.Problem{Pointer: "?cursor", Message: "is no next_cursor that a page gave: begin again without one"}},
}

// failures says which problem a provider's failure is, by its code. What is
// not listed is problemProviderFailed.
var failures = map[contract.FailureCode]problemKind{
	contract.Declined:       problemDeclined,
	contract.Conflict:       problemConflict,
	contract.InvalidRequest: problemProviderRefused,
	contract.Unsupported:    problemProviderRefused,
}

// refused says which problem a refusal of the domain is, by its reason. What
// is not listed is problemRefused.
var refused = map[string]problemKind{"currency_differs": problemInvalid}

// problemOf says which problem an error is.
func (a *API) problemOf(c *gin.Context, err error) problem {
	p, ok := a.typedProblem(c, err)
	if !ok {
		p = a.plainProblem(c, err)
	}
	p.cause = err
	return p
}

func (a *API) plainProblem(c *gin.Context, err error) problem {
	for _, m := range members {
		if errors.Is(err, m.err) {
			return a.invalid(c, []strict.Problem{m.wrong})
		}
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return a.problem(c, s.kind, s.detail)
		}
	}
	return a.problem(c, problemInternal, "The log of the gateway has the cause under the request_id.")
}

// typedProblem is the problem of an error that tells more.
func (a *API) typedProblem(c *gin.Context, err error) (problem, bool) {
	var (
		invalid   *order.InvalidError
		refusal   *order.RefusedError
		live      *order.LiveAttemptError
		reference *checkout.ReferenceError
		method    *checkout.MethodError
		link      *checkout.URLError
		call      *checkout.CallError
	)
	switch {
	case errors.As(err, &invalid):
		return a.invalid(c, invalidMembers(invalid)), true
	case errors.As(err, &link):
		return a.invalid(c, []strict.Problem{{Pointer: link.Pointer, Message: "is not on an origin that is registered for the shop: have an operator add it, or send another"}}), true
	case errors.As(err, &refusal):
		return a.refusalProblem(c, refusal), true
	case errors.As(err, &live):
		p := a.problem(c, problemLiveAttempt, "The attempt asked for is under way as "+live.Payment+".")
		p.Payment = live.Payment
		return p, true
	case errors.As(err, &reference):
		p := a.problem(c, problemReference, "The reference belongs to order "+reference.Order.ID+": "+reference.Reason+".")
		shown := a.view.Order(reference.Order, of(c).began)
		p.Reason, p.Order = reference.Reason, &shown
		return p, true
	case errors.As(err, &method):
		kind := problemMethod
		if method.Reason == "unavailable" {
			kind = problemMethodDown
		}
		p := a.problem(c, kind, sentence("Method "+method.Method+": "+method.Detail, method.Reason))
		p.Reason = method.Reason
		return p, true
	case errors.As(err, &call):
		return a.failureProblem(c, call.Order, &call.Failure, call.Outcome, call.Subject), true
	}
	return problem{}, false
}

// invalidMembers lists what the domain found wrong.
func invalidMembers(e *order.InvalidError) []strict.Problem {
	list := make([]strict.Problem, 0, len(e.Problems))
	for _, p := range e.Problems {
		list = append(list, strict.Problem{Pointer: p.Pointer, Message: p.Message})
	}
	if len(list) == 0 {
		list = append(list, strict.Problem{Message: e.Error()})
	}
	return list
}

func (a *API) refusalProblem(c *gin.Context, e *order.RefusedError) problem {
	detail := e.Detail
	if detail == "" {
		detail = view.Localize(e.Text, "en")
	}
	kind, listed := refused[e.Reason]
	if !listed {
		kind = problemRefused
	}
	p := a.problem(c, kind, sentence(detail, e.Reason))
	p.Reason = e.Reason
	if kind == problemInvalid {
		p.Errors = []strict.Problem{{Pointer: "/amount/currency", Message: detail}}
	}
	return p
}

// failureProblem is the problem of an operation that ended badly at the
// provider. The whole order goes along: the failure is booked in it.
func (a *API) failureProblem(c *gin.Context, o order.Order, f *contract.Failure, outcome order.Outcome, subject string) problem {
	var code contract.FailureCode
	if f != nil {
		code = f.Code
	}
	kind, ok := failures[code]
	detail := sentence("The provider ended this with "+string(code), "The provider ended this without a reason")
	if !ok {
		kind = problemProviderFailed
	}
	said := attemptedYes
	switch outcome {
	case order.OutcomeUnknown:
		kind, said, detail = problemOutcomeUnknown, attemptedUnknown, "The request left and no answer came; the gateway goes on asking."
	case order.OutcomeNotAttempted:
		said = attemptedNo
	}
	p := a.problem(c, kind, detail)
	p.Attempted, p.Failure = said, view.FailureOf(f, o.Locale)
	if o.ID != "" {
		shown := a.view.Order(o, of(c).began)
		p.Order = &shown
	}
	if _, isPayment := o.Payment(subject); isPayment {
		p.Payment = subject
	}
	return p
}

// sentence ends a text with a full stop, or takes the other where there is none.
func sentence(s, otherwise string) string {
	if strings.TrimSpace(s) == "" {
		s = otherwise
	}
	return strings.TrimRight(s, ". ") + "."
}
