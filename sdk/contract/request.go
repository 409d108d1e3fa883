package contract

import (
	"encoding/json"
	"errors"
)

var (
	errPart   = errors.New(`a part is a text or {"secret": NAME}`)
	errHeader = errors.New("auth by header is [name, PARTS]")
)

// Effect says what a request may do at the provider.
type Effect string

// The effects. Where a request names none, GET and HEAD read and all else writes.
const (
	// Read changes nothing.
	Read Effect = "read"
	// Prepare makes something that cannot be paid unless the consumer is sent
	// there, such as an announced order. If its answer is lost the attempt
	// fails; late news of it is still booked.
	Prepare Effect = "prepare"
	// Write may move money.
	Write Effect = "write"
)

// Request is an HTTP request that a plugin asks for. The host checks it
// against the operator's grant, puts credentials in, and sends it.
//
// Not settable are the headers host, content-length, transfer-encoding,
// connection, expect and proxy-*.
type Request struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	// Body or BodyBase64, never both.
	Body       string `json:"body,omitempty"`
	BodyBase64 []byte `json:"body_base64,omitempty"`

	Effect Effect `json:"effect,omitempty"`
	// Repeat says whether the host may send it again after a broken
	// connection, 429 or 5xx. Missing means yes for a read, no otherwise.
	Repeat *bool `json:"repeat,omitempty"`
	// Consumes marks a read that can be had only once: it is never repeated,
	// and its answer is journaled before the plugin runs on.
	Consumes bool `json:"consumes,omitempty"`
	// TimeoutMS is at most [MaxTimeout], beside an interim [MaxInterimTimeout]; 0 means [DefaultTimeout].
	TimeoutMS int64 `json:"timeout_ms,omitempty"`
	// AfterMS makes the host wait before sending, at most [MaxAfter].
	AfterMS int64 `json:"after_ms,omitempty"`
	// CacheS lets a 2xx answer to the same GET of this account be used again for so many seconds.
	CacheS int64 `json:"cache_s,omitempty"`

	Auth *Auth `json:"auth,omitempty"`
	// Keep names tokens to be taken from a 2xx answer.
	Keep map[string]Keep `json:"keep,omitempty"`
}

// Effective gives the request's effect with the default filled in.
func (r Request) Effective() Effect {
	if r.Effect != "" {
		return r.Effect
	}
	if r.Method == "GET" || r.Method == "HEAD" {
		return Read
	}
	return Write
}

// Repeatable says whether the host may send the request again.
func (r Request) Repeatable() bool {
	switch {
	case r.Consumes:
		return false
	case r.Repeat != nil:
		return *r.Repeat
	}
	return r.Effective() == Read
}

// Bytes gives the request's body, however it is written.
func (r Request) Bytes() []byte {
	if r.BodyBase64 != nil {
		return r.BodyBase64
	}
	return []byte(r.Body)
}

// Auth tells the host how to authenticate a request. Exactly one member is
// set. It is built anew at every sending.
type Auth struct {
	// Bearer names a secret or a kept token.
	Bearer string `json:"bearer,omitempty"`
	// Basic is user and password.
	Basic *[2]Parts `json:"basic,omitempty"`
	// Header sets one header.
	Header *AuthHeader `json:"header,omitempty"`
	// OAuth1 signs after RFC 5849.
	OAuth1 *OAuth1 `json:"oauth1,omitempty"`
}

// AuthHeader is a header whose value holds a secret. In JSON: [name, PARTS].
type AuthHeader struct {
	Name  string
	Value Parts
}

// MarshalJSON writes [name, PARTS].
func (h AuthHeader) MarshalJSON() ([]byte, error) { return json.Marshal([]any{h.Name, h.Value}) }

// UnmarshalJSON reads [name, PARTS].
func (h *AuthHeader) UnmarshalJSON(b []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return errHeader
	}
	if err := json.Unmarshal(pair[0], &h.Name); err != nil {
		return err
	}
	if err := json.Unmarshal(pair[1], &h.Value); err != nil {
		return err
	}
	if h.Value == nil {
		return errHeader
	}
	return nil
}

// OAuth1 names the parts of an OAuth 1.0a signature.
type OAuth1 struct {
	// Method is [OAuthSHA1] or [OAuthSHA256].
	Method         string `json:"method"`
	ConsumerKey    Parts  `json:"consumer_key"`
	ConsumerSecret Parts  `json:"consumer_secret"`
	Token          Parts  `json:"token,omitempty"`
	TokenSecret    Parts  `json:"token_secret,omitempty"`
	// In is [OAuthHeader] or [OAuthQuery].
	In string `json:"in"`
}

// The signature methods of OAuth 1 and the places for its parameters.
const (
	OAuthSHA1   = "HMAC-SHA1"
	OAuthSHA256 = "HMAC-SHA256"
	OAuthHeader = "header"
	OAuthQuery  = "query"
)

// Keep tells which string of a JSON answer is a token, and for how long. The
// host keeps it sealed for the account and offers it for bearer alone; the
// guest sees *** in its place.
type Keep struct {
	// Pointer is a JSON pointer (RFC 6901) to a non-empty string.
	Pointer string `json:"pointer"`
	// TTLPointer points to the token's life, a number or a string of digits, in TTLUnit.
	TTLPointer string `json:"ttl_pointer,omitempty"`
	// TTLUnit is [UnitSeconds] (the default) or [UnitMilliseconds].
	TTLUnit string `json:"ttl_unit,omitempty"`
	// TTLS is the life in seconds where the answer does not tell.
	TTLS int64 `json:"ttl_s,omitempty"`
}

// The units of a token's life.
const (
	UnitSeconds      = "s"
	UnitMilliseconds = "ms"
)

// Part is a piece of text or the name of a secret.
type Part struct {
	Text   string
	Secret string
}

// MarshalJSON writes the text, or {"secret": NAME}.
func (p Part) MarshalJSON() ([]byte, error) {
	if p.Secret != "" {
		return json.Marshal(secretPart{p.Secret})
	}
	return json.Marshal(p.Text)
}

// UnmarshalJSON reads a text or {"secret": NAME}.
func (p *Part) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*p = Part{}
		return json.Unmarshal(b, &p.Text)
	}
	var s map[string]string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if len(s) != 1 || s["secret"] == "" {
		return errPart
	}
	*p = Part{Secret: s["secret"]}
	return nil
}

type secretPart struct {
	Secret string `json:"secret"`
}

// Parts are joined without separator. In Go: Parts{contract.Lit("Bearer "), contract.Sec("api_key")}.
type Parts []Part

// Lit is a part of plain text.
func Lit(text string) Part { return Part{Text: text} }

// Sec is the value of the secret with this name.
func Sec(name string) Part { return Part{Secret: name} }

// Secrets names the secrets among the parts.
func (p Parts) Secrets() []string {
	var names []string
	for _, q := range p {
		if q.Secret != "" {
			names = append(names, q.Secret)
		}
	}
	return names
}
