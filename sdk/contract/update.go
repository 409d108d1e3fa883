package contract

import (
	"encoding/json"
	"time"
)

// UpdateType says what a provider reports.
type UpdateType string

// The types of update.
const (
	UpdatePending       UpdateType = "pending"
	UpdateApproved      UpdateType = "approved"
	UpdateAuthorized    UpdateType = "authorized"
	UpdateCaptured      UpdateType = "captured"
	UpdateCaptureFailed UpdateType = "capture_failed"
	UpdateFailed        UpdateType = "failed"
	UpdateCancelled     UpdateType = "cancelled"
	UpdateExpired       UpdateType = "expired"
	UpdateRefunded      UpdateType = "refunded"
	UpdateRefundFailed  UpdateType = "refund_failed"
	UpdateChargedBack   UpdateType = "charged_back"
)

// UpdateTypes lists them all.
func UpdateTypes() []UpdateType {
	return []UpdateType{UpdatePending, UpdateApproved, UpdateAuthorized, UpdateCaptured, UpdateCaptureFailed, UpdateFailed,
		UpdateCancelled, UpdateExpired, UpdateRefunded, UpdateRefundFailed, UpdateChargedBack}
}

// Trust says how an update came to be known.
type Trust string

// The levels of trust.
const (
	// Verified counts only if in this call a signature was verified by host
	// function, or a request was answered 2xx.
	Verified Trust = "verified"
	// Hint books nothing; it makes the host ask.
	Hint Trust = "hint"
)

// Update is what a provider says about a payment, whatever the channel. The
// host takes no status from it: it books amounts and derives the status.
type Update struct {
	// Payment says which: one member is enough.
	Payment PaymentKey `json:"payment"`
	Type    UpdateType `json:"type"`
	// Amount is everything charged, as the provider says. Without Item it is
	// the payment's total of that type so far.
	Amount    Money `json:"amount,omitzero"`
	Tip       Money `json:"tip,omitzero"`
	Surcharge Money `json:"surcharge,omitzero"`
	Fee       Money `json:"fee,omitzero"`
	// Item is the capture, refund or chargeback it is about, booked once per type and reference.
	Item  *Item  `json:"item,omitempty"`
	Trust Trust  `json:"trust"`
	Brand string `json:"brand,omitempty"`
	// NewProviderReference is the provider's reference of the payment, where it is learnt only now.
	NewProviderReference string          `json:"new_provider_reference,omitempty"`
	Transactions         []Transaction   `json:"transactions,omitempty"`
	OccurredAt           time.Time       `json:"occurred_at,omitzero"`
	Failure              *Failure        `json:"failure,omitempty"`
	Attention            *Attention      `json:"attention,omitempty"`
	Receipt              *Receipt        `json:"receipt,omitempty"`
	State                json.RawMessage `json:"state,omitempty"`
}

// PaymentKey names a payment by what the provider knows of it.
type PaymentKey struct {
	ID                string `json:"id,omitempty"`
	Reference         string `json:"reference,omitempty"`
	Number            int64  `json:"number,omitempty"`
	ProviderReference string `json:"provider_reference,omitempty"`
}

// Item names a capture, refund or chargeback: by the host's id where it is
// known, and by the provider's reference.
type Item struct {
	ID                string `json:"id,omitempty"`
	ProviderReference string `json:"provider_reference"`
}

// Attention asks the operator to look.
type Attention struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Receipt is a card transaction's data for the customer's receipt.
type Receipt struct {
	Lines             []ReceiptLine     `json:"lines,omitempty"`
	Fields            map[string]string `json:"fields,omitempty"`
	SignatureRequired bool              `json:"signature_required,omitempty"`
}

// ReceiptLine is a line of print. Style is "", "bold", "large" or "center".
type ReceiptLine struct {
	Text  string `json:"text"`
	Style string `json:"style,omitempty"`
}
