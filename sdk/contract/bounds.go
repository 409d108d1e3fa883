package contract

import "time"

// Bounds of one call. The host refuses what goes beyond them with an error
// that names the plugin, its version and the bound.
const (
	// MaxModule is the size of a plugin's bytes.
	MaxModule = 16 << 20
	// MaxInput and MaxOutput bound the JSON of one round.
	MaxInput  = 1 << 20
	MaxOutput = 1 << 20
	// MaxRounds is how often one call may run the plugin.
	MaxRounds = 8
	// MaxRequests is how many requests one round may ask for.
	MaxRequests = 8
	// MaxAnswer bounds the body of one HTTP answer, MaxConsumedAnswer that of
	// a request which says `consumes`: what does not fit there is lost for good.
	MaxAnswer         = 256 << 10
	MaxConsumedAnswer = 448 << 10
	// MaxAnswers bounds the bodies of all answers of one call.
	MaxAnswers = 512 << 10
	// MaxRequestBody bounds the body of one request that a plugin asks for.
	MaxRequestBody = 256 << 10
	// MaxWebhook bounds the body of a webhook or a return.
	MaxWebhook = 256 << 10
	// MaxState bounds a payment's state, the only memory a plugin has.
	MaxState = 8 << 10
	// MaxCursor bounds the `next` of receive_webhook, MaxTurns how often it goes on.
	MaxCursor = 1 << 10
	MaxTurns  = 100
	// MaxLogLines and MaxLogLine bound what one call may log.
	MaxLogLines = 64
	MaxLogLine  = 4 << 10
	// MaxMemoryPages is a guest's linear memory in pages of 64 KiB: 64 MiB.
	MaxMemoryPages = 1024
	// MaxUserMessage is the length of a failure's text for the consumer, in characters.
	MaxUserMessage = 300
)

// Times that a plugin may ask for.
const (
	// MaxTimeout bounds a request's timeout_ms; DefaultTimeout stands where it says none.
	MaxTimeout     = 30 * time.Second
	DefaultTimeout = 15 * time.Second
	// MaxInterimTimeout bounds it beside an interim, where the consumer does not wait for the call.
	MaxInterimTimeout = 150 * time.Second
	// MaxAfter bounds a request's after_ms.
	MaxAfter = 30 * time.Second
)

// RoundFuel is the budget of one round, in instructions as the host counts
// them: what about 50 ms of one core do, which is also how long a plugin can
// hold up the host's garbage collector. A guest that does nothing but miss the
// cache takes longer: see RATIONALE.md.
const RoundFuel = 150_000_000
