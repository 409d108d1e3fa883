package checkout_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// statement reads a whole statement.
func (h *house) statement(k checkout.Key, q checkout.StatementQuery) []checkout.StatementLine {
	h.t.Helper()
	var lines []checkout.StatementLine
	for line, err := range h.Statement(h.t.Context(), k, q) {
		if err != nil {
			h.t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// month is all that the tests book.
var month = checkout.StatementQuery{From: start.AddDate(0, 0, -10), To: start.AddDate(0, 0, 20)}

func TestStatement_badCursor(t *testing.T) {
	h := newHouse(t)
	h.paid("r1")
	for _, cursor := range []string{
		"nonsense", "%", encoded("2026-11-22"), encoded("2026-11-22 0"), encoded("2026-11-22 -1"), encoded("2026-11-22 x"),
		encoded("2026-13-22 1"), encoded("2026-11-01 1"), encoded("2027-01-01 1"),
	} {
		q, n := month, 0
		q.Cursor = cursor
		for _, err := range h.Statement(t.Context(), h.key, q) {
			if n++; !errors.Is(err, checkout.ErrCursor) {
				t.Errorf("%q: got %v, want %v", cursor, err, checkout.ErrCursor)
			}
		}
		if n != 1 {
			t.Errorf("%q: went on %d times", cursor, n)
		}
	}
}

func encoded(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestStatement_stateAway_isAnError(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range h.Statement(ctx, h.key, month) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

// TestStatement_ofOthers: another shop's lines do not show, nor a live
// order's to a test key.
func TestStatement_ofOthers(t *testing.T) {
	h := newHouse(t)
	h.paid("r1")
	stranger, live := h.key, h.key
	stranger.Shop, live.Live = "other", true
	for name, k := range map[string]checkout.Key{"another shop": stranger, "a live key": live} {
		if lines := h.statement(k, month); len(lines) > 0 {
			t.Errorf("%s got %+v", name, lines)
		}
	}
	if lines := h.statement(h.key, month); len(lines) != 1 {
		t.Errorf("its own shop got %+v", lines)
	}
}

// TestStatement_lines of captures, refunds and chargebacks, each once.
func TestStatement_lines(t *testing.T) {
	for _, currency := range []string{"EUR", "JPY", "TND"} {
		t.Run(currency, func(t *testing.T) {
			h := newHouse(t)
			h.refunds()
			of := func(v int64) order.Money { return order.Money{Value: v, Currency: currency} }
			s := spec("r1")
			s.Amount, s.Method = of(5000), "acme"
			o := h.must(h.Create(t.Context(), h.request(""), s)).Order
			p := o.Payments[0]
			paid := captured(p, 5500)
			paid.Tip, paid.Fee, paid.Brand = of(500), of(29), "VISA"
			for range 2 { // the provider says it twice
				if _, err := h.news(paid); err != nil {
					t.Fatal(err)
				}
			}
			h.clock.move(time.Hour)
			h.must(h.Refund(t.Context(), h.request("k"), o.ID, checkout.OperationSpec{Amount: of(1000)}))
			h.clock.move(48 * time.Hour)
			back := captured(p, 700)
			back.Type, back.Item = contract.UpdateChargedBack, &contract.Item{ProviderReference: "cb-1"}
			if _, err := h.news(back); err != nil {
				t.Fatal(err)
			}
			lines := h.statement(h.key, month)
			var got []string
			for _, l := range lines {
				if l.Reference != "r1" || l.Order != o.ID || l.Payment != p.ID || l.Method != "acme" || l.Brand != "VISA" {
					t.Errorf("line %+v", l)
				}
				got = append(got, fmt.Sprintf("%s %s %d tip %d fee %d", l.At.Format(time.DateOnly), l.Type, l.Amount.Value, l.Tip.Value, l.Fee.Value))
			}
			want := []string{"2026-11-22 capture 5500 tip 500 fee 29", "2026-11-22 refund 1000 tip 0 fee 0", "2026-11-24 chargeback 700 tip 0 fee 0"}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if lines[2].ProviderReference != "cb-1" || lines[0].Amount.Currency != currency {
				t.Errorf("lines %+v", lines)
			}
			if got := h.load(o.ID); got.Status() != order.Paid || got.Amounts().Tip != of(500) || got.Counts() != of(5000) {
				t.Errorf("order %s, tip %s, counts %s", got.Status(), got.Amounts().Tip, got.Counts())
			}
		})
	}
}

// TestStatement_bounds: from is within, to is not, and a cursor goes on
// exactly after its line whatever the page.
func TestStatement_bounds(t *testing.T) {
	h := newHouse(t)
	for i := range 7 {
		h.paid(fmt.Sprintf("r%d", i))
		h.clock.move(9 * time.Hour)
	}
	all := h.statement(h.key, month)
	if len(all) != 7 {
		t.Fatalf("got %d lines", len(all))
	}
	for _, c := range []struct {
		name     string
		from, to time.Time
		want     int
	}{
		{"the first alone", start, start.Add(time.Millisecond), 1},
		{"before the first", start.AddDate(0, 0, -9), start, 0},
		{"to the second", start, start.Add(9 * time.Hour), 1},
		{"from the second", start.Add(9 * time.Hour), month.To, 6},
		{"after now", h.clock.Now().Add(time.Hour), month.To, 0},
		{"a day", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), 2},
		{"a day on the Azores", time.Date(2026, 11, 23, 0, 0, 0, 0, time.FixedZone("", -3600)), time.Date(2026, 11, 24, 0, 0, 0, 0, time.FixedZone("", -3600)), 3},
		{"nothing", start, start, 0},
	} {
		if got := h.statement(h.key, checkout.StatementQuery{From: c.from, To: c.to}); len(got) != c.want {
			t.Errorf("%s: got %d lines, want %d", c.name, len(got), c.want)
		}
	}
	for i, line := range all {
		q := month
		q.Cursor = line.Next
		rest := h.statement(h.key, q)
		if !slices.Equal(rest, all[i+1:]) {
			t.Errorf("after line %d: got %d lines, want %d", i, len(rest), len(all)-i-1)
		}
	}
}
