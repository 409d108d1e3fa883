package contract

import "encoding/json"

// Manifest is the output of describe: what a plugin is and what it asks for.
// A version without a valid one is not loaded.
type Manifest struct {
	Contract string `json:"contract"`
	// Name is [a-z][a-z0-9-]{1,31}, Version a semantic version.
	Name    string `json:"name"`
	Version string `json:"version"`
	Kind    Kind   `json:"kind"`
	// Title is the plugin's name, ProviderTitle the provider's as consumers read it.
	Title         Text   `json:"title"`
	ProviderTitle Text   `json:"provider_title,omitempty"`
	Vendor        string `json:"vendor,omitempty"`
	License       string `json:"license,omitempty"`
	Homepage      string `json:"homepage,omitempty"`
	// Provider joins plugins: those with the same provider and an equal schema share accounts.
	Provider string `json:"provider"`
	// Hosts are asked for: host[:port], 443 by default, `*` one label.
	Hosts []string `json:"hosts,omitempty"`
	// Operations are the exports that the plugin has.
	Operations []Export `json:"operations"`
	// SettingsSchema is a JSON Schema 2020-12 of an object. Beside the standard
	// words its properties may say x-secret-use, x-host, x-environment, x-label.
	SettingsSchema json.RawMessage `json:"settings_schema"`
	Methods        []Method        `json:"methods,omitempty"`
	// Lacks says what the provider or the platform does not do. The conformance kit
	// leaves out what does not apply, and wants no more than it can do.
	Lacks Lacks `json:"lacks,omitempty"`
	// Rules hold for every method that has none of its own.
	Rules
}

// Method is a way to pay that the plugin offers.
type Method struct {
	// ID is what shops and forms call it: [a-z][a-z0-9_-]{1,31}.
	ID    string `json:"id"`
	Title Text   `json:"title"`
	// Brand is the scheme's own word for it, such as IDEAL.
	Brand string `json:"brand,omitempty"`
	// Logo is an SVG document; the host cleans it.
	Logo string `json:"logo,omitempty"`
	// Currencies that it takes, with bounds in minor units.
	Currencies map[string]Range `json:"currencies"`
	// Countries (ISO 3166-1 alpha-2) in which it is offered; none means all.
	Countries []string `json:"countries,omitempty"`
	// Rank orders the choice page, the lowest first.
	Rank int  `json:"rank"`
	Flow Flow `json:"flow"`
	// RequiredFields are JSON pointers into the payment that must not be empty.
	RequiredFields []string `json:"required_fields,omitempty"`
	// Options says that the method has a list_options.
	Options bool `json:"options,omitempty"`
	Rules
}

// Range bounds an amount, in minor units. Zero means no bound.
type Range struct {
	Min int64 `json:"min,omitempty"`
	Max int64 `json:"max,omitempty"`
	// Multiple is what the amount must be a multiple of.
	Multiple int64 `json:"multiple,omitempty"`
}

// Flow says what a consumer goes through.
type Flow string

// The flows.
const (
	FlowRedirect Flow = "redirect"
	FlowForm     Flow = "form"
	FlowTerminal Flow = "terminal"
)

// Rules are what a provider allows. In a method they win over the manifest's.
type Rules struct {
	Capture   *CaptureRule   `json:"capture,omitempty"`
	Refund    *RefundRule    `json:"refund,omitempty"`
	Polling   *PollingRule   `json:"polling,omitempty"`
	Reference *ReferenceRule `json:"reference,omitempty"`
}

// Over gives r with what it lacks taken from the base.
func (r Rules) Over(base Rules) Rules {
	if r.Capture == nil {
		r.Capture = base.Capture
	}
	if r.Refund == nil {
		r.Refund = base.Refund
	}
	if r.Polling == nil {
		r.Polling = base.Polling
	}
	if r.Reference == nil {
		r.Reference = base.Reference
	}
	return r
}

// CaptureRule says how money is taken.
type CaptureRule struct {
	Automatic bool `json:"automatic"`
	Manual    bool `json:"manual"`
	Partial   bool `json:"partial,omitempty"`
	Multiple  bool `json:"multiple,omitempty"`
	// WindowDays is how long after the authorisation a capture is possible.
	WindowDays int `json:"window_days,omitempty"`
}

// RefundRule says how money is given back. A method without one has no refunds.
type RefundRule struct {
	Full     bool `json:"full"`
	Partial  bool `json:"partial,omitempty"`
	Multiple bool `json:"multiple,omitempty"`
	// WindowDays is how long after the capture a refund is possible; 0 means always.
	WindowDays int `json:"window_days,omitempty"`
	// Elsewhere tells where and how the merchant refunds, where the provider's API cannot.
	Elsewhere Text `json:"elsewhere,omitempty"`
}

// PollingRule says how often get_payment may ask. A method without one is never asked.
type PollingRule struct {
	// FirstAfterS is the pause before the first question, in seconds. Each next
	// pause is Factor times the one before (0 means 1), at most MaxIntervalS (0 means no bound).
	FirstAfterS  int64 `json:"first_after_s"`
	Factor       int64 `json:"factor,omitempty"`
	MaxIntervalS int64 `json:"max_interval_s,omitempty"`
	// AtMost bounds the number of questions; 0 means none.
	AtMost int `json:"at_most,omitempty"`
	// OnHint allows a question when unverified news came in.
	OnHint bool `json:"on_hint,omitempty"`
	// OnlyAfterExpiry forbids questions before the payment's expiry.
	OnlyAfterExpiry bool `json:"only_after_expiry,omitempty"`
}

// ReferenceRule says what the provider's order number allows. The host's own
// references are 24 characters of A-Z0-9.
type ReferenceRule struct {
	MaxLength int    `json:"max_length,omitempty"`
	Alphabet  string `json:"alphabet,omitempty"`
	// Number asks for an integer from the account's counter.
	Number bool `json:"number,omitempty"`
}
