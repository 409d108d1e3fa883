package checkout

import (
	"errors"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Errors of the use cases, beside those of the store and the domain
// ([order.InvalidError], [order.RefusedError], [order.ErrClosed]…).
var (
	// ErrKeyReused: the idempotency key came with another body before.
	ErrKeyReused = errors.New("the idempotency key was used for another request")
	// ErrRunning: the first request with this key has not ended; try again shortly.
	ErrRunning = errors.New("the first request with this idempotency key is still running")
	// ErrBusy: another call on the order has not ended; try again shortly.
	ErrBusy = errors.New("another operation on this order is still running")
	// ErrURL: a URL is not on the shop's origins.
	ErrURL = errors.New("not on an origin of the shop")
)

// ReferenceError says that a shop's reference is taken. Reason is
// that of the domain: "conflict" (an attempt is under way) or "already_paid".
type ReferenceError struct {
	Reason string
	Order  order.Order
}

func (e *ReferenceError) Error() string {
	return fmt.Sprintf("reference %q: %s by order %s", e.Order.Reference, e.Reason, e.Order.ID)
}

// MethodError says why a method cannot be chosen. Reason is "unknown",
// "currency", "amount", "country", "restricted", "required_field",
// "capture_mode" or "unavailable".
type MethodError struct {
	Method string
	Reason string
	Detail string
}

func (e *MethodError) Error() string {
	return fmt.Sprintf("method %q: %s: %s", e.Method, e.Reason, e.Detail)
}

// CallError says how a plugin operation failed and whether money may have moved.
type CallError struct {
	Export  contract.Export
	Failure contract.Failure
	Outcome order.Outcome
	// Order is the order after the failure was booked; Subject is the payment, capture or refund.
	Order   order.Order
	Subject string
}

func (e *CallError) Error() string {
	return fmt.Sprintf("%s of order %s: %s", e.Export, e.Order.ID, e.Failure.Error())
}

// URLError says which URL of a request is refused.
type URLError struct{ Pointer, URL string }

func (e *URLError) Error() string { return fmt.Sprintf("%s: %v", e.Pointer, ErrURL) }

// Unwrap gives ErrURL.
func (e *URLError) Unwrap() error { return ErrURL }
