package order

import (
	"errors"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Change is something that happens to an order. Its concrete types are below.
type Change interface{ change() }

// Reserve starts an attempt before the plugin runs. If an attempt with this
// id is there nothing changes. Errors: [ErrClosed], [ErrTooManyAttempts],
// [*LiveAttemptError], [*InvalidError].
type Reserve struct {
	Payment       string
	Reference     string
	Number        int64
	Method        string
	MethodOptions map[string]string
	Account       string
	Plugin        Plugin
	Rules         contract.Rules
	// Operations are the exports of the plugin that the operator granted.
	Operations []contract.Export
	// Settle is the account's setting to give a second payment of a paid order back.
	Settle         bool
	IdempotencyKey string
	// Seen is how many attempts the form had seen that asks for this one: a
	// double click, or a second tab, carries an old number. -1: the API, which
	// has no form.
	Seen int
}

// Created is the end of create_payment with a result. At is when the answer came.
type Created struct {
	Payment string
	Result  contract.CreateResult
	At      time.Time
}

// InterimGiven is an interim answer of a call that goes on.
type InterimGiven struct {
	Payment string
	Interim contract.Interim
}

// Reported is what a provider says of one payment. Only verified updates are
// booked; hints leave no trace here.
type Reported struct {
	Payment string
	Updates []contract.Update
	// State says that the updates come from the payment's own bytes, whose state counts.
	State bool
	// Source is the export that brought it.
	Source contract.Export
	// Action is where complete_payment sends the consumer on to, or nil.
	Action *contract.Action
	// At is when the answer came; it stands in for a missing occurred_at of the host's own operations.
	At time.Time
}

// CallFailed is the end of a call without a result.
type CallFailed struct {
	Payment string
	Export  contract.Export
	// Operation is the capture or refund that it was for, if any.
	Operation string
	Failure   contract.Failure
	// Outcome is the host's word whether money may have moved.
	Outcome Outcome
	At      time.Time
}

// RequestCapture reserves a capture. A zero amount means all that remains. With
// no payment it is taken from the authorized payment that can bear it. Errors:
// [*RefusedError], [*InvalidError].
type RequestCapture struct {
	ID             string
	Payment        string
	Amount         Money
	Final          bool
	Reason         string
	Lines          []contract.Line
	IdempotencyKey string
}

// RequestRefund reserves a refund. A zero amount means all that remains. With
// no payment it is taken from the captured payment that can bear it. Errors:
// [*RefusedError], [*InvalidError].
type RequestRefund struct {
	ID             string
	Payment        string
	Amount         Money
	Reason         string
	Lines          []contract.Line
	IdempotencyKey string
}

// OperationEnded is the end of capture_payment, refund_payment or get_refund
// with a result. After get_refund comes [Polled].
type OperationEnded struct {
	Payment   string
	Export    contract.Export
	Operation string
	Result    contract.OperationResult
	At        time.Time
}

// RequestCancelPayment notes that a payment is to be cancelled at the provider.
// Where it can no longer be paid nothing changes. Errors: [*RefusedError].
type RequestCancelPayment struct{ Payment string }

// CancelEnded is the end of cancel_payment with a result.
type CancelEnded struct {
	Payment string
	Result  contract.OperationResult
	At      time.Time
}

// Cancel ends an order that is not paid: by the shop, or superseded by the
// order named. Its attempts that can still be paid are to be cancelled at the
// provider, where their plugins can: Next gives WorkCancel for each. Errors:
// [ErrPaid].
type Cancel struct{ SupersededBy string }

// Expire ends the attempts whose time has run out, and then the order if its
// own has. The order stays while an attempt can still be paid.
type Expire struct{}

// Polled notes that a question to the provider was answered: get_payment, or
// get_refund of the operation named. It comes after what the answer reported.
// NotFound: the provider does not know it. A question without an answer is
// [CallFailed]. It also notes that [WorkResume] found the call still running.
type Polled struct {
	Payment   string
	Operation string
	NotFound  bool
}

// Remind is what an alarm says for [WorkRemind]: it makes attention that comes
// with time alone appear (provider_silent, capture_window_ends).
type Remind struct{ Payment string }

// Settled notes that [WorkSettle] ended without a refund being asked for.
type Settled struct{ Payment string }

// Raise adds attention that does not follow from a payment.
type Raise struct{ Attention Attention }

// SetControlReference notes a fiscal control unit's reference, once. Errors:
// [*RefusedError] where another one is there, [*InvalidError] for what is none.
type SetControlReference struct{ Reference string }

func (Reserve) change()              {}
func (Created) change()              {}
func (InterimGiven) change()         {}
func (Reported) change()             {}
func (CallFailed) change()           {}
func (RequestCapture) change()       {}
func (RequestRefund) change()        {}
func (OperationEnded) change()       {}
func (RequestCancelPayment) change() {}
func (CancelEnded) change()          {}
func (Cancel) change()               {}
func (Expire) change()               {}
func (Polled) change()               {}
func (Remind) change()               {}
func (Settled) change()              {}
func (Raise) change()                {}
func (SetControlReference) change()  {}

// Errors of Apply. The order is unchanged.
var (
	// ErrUnknownPayment: the order has no payment of this id.
	ErrUnknownPayment = errors.New("unknown payment")
	// ErrUnknownOperation: the payment has no capture or refund of this id.
	ErrUnknownOperation = errors.New("unknown operation")
	// ErrUnknownChange: not one of the changes of this package.
	ErrUnknownChange = errors.New("unknown change")
	// ErrClosed: the order is cancelled, authorized, paid or expired, or its time is over.
	ErrClosed = errors.New("the order takes no more payments")
	// ErrTooManyAttempts: the order has MaxAttempts payments.
	ErrTooManyAttempts = fmt.Errorf("the order has had %d attempts", MaxAttempts)
	// ErrPaid: what is paid cannot be cancelled.
	ErrPaid = errors.New("the order is paid")
)

// LiveAttemptError says that the attempt asked for is under way already: the
// consumer goes on with it.
type LiveAttemptError struct{ Payment string }

func (e *LiveAttemptError) Error() string { return "attempt " + e.Payment + " is under way" }

// RefusedError says why an operation is refused before any request.
type RefusedError struct {
	// Reason is a stable word: "amount_exceeds_rest", "window_over",
	// "refund_elsewhere", "nothing_captured", "not_authorized",
	// "not_supported", "partial_not_supported", "multiple_not_supported",
	// "control_reference_set", "currency_differs", "unknown_outcome",
	// "amount_invalid", "cancel_requested", "order_closed".
	Reason string
	// Detail says what to do, in English; Text says it by locale where the manifest does.
	Detail string
	Text   contract.Text
}

func (e *RefusedError) Error() string { return e.Reason + ": " + e.Detail }
