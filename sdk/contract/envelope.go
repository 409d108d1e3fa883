package contract

import (
	"encoding/json"
	"strconv"
	"time"
)

// Envelope is the input of every export but describe. All but Exchanges is
// frozen at the first round: later rounds of the same call see the same bytes.
type Envelope struct {
	// Contract is [Version].
	Contract string `json:"contract"`
	// Call is the id of this call, the same over all its rounds.
	Call string `json:"call"`
	// Now is when the call began, in UTC, whole milliseconds. WASI's clock gives it too.
	Now time.Time `json:"now"`
	// Entropy is 32 bytes: the only randomness. WASI's random_get is a stream derived from it.
	Entropy []byte `json:"entropy"`
	// Settings are the account's settings without the secrets: a JSON object that fits the manifest's schema.
	Settings json.RawMessage `json:"settings"`
	// Secrets names the secrets that are set, kept tokens among them.
	Secrets []string `json:"secrets"`
	// Input is the operation's input: the type named beside each export, such as [PaymentInput].
	Input json.RawMessage `json:"input"`
	// Exchanges has one entry for each request of earlier rounds, in the order in which they were asked for.
	Exchanges []Exchange `json:"exchanges,omitempty"`
}

// Exchange is a request of an earlier round and what came of it: exactly one
// of Response and Error.
type Exchange struct {
	Request Request `json:"request"`
	// At is when the answer was complete, or the error certain.
	At       time.Time      `json:"at"`
	Response *Response      `json:"response,omitempty"`
	Error    *ExchangeError `json:"error,omitempty"`
}

// Response is a provider's answer. Redirects are answers like any other.
type Response struct {
	// Status is the HTTP status, 100 to 599.
	Status int `json:"status"`
	// Headers have lower-case names; several values of one name stand in order.
	Headers map[string][]string `json:"headers,omitempty"`
	// Body is the body where it is valid UTF-8, BodyBase64 otherwise.
	Body       string `json:"body,omitempty"`
	BodyBase64 []byte `json:"body_base64,omitempty"`
}

// Bytes gives the body, however it came.
func (r Response) Bytes() []byte {
	if r.BodyBase64 != nil {
		return r.BodyBase64
	}
	return []byte(r.Body)
}

// Header gives the first value of a header by its lower-case name, or "".
func (r Response) Header(name string) string {
	if v := r.Headers[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// RetryAfterMS reads the header retry-after (RFC 9110) where it counts
// seconds, in milliseconds and at most a day. Without one it is 0.
func (r Response) RetryAfterMS() int64 {
	const aDay = 24 * 3600
	seconds, err := strconv.ParseUint(r.Header("retry-after"), 10, 64)
	if err != nil {
		return 0
	}
	return int64(min(seconds, aDay)) * 1000
}

// OK says whether the status is a 2xx.
func (r Response) OK() bool { return r.Status >= 200 && r.Status < 300 }

// ExchangeError says why there is no answer.
type ExchangeError struct {
	Kind ErrorKind `json:"kind"`
	// Sent says whether bytes of the request left the host.
	Sent Sent `json:"sent"`
	// Message is for people who read logs. It holds no secret.
	Message string `json:"message"`
}

// Error makes it an error: "timeout (sent: maybe): no answer within 15 s".
func (e *ExchangeError) Error() string {
	return string(e.Kind) + " (sent: " + string(e.Sent) + "): " + e.Message
}

// ErrorKind says what went wrong with a request.
type ErrorKind string

// The kinds of error of a request.
const (
	ErrorDNS      ErrorKind = "dns"
	ErrorRefused  ErrorKind = "refused"
	ErrorTLS      ErrorKind = "tls"
	ErrorTimeout  ErrorKind = "timeout"
	ErrorReset    ErrorKind = "reset"
	ErrorTooLarge ErrorKind = "too_large"
	// ErrorBlocked is the host's own refusal: not granted, an address of the inside network, too late, a breaker that is open.
	ErrorBlocked ErrorKind = "blocked"
	// ErrorLost means that the host itself went down while the answer was awaited.
	ErrorLost ErrorKind = "lost"
)

// Sent says whether a request may have reached the provider.
type Sent string

// What is known of a request without an answer.
const (
	SentNo    Sent = "no"
	SentMaybe Sent = "maybe"
	SentYes   Sent = "yes"
)

// Answer is what every export but describe puts out: exactly one of Need,
// Result and Failure.
type Answer struct {
	Need *Need `json:"need,omitempty"`
	// Result is the operation's result: the type named beside each export, such as [CreateResult].
	Result  json.RawMessage `json:"result,omitempty"`
	Failure *Failure        `json:"failure,omitempty"`
}

// Need asks the host for HTTP answers.
type Need struct {
	// Requests of one round are sent in parallel. A round holds at most one
	// request that is not a read, and that one alone.
	Requests []Request `json:"requests"`
	// Interim is committed before the request leaves.
	Interim *Interim `json:"interim,omitempty"`
}

// Interim is an answer for the consumer while the call goes on in the
// background: look at the terminal.
type Interim struct {
	State     json.RawMessage `json:"state,omitempty"`
	Action    Action          `json:"action"`
	ExpiresAt time.Time       `json:"expires_at,omitzero"`
	// Exclusive names what the host holds for this account and payment until
	// the payment, capture or refund that asked is final: a terminal's id. If
	// it is taken the call ends as a conflict and nothing is sent.
	Exclusive string `json:"exclusive,omitempty"`
}

// Failure says why an operation has no result. Whether money may have moved
// is not for it to say: the host decides that from the requests that left.
type Failure struct {
	Code    FailureCode `json:"code"`
	Message string      `json:"message"`
	// ProviderCode and ProviderMessage are as the provider gave them.
	ProviderCode    string `json:"provider_code,omitempty"`
	ProviderMessage string `json:"provider_message,omitempty"`
	// UserMessage is plain text for the consumer, by locale, of at most [MaxUserMessage] characters.
	UserMessage Text `json:"user_message,omitempty"`
	// RetryAfterMS is how long to wait before the operation is worth another try, in milliseconds.
	RetryAfterMS int64 `json:"retry_after_ms,omitempty"`
	// Panicked says that the plugin's code panicked and its SDK caught it. The
	// host counts it as it counts a trap.
	Panicked bool `json:"panicked,omitempty"`
}

// Error makes a failure an error.
func (f *Failure) Error() string {
	s := string(f.Code)
	if f.Message != "" {
		s += ": " + f.Message
	}
	if f.ProviderCode != "" || f.ProviderMessage != "" {
		s += " (provider: " + f.ProviderCode + " " + f.ProviderMessage + ")"
	}
	return s
}

// FailureCode is one short list for every provider.
type FailureCode string

// The failure codes.
const (
	Declined            FailureCode = "declined"
	InvalidRequest      FailureCode = "invalid_request"
	InvalidSettings     FailureCode = "invalid_settings"
	Unauthorized        FailureCode = "unauthorized"
	NotFound            FailureCode = "not_found"
	Conflict            FailureCode = "conflict"
	Unsupported         FailureCode = "unsupported"
	RateLimited         FailureCode = "rate_limited"
	ProviderUnavailable FailureCode = "provider_unavailable"
	BadSignature        FailureCode = "bad_signature"
	Internal            FailureCode = "internal"
)

// FailureCodes lists them all.
func FailureCodes() []FailureCode {
	return []FailureCode{Declined, InvalidRequest, InvalidSettings, Unauthorized, NotFound, Conflict, Unsupported, RateLimited, ProviderUnavailable, BadSignature, Internal}
}

// Text is a text by BCP 47 locale: {"en": "Cancelled", "nl": "Geannuleerd"}.
type Text map[string]string
