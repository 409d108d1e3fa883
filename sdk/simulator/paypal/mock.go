package paypal

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// mockWebhookID is the webhook id that mock events are signed for
// (developer.paypal.com, webhooks simulator).
const mockWebhookID = "WEBHOOK_ID"

// mocks are the events that can be simulated: the resource that each is about,
// and its status.
var mocks = map[string]struct{ resource, status string }{
	"CHECKOUT.ORDER.APPROVED":            {"order", statusApproved},
	"CHECKOUT.ORDER.COMPLETED":           {"order", statusCompleted},
	"CHECKOUT.PAYMENT-APPROVAL.REVERSED": {"order", statusApproved},
	"PAYMENT.AUTHORIZATION.CREATED":      {"authorization", statusCreated},
	"PAYMENT.AUTHORIZATION.VOIDED":       {"authorization", statusVoided},
	"PAYMENT.CAPTURE.COMPLETED":          {"capture", statusCompleted},
	"PAYMENT.CAPTURE.PENDING":            {"capture", statusPending},
	"PAYMENT.CAPTURE.DENIED":             {"capture", statusDenied},
	"PAYMENT.CAPTURE.DECLINED":           {"capture", statusDeclined},
	"PAYMENT.CAPTURE.REFUNDED":           {"refund", statusCompleted},
	"PAYMENT.CAPTURE.REVERSED":           {"refund", statusCompleted},
	"PAYMENT.REFUND.PENDING":             {"refund", statusPending},
	"PAYMENT.REFUND.FAILED":              {"refund", statusFailed},
}

// simulateEvent answers POST /v1/notifications/simulate-event: it sends a mock
// event once, to an address or to that of a listener, whatever events this one
// is for. As PayPal says of mock events, nothing real is behind it, it is not
// kept and cannot be resent, and it is signed for the webhook id WEBHOOK_ID, so
// that verify-webhook-signature does not hold it. Where both an address and a
// listener are given the address counts, and resource_version is passed over:
// both are the simulator's choice.
func (s *Simulator) simulateEvent(q *request) (answer, *apiError) {
	var in struct {
		WebhookID string `json:"webhook_id"`
		URL       string `json:"url"`
		Type      string `json:"event_type"`
	}
	if e := q.decode(&in); e != nil {
		return answer{}, e
	}
	if in.Type == "" {
		return answer{}, refuseField("MISSING_REQUIRED_PARAMETER", "/event_type", "")
	}
	if _, known := mocks[in.Type]; !known {
		return answer{}, refuseField("INVALID_PARAMETER_VALUE", "/event_type", in.Type)
	}
	address, e := s.mockAddress(in.URL, in.WebhookID)
	if e != nil {
		return answer{}, e
	}
	mock := s.newEvent(in.Type, mockResource(in.Type, q.now), q.now)
	s.post.At(q.now, func(ctx context.Context, due time.Time) {
		s.deliver(ctx, mock, &hook{ID: mockWebhookID, URL: address}, due)
	})
	return answer{status: http.StatusAccepted, full: mock.body}, nil
}

// mockAddress is where a mock event goes.
func (s *Simulator) mockAddress(address, webhook string) (string, *apiError) {
	switch {
	case address != "" && checkURL(address) != nil:
		return "", refuseField("INVALID_PARAMETER_SYNTAX", "/url", address)
	case address != "":
		return address, nil
	case webhook == "":
		return "", refuseField("MISSING_REQUIRED_PARAMETER", "/url", "")
	}
	for _, h := range s.hooks {
		if h.ID == webhook {
			return h.URL, nil
		}
	}
	return "", refuseField("INVALID_RESOURCE_ID", "/webhook_id", webhook)
}

// mockResource makes up what an event is about: of 100.00 USD, in no books.
func mockResource(kind string, now time.Time) any {
	const total = 100_00
	u := &unit{unitRequest: unitRequest{ReferenceID: "default", Amount: json.RawMessage(`{"currency_code":"USD","value":"100.00"}`), Money: *amount(total, "USD")}, total: total}
	o := &order{id: newID(17), intent: intentCapture, status: statusCompleted, units: []*unit{u}, approved: buyer(), created: now, updated: now}
	c := &capture{id: newID(17), status: statusCompleted, order: o, unit: u, total: total, final: true, created: now, updated: now}
	m := mocks[kind]
	switch m.resource {
	case "order":
		o.status = m.status
		return o
	case "authorization":
		o.intent = intentAuthorize
		return &authorization{id: newID(17), status: m.status, order: o, unit: u, total: total, created: now, updated: now, expires: now.Add(DefaultAuthorizedLife)}
	case "refund":
		return &refund{id: newID(17), status: m.status, capture: c, total: total, totalRefunded: total, created: now, updated: now}
	}
	c.status = m.status
	return c
}
