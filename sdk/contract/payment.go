package contract

import (
	"encoding/json"
	"time"
)

// CaptureMode says when money is taken.
type CaptureMode string

// The capture modes.
const (
	CaptureAutomatic CaptureMode = "automatic" // at once
	CaptureManual    CaptureMode = "manual"    // when the shop asks
)

// Payment is one attempt to pay an order, as a plugin sees it.
type Payment struct {
	// ID is the host's, Reference the provider's order number: 24 characters of A-Z0-9, unique for ever.
	ID        string `json:"id"`
	Reference string `json:"reference"`
	// Number is set where the manifest's reference rule asks for one.
	Number int64 `json:"number,omitempty"`
	// OrderReference is the shop's own order number.
	OrderReference string    `json:"order_reference"`
	Status         string    `json:"status"`
	CreatedAt      time.Time `json:"created_at"`
	Amount         Money     `json:"amount"`
	Description    string    `json:"description,omitempty"`
	Method         string    `json:"method"`
	// MethodOptions is what the consumer or the shop chose within the method: {"option": ID} and the like.
	MethodOptions map[string]string `json:"method_options,omitempty"`
	Capture       CaptureMode       `json:"capture"`
	// Locale is a BCP 47 tag.
	Locale          string   `json:"locale"`
	Customer        Customer `json:"customer,omitzero"`
	BillingAddress  Address  `json:"billing_address,omitzero"`
	ShippingAddress Address  `json:"shipping_address,omitzero"`
	Lines           []Line   `json:"lines,omitempty"`
	// ReturnURL and CancelURL are the host's own pages, WebhookURL its door for the account.
	ReturnURL  string    `json:"return_url"`
	CancelURL  string    `json:"cancel_url"`
	WebhookURL string    `json:"webhook_url"`
	ExpiresAt  time.Time `json:"expires_at"`
	// IdempotencyKey is a UUID, the same whenever this payment is created.
	IdempotencyKey    string          `json:"idempotency_key"`
	ProviderReference string          `json:"provider_reference,omitempty"`
	Totals            Totals          `json:"totals"`
	Captures          []Operation     `json:"captures,omitempty"`
	Refunds           []Operation     `json:"refunds,omitempty"`
	Transactions      []Transaction   `json:"transactions,omitempty"`
	State             json.RawMessage `json:"state,omitempty"`
}

// Customer is who pays, as far as the shop tells.
type Customer struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	IP    string `json:"ip,omitempty"`
}

// Address is a postal address. Country is ISO 3166-1 alpha-2.
type Address struct {
	FirstName           string `json:"first_name,omitempty"`
	MiddleName          string `json:"middle_name,omitempty"`
	LastName            string `json:"last_name,omitempty"`
	Company             string `json:"company,omitempty"`
	Street              string `json:"street,omitempty"`
	HouseNumber         string `json:"house_number,omitempty"`
	HouseNumberAddition string `json:"house_number_addition,omitempty"`
	PostalCode          string `json:"postal_code,omitempty"`
	City                string `json:"city,omitempty"`
	Region              string `json:"region,omitempty"`
	Country             string `json:"country,omitempty"`
}

// Line is a line of the order. The host has checked that the lines add up to
// the order's amount.
type Line struct {
	ID          string   `json:"id,omitempty"`
	SKU         string   `json:"sku,omitempty"`
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Kind        LineKind `json:"kind"`
	// Quantity is a decimal text such as "2" or "0.5".
	Quantity  string `json:"quantity"`
	Unit      string `json:"unit,omitempty"`
	UnitPrice Money  `json:"unit_price,omitzero"`
	// Amount is the line's total with tax.
	Amount Money `json:"amount"`
	// TaxRate is a decimal text in percent, such as "21".
	TaxRate   string `json:"tax_rate,omitempty"`
	TaxAmount Money  `json:"tax_amount,omitzero"`
	TaxCode   string `json:"tax_code,omitempty"`
	// Codes are fiscal codes by their name, for receipts.
	Codes map[string]string `json:"codes,omitempty"`
}

// LineKind says what a line is for.
type LineKind string

// The kinds of line.
const (
	LinePhysical LineKind = "physical"
	LineDigital  LineKind = "digital"
	LineService  LineKind = "service"
	LineShipping LineKind = "shipping"
	LineDiscount LineKind = "discount"
	LineFee      LineKind = "fee"
)

// LineKinds lists them all.
func LineKinds() []LineKind {
	return []LineKind{LinePhysical, LineDigital, LineService, LineShipping, LineDiscount, LineFee}
}

// Totals are a payment's amounts so far, all in its own currency.
type Totals struct {
	Authorized Money `json:"authorized"`
	Captured   Money `json:"captured"`
	Refunded   Money `json:"refunded"`
	Tip        Money `json:"tip"`
	Surcharge  Money `json:"surcharge"`
}

// Operation is a capture or a refund of a payment.
type Operation struct {
	ID     string `json:"id"`
	Amount Money  `json:"amount"`
	// Final, on a capture, gives the rest of the authorisation back.
	Final  bool   `json:"final,omitempty"`
	Reason string `json:"reason,omitempty"`
	Lines  []Line `json:"lines,omitempty"`
	// IdempotencyKey is a UUID, the same whenever this operation is asked for.
	IdempotencyKey    string          `json:"idempotency_key"`
	ProviderReference string          `json:"provider_reference,omitempty"`
	Status            OperationStatus `json:"status"`
	CreatedAt         time.Time       `json:"created_at"`
}

// OperationStatus is how far a capture, a refund or a cancellation has come.
type OperationStatus string

// The statuses of an operation.
const (
	OperationPending   OperationStatus = "pending"
	OperationSucceeded OperationStatus = "succeeded"
	OperationFailed    OperationStatus = "failed"
)

// Transaction is one of the provider's own transactions within a payment.
type Transaction struct {
	ID         string    `json:"id"`
	Type       string    `json:"type,omitempty"`
	Status     string    `json:"status,omitempty"`
	Brand      string    `json:"brand,omitempty"`
	Amount     Money     `json:"amount,omitzero"`
	OccurredAt time.Time `json:"occurred_at,omitzero"`
}
