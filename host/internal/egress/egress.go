// Package egress is the guarded HTTP client: everything that leaves the
// house towards providers and shops passes it.
//
// It sends only to hosts that are granted, checks the address at the time of
// dialling, follows no redirect, obeys no proxy variable, puts credentials in
// at each sending, counts sizes while reading, takes kept tokens out of
// answers and masks secrets in them, and knows of each request whether bytes
// left.
package egress

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Outbound is a request with what the operator allows it.
type Outbound struct {
	Request contract.Request
	// Hosts are the granted patterns, with their rules.
	Hosts []Host
	// Secrets looks up the account's secrets and kept tokens.
	Secrets Secrets
	// NotAfter is when it is too late to begin sending; zero: never. A request
	// refused for it is blocked, sent no.
	NotAfter time.Time
	// Timeout and MaxBody bound one sending and its answer's body.
	Timeout time.Duration
	MaxBody int64
	// Breaker names the circuit breaker: the account.
	Breaker string
}

// Host is a pattern with its rules.
type Host struct {
	Pattern      string
	AllowPrivate bool
	AllowHTTP    bool
	// CA is PEM, then the only trust for the host.
	CA string
}

// Secrets gives a secret's value and what it may be used for. Of a kept token
// the use is "bearer".
type Secrets interface {
	Secret(name string) (value string, uses []string, ok bool)
	// Values lists every value, for masking.
	Values() []string
}

// Answer is what came of a request: exactly one of Response and Error.
type Answer struct {
	Response *contract.Response
	Error    *contract.ExchangeError
	// At is when the answer was complete, or the error certain.
	At time.Time
	// Kept are the tokens that the request's keep took from the answer.
	Kept map[string]Kept
	// Attempts is how often it was tried to send it; 0 if it was refused before that.
	Attempts int
}

// Kept is a token taken from an answer.
type Kept struct {
	Value string
	// TTL is its life less a margin of 5 %, at least 1 s.
	TTL time.Duration
}
