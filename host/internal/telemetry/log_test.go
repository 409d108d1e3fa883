package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const canary = "canary-0123456789"

// lazy is a value that is asked for when it is logged.
type lazy struct{ v any }

func (l lazy) LogValue() slog.Value { return slog.AnyValue(l.v) }

// stringer prints what it holds.
type stringer string

func (s stringer) String() string { return string(s) }

// TestLogger_keys: what a key promises is hidden, at any depth and however it is given.
func TestLogger_keys(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"authorization", "Authorization", "X-Authorization", "token", "access_token", "accessToken", "refresh-token", "secret", "notice_secrets",
		"signature", "Webhook-Signature", "password", "cookie", "Set-Cookie", "key", "api_key", "apiKey", "APIKey", "state.key", "body", "request_body",
		"iban", "email", "customer_email", "phone", "pan", "cvc", "credentials", "query",
	} {
		var out bytes.Buffer
		l := NewLogger(&out, slog.LevelDebug)
		l.Info("m", key, canary)
		l.With(key, canary).Info("m")
		l.WithGroup(key).Info("m", "x", canary)
		l.Info("m", slog.Group("g", key, canary), slog.Group(key, "x", canary))
		l.Info("m", key, 1234567890123456789, key, []string{canary}, key, lazy{canary}, key, errors.New(canary))
		l.Info("m", "v", map[string]any{"a": []any{map[string]string{key: canary}}})
		l.Info("m", "h", http.Header{key: {canary}}, "l", lazy{map[string]any{key: canary}})
		if strings.Contains(out.String(), canary) || strings.Contains(out.String(), "1234567890123456789") {
			t.Errorf("%s: %s", key, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: no JSON: %s", key, line)
			}
		}
	}
}

func TestLogger_whatStays(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := NewLogger(&out, slog.LevelInfo)
	l.Debug("below the level")
	l.Info("a payment", "order", "ord_1", "monkey", "b", "keyboard", "c", "n", 3, "took", time.Second, "ok", true, "error", errors.New("refused"),
		"at", time.Unix(0, 0).UTC(), "s", stringer("shown"), "bytes", []byte(canary), "nil", nil, "chan", make(chan int), "v", struct{ A int }{1})
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "time")
	want := map[string]any{
		"level": "INFO", "msg": "a payment", "order": "ord_1", "monkey": "b", "keyboard": "c", "n": 3.0, "took": 1e9, "ok": true, "error": "refused",
		"at": "1970-01-01T00:00:00Z", "s": "shown", "bytes": "17 bytes", "nil": nil, "chan": "chan int", "v": map[string]any{"A": 1.0},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestSecrets_mask: a known value is hidden wherever it stands, whatever the
// handler behind.
func TestSecrets_mask(t *testing.T) {
	t.Parallel()
	s := NewSecrets("short", canary, `quo"te-canary/x`, "9876543210")
	s.Add("added-canary-value")
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil), NewLogger(&out, slog.LevelInfo).Handler()} {
		l := s.Mask(slog.New(h))
		l.Info("message "+canary, "a", canary, "b", "in "+canary+" it", "c", errors.New("e "+canary), "d", []string{canary}, "e", map[string]any{canary: 1})
		l.Info("m", "n", 9876543210, "q", `quo"te-canary/x`, "j", map[string]string{"x": `quo"te-canary/x`}, "l", lazy{canary}, "s", stringer(canary))
		l.With("a", canary).WithGroup("g").With("b", "added-canary-value").Info("m", slog.Group("h", "c", canary, slog.Group("i", "d", lazy{errors.New(canary)})))
		l.WithGroup("token").Info("m", "x", "hidden by its group")
		l.Info("m", "api_key", "hidden by its key", "url", "https://x/?k=quo%22te-canary%2Fx", "u", uint64(9876543210), "f", func() {})
		l.Info("stays", "word", "short", "order", "ord_1")
	}
	for _, secret := range []string{"canary", "9876543210", "hidden by"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is shown: %s", secret, out.String())
		}
	}
	if strings.Count(out.String(), "ord_1") != 3 || strings.Count(out.String(), "short") != 3 {
		t.Errorf("got %s", out.String())
	}
}

func TestSecrets_enabledAndBound(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := NewSecrets().Mask(NewLogger(&out, slog.LevelWarn))
	if l.Info("x"); out.Len() != 0 {
		t.Errorf("got %s", out.String())
	}
	s := NewSecrets("of-the-configuration")
	for i := range 2 * maxSecrets {
		s.Add(fmt.Sprintf("secret-%08d", i), "") // what is empty is nothing to look for
	}
	if got := s.Text("of-the-configuration"); got != "***" {
		t.Errorf("the first was forgotten: %s", got)
	}
	if len(s.values) != maxSecrets+1 || s.Text("secret-00000000") != "secret-00000000" || s.Text(fmt.Sprintf("secret-%08d", 2*maxSecrets-1)) != "***" {
		t.Errorf("%d are known", len(s.values))
	}
	if got := string(s.Body([]byte(`{"a":"secret-00008191"}`))); got != `{"a":"***"}` {
		t.Errorf("got %s", got)
	}
}

func TestSecrets_concurrent(t *testing.T) {
	t.Parallel()
	s := NewSecrets(canary)
	var out bytes.Buffer
	l := s.Mask(NewLogger(&out, slog.LevelInfo))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				s.Add(fmt.Sprintf("secret-%d-%d", i, j))
				l.Info("m "+canary, "a", canary)
			}
		})
	}
	all.Wait()
	if strings.Contains(out.String(), canary) || strings.Count(out.String(), "\n") != 80 {
		t.Error("a line holds a secret, or is missing")
	}
}
