package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// TestErrors lists every error of the use cases with the status and problem
// that it is.
func TestErrors(t *testing.T) {
	booked := func(code contract.FailureCode, outcome order.Outcome) error {
		return &checkout.CallError{Export: contract.RefundPayment, Failure: contract.Failure{Code: code, Message: "secret words of the provider"}, Outcome: outcome}
	}
	refused := func(reason string) error { return &order.RefusedError{Reason: reason, Detail: "do this."} }
	method := func(reason string) error {
		return &checkout.MethodError{Method: "transfer", Reason: reason, Detail: "because"}
	}
	tests := []struct {
		err       error
		status    int
		problem   string
		attempted string
		reason    string
	}{
		{checkout.ErrNotFound, 404, "not-found", "no", ""},
		{checkout.ErrIdentifier, 404, "not-found", "no", ""},
		{order.ErrUnknownOperation, 404, "not-found", "no", ""},
		{order.ErrUnknownPayment, 422, "invalid-request", "no", ""},
		{checkout.ErrCursor, 422, "invalid-request", "no", ""},
		{checkout.ErrKeyReused, 422, "idempotency-key-reused", "no", ""},
		{checkout.ErrRunning, 409, "still-running", "unknown", ""},
		{checkout.ErrBusy, 409, "busy", "no", ""},
		{checkout.ErrMoved, 409, "busy", "no", ""},
		{checkout.ErrUnavailable, 503, "unavailable", "unknown", ""},
		{checkout.ErrFull, 503, "unavailable", "unknown", ""},
		{checkout.ErrSchema, 503, "unavailable", "unknown", ""},
		{context.DeadlineExceeded, 503, "unavailable", "unknown", ""},
		{context.Canceled, 503, "unavailable", "unknown", ""},
		{order.ErrClosed, 409, "order-closed", "no", ""},
		{order.ErrPaid, 409, "order-paid", "no", ""},
		{order.ErrTooManyAttempts, 409, "too-many-attempts", "no", ""},
		{&order.LiveAttemptError{Payment: "pay_1"}, 409, "attempt-under-way", "no", ""},
		{&order.InvalidError{Problems: []order.Problem{{Pointer: "/amount", Message: "no"}}}, 422, "invalid-request", "no", ""},
		{&order.InvalidError{}, 422, "invalid-request", "no", ""},
		{&checkout.URLError{Pointer: "/notify_url", URL: "https://x.example"}, 422, "invalid-request", "no", ""},
		{&checkout.ReferenceError{Reason: "already_paid", Order: order.Order{ID: "ord_1", Amount: order.Money{Value: 1, Currency: "EUR"}}}, 409, "reference-taken", "no", "already_paid"},
		{&checkout.ReferenceError{Reason: "conflict", Order: order.Order{ID: "ord_1", Amount: order.Money{Value: 1, Currency: "EUR"}}}, 409, "reference-taken", "no", "conflict"},
		{refused("amount_exceeds_rest"), 409, "refused", "no", "amount_exceeds_rest"},
		{refused("window_over"), 409, "refused", "no", "window_over"},
		{refused("refund_elsewhere"), 409, "refused", "no", "refund_elsewhere"},
		{refused("nothing_captured"), 409, "refused", "no", "nothing_captured"},
		{refused("not_authorized"), 409, "refused", "no", "not_authorized"},
		{refused("not_supported"), 409, "refused", "no", "not_supported"},
		{refused("unknown_outcome"), 409, "refused", "no", "unknown_outcome"},
		{refused("control_reference_set"), 409, "refused", "no", "control_reference_set"},
		{refused("currency_differs"), 422, "invalid-request", "no", "currency_differs"},
		{method("unknown"), 422, "method-not-possible", "no", "unknown"},
		{method("currency"), 422, "method-not-possible", "no", "currency"},
		{method("amount"), 422, "method-not-possible", "no", "amount"},
		{method("country"), 422, "method-not-possible", "no", "country"},
		{method("restricted"), 422, "method-not-possible", "no", "restricted"},
		{method("required_field"), 422, "method-not-possible", "no", "required_field"},
		{method("capture_mode"), 422, "method-not-possible", "no", "capture_mode"},
		{method("unavailable"), 503, "method-unavailable", "no", "unavailable"},
		{booked(contract.Declined, order.OutcomeKnown), 402, "declined", "yes", ""},
		{booked(contract.Declined, order.OutcomeNotAttempted), 402, "declined", "no", ""},
		{booked(contract.Declined, order.OutcomeUnknown), 504, "outcome-unknown", "unknown", ""},
		{booked(contract.Conflict, order.OutcomeNotAttempted), 409, "provider-conflict", "no", ""},
		{booked(contract.InvalidRequest, order.OutcomeKnown), 422, "provider-refused", "yes", ""},
		{booked(contract.Unsupported, order.OutcomeNotAttempted), 422, "provider-refused", "no", ""},
		{booked(contract.InvalidSettings, order.OutcomeNotAttempted), 502, "provider-failed", "no", ""},
		{booked(contract.Unauthorized, order.OutcomeNotAttempted), 502, "provider-failed", "no", ""},
		{booked(contract.NotFound, order.OutcomeKnown), 502, "provider-failed", "yes", ""},
		{booked(contract.RateLimited, order.OutcomeNotAttempted), 502, "provider-failed", "no", ""},
		{booked(contract.ProviderUnavailable, order.OutcomeNotAttempted), 502, "provider-failed", "no", ""},
		{booked(contract.ProviderUnavailable, order.OutcomeUnknown), 504, "outcome-unknown", "unknown", ""},
		{booked(contract.BadSignature, order.OutcomeKnown), 502, "provider-failed", "yes", ""},
		{booked(contract.Internal, order.OutcomeNotAttempted), 502, "provider-failed", "no", ""},
		{errors.New("secret words of the house"), 500, "internal", "unknown", ""},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d_%s", tt.status, tt.err), func(t *testing.T) {
			for _, wrapped := range []error{tt.err, fmt.Errorf("refund order ord_1: %w", tt.err)} {
				h := newHouse(t)
				h.api.fail = wrapped
				g := h.do(call{method: "POST", path: "/v1/orders/ord_1/refunds", headers: []string{"Idempotency-Key: k"}})
				p := g.problem(t)
				if g.status != tt.status || !p.is(tt.problem) || p.Attempted != tt.attempted || p.Reason != tt.reason {
					t.Errorf("%v: got %d %s attempted %s reason %q, want %d %s %s %q", wrapped, g.status, p.Type, p.Attempted, p.Reason, tt.status, tt.problem, tt.attempted, tt.reason)
				}
				if strings.Contains(string(g.body), "secret words") {
					t.Errorf("%v: the answer tells what is for the log: %s", wrapped, g.body)
				}
				if logged := strings.ReplaceAll(h.log.String(), `\"`, `"`); !strings.Contains(logged, tt.err.Error()) && tt.status >= 500 {
					t.Errorf("%v: the log lacks the cause: %s", wrapped, h.log)
				}
				wantsRetry := tt.status == 503 || tt.problem == "busy" || tt.problem == "still-running"
				if got := g.header.Get("Retry-After"); (got != "") != wantsRetry {
					t.Errorf("%v: Retry-After is %q", wrapped, got)
				}
			}
		})
	}
}

// TestErrors_ofReads: a read attempts nothing, however it ends.
func TestErrors_ofReads(t *testing.T) {
	for _, err := range []error{checkout.ErrUnavailable, errors.New("oh")} {
		for _, path := range []string{"/v1/orders", "/v1/orders/x", "/v1/orders/x?wait=1", "/v1/orders/x/events", "/v1/orders/x/refunds/y", "/v1/methods?amount=1&currency=EUR"} {
			h := newHouse(t)
			h.api.fail = err
			if p := h.do(call{method: "GET", path: path}).problem(t); p.Attempted != "no" || p.Status < 500 {
				t.Errorf("%s with %v: got %d, attempted %s", path, err, p.Status, p.Attempted)
			}
		}
	}
}

func TestErrors_referenceTakenShowsTheOrder(t *testing.T) {
	h := newHouse(t)
	id := h.order("bar-9")
	h.api.fail = &checkout.ReferenceError{Reason: "conflict", Order: h.api.orders[id]}
	p := h.do(call{method: "POST", path: "/v1/orders", body: small}).problem(t)
	if p.Order == nil || p.Order.ID != id || p.Order.Status != "open" {
		t.Errorf("got %+v, want the order %s", p, id)
	}
}

func TestErrors_urlPointsAtTheMember(t *testing.T) {
	h := newHouse(t)
	p := h.do(call{method: "POST", path: "/v1/orders", body: with("return_url", `"https://evil.example/"`)}).problem(t)
	if p.Errors[0].Pointer != "/return_url" || !strings.Contains(p.Errors[0].Message, "registered") {
		t.Errorf("got %+v", p.Errors)
	}
}
