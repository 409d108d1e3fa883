package storetest

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

var bookRules = []rule{
	{"stateAway_endsWithAnError", bookAway},
	{"lineForEachCapture", bookLines},
	{"largeDay_isInOrderOfTime", bookLarge},
}

// book reads a whole day.
func (e *env) book(t testing.TB, on time.Time) []order.BookLine {
	t.Helper()
	var lines []order.BookLine
	for line, err := range e.Book(t.Context(), on) {
		if err != nil {
			t.Fatalf("book: %v", err)
		}
		lines = append(lines, line)
	}
	return lines
}

func bookAway(t *testing.T, e *env) {
	e.paid(t, e.made(t, "A-1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := 0
	for _, err := range e.Book(ctx, e.now()) {
		if n++; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	}
	if n != 1 {
		t.Errorf("it went on %d times", n)
	}
}

func bookLines(t *testing.T, e *env) {
	var want []string
	for _, ref := range []string{"A-1", "A-2", "A-3"} {
		rec := e.paid(t, e.made(t, ref))
		want = append(want, rec.Order.ID)
		e.b.Pass()
	}
	lines := e.book(t, e.now())
	if len(lines) != len(want) {
		t.Fatalf("book: got %+v, want %d lines", lines, len(want))
	}
	for i, line := range lines {
		if line.Order != want[i] || line.Type != "capture" || line.Amount != eur(1000) || line.Account != account {
			t.Errorf("line %d: got %+v, want the capture of %s", i, line, want[i])
		}
	}
	if lines := e.book(t, e.now().Add(48*time.Hour)); len(lines) != 0 {
		t.Errorf("book of another day: got %d lines", len(lines))
	}
}

// bookLarge has more lines in a partition than are read at a time, and none
// may be left out or come twice.
func bookLarge(t *testing.T, e *env) {
	const rounds, refunds = 2, 40
	var recs []checkout.Record
	for _, ref := range []string{"A-1", "A-2"} {
		recs = append(recs, e.paid(t, e.made(t, ref)))
	}
	for round := range rounds {
		for i := range recs {
			e.b.Pass()
			news := order.Reported{Payment: recs[i].Order.Payments[0].ID, Source: contract.ReceiveWebhook, At: e.now()}
			for n := range refunds {
				news.Updates = append(news.Updates, contract.Update{
					Type: contract.UpdateRefunded, Amount: eur(1), Trust: contract.Verified,
					Item: &contract.Item{ProviderReference: "r" + strconv.Itoa(round*refunds+n)},
				})
			}
			recs[i] = e.commit(t, apply(t, recs[i], e.now(), news))
		}
	}
	lines := e.book(t, e.now())
	if want := len(recs) * (1 + rounds*refunds); len(lines) != want {
		t.Fatalf("got %d lines, want %d", len(lines), want)
	}
	seen := map[string]bool{}
	for i, line := range lines {
		if seen[line.ID] {
			t.Errorf("line %s is there twice", line.ID)
		}
		seen[line.ID] = true
		if i > 0 && line.At.Before(lines[i-1].At) {
			t.Errorf("line %d is of %s, after one of %s", i, line.At, lines[i-1].At)
		}
	}
	for first, err := range e.Book(t.Context(), e.now()) { // a reader may stop at any line
		if err != nil || first.ID != lines[0].ID {
			t.Errorf("begins with %s, %v, want %s", first.ID, err, lines[0].ID)
		}
		break
	}
}
