package order

// Status is the status of an order. It is one function of its payments and
// two flags: see [Order.Status].
type Status string

// The statuses of an order, strongest first.
const (
	Cancelled  Status = "cancelled"
	Paid       Status = "paid"
	Authorized Status = "authorized"
	Pending    Status = "pending"
	Expired    Status = "expired"
	Open       Status = "open"
)

// PaymentStatus is the status of one attempt. It is derived from the booked
// news: see [Payment.Status]. Created means that the consumer has nothing to do
// yet; pending that the consumer was sent on, or that the provider called it so.
type PaymentStatus string

// The statuses of a payment.
const (
	PaymentCreated    PaymentStatus = "created"
	PaymentPending    PaymentStatus = "pending"
	PaymentAuthorized PaymentStatus = "authorized"
	PaymentCaptured   PaymentStatus = "captured"
	PaymentFailed     PaymentStatus = "failed"
	PaymentCancelled  PaymentStatus = "cancelled"
	PaymentExpired    PaymentStatus = "expired"
)

// Outcome says what is known of the last write towards the provider.
type Outcome string

// The outcomes.
const (
	OutcomeKnown        Outcome = "known"
	OutcomeNotAttempted Outcome = "not_attempted" // no write left the host
	OutcomeUnknown      Outcome = "unknown"       // a write left and got no answer
)

// RefundStatus says how much of what was captured went back.
type RefundStatus string

// The refund statuses of an order.
const (
	RefundNone    RefundStatus = "none"
	RefundPartial RefundStatus = "partial"
	RefundFull    RefundStatus = "full"
)

// AttentionCode says why an operator should look at an order.
type AttentionCode string

// The attention codes that the domain raises; plugins may raise others.
const (
	AttentionOverpaid          AttentionCode = "overpaid"
	AttentionAmountMismatch    AttentionCode = "amount_mismatch"
	AttentionUnknownOutcome    AttentionCode = "unknown_outcome"
	AttentionPaidAfterCancel   AttentionCode = "paid_after_cancel"
	AttentionChargedBack       AttentionCode = "charged_back"
	AttentionOrphan            AttentionCode = "orphan"
	AttentionCaptureWindowEnds AttentionCode = "capture_window_ends"
	AttentionProviderSilent    AttentionCode = "provider_silent"
)
