package contract

import "time"

// OrderRequest is an order that a shop wants paid, as POST /v1/orders takes it.
// What is missing the host fills in or leaves out; what does not hold together
// it refuses, and names the member.
type OrderRequest struct {
	// Reference is the shop's own name for the order: the same one again finds
	// the same order. At most 255 characters.
	Reference string `json:"reference"`
	// Amount is what is to be paid. Lines, where there are some, add up to it.
	Amount          Money    `json:"amount"`
	Description     string   `json:"description,omitempty"`
	Lines           []Line   `json:"lines,omitempty"`
	Customer        Customer `json:"customer,omitzero"`
	BillingAddress  Address  `json:"billing_address,omitzero"`
	ShippingAddress Address  `json:"shipping_address,omitzero"`
	// Locale is a BCP 47 tag, Country ISO 3166-1 alpha-2.
	Locale  string `json:"locale,omitempty"`
	Country string `json:"country,omitempty"`
	// Methods restricts the consumer's choice; empty means all that fit.
	Methods []string    `json:"methods,omitempty"`
	Capture CaptureMode `json:"capture,omitempty"`
	// ReturnURL and CancelURL are on the shop's registered origins.
	ReturnURL string    `json:"return_url,omitempty"`
	CancelURL string    `json:"cancel_url,omitempty"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// Metadata comes back with each event. [MetadataPlatform] says which adapter is told.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// The metadata by which an order is known as a shop platform's.
const (
	// MetadataPlatform is the provider of the shop plugin that is told of the order.
	MetadataPlatform = "platform"
	// MetadataAccount is the account whose plugin asked for the order and is told
	// of it. The host sets both.
	MetadataAccount = "account"
	// MetadataOrderID is the platform's own key, MetadataOrderNumber what the shop's people read.
	MetadataOrderID     = "order_id"
	MetadataOrderNumber = "order_number"
)

// Order is an order as tell_shop sees it: what the API shows, by the same
// names, with each amount's decimal beside it. Of members without a value
// nothing is there.
type Order struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	// Status is one of [OrderStatuses], RefundStatus none, partial or full.
	Status       string           `json:"status"`
	RefundStatus string           `json:"refund_status"`
	Amount       Money            `json:"amount"`
	Due          Money            `json:"due"`
	Captured     Money            `json:"captured"`
	Refunded     Money            `json:"refunded"`
	Released     Money            `json:"released"`
	ChargedBack  Money            `json:"charged_back"`
	Tip          Money            `json:"tip"`
	Surcharge    Money            `json:"surcharge"`
	Attention    []OrderAttention `json:"attention,omitempty"`
	Payments     []OrderPayment   `json:"payments,omitempty"`
	// CheckoutURL is the pay link: who has it may pay, and see the order.
	CheckoutURL string    `json:"checkout_url"`
	ExpiresAt   time.Time `json:"expires_at"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	// Locale is the consumer's, a BCP 47 tag.
	Locale string `json:"locale,omitempty"`
	// Version is the number of the order's last event. It may be beyond the
	// event that is told: the order is as it is now.
	Version  int64             `json:"version"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

// The statuses of an order.
const (
	OrderStatusOpen       = "open"
	OrderStatusPending    = "pending"
	OrderStatusAuthorized = "authorized"
	OrderStatusPaid       = "paid"
	OrderStatusCancelled  = "cancelled"
	OrderStatusExpired    = "expired"
)

// OrderStatuses lists them all.
func OrderStatuses() []string {
	return []string{OrderStatusOpen, OrderStatusPending, OrderStatusAuthorized, OrderStatusPaid, OrderStatusCancelled, OrderStatusExpired}
}

// OrderAttention asks the shop's people to look at an order.
type OrderAttention struct {
	// Code is a stable word such as overpaid or paid_after_cancel.
	Code    string `json:"code"`
	Payment string `json:"payment,omitempty"`
	Message string `json:"message"`
}

// OrderPayment is one attempt to pay an order.
type OrderPayment struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	Brand  string `json:"brand,omitempty"`
	Status string `json:"status"`
	// Action is what the consumer does next, while there is something left to do:
	// a payment that is pending and has one is waited for by the consumer, one
	// that is pending without by the provider.
	Action *OrderAction `json:"action,omitempty"`
	// ProviderReference is the provider's newest name for it: the transaction id that shops show.
	ProviderReference string           `json:"provider_reference,omitempty"`
	Amounts           OrderAmounts     `json:"amounts"`
	Captures          []OrderOperation `json:"captures,omitempty"`
	Refunds           []OrderOperation `json:"refunds,omitempty"`
}

// OrderAction is what a consumer does next; where, is not the shop's business.
type OrderAction struct {
	Type ActionType `json:"type"`
}

// OrderAmounts are a payment's amounts so far.
type OrderAmounts struct {
	Authorized  Money `json:"authorized"`
	Captured    Money `json:"captured"`
	Refunded    Money `json:"refunded"`
	ChargedBack Money `json:"charged_back"`
}

// OrderOperation is a capture or a refund.
type OrderOperation struct {
	ID     string          `json:"id"`
	Amount Money           `json:"amount"`
	Status OperationStatus `json:"status"`
	Reason string          `json:"reason,omitempty"`
	// Origin is shop where it was asked for through the gateway, provider where
	// it was made at the provider.
	Origin            string `json:"origin"`
	ProviderReference string `json:"provider_reference,omitempty"`
}

// Event is what happened to an order.
type Event struct {
	// ID is the order's id, a dot and the number.
	ID string `json:"id"`
	// Number counts from 1 without gaps; events of one order are told in its
	// order, and those that a shop need not hear are left out.
	Number int64     `json:"number"`
	Type   EventType `json:"type"`
	At     time.Time `json:"at"`
	// Payment, and Operation of it, are what it is about.
	Payment   string `json:"payment,omitempty"`
	Operation string `json:"operation,omitempty"`
	// Amount is that of the capture, refund or chargeback.
	Amount Money `json:"amount,omitzero"`
	// Detail is a short text for people.
	Detail string `json:"detail,omitempty"`
	// OrderStatus, RefundStatus and PaymentStatus are those after the event.
	OrderStatus   string `json:"order_status"`
	RefundStatus  string `json:"refund_status"`
	PaymentStatus string `json:"payment_status,omitempty"`
}

// EventType says what happened to an order.
type EventType string

// The events that a shop is told of.
const (
	OrderOpen        EventType = "order.open"
	OrderPending     EventType = "order.pending"
	OrderAuthorized  EventType = "order.authorized"
	OrderPaid        EventType = "order.paid"
	OrderCancelled   EventType = "order.cancelled"
	OrderExpired     EventType = "order.expired"
	OrderSuperseded  EventType = "order.superseded"
	OrderOverpaid    EventType = "order.overpaid"
	OrderAttend      EventType = "order.attention"
	CaptureSucceeded EventType = "capture.succeeded"
	CaptureFailed    EventType = "capture.failed"
	RefundPending    EventType = "refund.pending"
	RefundSucceeded  EventType = "refund.succeeded"
	RefundFailed     EventType = "refund.failed"
	ChargebackOpened EventType = "chargeback.opened"
)

// EventTypes lists them all.
func EventTypes() []EventType {
	return []EventType{OrderOpen, OrderPending, OrderAuthorized, OrderPaid, OrderCancelled, OrderExpired, OrderSuperseded, OrderOverpaid,
		OrderAttend, CaptureSucceeded, CaptureFailed, RefundPending, RefundSucceeded, RefundFailed, ChargebackOpened}
}
