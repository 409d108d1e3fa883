// Package telemetry is how the house is seen from outside: logs without
// secrets, metrics, and the story of each payment.
package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// hidden are attributes whose value is never written, whatever it is.
var hidden = []string{"authorization", "token", "secret", "signature", "password", "cookie", "api_key", "body", "iban", "email", "phone", "card"}

// NewLogger makes a logger that writes JSON lines and hides attributes whose
// names promise a secret.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: hide}))
}

func hide(_ []string, a slog.Attr) slog.Attr {
	if slices.Contains(hidden, strings.ToLower(a.Key)) {
		a.Value = slog.StringValue(mask)
	}
	return a
}

const (
	mask = "***"
	// minSecret is how long a value must be to be looked for in texts.
	minSecret = 8
)

// Secrets masks known values in texts.
type Secrets struct{ replacer *strings.Replacer }

// NewSecrets makes the masker of these values. Those shorter than 8 bytes are
// not looked for: they would be found everywhere.
func NewSecrets(values ...string) *Secrets {
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) }) // the longest first
	var pairs []string
	for _, v := range values {
		if len(v) >= minSecret {
			pairs = append(pairs, v, mask)
		}
	}
	return &Secrets{strings.NewReplacer(pairs...)}
}

// Text gives the text with the values masked.
func (s *Secrets) Text(text string) string { return s.replacer.Replace(text) }

// Mask gives a logger that masks the values in messages and attributes before
// they reach l.
func (s *Secrets) Mask(l *slog.Logger) *slog.Logger {
	return slog.New(masking{l.Handler(), s})
}

type masking struct {
	slog.Handler
	secrets *Secrets
}

func (m masking) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, m.secrets.Text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(m.clean(a))
		return true
	})
	return m.Handler.Handle(ctx, clean)
}

func (m masking) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = m.clean(a)
	}
	return masking{m.Handler.WithAttrs(clean), m.secrets}
}

func (m masking) WithGroup(name string) slog.Handler {
	return masking{m.Handler.WithGroup(name), m.secrets}
}

func (m masking) clean(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(m.secrets.Text(a.Value.String()))
	case slog.KindGroup:
		var group []slog.Attr
		for _, g := range a.Value.Group() {
			group = append(group, m.clean(g))
		}
		a.Value = slog.GroupValue(group...)
	case slog.KindAny:
		a.Value = slog.StringValue(m.secrets.Text(fmt.Sprint(a.Value.Any())))
	}
	return a
}
