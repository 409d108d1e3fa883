package order

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// EventType says what happened to an order.
type EventType = contract.EventType

// The events that a shop is told of.
const (
	OrderOpen        = contract.OrderOpen
	OrderPending     = contract.OrderPending
	OrderAuthorized  = contract.OrderAuthorized
	OrderPaid        = contract.OrderPaid
	OrderCancelled   = contract.OrderCancelled
	OrderExpired     = contract.OrderExpired
	OrderSuperseded  = contract.OrderSuperseded
	OrderOverpaid    = contract.OrderOverpaid
	OrderAttention   = contract.OrderAttend
	CaptureSucceeded = contract.CaptureSucceeded
	CaptureFailed    = contract.CaptureFailed
	RefundPending    = contract.RefundPending
	RefundSucceeded  = contract.RefundSucceeded
	RefundFailed     = contract.RefundFailed
	ChargebackOpened = contract.ChargebackOpened
)

// The events of the timeline alone.
const (
	OrderCreated         EventType = "order.created"
	PaymentReserved      EventType = "payment.created"
	PaymentStarted       EventType = "payment.started"
	PaymentInterim       EventType = "payment.interim"
	PaymentChanged       EventType = "payment.changed"
	PaymentUnknown       EventType = "payment.outcome_unknown"
	PaymentUpdateIgnored EventType = "payment.update_ignored"
	CaptureRequested     EventType = "capture.requested"
	RefundRequested      EventType = "refund.requested"
	CancelRequested      EventType = "payment.cancel_requested"
	ControlReferenceSet  EventType = "order.control_reference"
)

// Told lists the events that a shop is told of.
func Told() []EventType { return contract.EventTypes() }

// Event is one entry of an order's timeline. It holds what the order and the
// payment came to, so that folding the events gives their statuses and amounts.
type Event struct {
	// Number counts from 1 without gaps; the event's id is the order's id, a dot and the number.
	Number int64     `json:"number"`
	Type   EventType `json:"type"`
	At     time.Time `json:"at"`
	// Payment and Operation say what it is about.
	Payment   string `json:"payment,omitempty"`
	Operation string `json:"operation,omitempty"`
	// Amount is that of the capture, refund or chargeback.
	Amount Money `json:"amount,omitzero"`
	// Booked is how much this event adds to what the payment captured, refunded or had charged back:
	// less than the amount where a total had told of a part before. Tip and Fee became known with it.
	Booked Money `json:"booked,omitzero"`
	Tip    Money `json:"tip,omitzero"`
	Fee    Money `json:"fee,omitzero"`
	// Reference is the provider's, of the transaction that was booked.
	Reference string `json:"reference,omitempty"`
	// Detail is a short text for people: a failure's message, an attention's.
	Detail string `json:"detail,omitempty"`
	// Order and Of are the snapshots after the event; Of is missing where it is about no payment.
	Order Snapshot         `json:"order"`
	Of    *PaymentSnapshot `json:"of,omitempty"`
}

// Snapshot is what an order came to.
type Snapshot struct {
	Status       Status          `json:"status"`
	RefundStatus RefundStatus    `json:"refund_status"`
	Amounts      Amounts         `json:"amounts"`
	Attention    []AttentionCode `json:"attention,omitempty"`
}

// PaymentSnapshot is what a payment came to.
type PaymentSnapshot struct {
	Status  PaymentStatus `json:"status"`
	Outcome Outcome       `json:"outcome"`
	Amounts Amounts       `json:"amounts"`
}

// BookLine is one line of the statement: a capture, a refund or a chargeback.
type BookLine struct {
	// ID is the event's: a line is booked once.
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Type      string    `json:"type"` // capture, refund, chargeback
	Shop      string    `json:"shop"`
	Live      bool      `json:"live,omitempty"`
	Order     string    `json:"order"`
	Reference string    `json:"reference"`
	Payment   string    `json:"payment"`
	Method    string    `json:"method"`
	Account   string    `json:"account"`
	Brand     string    `json:"brand,omitempty"`
	Amount    Money     `json:"amount"`
	Fee       Money     `json:"fee,omitzero"`
	Tip       Money     `json:"tip,omitzero"`
	// ProviderReference is that of the transaction.
	ProviderReference string `json:"provider_reference,omitempty"`
}

// Work says what is due.
type Work string

// The kinds of work that an order can be due for, with the change that ends
// each. Whatever comes of the work, one of those is applied, so that the next
// due time moves on.
const (
	// WorkPoll: ask get_payment; then Reported and Polled with the payment and operation of the Due, or CallFailed.
	WorkPoll Work = "poll"
	// WorkPollRefund: ask get_refund; then OperationEnded and Polled with the operation, or CallFailed.
	WorkPollRefund Work = "poll_refund"
	// WorkExpire: apply Expire.
	WorkExpire Work = "expire"
	// WorkRemind: apply Remind.
	WorkRemind Work = "remind"
	// WorkCancel: run cancel_payment; then CancelEnded or CallFailed.
	WorkCancel Work = "cancel"
	// WorkComplete: run complete_payment without a message, since the provider said approved; then Reported from
	// complete_payment (also without updates), or CallFailed.
	WorkComplete Work = "complete"
	// WorkResume: create_payment, or the operation named, was reserved and has not ended. Go on with its call, or
	// end it as CallFailed not_attempted if it has no journal; Polled if it is still running.
	WorkResume Work = "resume"
	// WorkSettle: ask get_payment of the payment that covers the order, then RequestRefund on what
	// Settlement names if it still does, or Settled.
	WorkSettle Work = "settle"
)

// Due is work and its time.
type Due struct {
	At        time.Time
	Work      Work
	Payment   string
	Operation string
}
