package guest

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Level says how much a log line matters.
type Level string

// The levels of log lines.
const (
	LevelInfo  Level = "info"
	LevelWarn  Level = "warn"
	LevelError Level = "error"
)

// ID is the call's id, the same over all its rounds.
func (c *Call) ID() string { return c.env.call }

// Now is when the call began, in whole milliseconds.
func (c *Call) Now() time.Time { return c.env.now }

// At is when the latest answer that the plugin has read was complete, or Now
// before the first.
func (c *Call) At() time.Time { return c.at }

// Settings reads the account's settings into a struct. Secrets are not among
// them. What does not fit is a failure invalid_settings.
func (c *Call) Settings(into any) error {
	if err := json.Unmarshal(c.env.settings, into); err != nil {
		return &contract.Failure{Code: contract.InvalidSettings, Message: "read settings: " + err.Error()}
	}
	return nil
}

// HasSecret says whether a secret of this name is set, or a token of this name
// kept, when the call began.
func (c *Call) HasSecret(name string) bool { return slices.Contains(c.env.secrets, name) }

// Entropy gives the call's 32 random bytes.
func (c *Call) Entropy() []byte { return slices.Clone(c.env.entropy) }

// Random gives the next n bytes of a stream made from the call's entropy. Each
// round sees the same stream from its start.
func (c *Call) Random(n int) []byte {
	b := make([]byte, n)
	_, _ = c.random.Read(b) // never fails
	return b
}

// UUID gives a random UUID (version 4) from the stream of [Call.Random].
func (c *Call) UUID() string {
	b := c.Random(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	const hex = "0123456789abcdef"
	out := make([]byte, 0, 36)
	for i, v := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, hex[v>>4], hex[v&15])
	}
	return string(out)
}

// Log writes a line to the host's log: at most [contract.MaxLogLine] bytes,
// [contract.MaxLogLines] a call. Never log bodies or headers.
func (c *Call) Log(level Level, text string) {
	if c.host.Log != nil {
		c.host.Log(level, text)
	}
}
