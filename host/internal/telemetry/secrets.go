package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/internal/egress"
)

// maxSecrets bounds how many values are known at a time beside the first ones;
// beyond it the oldest go.
const maxSecrets = 4096

// Secrets knows the values that nobody may read, of 8 bytes or more, and
// hides them as *** wherever they turn up: as they are, in JSON, in a query,
// alone in base64. It is safe for concurrent use.
type Secrets struct {
	mu     sync.Mutex
	values []string
	// first is how many of them never go: the configuration's.
	first int
	known map[string]bool
	mask  egress.Mask
	fresh bool
}

// NewSecrets knows these values: those of the configuration.
func NewSecrets(values ...string) *Secrets {
	s := &Secrets{known: map[string]bool{}}
	s.Add(values...)
	s.first = len(s.values)
	return s
}

// Add makes more values known, such as those of a new configuration.
func (s *Secrets) Add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		if !s.known[v] {
			s.values, s.known[v], s.fresh = append(s.values, v), true, false
		}
	}
	for more := len(s.values) - s.first - maxSecrets; more > 0; more-- {
		delete(s.known, s.values[s.first])
		s.values = slices.Delete(s.values, s.first, s.first+1)
	}
}

// Text hides secrets in a text.
func (s *Secrets) Text(text string) string { return s.current().Text(text) }

// Body hides secrets in bytes; JSON stays JSON.
func (s *Secrets) Body(b []byte) []byte { return s.current().Body(b) }

// Mask gives a logger that hides secrets in messages and attributes, and
// attributes whose keys promise a secret, before they reach l.
func (s *Secrets) Mask(l *slog.Logger) *slog.Logger {
	return slog.New(masking{to: l.Handler(), secrets: s})
}

func (s *Secrets) current() egress.Mask {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.fresh {
		s.mask, s.fresh = egress.NewMask(s.values), true
	}
	return s.mask
}

// masking is a handler before another one, which may be anybody's.
type masking struct {
	to      slog.Handler
	secrets *Secrets
	// hide: a group around says that all of it is hidden.
	hide bool
}

// Enabled implements slog.Handler.
func (m masking) Enabled(ctx context.Context, level slog.Level) bool { return m.to.Enabled(ctx, level) }

// Handle implements slog.Handler.
func (m masking) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, m.secrets.Text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(m.attr(a, m.hide))
		return true
	})
	return m.to.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (m masking) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = m.attr(a, m.hide)
	}
	return masking{m.to.WithAttrs(clean), m.secrets, m.hide}
}

// WithGroup implements slog.Handler.
func (m masking) WithGroup(name string) slog.Handler {
	return masking{m.to.WithGroup(name), m.secrets, m.hide || isSensitive(name)}
}

func (m masking) attr(a slog.Attr, hide bool) slog.Attr {
	a.Value = a.Value.Resolve()
	hide = hide || isSensitive(a.Key)
	switch kind := a.Value.Kind(); {
	case kind == slog.KindGroup:
		var group []slog.Attr
		for _, g := range a.Value.Group() {
			group = append(group, m.attr(g, hide))
		}
		a.Value = slog.GroupValue(group...)
	case hide:
		a.Value = slog.StringValue(hidden)
	case kind == slog.KindAny:
		a.Value = m.any(a.Value.Any())
	case kind == slog.KindBool, kind == slog.KindTime, kind == slog.KindDuration:
	default: // a number may be a secret as well
		if text := a.Value.String(); m.secrets.Text(text) != text {
			a.Value = slog.StringValue(m.secrets.Text(text))
		}
	}
	return a
}

// any writes a value out, so that all of it is looked at.
func (m masking) any(v any) slog.Value {
	v = plain(v)
	switch v := v.(type) {
	case nil, time.Time, time.Duration:
		return slog.AnyValue(v)
	case string:
		return slog.StringValue(m.secrets.Text(v))
	}
	text, err := json.Marshal(v)
	if err != nil {
		return slog.StringValue(fmt.Sprintf("%T", v))
	}
	d := json.NewDecoder(bytes.NewReader(m.secrets.Body(text)))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return slog.StringValue(fmt.Sprintf("%T", v))
	}
	return slog.AnyValue(tree)
}

var _ slog.Handler = masking{}
