package contract

import (
	"encoding/json"
	"time"
)

// ActionType says where the consumer goes next.
type ActionType string

// The types of action.
const (
	ActionRedirect ActionType = "redirect" // to URL
	ActionForm     ActionType = "form"     // post Fields to URL
	ActionWait     ActionType = "wait"     // stay, and read Text
	ActionNone     ActionType = "none"     // nothing to do
)

// Action is what the consumer does next. URLs are on granted hosts.
type Action struct {
	Type ActionType `json:"type"`
	URL  string     `json:"url,omitempty"`
	// Fields are name and value, in the order in which the form holds them.
	Fields [][2]string `json:"fields,omitempty"`
	Text   Text        `json:"text,omitempty"`
}

// PaymentInput is the input of create_payment, get_payment and cancel_payment.
type PaymentInput struct {
	Payment Payment `json:"payment"`
}

// CreateResult is the result of create_payment.
type CreateResult struct {
	ProviderReference string          `json:"provider_reference,omitempty"`
	Action            Action          `json:"action"`
	State             json.RawMessage `json:"state,omitempty"`
	ExpiresAt         time.Time       `json:"expires_at,omitzero"`
	Updates           []Update        `json:"updates,omitempty"`
}

// CompleteInput is the input of complete_payment.
type CompleteInput struct {
	Payment Payment `json:"payment"`
	// Message is what the consumer's browser brought back, or nil.
	Message *Message `json:"message" jsonschema:"nullable"`
}

// UpdatesResult is the result of complete_payment and get_payment.
type UpdatesResult struct {
	Updates []Update `json:"updates"`
	// Action, of complete_payment alone, sends the consumer on.
	Action *Action `json:"action,omitempty"`
}

// Message is an HTTP request that came in, byte for byte, without cookies
// and, on a consumer's return, without authorization.
type Message struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	// Query is raw, without the question mark.
	Query string `json:"query,omitempty"`
	// Headers have lower-case names.
	Headers map[string][]string `json:"headers,omitempty"`
	// Body is the body where it is valid UTF-8, BodyBase64 otherwise.
	Body       string `json:"body,omitempty"`
	BodyBase64 []byte `json:"body_base64,omitempty"`
	RemoteIP   string `json:"remote_ip,omitempty"`
}

// Bytes gives the body, however it is written.
func (m Message) Bytes() []byte {
	if m.BodyBase64 != nil {
		return m.BodyBase64
	}
	return []byte(m.Body)
}

// Header gives the first value of a header by its lower-case name, or "".
func (m Message) Header(name string) string {
	if v := m.Headers[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// WebhookInput is the input of receive_webhook. Cursor is the `next` of the
// turn before.
type WebhookInput struct {
	Message Message `json:"message"`
	Cursor  string  `json:"cursor,omitempty"`
}

// WebhookResult is the result of receive_webhook.
type WebhookResult struct {
	// Response is sent only after all updates are committed.
	Response WebhookResponse `json:"response"`
	Updates  []Update        `json:"updates,omitempty"`
	// Unknown says what to answer when news matches no payment: "refuse" (404, the default) or "accept".
	Unknown string `json:"unknown,omitempty"`
	// Next makes the host run the operation again with this cursor, after it has booked the updates.
	Next string `json:"next,omitempty"`
	// Repair makes the host ask get_payment once for each open payment of the account.
	Repair bool `json:"repair,omitempty"`
}

// The ways to answer news that matches no payment.
const (
	UnknownRefuse = "refuse"
	UnknownAccept = "accept"
)

// WebhookResponse is the answer to a webhook. ContentType is text/plain or
// application/json.
type WebhookResponse struct {
	Status      int    `json:"status"`
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"body,omitempty"`
}

// CaptureInput is the input of capture_payment.
type CaptureInput struct {
	Payment Payment   `json:"payment"`
	Capture Operation `json:"capture"`
}

// RefundInput is the input of refund_payment and get_refund.
type RefundInput struct {
	Payment Payment   `json:"payment"`
	Refund  Operation `json:"refund"`
}

// OperationResult is the result of capture_payment, cancel_payment,
// refund_payment and get_refund.
type OperationResult struct {
	Status            OperationStatus `json:"status"`
	ProviderReference string          `json:"provider_reference,omitempty"`
	Amount            Money           `json:"amount,omitzero"`
	State             json.RawMessage `json:"state,omitempty"`
	Failure           *Failure        `json:"failure,omitempty"`
	Updates           []Update        `json:"updates,omitempty"`
}

// OptionsInput is the input of list_options.
type OptionsInput struct {
	Method  string `json:"method"`
	Amount  Money  `json:"amount"`
	Country string `json:"country,omitempty"`
	Locale  string `json:"locale"`
}

// Option is one way to pay within a method: a bank, a wallet. The result of
// list_options is a list of them.
type Option struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Group string `json:"group,omitempty"`
	Logo  string `json:"logo,omitempty"`
	// Lang is the language of Title and Group (BCP 47), where that may be another
	// than the locale that was asked for.
	Lang string `json:"lang,omitempty"`
}

// CheckInput is the input of check_settings.
type CheckInput struct{}

// CheckResult is the result of check_settings: the credentials tried without
// moving money.
type CheckResult struct {
	OK       bool      `json:"ok"`
	Findings []Finding `json:"findings,omitempty"`
}

// The levels of a finding.
const (
	FindingInfo    = "info"
	FindingWarning = "warning"
	FindingError   = "error"
)

// FindingLevels lists them all.
func FindingLevels() []string { return []string{FindingInfo, FindingWarning, FindingError} }

// Finding is something that an operator should know. Level is one of
// [FindingLevels]; Fix says what to do.
type Finding struct {
	Level string `json:"level"`
	Text  string `json:"text"`
	Fix   string `json:"fix,omitempty"`
}
